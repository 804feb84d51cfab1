"""What is published beside the metrics that a criterion may bind to, by name. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from libs.standards.metrics import METRICS, Metric, Unit


class MeasureUnit(StrEnum):
    """What a measure's number is; metrics have units of their own."""

    COUNT = "count"
    MILLISECONDS = "milliseconds"
    PERCENT_OF_FIVE = "percent_of_five"
    """A mean level over 5, times 100: the Thai habit."""


class Measure(StrEnum):
    """A figure that no criterion binds to."""

    VISITS = "visits"
    STEPS = "steps"
    SERVED = "served"
    LEFT_WAITING = "left_waiting"
    NO_SHOW = "no_show"
    REMOVED = "removed"
    FORGOTTEN = "forgotten"
    OFFERS = "offers"
    RESPONSES = "responses"
    WAIT_MEAN = "wait_mean"
    WAIT_P50 = "wait_p50"
    WAIT_P90 = "wait_p90"
    SERVICE_MEAN = "service_mean"
    SERVICE_P50 = "service_p50"
    SERVICE_P90 = "service_p90"
    TOTAL_MEAN = "total_mean"
    SATISFACTION_PERCENT = "satisfaction_percent"
    STAFF_ISSUED_SHARE = "staff_issued_share"
    IMPLAUSIBLE_SHARE = "implausible_share"


Name = Metric | Measure
AnyUnit = Unit | MeasureUnit


@dataclass(frozen=True, slots=True)
class MeasureDefinition:
    """What a measure is called, and how it is computed from counters of the rollups."""

    name_th: str
    name_en: str
    unit: AnyUnit
    formula: str


_MS = MeasureUnit.MILLISECONDS
_COUNT = MeasureUnit.COUNT

MEASURES: Mapping[Measure, MeasureDefinition] = MappingProxyType(
    {
        Measure.VISITS: MeasureDefinition("ผู้มารับบริการ", "Visits", _COUNT, "visits"),
        Measure.STEPS: MeasureDefinition("ขั้นบริการ", "Steps", _COUNT, "steps"),
        Measure.SERVED: MeasureDefinition("ได้รับบริการ", "Served", _COUNT, "served"),
        Measure.LEFT_WAITING: MeasureDefinition(
            "ออกไปก่อนถูกเรียก", "Left while waiting", _COUNT, "left_waiting"
        ),
        Measure.NO_SHOW: MeasureDefinition("เรียกแล้วไม่มา", "No-shows", _COUNT, "no_show"),
        Measure.REMOVED: MeasureDefinition("ยกเลิกบัตรคิว", "Removed", _COUNT, "removed"),
        Measure.FORGOTTEN: MeasureDefinition(
            "ปิดเมื่อสิ้นวัน", "Ended by the day's closing", _COUNT, "forgotten"
        ),
        Measure.OFFERS: MeasureDefinition("ชวนให้ประเมิน", "Asked to rate", _COUNT, "offers"),
        Measure.RESPONSES: MeasureDefinition("ตอบแบบประเมิน", "Answers", _COUNT, "responses"),
        Measure.WAIT_MEAN: MeasureDefinition("เวลารอเฉลี่ย", "Mean wait", _MS, "wait_ms / wait_n"),
        Measure.WAIT_P50: MeasureDefinition(
            "เวลารอมัธยฐาน", "Median wait", _MS, "type 7 quantile 0.5 of the wait cells"
        ),
        Measure.WAIT_P90: MeasureDefinition(
            "เวลารอ P90", "P90 wait", _MS, "type 7 quantile 0.9 of the wait cells"
        ),
        Measure.SERVICE_MEAN: MeasureDefinition(
            "เวลาให้บริการเฉลี่ย", "Mean service", _MS, "service_ms / service_n"
        ),
        Measure.SERVICE_P50: MeasureDefinition(
            "เวลาให้บริการมัธยฐาน",
            "Median service",
            _MS,
            "type 7 quantile 0.5 of the service cells",
        ),
        Measure.SERVICE_P90: MeasureDefinition(
            "เวลาให้บริการ P90", "P90 service", _MS, "type 7 quantile 0.9 of the service cells"
        ),
        Measure.TOTAL_MEAN: MeasureDefinition(
            "เวลาทั้งหมดเฉลี่ย", "Mean total time", _MS, "total_ms / total_n"
        ),
        Measure.SATISFACTION_PERCENT: MeasureDefinition(
            "คะแนนเฉลี่ยเทียบเป็นร้อยละ",
            "Mean as per cent of 5",
            MeasureUnit.PERCENT_OF_FIVE,
            "sum(level * cleaned_n) / sum(cleaned_n) / 5 * 100",
        ),
        Measure.STAFF_ISSUED_SHARE: MeasureDefinition(
            "คำตอบจากบัตรคิวที่เจ้าหน้าที่ออกให้",
            "Answers on tickets that staff issued",
            Unit.SHARE,
            "staff_issued / issuer_known",
        ),
        Measure.IMPLAUSIBLE_SHARE: MeasureDefinition(
            "เวลาที่เป็นไปไม่ได้",
            "Implausible durations",
            Unit.SHARE,
            "implausible / (2 * served)",
        ),
    }
)
"""Every measure's definition."""


def unit_of(name: Name) -> AnyUnit:
    """What the numbers of a metric or measure are."""
    return METRICS[name].unit if isinstance(name, Metric) else MEASURES[name].unit
