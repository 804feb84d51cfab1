"""The pipeline: from the sites' outboxes to the figures, and the services' own health. Pure."""

from saduak.dashboards import words
from saduak.dashboards.model import Column, Dashboard, Look, Panel, PromQl, Shelf, Text

BATCH = "saduak_ingest_batch_duration_seconds_bucket"
FRESHNESS = "saduak_ingest_freshness_seconds_bucket"
LATENCY = "saduak_http_request_duration_seconds_bucket"


def _quantiles(histogram: str) -> tuple[PromQl, ...]:
    return tuple(
        PromQl(
            f"histogram_quantile({q}, sum by (le) (rate({histogram}[$__rate_interval])))",
            f"P{q * 100:.0f}",
        )
        for q in (0.5, 0.95)
    )


def _stat(title: Text, about: Text, expression: str) -> Panel:
    return Panel(
        Look.STAT,
        title,
        about,
        "short",
        (PromQl(expression, instant=True),),
        4,
        steps=words.NONE_IS_GOOD,
    )


NOW = Shelf(
    4,
    (
        _stat(
            Text("ตัวที่ไม่ตอบ", "Replicas down"),
            Text("บริการรายงานที่ไม่ตอบ", "Replicas of reporting that do not answer."),
            'count(up{job="reporting"} == 0) or vector(0)',
        ),
        _stat(
            Text("หยุดรับข้อมูล", "Halted"),
            Text(
                "ตัวที่หยุดรับข้อมูลเอง และสายข้อมูลที่หยุดรับ ซึ่งรอคน",
                "Replicas that stopped taking in, and streams that are not read on; they wait for "
                "a person.",
            ),
            "sum(saduak_ingest_halted) + (count(saduak_ingest_stopped) or vector(0))",
        ),
        _stat(
            Text("ถูกกัก", "In quarantine"),
            Text("ข้อความที่ถูกปฏิเสธและรอคนดู", "Messages that were refused and wait for a person."),
            "max(saduak_quarantined_messages)",
        ),
        _stat(
            Text("สำนักงานที่ข้อมูลขาด", "Sites with gaps"),
            Text("สำนักงานที่มีข้อมูลขาดช่วงซึ่งยังไม่มา", "Sites of which events in between have not come."),
            "count(max by (site) (saduak_site_missing_events) > 0) or vector(0)",
        ),
        _stat(
            Text("งานที่หยุด", "Tasks not running"),
            Text("งานเบื้องหลังที่ไม่ทำงานขณะนี้", "Background tasks that do not run at this moment."),
            "count(saduak_task_running == 0) or vector(0)",
        ),
        _stat(
            Text("งวดที่รอเผยแพร่", "Periods to publish"),
            Text(
                "วัน เดือน และปีที่ตัวเลขบนจอยังเก่ากว่าข้อมูล",
                "Days, months and years whose figures on these screens are older than the events.",
            ),
            "max(saduak_publisher_stale_periods)",
        ),
    ),
)

INGEST = Shelf(
    8,
    (
        Panel(
            Look.TIMESERIES,
            Text("อัตรารับข้อมูล", "Ingest rate"),
            Text("รายการที่เก็บต่อวินาที แยกตามสาย", "Events stored a second, by stream."),
            "eps",
            (
                PromQl(
                    "sum by (stream) (rate(saduak_ingest_events_total[$__rate_interval]))",
                    "{{stream}}",
                ),
            ),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("ค้างรับ", "Lag"),
            Text(
                "ข้อความที่มาถึงแล้วแต่ยังไม่อยู่ในตัวเลข",
                "Messages that have arrived and are not in the figures yet.",
            ),
            "short",
            (PromQl("sum by (instance) (saduak_ingest_lag)", "{{instance}}"),),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("ความสดของข้อมูล", "Freshness"),
            Text(
                "อายุของรายการที่เก่าที่สุดในแต่ละชุดเมื่อปรากฏในตัวเลข",
                "Age of the oldest event of a batch when the figures show it.",
            ),
            "s",
            _quantiles(FRESHNESS),
            8,
        ),
    ),
)

