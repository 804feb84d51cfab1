"""The closed list of metrics that a criterion may bind to, with what each means.

A formula's words are counters of the national rollups, summed over the site and period:
``step_rollup`` for steps, ``rating_rollup`` and ``feedback_rollup`` for answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Unit(StrEnum):
    """What a metric's number is."""

    SHARE = "share"
    """From 0 to 1; shown as a percentage."""
    RATIO = "ratio"
    """One measure over another of the same kind: 1 means equal."""
    LEVEL = "level"
    """A mean of the five levels, from 1 to 5."""


class Metric(StrEnum):
    """A figure of a site and period, by name."""

    LUNCH_SERVICE_SHARE = "lunch_service_share"
    AFTER_HOURS_SERVICE_SHARE = "after_hours_service_share"
    WAIT_WITHIN_TARGET = "wait_within_target"
    SERVICE_WITHIN_ANNOUNCED = "service_within_announced"
    ON_TIME_SHARE = "on_time_share"
    PRIORITY_WAIT_RATIO = "priority_wait_ratio"
    OUT_OF_ORDER_SHARE = "out_of_order_share"
    SERVED_SHARE = "served_share"
    ABANDONMENT_SHARE = "abandonment_share"
    NO_SHOW_SHARE = "no_show_share"
    BOOKED_SHARE = "booked_share"
    BOOKED_ON_TIME = "booked_on_time"
    ESTIMATE_WITHIN_RANGE = "estimate_within_range"
    RESPONSE_RATE = "response_rate"
    SATISFACTION_TOP2 = "satisfaction_top2"
    SATISFACTION_MEAN = "satisfaction_mean"
    PROCESS_TOP2 = "process_top2"
    STAFF_TOP2 = "staff_top2"
    FACILITIES_TOP2 = "facilities_top2"
    INFORMATION_TOP2 = "information_top2"


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """What a metric means and how it is computed."""

    name_th: str
    name_en: str
    unit: Unit
    meaning: str
    formula: str
    counted: str
    """The formula's denominator in words: what ``n`` counts."""
    from_answers: bool = False
    """Whether it rests on visitors' answers, so that the response rate stands beside it."""


def _top2(name_th: str, name_en: str, dimension: str) -> MetricDefinition:
    where = f"dimension = {dimension}" if dimension else "every dimension"
    return MetricDefinition(
        name_th,
        name_en,
        Unit.SHARE,
        f"Ratings of 4 or 5 among the cleaned ratings, {where}",
        f"sum(cleaned_n where level >= 4) / sum(cleaned_n), {where}",
        "cleaned ratings",
        from_answers=True,
    )


