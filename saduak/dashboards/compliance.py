"""Standard compliance: criteria by site, over months and fiscal years. Pure."""

from libs.database.statements import statements
from saduak.dashboards import words
from saduak.dashboards.model import Column, Dashboard, Look, Panel, Shelf, Sql, Text, Variable

SQL = statements("saduak.dashboards", "sql/compliance.sql")
FIRST_SITES = ("led-bkk4", "moj-jsc", "moj-jfo", "pjo-50", "pjo-30", "pjo-65", "pjo-41")
"""The model office and the pilots."""
NOTICE_ABOUT = Text(
    "คำเตือนของฉบับที่ใช้ตัดสิน หากเป็นแบบจำลอง",
    "The notice of the edition that judges, where it is a working model.",
)


def notice(sql: str) -> Panel:
    """The working model's notice, in the words of its file; gone when an official one holds."""
    return Panel(
        Look.STAT,
        Text("แบบจำลองเพื่อใช้งาน ไม่ใช่เกณฑ์ทางการ", "Working model, not the official criteria"),
        NOTICE_ABOUT,
        "string",
        (Sql(sql),),
        24,
        fields=True,
    )


CRITERIA = Shelf(
    17,
    (
        Panel(
            Look.TABLE,
            Text("เกณฑ์รายสำนักงาน", "Criteria by site"),
            Text(
                "ผลตามเกณฑ์ของงวดล่าสุดในช่วงที่เลือก แถวคือเกณฑ์ คอลัมน์คือสำนักงาน "
                "เกณฑ์ที่ต้องมีหลักฐานยังไม่ผ่านจนกว่าจะมีหลักฐาน",
                "The newest period of the time shown: criteria down, sites across. What asks for "
                "evidence is not met before the evidence is there.",
            ),
            "string",
            (Sql(SQL.criteria_by_site),),
            24,
            words=words.CRITERIA,
            matrix=("criterion", "site", "state"),
        ),
    ),
)

SCORES = Shelf(
    10,
    (
        Panel(
            Look.TABLE,
            Text("คะแนนและระดับ", "Scores and levels"),
            Text(
                "คะแนนของเกณฑ์ที่ผ่านต่อคะแนนเต็ม และสัดส่วนวันที่ข้อมูลครบ ยังไม่ระบุระดับตราบที่ยังส่งหลักฐานไม่ได้",
                "Points of the criteria met over all points, and the share of days that are "
                "complete. No level is named while evidence can't be handed in.",
            ),
            "short",
            (Sql(SQL.scorecards),),
            14,
            (
                Column(
                    "site",
                    Text("รหัส", "Code"),
                    "string",
                    90,
                    link="/d/saduak-site?var-site=${__data.fields.site}",
                ),
                Column("site_th", Text("สำนักงาน", "Thai name"), "string"),
                Column("site_en", Text("ชื่ออังกฤษ", "Office"), "string"),
                Column("score", Text("คะแนน", "Score"), "percentunit"),
                Column("points", Text("ได้", "Points")),
                Column("points_possible", Text("เต็ม", "Of")),
                Column("level", Text("ระดับ", "Level"), "string", words=words.LEVELS),
                Column("coverage", Text("วันครบ", "Complete days"), "percentunit"),
                Column("days", Text("วัน", "Days")),
                Column("judged_by", Text("ตัดสินโดย", "Judged by"), "string"),
            ),
        ),
        Panel(
            Look.TABLE,
            Text("นำร่องเทียบต้นแบบ", "Pilots beside the model office"),
            Text(
                "สัดส่วนทุกตัวของงวดล่าสุด ต้นแบบ นำร่องรวมกัน และทั้งประเทศ พร้อม n",
                "Every share of the newest period: the model office, the pilots together, the "
                "nation, each with its n.",
            ),
            "percentunit",
            (Sql(SQL.pilots_beside_model),),
            10,
            (
                Column("name_th", Text("ตัวชี้วัด", "Thai name"), "string"),
                Column("name_en", Text("ชื่ออังกฤษ", "Metric"), "string"),
                Column("model", Text("ต้นแบบ", "Model office")),
                Column("model_n", Text("n ต้นแบบ", "n model"), "short"),
                Column("pilots", Text("นำร่อง", "Pilots")),
                Column("pilots_n", Text("n นำร่อง", "n pilots"), "short"),
                Column("nation", Text("ทั้งประเทศ", "Nation")),
                Column("nation_n", Text("n ทั้งประเทศ", "n nation"), "short"),
            ),
        ),
    ),
)

TRENDS = Shelf(
    9,
    (
        Panel(
            Look.TIMESERIES,
            Text("คะแนนรายเดือน", "Score by month"),
            Text(
                "คะแนนของแต่ละสำนักงานต่อคะแนนเต็ม รายเดือน ตามฉบับที่ใช้ในเดือนนั้น",
                "Each site's points over all points by month, by the edition in force then.",
            ),
            "percentunit",
            (Sql(SQL.score_by_month, series=True),),
            8,
            largest=1,
        ),
        Panel(
            Look.TIMESERIES,
            Text("เกณฑ์ที่เลือกรายเดือน", "The chosen criterion by month"),
            Text(
                "ค่าที่วัดได้ของเกณฑ์ที่เลือก ในหน่วยของเกณฑ์นั้น",
                "What the chosen criterion measured, in its own unit.",
            ),
            "short",
            (Sql(SQL.criterion_by_month, series=True),),
            8,
        ),
        Panel(
            Look.BARCHART,
            Text("คะแนนรายปีงบประมาณ", "Score by fiscal year"),
            Text(
                "ปีงบประมาณ 1 ต.ค. – 30 ก.ย. ต้นแบบเทียบกับค่าเฉลี่ยคะแนนของสำนักงานนำร่อง",
                "Fiscal years from 1 October to 30 September: the model office beside the mean "
                "score of the pilots.",
            ),
            "percentunit",
            (Sql(SQL.score_by_year),),
            8,
            largest=1,
        ),
    ),
)

COMPLIANCE = Dashboard(
    "saduak-compliance",
    Text("ผลตามมาตรฐาน", "Standard compliance"),
    Text(
        "ผลตามเกณฑ์ของฉบับที่ใช้ในแต่ละงวด เป็นการตรวจตนเอง ไม่ใช่การรับรอง",
        "Criteria by the edition in force in each period. A self-check, no certification.",
    ),
    (Shelf(3, (notice(SQL.notice),)), CRITERIA, SCORES, TRENDS),
    "now/fy",
    "now/fy",
    "5m",
    (
        Variable("period", Text("งวด", "Period"), SQL.period_choices, ("month",)),
        Variable("site", Text("สำนักงาน", "Sites"), SQL.site_choices, FIRST_SITES, several=True),
        Variable("criterion", Text("เกณฑ์", "Criterion"), SQL.criterion_choices, ("R1",)),
    ),
)
