"""One site: its queue now, its days, its figures, its scorecard, its machine. Pure."""

from libs.database.statements import statements
from saduak.dashboards import words
from saduak.dashboards.compliance import notice
from saduak.dashboards.model import (
    Address,
    Column,
    Dashboard,
    Look,
    Panel,
    PromQl,
    Shelf,
    Sql,
    Text,
    Variable,
)

SQL = statements("saduak.dashboards", "sql/site.sql")

NOW = Shelf(
    5,
    (
        Panel(
            Look.STAT,
            Text("รออยู่ขณะนี้", "Waiting now"),
            Text(
                "ผู้ที่รอเรียก ตามข้อมูลที่มาถึงแล้ว ไม่แสดงในวันที่ออกบัตรไม่ถึง 5 ใบ",
                "Who waits to be called, by the events that have come; withheld on a day of fewer "
                "than five tickets.",
            ),
            "short",
            (Sql(SQL.queue),),
            4,
        ),
        Panel(
            Look.STAT,
            Text("รอนานที่สุด", "Longest wait"),
            Text("แสดงเมื่อมีคนรอตั้งแต่ 5 คน", "Shown when at least five wait."),
            "ms",
            (Sql(SQL.longest_wait),),
            4,
        ),
        Panel(
            Look.TABLE,
            Text("บริการของสำนักงาน", "The site's services"),
            Text(
                "สิ่งที่บริการทั้งสองบอกครั้งล่าสุด นาฬิกาเป็นบวกเมื่อเร็วกว่าของตัวรับข้อมูล",
                "What both services last said of themselves. A clock is positive when it is ahead "
                "of the broker's.",
            ),
            "short",
            (Sql(SQL.services),),
            12,
            (
                Column("stream", Text("บริการ", "Service"), "string", words=words.STREAMS),
                Column("relay", Text("การส่ง", "Sending"), "string", words=words.RELAYS),
                Column("version", Text("รุ่น", "Release"), "string"),
                Column("standards", Text("มาตรฐาน", "Standards"), "string"),
                Column(
                    "disk_free",
                    Text("ดิสก์ว่าง", "Disk free"),
                    "percentunit",
                    steps=words.FULL_IS_GOOD,
                ),
                Column("backlog", Text("ค้างส่ง", "Unsent")),
                Column("oldest_unsent", Text("ค้างนานสุด", "Oldest unsent"), "s"),
                Column("clock_ahead", Text("นาฬิกาเร็วไป", "Clock ahead"), "s"),
                Column(
                    "certificate_until", Text("ใบรับรองถึง", "Certificate until"), "dateTimeAsIso"
                ),
            ),
        ),
        Panel(
            Look.TABLE,
            Text("ได้ยินล่าสุด", "Last heard"),
            Text("เวลาตั้งแต่ได้รับสัญญาณครั้งล่าสุด", "Time since the last sign of life of each service."),
            "s",
            (Sql(SQL.silent_for),),
            4,
            (
                Column("stream", Text("บริการ", "Service"), "string", words=words.STREAMS),
                Column("silent_for", Text("ผ่านมา", "Ago"), steps=words.SILENT),
            ),
        ),
    ),
)

DAYS = Shelf(
    10,
    (
        Panel(
            Look.TABLE,
            Text("วันของสำนักงาน", "The site's days"),
            Text(
                "สถานะของแต่ละวัน กดวันที่เพื่อเปิดหน้าของสำนักงานในวันนั้น",
                "How each day stands. Choose a date to open the site's own page of that day.",
            ),
            "short",
            (Sql(SQL.days),),
            12,
            (
                Column(
                    "service_day",
                    Text("วัน", "Day"),
                    "string",
                    110,
                    link="${portal}/sites/${site}?period=day&of=${__data.fields.service_day}",
                ),
                Column("state", Text("สถานะ", "State"), "string", words=words.DAYS),
                Column("detail", Text("รายละเอียด", "Detail"), "string", words=words.DETAILS),
                Column("revision", Text("ฉบับที่", "Revision")),
                Column("visits", Text("ผู้มารับบริการ", "Visits")),
                Column("served", Text("ให้บริการ", "Served")),
                Column("wait_p90", Text("รอ P90", "P90 wait"), "ms"),
            ),
        ),
        Panel(
            Look.TIMESERIES,
            Text("ผลของบัตรคิว", "How steps ended"),
            Text(
                "ขั้นบริการรายวัน: ได้รับบริการ ออกไปก่อนถูกเรียก และเรียกแล้วไม่มา",
                "Steps by day: served, left before they were called, called and did not come.",
            ),
            "short",
            (Sql(SQL.outcomes, series=True),),
            12,
        ),
    ),
)

FIGURES = Shelf(
    8,
    (
        Panel(
            Look.TIMESERIES,
            Text("เวลารอ", "Waits"),
            Text(
                "ตั้งแต่ออกบัตรจนถูกเรียกครั้งแรก รายวัน มัธยฐานและ P90",
                "From the ticket to the first call by day, median and 90th percentile.",
            ),
            "ms",
            (Sql(SQL.waits, series=True),),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("เวลาให้บริการ", "Service times"),
            Text(
                "ตั้งแต่เริ่มจนจบบริการ รายวัน มัธยฐานและ P90",
                "From the start to the end of a service by day, median and 90th percentile.",
            ),
            "ms",
            (Sql(SQL.service_times, series=True),),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("ตามเวลาเป้าหมาย", "Within the targets"),
            Text(
                "สัดส่วนที่รอไม่เกินเป้าหมาย และให้บริการไม่เกินเวลาที่ประกาศ",
                "Shares that waited within the target, and were served as announced.",
            ),
            "percentunit",
            (Sql(SQL.within_targets, series=True),),
            8,
            largest=1,
        ),
    ),
)

