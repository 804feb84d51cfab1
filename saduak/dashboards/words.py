"""What codes are called on every dashboard, and the colour that tells of them. Pure.

A colour never stands without its word.
"""

from collections.abc import Mapping

from saduak.dashboards.model import Step

Words = Mapping[str, tuple[str, str]]

GOOD, FAIR, BAD, QUIET = "green", "orange", "red", "text"

DAYS: Words = {
    "complete": ("ครบ · Complete", GOOD),
    "arriving": ("กำลังมา · Arriving", FAIR),
    "disputed": ("ยอดไม่ตรง · Disputed", BAD),
    "resolved": ("ตรวจแล้ว · Resolved", FAIR),
    "open": ("ยังไม่ปิดวัน · Open", QUIET),
    "missing": ("ไม่มีข้อมูล · Missing", BAD),
}
CRITERIA: Words = {
    "met": ("ผ่าน · Met", GOOD),
    "not_met": ("ไม่ผ่าน · Not met", BAD),
    "evidence_due": ("ตัวเลขผ่าน รอหลักฐาน · Evidence due", FAIR),
    "too_few": ("ข้อมูลน้อยไป · Too few", QUIET),
    "low_response": ("ผู้ตอบน้อยไป · Too few answered", FAIR),
    "not_yet_measured": ("ยังไม่มีการวัด · Not yet measured", QUIET),
    "attested_none": ("ยังไม่มีหลักฐาน · No evidence", FAIR),
}
LEVELS: Words = {
    "basic": ("พื้นฐาน · Basic", FAIR),
    "advanced": ("ก้าวหน้า · Advanced", GOOD),
    "excellence": ("เป็นเลิศ · Excellence", GOOD),
}
PARTS: Words = {
    "model": ("ต้นแบบ · Model office", "blue"),
    "central_pilot": ("นำร่องส่วนกลาง · Central pilot", QUIET),
    "provincial_pilot": ("นำร่องจังหวัด · Provincial pilot", QUIET),
    "rollout": ("ขยายผล · Roll-out", QUIET),
}
STREAMS: Words = {
    "ticketing": ("คิว · Ticketing", QUIET),
    "feedback": ("ประเมิน · Feedback", QUIET),
}
RELAYS: Words = {
    "starting": ("กำลังเริ่ม · Starting", QUIET),
    "standby": ("สำรอง · Standby", FAIR),
    "waiting": ("รอตัวรับ · Waiting", FAIR),
    "sending": ("ส่งอยู่ · Sending", GOOD),
    "halted": ("หยุด รอคน · Halted", BAD),
}
DETAILS: Words = {
    "totals_differ": ("ยอดไม่เท่ากัน · Totals differ", BAD),
    "refused": ("มีข้อความที่รับไม่ได้ · A message was refused", BAD),
    "service_unknown": ("บริการไม่มีในมาตรฐาน · Service unknown", BAD),
    "restored": ("กู้คืนข้อมูล รอตรวจ · Restored, must be looked into", BAD),
    "resolved_checked": ("ตรวจแล้ว ถูกต้อง · Checked", FAIR),
    "resolved_repeated": ("ตรวจแล้ว อาจนับซ้ำ · May be counted twice", FAIR),
    "resolved_unknown": ("ตรวจแล้ว ไม่ทราบเพิ่ม · Nothing more is known", FAIR),
    "ticketing_numbers_missing": ("เลขคิวขาด · Ticketing numbers missing", FAIR),
    "feedback_numbers_missing": ("เลขประเมินขาด · Feedback numbers missing", FAIR),
    "ticketing_revision_due": ("รอฉบับแก้ของคิว · Ticketing revision due", FAIR),
    "feedback_revision_due": ("รอฉบับแก้ของประเมิน · Feedback revision due", FAIR),
    "ticketing_manifest_missing": ("รอยอดปิดวันของคิว · Ticketing closing awaited", FAIR),
    "feedback_manifest_missing": ("รอยอดปิดวันของประเมิน · Feedback closing awaited", FAIR),
}

SILENT = (Step(None, GOOD), Step(600, FAIR), Step(3600, BAD))
"""Seconds since a site was heard."""
NONE_IS_GOOD = (Step(None, GOOD), Step(1, BAD))
FULL_IS_GOOD = (Step(None, BAD), Step(0.1, FAIR), Step(0.25, GOOD))
"""The free share of a disk."""
