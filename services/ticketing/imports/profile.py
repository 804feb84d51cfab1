"""The profile of an export: how the rows of a queue system's CSV file become visits.

A profile is a YAML file; ``profiles/technion_day.yaml`` is an example with every line explained.

``name``
    A code that, with the service day and the line, is the key of an imported row. A profile that
    is changed after an import keeps its name.
``delimiter``, ``encoding``
    Of the CSV file, whose first line names the columns. Encodings as Python names them
    (``utf-8-sig``, ``cp874``).
``time_zone``
    In which the clocks of the file were read.
``date``
    ``{column, format}`` of the service day of each row; absent where the file has none and
    ``--date`` names the day. Formats as in ``strptime`` (``%Y-%m-%d``).
``clock``
    ``{format, unset}``: how clock times are written, and what stands where there is none.
``service``
    ``{column, codes}``: the column, and for each value of it a service of the catalogue.
``visitor_class``
    ``{column, codes}`` with ``normal`` or ``priority`` for each value; absent: all are normal.
``channel``
    Where tickets were taken: ``kiosk``, ``counter``, ``mobile``, ``online``.
``counter``
    ``{column, unknown, unknown_number}``: counters are numbered by the order in which a day's
    file first names them, so that a clerk's name in the column goes no further; the values in
    ``unknown`` name none, and stand as ``unknown_number``.
``moments``
    ``arrival``, ``called``, ``started``, ``ended``, ``left``: each ``{clock: column}``, or
    ``{after: moment, seconds: column}`` (without ``seconds``: the same moment). ``check: column``
    names a clock that should say the same; a row where it does not is *repaired*: the moment
    stands as computed, and the report counts it.
``rows``
    ``{column, rules}``: for each value of the column the first rule that fits: ``outcome``, or
    ``skip`` with a reason for rows that are no visit. ``positive: column`` makes a rule fit only
    where that number is above zero. A value that no rule fits is an error of its row.
"""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from libs.events.codes import Channel, CounterNumber, ServiceCode
from libs.standards.documents import parse
from libs.standards.faults import Fault

MomentName = Literal["arrival", "called", "started", "ended", "left"]
ImportedOutcome = Literal["served", "no_show", "left", "removed"]

NEEDED: dict[ImportedOutcome, tuple[MomentName, ...]] = {
    "served": ("arrival", "called", "started", "ended"),
    "no_show": ("arrival", "called", "ended"),
    "left": ("arrival", "left"),
    "removed": ("arrival", "ended"),
}
"""The moments that a visit of each outcome has; the last one ends it."""


class ProfileError(ValueError):
    """The profile can't be used; ``faults`` names everything that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write one like Asia/Bangkok") from None
    return name


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"{name!r} is no encoding; write one like utf-8-sig or cp874") from None
    return name


Column = Annotated[str, StringConstraints(min_length=1)]
Reason = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,39}$")]
"""Words of the report: lower-case letters and hyphens."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DateColumn(_Part):
    column: Column
    format: str


class ClockFormat(_Part):
    format: str
    unset: str | None = None


class ServiceColumn(_Part):
    column: Column
    codes: dict[str, ServiceCode]


class ClassColumn(_Part):
    column: Column
    codes: dict[str, Literal["normal", "priority"]]


class CounterColumn(_Part):
    column: Column
    unknown: tuple[str, ...] = ()
    unknown_number: CounterNumber = 999


class Moment(_Part):
    """One moment of a visit."""

    clock: Column | None = None
    after: MomentName | None = None
    seconds: Column | None = None
    check: Column | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Moment":
        if (self.clock is None) == (self.after is None):
            raise ValueError("give either `clock` or `after`")
        if self.clock is not None and (self.seconds or self.check):
            raise ValueError("`seconds` and `check` go with `after`")
        return self


class RowRule(_Part):
    """What a row with ``value`` is."""

    value: str
    positive: Column | None = None
    outcome: ImportedOutcome | None = None
    skip: Reason | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "RowRule":
        if (self.outcome is None) == (self.skip is None):
            raise ValueError("give either `outcome` or `skip`")
        return self


class Rows(_Part):
    column: Column
    rules: tuple[RowRule, ...] = Field(min_length=1)


class Profile(_Part):
    """How one kind of export is read; see the module for the meaning of each key."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8-sig"
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Bangkok"
    date: DateColumn | None = None
    clock: ClockFormat
    service: ServiceColumn
    visitor_class: ClassColumn | None = None
    channel: Channel
    counter: CounterColumn
    moments: dict[MomentName, Moment]
    rows: Rows

    @model_validator(mode="after")
    def _moments_are_told(self) -> "Profile":
        for rule in self.rows.rules:
            for moment in NEEDED[rule.outcome] if rule.outcome else ():
                self._check_told(moment, rule.value)
        return self

    def _check_told(self, moment: MomentName, value: str) -> None:
        seen: set[MomentName] = set()
        at: MomentName | None = moment
        while at is not None:
            if at not in self.moments:
                raise ValueError(f"`moments` lacks `{at}`, which rows of value {value!r} need")
            if at in seen:
                raise ValueError(f"`moments`: `{at}` comes after itself")
            seen.add(at)
            at = self.moments[at].after

    @property
    def columns(self) -> frozenset[str]:
        """Every column that a file must have."""
        found = {self.service.column, self.counter.column, self.rows.column}
        found |= {part.column for part in (self.date, self.visitor_class) if part is not None}
        for moment in self.moments.values():
            found |= {one for one in (moment.clock, moment.seconds, moment.check) if one}
        found |= {rule.positive for rule in self.rows.rules if rule.positive}
        return frozenset(found)


def load(path: Path) -> Profile:
    """The profile in ``path``. Raises :class:`ProfileError` with the line of each fault."""
    document, faults = parse(path.name, path.read_bytes())
    if faults:
        raise ProfileError(faults)
    try:
        return Profile.model_validate(document.data)
    except ValidationError as error:
        raise ProfileError(
            [
                document.fault(
                    detail["loc"],
                    f"{'.'.join(str(part) for part in detail['loc']) or 'profile'}: "
                    f"{detail['msg'].removeprefix('Value error, ')}",
                    "see the comments in profiles/technion_day.yaml",
                )
                for detail in error.errors(include_url=False)
            ]
        ) from None