ANSWERS = Shelf(
    8,
    (
        Panel(
            Look.TIMESERIES,
            Text("ความพึงพอใจ", "Satisfaction"),
            Text(
                "สัดส่วนคะแนน 4 และ 5 อัตราการตอบ และสัดส่วนคำตอบจากบัตรคิวที่เจ้าหน้าที่ออกให้ "
                "ถาม ณ จุดบริการโดยระบบนี้ ไม่ใช่ G Survey",
                "The share of 4s and 5s, the response rate, and the share of answers on tickets "
                "that staff issued. Asked at the point of service by this system; not the G "
                "Survey.",
            ),
            "percentunit",
            (Sql(SQL.satisfaction, series=True),),
            8,
            largest=1,
        ),
        Panel(
            Look.TIMESERIES,
            Text("จำนวนคะแนน n", "Ratings n"),
            Text(
                "จำนวนคะแนนที่ความพึงพอใจของแต่ละวันมาจาก",
                "How many ratings each day's satisfaction rests on.",
            ),
            "short",
            (Sql(SQL.ratings, series=True),),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("ค้างส่ง", "Unsent events"),
            Text(
                "ข้อมูลที่บันทึกแล้วแต่ยังไม่ได้ส่ง ของแต่ละบริการ",
                "Events recorded and not sent yet, of each service.",
            ),
            "short",
            (PromQl('max by (stream) (saduak_site_backlog_events{site="$site"})', "{{stream}}"),),
            8,
        ),
    ),
)

SCORECARD = Shelf(
    12,
    (
        Panel(
            Look.TABLE,
            Text("ผลตามเกณฑ์ เดือนล่าสุด", "Scorecard of the newest month"),
            Text(
                "ค่า เกณฑ์ขั้นต่ำ และส่วนที่ขาด ในหน่วยของแต่ละเกณฑ์ ตามฉบับที่ใช้ในเดือนนั้น",
                "Value, threshold and gap in each criterion's own unit, by the edition in force.",
            ),
            "short",
            (Sql(SQL.scorecard),),
            24,
            (
                Column("code", Text("รหัส", "Code"), "string", 70),
                Column("name_th", Text("เกณฑ์", "Thai name"), "string"),
                Column("name_en", Text("ชื่ออังกฤษ", "Criterion"), "string"),
                Column("state", Text("ผล", "State"), "string", words=words.CRITERIA),
                Column("value", Text("ค่า", "Value")),
                Column("n", Text("n", "n")),
                Column("threshold", Text("เกณฑ์ขั้นต่ำ", "Threshold")),
                Column(
                    "direction",
                    Text("ทิศทาง", "Direction"),
                    "string",
                    words={
                        "at_least": ("อย่างน้อย · At least", words.QUIET),
                        "at_most": ("ไม่เกิน · At most", words.QUIET),
                    },
                ),
                Column("gap", Text("ยังขาด", "Gap")),
                Column("judged_by", Text("ตัดสินโดย", "Judged by"), "string"),
            ),
        ),
    ),
)

MACHINE = Shelf(
    7,
    (
        Panel(
            Look.TIMESERIES,
            Text("นาฬิกา", "Clock"),
            Text(
                "ต่างจากนาฬิกาของตัวรับข้อมูล บวกคือเร็วกว่า",
                "How far its clock is ahead of the broker's; below zero it is behind.",
            ),
            "s",
            (
                PromQl(
                    'max by (stream) (saduak_site_clock_offset_seconds{site="$site"})', "{{stream}}"
                ),
            ),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("ข้อมูลที่ขาด", "Missing events"),
            Text(
                "รายการที่ยังไม่มา ทั้งที่รายการหลังจากนั้นมาแล้ว",
                "Events that have not come although later ones have.",
            ),
            "short",
            (PromQl('max by (stream) (saduak_site_missing_events{site="$site"})', "{{stream}}"),),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("ดิสก์ว่าง", "Disk free"),
            Text("สัดส่วนที่ว่างของดิสก์", "The free share of its disk."),
            "percentunit",
            (PromQl('max by (stream) (saduak_site_disk_free_ratio{site="$site"})', "{{stream}}"),),
            8,
            largest=1,
        ),
    ),
)

SITE = Dashboard(
    "saduak-site",
    Text("สำนักงาน", "Site"),
    Text(
        "สำนักงานหนึ่งแห่ง ไม่แสดงตัวเลขที่มาจากคนน้อยกว่า 5 คน",
        "One office. Numbers that rest on fewer than five people are withheld.",
    ),
    (NOW, DAYS, FIGURES, ANSWERS, Shelf(3, (notice(SQL.notice),)), SCORECARD, MACHINE),
    "now-30d/d",
    "now/d",
    "1m",
    (
        Variable("site", Text("สำนักงาน", "Site"), SQL.site_choices, ("pjo-50",)),
        Address("portal", Text("ที่อยู่ของหน้าเว็บ", "Address of the pages"), "/reporting"),
    ),
)