METRICS: Mapping[Metric, MetricDefinition] = MappingProxyType(
    {
        Metric.LUNCH_SERVICE_SHARE: MetricDefinition(
            "สัดส่วนการให้บริการช่วงพักกลางวัน",
            "Served over lunch",
            Unit.SHARE,
            "Served steps whose service started in the site's lunch hour, among served steps",
            "lunch_served / served",
            "served steps",
        ),
        Metric.AFTER_HOURS_SERVICE_SHARE: MetricDefinition(
            "สัดส่วนการให้บริการนอกเวลาราชการ",
            "Served outside office hours",
            Unit.SHARE,
            "Served steps whose service started outside the site's office hours of that day, "
            "among served steps",
            "after_hours_served / served",
            "served steps",
        ),
        Metric.WAIT_WITHIN_TARGET: MetricDefinition(
            "รอไม่เกินเวลาเป้าหมาย",
            "Waited within the target",
            Unit.SHARE,
            "Served steps whose wait to the first call was at most the wait target in force that "
            "day, among those with a target",
            "wait_met / (wait_met + wait_missed)",
            "served steps with a wait target",
        ),
        Metric.SERVICE_WITHIN_ANNOUNCED: MetricDefinition(
            "ให้บริการไม่เกินเวลาที่ประกาศ",
            "Served within the announced time",
            Unit.SHARE,
            "Served steps whose service took at most the announced time in force that day, among "
            "those with one",
            "service_met / (service_met + service_missed)",
            "served steps with an announced time",
        ),
        Metric.ON_TIME_SHARE: MetricDefinition(
            "ตรงเวลาโดยรวม",
            "On time",
            Unit.SHARE,
            "Waits within their target and services within their announced time, among all that "
            "were judged",
            "(wait_met + service_met) / (wait_met + wait_missed + service_met + service_missed)",
            "judged waits and services",
        ),
        Metric.PRIORITY_WAIT_RATIO: MetricDefinition(
            "เวลารอของผู้มีสิทธิก่อนเทียบกับผู้รับบริการทั่วไป",
            "Priority wait against normal",
            Unit.RATIO,
            "Mean wait of served priority steps over the mean wait of served normal steps",
            "(wait_ms / wait_n of class priority) / (wait_ms / wait_n of class normal)",
            "served priority steps",
        ),
        Metric.OUT_OF_ORDER_SHARE: MetricDefinition(
            "สัดส่วนการเรียกข้ามลำดับ",
            "Called out of order",
            Unit.SHARE,
            "First calls of a visitor who was not next by the queue's rule, each with a reason, "
            "among first calls; imported calls stand outside",
            "calls_out_of_order / (calls_in_order + calls_out_of_order)",
            "first calls",
        ),
        Metric.SERVED_SHARE: MetricDefinition(
            "สัดส่วนที่ได้รับบริการ",
            "Served",
            Unit.SHARE,
            "Steps that ended served, among ended steps that were not removed as mistakes",
            "served / (served + no_show + left_waiting + forgotten)",
            "ended steps that were not removed",
        ),
        Metric.ABANDONMENT_SHARE: MetricDefinition(
            "สัดส่วนที่ออกไปก่อนถูกเรียก",
            "Left while waiting",
            Unit.SHARE,
            "Steps whose visitor gave up waiting, among ended steps that were not removed",
            "left_waiting / (served + no_show + left_waiting + forgotten)",
            "ended steps that were not removed",
        ),
        Metric.NO_SHOW_SHARE: MetricDefinition(
            "สัดส่วนที่เรียกแล้วไม่มา",
            "Called and did not come",
            Unit.SHARE,
            "Steps whose visitor was called and did not come, among ended steps not removed",
            "no_show / (served + no_show + left_waiting + forgotten)",
            "ended steps that were not removed",
        ),
        Metric.BOOKED_SHARE: MetricDefinition(
            "สัดส่วนการจองล่วงหน้า",
            "Booked before the visit",
            Unit.SHARE,
            "Steps of visits booked online, among steps of every channel",
            "online / (kiosk + counter + mobile + online)",
            "steps",
        ),
        Metric.BOOKED_ON_TIME: MetricDefinition(
            "เรียกตรงเวลานัด",
            "Booked visits called on time",
            Unit.SHARE,
            "Booked steps first called no later than the wait target after their booked time, "
            "among booked steps that were called and have a wait target",
            "booked_on_time / booked_n",
            "called booked steps with a wait target",
        ),
        Metric.ESTIMATE_WITHIN_RANGE: MetricDefinition(
            "เวลารอจริงไม่เกินที่แจ้ง",
            "Wait no longer than shown",
            Unit.SHARE,
            "Served steps whose wait was at most the pessimistic estimate shown on the ticket, "
            "among those with an estimate",
            "estimate_within / estimate_n",
            "served steps with an estimate",
        ),
        Metric.RESPONSE_RATE: MetricDefinition(
            "อัตราการตอบแบบประเมิน",
            "Response rate",
            Unit.SHARE,
            "Answers among the visits that were asked",
            "responses / offers",
            "offers",
        ),
        Metric.SATISFACTION_TOP2: _top2("พึงพอใจมากถึงมากที่สุด", "Satisfied (top two)", ""),
        Metric.SATISFACTION_MEAN: MetricDefinition(
            "ค่าเฉลี่ยความพึงพอใจ",
            "Mean satisfaction",
            Unit.LEVEL,
            "Mean level of the cleaned ratings of every dimension",
            "sum(level * cleaned_n) / sum(cleaned_n), every dimension",
            "cleaned ratings",
            from_answers=True,
        ),
        Metric.PROCESS_TOP2: _top2(
            "พึงพอใจขั้นตอน/กระบวนการ", "Satisfied with the process", "process"
        ),
        Metric.STAFF_TOP2: _top2("พึงพอใจเจ้าหน้าที่", "Satisfied with the staff", "staff"),
        Metric.FACILITIES_TOP2: _top2(
            "พึงพอใจสิ่งอำนวยความสะดวก", "Satisfied with the facilities", "facilities"
        ),
        Metric.INFORMATION_TOP2: _top2(
            "พึงพอใจข้อมูล/คุณภาพบริการ", "Satisfied with the information", "information"
        ),
    }
)
"""Every metric's definition."""
