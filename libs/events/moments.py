"""Moments and days as they travel: one form, and the span that each lies in. Pure.

What is read comes from JSON text, what is said from Python: the two differ only where a moment is
out of its span. Nothing that is said lies out of span; what earlier releases have said may.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Annotated, Any, Final, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from libs.events.bounds import CLOCK, LIVE, PAST, Span

MOMENT_FORM: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
"""The one form of RFC 3339 that is read: ``2026-03-16T09:31:00.125+07:00``."""

DAY_FORM: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class OutOfSpan(Enum):
    """What is read where a moment was said that lies in no span of the contract.

    Earlier releases let such moments out: bookings of any year, times corrected into the year
    9999. They are no reason to refuse the event, and no moment to reckon with. This is neither
    the moment nor None, which says that there was none. It is never said: a message can't be
    made with it, nor written.
    """

    OUT_OF_SPAN = "out of span"


OUT_OF_SPAN: Final = OutOfSpan.OUT_OF_SPAN

Beyond: TypeAlias = Callable[[Span, datetime], datetime | OutOfSpan | None]
"""What becomes of a moment that lies out of the span."""


def refused(span: Span, _moment: datetime) -> datetime:
    raise PydanticCustomError("out_of_span", "must lie from {first} to {last}", _ends(span))


def set_apart(_span: Span, _moment: datetime) -> OutOfSpan:
    return OUT_OF_SPAN


def left_out(_span: Span, _moment: datetime) -> None:
    return None


def nearest(span: Span, moment: datetime) -> datetime:
    """The end of the span on whose side ``moment`` lies."""
    if moment.year <= span.first.year:
        return datetime.combine(span.first, time.min, UTC)
    return datetime.combine(span.last, time.max, UTC)


def _ends(span: Span) -> dict[str, Any]:
    return {"first": str(span.first), "last": str(span.last)}


@dataclass(frozen=True, slots=True)
class Within:
    """Makes a moment one of ``span``, timezone-aware and in UTC.

    ``read`` and ``said`` say what becomes of one that lies beyond, in JSON and in Python.
    """

    span: Span
    read: Beyond = refused
    said: Beyond = refused

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.json_or_python_schema(
            core_schema.no_info_after_validator_function(
                self._reader(), core_schema.str_schema(pattern=MOMENT_FORM)
            ),
            core_schema.no_info_after_validator_function(
                self._held(self.said),
                core_schema.datetime_schema(tz_constraint="aware", strict=True),
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(_written)
            if self.read is set_apart
            else core_schema.simple_ser_schema("datetime"),
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": "string",
            "format": "date-time",
            "pattern": MOMENT_FORM,
            "description": "{first} to {last}".format(**_ends(self.span)),
        }

    def _reader(self) -> Callable[[str], datetime | OutOfSpan | None]:
        held, parse = self._held(self.read), datetime.fromisoformat

        def read(text: str) -> datetime | OutOfSpan | None:
            try:
                moment = parse(text)
            except ValueError:
                raise PydanticCustomError("no_moment", "is on no calendar") from None
            return held(moment)

        return read

    def _held(self, beyond: Beyond) -> Callable[[datetime], datetime | OutOfSpan | None]:
        span = self.span
        first = datetime.combine(span.first, time.min, UTC)
        last = datetime.combine(span.last, time.max, UTC)

        def held(moment: datetime) -> datetime | OutOfSpan | None:
            if first <= moment <= last:
                return moment.astimezone(UTC)
            return beyond(span, moment)  # not made UTC before: it can leave the calendar

        return held


def _written(moment: datetime | OutOfSpan) -> datetime:
    if isinstance(moment, OutOfSpan):
        raise ValueError("a moment out of span is never said")  # noqa: TRY004
    return moment


def days_pattern(span: Span) -> str:
    """The form of the days of ``span``, as far as a pattern can tell: by their year."""
    decades = range(span.first.year // 10, span.last.year // 10 + 1)
    years = "|".join(
        f"{ten}[{max(span.first.year - 10 * ten, 0)}-{min(span.last.year - 10 * ten, 9)}]"
        for ten in decades
    )
    return f"^({years})-[0-9]{{2}}-[0-9]{{2}}$"


@dataclass(frozen=True, slots=True)
class DayWithin:
    """Makes a day one of ``span``."""

    span: Span

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        day = core_schema.date_schema(strict=False, ge=self.span.first, le=self.span.last)
        return core_schema.json_or_python_schema(
            core_schema.chain_schema([core_schema.str_schema(pattern=DAY_FORM), day]),
            core_schema.date_schema(strict=True, ge=self.span.first, le=self.span.last),
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": "string",
            "format": "date",
            "pattern": days_pattern(self.span),
            "description": "{first} to {last}".format(**_ends(self.span)),
        }


Instant = Annotated[datetime, Within(LIVE)]
"""A moment of what happens now."""

PastInstant = Annotated[datetime, Within(PAST)]
"""A moment of what may have been imported."""

ClockInstant = Annotated[datetime, Within(CLOCK, said=nearest)]
"""What a site's clock says. However wrong it goes, the sign of life is sent: by a clock beyond
the span, as at the span's end."""

Expiry = Annotated[datetime, Within(CLOCK, read=nearest, said=nearest)]
"""When something ends. A certificate without an end bears the year 9999: it is read as the span's
end, since null would say that there is none."""

Booked = Annotated[datetime | OutOfSpan, Within(LIVE, read=set_apart)]
"""The time of a booking."""

CorrectedTo = Annotated[datetime | OutOfSpan, Within(PAST, read=set_apart)]
"""A step's start or end after a correction, which may be of an imported visit."""

CorrectedFrom = Annotated[datetime | OutOfSpan | None, Within(PAST, read=set_apart, said=left_out)]
"""A step's start or end before a correction: one out of span, which is being mended, isn't said
again."""

ServiceDay = Annotated[date, DayWithin(LIVE)]
"""The local date (Asia/Bangkok) of a site's working day; never derived from UTC midnight."""

PastServiceDay = Annotated[date, DayWithin(PAST)]
"""A service day that may have been imported."""


def known(moment: datetime | OutOfSpan | None) -> datetime | None:
    """The moment, where one was said that can be reckoned with."""
    return None if isinstance(moment, OutOfSpan) else moment
