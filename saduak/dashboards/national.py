"""National today: a wall screen. Pure."""

from libs.database.statements import statements
from saduak.dashboards import words
from saduak.dashboards.model import (
    Column,
    Dashboard,
    Look,
    Panel,
    PromQl,
    Shelf,
    Sql,
    Step,
    Text,
)

SQL = statements("saduak.dashboards", "sql/national.sql")
TO_SITE = "/d/saduak-site?var-site=${__data.fields.site}"
WITHHELD = Text(
    "ไม่แสดงตัวเลขที่มาจากคนน้อยกว่า 5 คน", "Numbers that rest on fewer than five people are withheld."
)

NOW = Shelf(
    4,
    (
        Panel(
            Look.STAT,
            Text("รออยู่ขณะนี้", "Waiting now"),
            Text(
                "ผู้ที่รอเรียกในทุกสำนักงาน ตามข้อมูลที่มาถึงแล้ว ไม่รวมสำนักงานที่ออกบัตรวันนี้ไม่ถึง 5 ใบ",
                "Who waits to be called at all offices, by the events that have come. Offices with "
                "fewer than five tickets today are left out.",
            ),
            "short",
            (Sql(SQL.waiting_now),),
            4,
        ),
        Panel(
            Look.STAT,
            Text("รอนานที่สุด", "Longest wait"),
            Text(
                "ผู้ที่รอนานที่สุดขณะนี้ ในสำนักงานที่มีคนรอตั้งแต่ 5 คน",
                "The longest wait at this moment, of offices where at least five wait.",
            ),
            "ms",
            (Sql(SQL.longest_wait),),
            4,
            steps=(Step(None, "text"), Step(30 * 60_000, words.FAIR), Step(60 * 60_000, words.BAD)),
        ),
        Panel(
            Look.STAT,
            Text("ได้รับบริการวันนี้", "Served today"),
            Text(
                "จำนวนขั้นบริการที่ให้บริการแล้ว ของวันล่าสุดในช่วงที่เลือก ทั้งประเทศ",
                "Served steps of the nation on the newest day of the time shown.",
            ),
            "short",
            (Sql(SQL.served),),
            4,
        ),
        Panel(
            Look.STAT,
            Text("ความพึงพอใจ (n)", "Satisfaction (n)"),
            Text(
                "สัดส่วนคะแนน 4 และ 5 ของวันล่าสุด พร้อมจำนวนคะแนน ถาม ณ จุดบริการโดยระบบนี้ ไม่ใช่ G Survey",
                "The share of 4s and 5s on the newest day, with the number of ratings. Asked "
                "at the point of service by this system; not the G Survey.",
            ),
            "percentunit",
            (Sql(SQL.satisfaction),),
            4,
            (Column("n", unit="short"),),
        ),
        Panel(
            Look.STAT,
            Text("สำนักงานที่เงียบ", "Silent sites"),
            Text(
                "สำนักงานที่มีบริการใดบริการหนึ่งไม่ส่งสัญญาณเกิน 10 นาที สำนักงานยังให้บริการได้ตามปกติ",
                "Offices of which a service was not heard for ten minutes. They go on serving.",
            ),
            "short",
            (Sql(SQL.silent_sites),),
            4,
            steps=words.NONE_IS_GOOD,
        ),
        Panel(
            Look.STAT,
            Text("วันที่ยังไม่เรียบร้อย", "Days not settled"),
            Text(
                "วันของทุกสำนักงานใน 14 วันล่าสุด ที่ยอดไม่ตรงกัน หรือข้อมูลยังไม่ครบ",
                "Days of all offices in the last 14 whose totals differ, or that are not complete.",
            ),
            "short",
            (Sql(SQL.unsettled_days),),
            4,
            steps=words.NONE_IS_GOOD,
        ),
    ),
)

SITES = Shelf(
    16,
    (
        Panel(
            Look.TABLE,
            Text("ทุกสำนักงาน", "Every site"),
            Text(
                "เรียงตามเวลารอที่นานที่สุด กดรหัสเพื่อดูสำนักงาน " + WITHHELD.th,
                "The longest wait first. Choose a code to see its site. " + WITHHELD.en,
            ),
            "short",
            (Sql(SQL.every_site),),
            18,
            (
                Column("site", Text("รหัส", "Code"), "string", 100, link=TO_SITE),
                Column("name_th", Text("สำนักงาน", "Thai name"), "string", 260),
                Column("name_en", Text("ชื่ออังกฤษ", "Office"), "string", 260),
                Column("part", Text("บทบาท", "Part"), "string", words=words.PARTS),
                Column("waiting", Text("รออยู่", "Waiting")),
                Column("longest_wait", Text("รอนานสุด", "Longest wait"), "ms"),
                Column("served", Text("ให้บริการ", "Served")),
                Column("wait_p50", Text("รอมัธยฐาน", "Median wait"), "ms"),
                Column("wait_p90", Text("รอ P90", "P90 wait"), "ms"),
                Column("satisfied", Text("พึงพอใจ", "Satisfied"), "percentunit"),
                Column("ratings", Text("n คะแนน", "n ratings")),
                Column("day_state", Text("วันนี้", "Day"), "string", words=words.DAYS),
                Column("silent_for", Text("ได้ยินล่าสุด", "Last heard"), "s", steps=words.SILENT),
            ),
        ),
        Panel(
            Look.TABLE,
            Text("สิ่งที่ต้องมีคนดู", "What needs a person"),
            Text(
                "การแจ้งเตือนที่ดังอยู่ วิธีแก้อยู่ใน docs/runbooks",
                "Alerts that fire now. docs/runbooks tells what to do.",
            ),
            "string",
            (PromQl('ALERTS{alertstate="firing"}', instant=True, table=True),),
            6,
            (
                Column("alertname", Text("เรื่อง", "Alert")),
                Column("site", Text("สำนักงาน", "Site"), link=TO_SITE),
                Column("stream", Text("บริการ", "Service"), words=words.STREAMS),
                Column("severity", Text("ระดับ", "Severity")),
                Column("alertstate", hidden=True),
                Column("__name__", hidden=True),
                Column("Time", hidden=True),
                Column("Value", hidden=True),
            ),
        ),
    ),
)

LATELY = Shelf(
    8,
    (
        Panel(
            Look.TIMESERIES,
            Text("เวลารอ 30 วัน", "Waits of 30 days"),
            Text(
                "เวลารอของทั้งประเทศ รายวัน มัธยฐานและ P90",
                "The nation's waits by day, median and 90th percentile.",
            ),
            "ms",
            (Sql(SQL.waits_lately, series=True),),
            12,
            lately="30d",
        ),
        Panel(
            Look.TIMESERIES,
            Text("ผู้รับบริการ 30 วัน", "Served in 30 days"),
            Text(
                "ขั้นบริการที่ให้บริการแล้ว และที่ออกไปก่อนถูกเรียก รายวัน ทั้งประเทศ",
                "The nation's steps by day: served, and left before they were called.",
            ),
            "short",
            (Sql(SQL.served_lately, series=True),),
            12,
            lately="30d",
        ),
    ),
)

NATIONAL = Dashboard(
    "saduak-national",
    Text("ทั้งประเทศวันนี้", "National today"),
    Text(
        "จอสำหรับผนังห้อง: ทุกสำนักงานในวันนี้ " + WITHHELD.th,
        "A wall screen: every office today. " + WITHHELD.en,
    ),
    (NOW, SITES, LATELY),
    "now/d",
    "now/d",
    "30s",
)
