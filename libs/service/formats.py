"""Dates, times, durations and numbers as people say them, in Thai and English. Pure.

Years are of the Buddhist Era (the Common Era's plus 543); times are Bangkok's.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from libs.events.codes import Language

BANGKOK = ZoneInfo("Asia/Bangkok")
BUDDHIST_ERA = 543


def _words(*lines: str) -> list[str]:
    return " ".join(lines).split()


_MONTHS = {
    Language.THAI: _words(
        "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน",
        "กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    ),
    Language.ENGLISH: _words(
        "January February March April May June",
        "July August September October November December",
    ),
}
_SHORT_MONTHS = {
    Language.THAI: _words("ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค."),
    Language.ENGLISH: _words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
}
_WEEKDAYS = {
    Language.THAI: _words("จันทร์ อังคาร พุธ พฤหัสบดี ศุกร์ เสาร์ อาทิตย์"),
    Language.ENGLISH: _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
}
_UNITS = {
    Language.THAI: ("วัน", "ชั่วโมง", "นาที", "วินาที"),
    Language.ENGLISH: ("day", "hour", "minute", "second"),
}
_SIZES = (86_400, 3_600, 60, 1)


def local_date(moment: datetime) -> date:
    """The date in Bangkok at ``moment``."""
    return moment.astimezone(BANGKOK).date()


def full_date(day: date, language: Language) -> str:
    """``วันพฤหัสบดีที่ 2 ธันวาคม 2564``; ``Thursday 2 December B.E. 2564``."""
    weekday = _WEEKDAYS[language][day.weekday()]
    if language is Language.THAI:
        return f"วัน{weekday}ที่ {long_date(day, language)}"
    return f"{weekday} {long_date(day, language)}"


def long_date(day: date, language: Language) -> str:
    """``2 ธันวาคม 2564``; ``2 December B.E. 2564``."""
    era = "" if language is Language.THAI else "B.E. "
    return f"{day.day} {_MONTHS[language][day.month - 1]} {era}{day.year + BUDDHIST_ERA}"


def short_date(day: date, language: Language) -> str:
    """``2 ธ.ค. 2564``; ``2 Dec 2564``."""
    return f"{day.day} {_SHORT_MONTHS[language][day.month - 1]} {day.year + BUDDHIST_ERA}"


def month_name(day: date, language: Language) -> str:
    """The month of ``day``: ``ธันวาคม 2564``; ``December B.E. 2564``."""
    return long_date(day, language).split(" ", 1)[1]


def clock_time(moment: datetime, language: Language) -> str:
    """``13:05 น.``; ``13:05``."""
    text = f"{moment.astimezone(BANGKOK):%H:%M}"
    return f"{text} น." if language is Language.THAI else text


def clock_seconds(moment: datetime, language: Language) -> str:
    """``13:05:09 น.``; ``13:05:09``."""
    text = f"{moment.astimezone(BANGKOK):%H:%M:%S}"
    return f"{text} น." if language is Language.THAI else text


def date_and_time(moment: datetime, language: Language) -> str:
    """``2 ธ.ค. 2564 13:05 น.``; ``2 Dec 2564, 13:05``."""
    comma = "" if language is Language.THAI else ","
    day = short_date(local_date(moment), language)
    return f"{day}{comma} {clock_time(moment, language)}"


def duration(milliseconds: int, language: Language) -> str:
    """A length of time in its two largest units: ``4 นาที 30 วินาที``; ``1 hour 5 minutes``.

    Rounded half up to whole seconds below an hour, to whole minutes below a day, to whole hours
    above. A negative one keeps its sign.
    """
    if milliseconds < 0:
        return f"−{duration(-milliseconds, language)}"
    seconds = _rounded(milliseconds)
    parts: list[str] = []
    for unit, size in zip(_UNITS[language], _SIZES, strict=True):
        count, seconds = divmod(seconds, size)
        if count:
            plural = "s" if language is Language.ENGLISH and count != 1 else ""
            parts.append(f"{count} {unit}{plural}")
    if not parts:
        return "0 วินาที" if language is Language.THAI else "0 seconds"
    return " ".join(parts)


def _rounded(milliseconds: int) -> int:
    """Whole seconds, in steps of a second, a minute or an hour by their size."""
    seconds = (milliseconds + 500) // 1000
    if seconds < 3_600:
        return seconds
    seconds = (milliseconds + 30_000) // 60_000 * 60
    if seconds < 86_400:
        return seconds
    return (milliseconds + 1_800_000) // 3_600_000 * 3_600


def wait_range(likely_ms: int, pessimistic_ms: int, language: Language) -> str:
    """An estimated wait, in whole minutes rounded up: ``ประมาณ 10–25 นาที``;
    ``about 10–25 minutes``."""
    low, high = (-(-milliseconds // 60_000) for milliseconds in (likely_ms, pessimistic_ms))
    thai = language is Language.THAI
    if high <= 1:
        return "ไม่เกิน 1 นาที" if thai else "up to 1 minute"
    if low < 1:
        return f"ไม่เกิน {high} นาที" if thai else f"up to {high} minutes"
    span = f"{low}–{high}" if low < high else f"{high}"
    return f"ประมาณ {span} นาที" if thai else f"about {span} minutes"


def number(value: int) -> str:
    """``12,345``."""
    return f"{value:,}"


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` with one decimal, half up: ``82.4 %``; a dash of nothing."""
    if whole == 0:
        return "–"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10} %"