BATCHES = Shelf(
    8,
    (
        Panel(
            Look.TIMESERIES,
            Text("เวลาต่อชุด", "Batch time"),
            Text("เวลาตั้งแต่ได้รับชุดข้อความจนบันทึกเสร็จ", "From a batch's messages to its commit."),
            "s",
            _quantiles(BATCH),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("สิ่งผิดปกติต่อนาที", "Irregular, a minute"),
            Text(
                "ถูกกัก ซ้ำ ถือไว้ และชุดที่ต้องทำใหม่ ต่อนาที",
                "Quarantined, duplicate and held messages, and batches tried again, a minute.",
            ),
            "cpm",
            (
                PromQl(
                    "60 * sum by (reason) "
                    "(rate(saduak_ingest_quarantined_total[$__rate_interval]))",
                    "quarantined {{reason}}",
                ),
                PromQl(
                    "60 * sum(rate(saduak_ingest_duplicates_total[$__rate_interval]))", "duplicates"
                ),
                PromQl("60 * sum(rate(saduak_ingest_held_total[$__rate_interval]))", "held"),
                PromQl(
                    "60 * sum(rate(saduak_ingest_failures_total[$__rate_interval]))", "tried again"
                ),
            ),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("ช่องว่างของเลข", "Gaps"),
            Text(
                "ช่วงเลขที่พบว่าขาด และที่มาเติมแล้ว ต่อนาที",
                "Runs of numbers found missing, and filled, a minute.",
            ),
            "cpm",
            (
                PromQl(
                    "60 * sum(rate(saduak_ingest_gaps_opened_total[$__rate_interval]))", "opened"
                ),
                PromQl(
                    "60 * sum(rate(saduak_ingest_gaps_closed_total[$__rate_interval]))", "closed"
                ),
            ),
            8,
        ),
    ),
)

SITES = Shelf(
    11,
    (
        Panel(
            Look.TABLE,
            Text("ค้างส่งของสำนักงาน", "The sites' backlogs"),
            Text(
                "ข้อมูลที่ค้างส่งของแต่ละสำนักงานและบริการ มากที่สุด 20 แห่ง",
                "What sites have recorded and not sent, the 20 largest.",
            ),
            "short",
            (
                PromQl(
                    "topk(20, max by (site, stream) (saduak_site_backlog_events))",
                    instant=True,
                    table=True,
                ),
            ),
            8,
            (
                Column(
                    "site",
                    Text("สำนักงาน", "Site"),
                    "string",
                    link="/d/saduak-site?var-site=${__data.fields.site}",
                ),
                Column("stream", Text("บริการ", "Service"), "string", words=words.STREAMS),
                Column("Value", Text("ค้างส่ง", "Unsent")),
                Column("Time", hidden=True),
            ),
        ),
        Panel(
            Look.TIMESERIES,
            Text("ไม่ได้ยินนานที่สุด", "Longest not heard"),
            Text(
                "เวลาตั้งแต่ได้ยินครั้งล่าสุด ห้าแห่งที่นานที่สุดซึ่งเคยส่งสัญญาณ",
                "Time since a sign of life: the five longest of sites that were ever seen.",
            ),
            "s",
            (
                PromQl(
                    "topk(5, time() - (max by (site, stream) "
                    "(saduak_site_last_seen_timestamp_seconds) > 0))",
                    "{{site}} {{stream}}",
                ),
            ),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("วันตามสถานะ", "Days by state"),
            Text(
                "วันของทุกสำนักงานใน 14 วันล่าสุด แยกตามสถานะ",
                "Days of all sites of the last 14, by what is known of them.",
            ),
            "short",
            (PromQl("sum by (state) (max by (site, state) (saduak_site_days))", "{{state}}"),),
            8,
        ),
    ),
)

SERVICES = Shelf(
    8,
    (
        Panel(
            Look.TIMESERIES,
            Text("คำขอ", "Requests"),
            Text("คำขอต่อวินาที แยกตามรหัสผล", "Requests a second, by status."),
            "reqps",
            (
                PromQl(
                    "sum by (status) (rate(saduak_http_requests_total[$__rate_interval]))",
                    "{{status}}",
                ),
            ),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("เวลาตอบ", "Latency"),
            Text("เวลาจนเริ่มตอบ", "Time to the first byte of an answer."),
            "s",
            _quantiles(LATENCY),
            8,
        ),
        Panel(
            Look.TIMESERIES,
            Text("การเริ่มงานใหม่", "Restarts of tasks"),
            Text(
                "ครั้งที่งานเบื้องหลังล้มเหลวและเริ่มใหม่",
                "Times that background tasks failed and began anew.",
            ),
            "short",
            (
                PromQl(
                    "sum by (task) (increase(saduak_task_restarts_total[$__rate_interval]))",
                    "{{task}}",
                ),
            ),
            8,
        ),
    ),
)

PIPELINE = Dashboard(
    "saduak-pipeline",
    Text("ทางเดินของข้อมูล", "Pipeline"),
    Text(
        "จากสำนักงานถึงตัวเลข และสุขภาพของบริการส่วนกลาง",
        "From the sites to the figures, and how the centre's services are.",
    ),
    (NOW, INGEST, BATCHES, SITES, SERVICES),
    "now-3h",
    "now",
    "30s",
)
