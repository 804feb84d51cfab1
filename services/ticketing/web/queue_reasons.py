"""Why a visitor is next, in words for the clerk. Pure."""

from collections.abc import Mapping
from datetime import datetime

from libs.events.codes import Language
from libs.service.formats import clock_time, duration
from services.ticketing.model.queue import Place, Placed

UNEXPLAINED: Mapping[Language, str] = {
    Language.THAI: "อธิบายลำดับของบัตรคิวนี้ไม่ได้ เพราะบันทึกของบัตรผิดปกติ",
    Language.ENGLISH: "The place of this ticket can't be explained: its record is odd",
}


def why(place: Place) -> Mapping[Language, str]:
    """What placed a visitor where they stand, and before whom, in both languages."""
    return {Language.THAI: _thai(place), Language.ENGLISH: _english(place)}


def _thai(place: Place) -> str:
    waiting = place.waiting
    came = _thai_time(waiting.queued_at)
    booked = _thai_time(waiting.appointment or waiting.queued_at)
    ahead = duration(abs(place.head_start_ms), Language.THAI)
    match place.placed:
        case Placed.BY_ARRIVAL:
            reason = f"ตามลำดับที่มา รับบัตรเวลา {came}"
        case Placed.BY_HEAD_START:
            reason = f"คิวที่ควรได้รับบริการก่อน นับเสมือนมาก่อนเวลาจริง {ahead} (รับบัตรเวลา {came})"
        case Placed.BY_APPOINTMENT:
            reason = f"นัดไว้เวลา {booked}"
        case Placed.BY_LATE_APPOINTMENT:
            reason = f"นัดไว้เวลา {booked} แต่มาเวลา {came} จึงนับเสมือนมาก่อนเวลาจริง {ahead}"
    return f"{reason} · ก่อน {_tickets(place, 'และอีก {} คิว')}" if place.passes else reason


def _english(place: Place) -> str:
    waiting = place.waiting
    came = clock_time(waiting.queued_at, Language.ENGLISH)
    booked = clock_time(waiting.appointment or waiting.queued_at, Language.ENGLISH)
    ahead = duration(abs(place.head_start_ms), Language.ENGLISH)
    match place.placed:
        case Placed.BY_ARRIVAL:
            reason = f"In order of arrival: ticket taken at {came}"
        case Placed.BY_HEAD_START:
            reason = f"Priority: counted as {ahead} earlier (ticket taken at {came})"
        case Placed.BY_APPOINTMENT:
            reason = f"Booked for {booked}"
        case Placed.BY_LATE_APPOINTMENT:
            reason = f"Booked for {booked}, came at {came}: counted as {ahead} earlier"
    return f"{reason} · before {_tickets(place, 'and {} more')}" if place.passes else reason


def _thai_time(moment: datetime) -> str:
    """The hour and its น. stay on one line."""
    return clock_time(moment, Language.THAI).replace(" ", "\N{NO-BREAK SPACE}")


def _tickets(place: Place, more: str) -> str:
    shown, rest = place.passes[:3], len(place.passes) - 3
    return " ".join((", ".join(shown), more.format(rest))) if rest > 0 else ", ".join(shown)
