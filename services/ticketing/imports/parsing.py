"""From the rows of an export to visits. Pure: the same rows give the same visits and report."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from libs.events.bounds import PAST
from libs.events.codes import Outcome, VisitorClass
from libs.service.times import buddhist, holds
from services.ticketing.imports.profile import NEEDED, Moment, MomentName, Profile, RowRule

HALF_A_DAY = timedelta(hours=12)
LONGEST_SECONDS = 7 * 24 * 3600
"""A duration beyond this is a slip of the export, not a clock that ran wrong."""


@dataclass(frozen=True, slots=True)
class ImportedVisit:
    """A visit as the export tells it. Moments are in UTC."""

    file: str
    line: int
    fingerprint: bytes
    """A digest of the row: another row under the same key is an error."""
    day: date
    service: str
    visitor_class: VisitorClass
    counter_name: str | None
    outcome: Outcome
    arrival: datetime
    called: datetime | None
    started: datetime | None
    ended: datetime
    repairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is no visit, and why."""

    reason: str


class RowError(ValueError):
    """A row cannot be read. ``mend`` says what to do."""

    def __init__(self, what: str, mend: str) -> None:
        self.what = what
        self.mend = mend
        super().__init__(f"{what}; {mend}")


def check_day(day: date) -> None:
    """Raises :class:`RowError` for a day that nothing can be imported of."""
    if PAST.holds(day):
        return
    hint = buddhist(day.year)
    if hint is not None:
        raise RowError(
            f"the year {hint['year']} is counted in the Buddhist Era",
            f"write the year {hint['common']} ({hint['year']} - 543)",
        )
    raise RowError(
        f"{day} lies outside the years {PAST.first.year} to {PAST.last.year}",
        "check the year, and the order of day and year in the profile's date format",
    )


class RowReader:
    """Reads the rows of one kind of export."""

    def __init__(self, profile: Profile, services: frozenset[str], day: date | None) -> None:
        """``services`` are those of the catalogue; ``day`` is that of files without dates."""
        self._profile = profile
        self._services = services
        self._day = day
        self._zone = ZoneInfo(profile.time_zone)
        self._rules: dict[str, list[RowRule]] = {}
        for rule in profile.rows.rules:
            self._rules.setdefault(rule.value, []).append(rule)

    def read(self, file: str, line: int, row: Mapping[str, str]) -> ImportedVisit | Skipped:
        """The visit of a row, or why it is none. Raises :class:`RowError`."""
        rule = self._rule(row)
        if rule.outcome is None:
            return Skipped(rule.skip or rule.value)
        day = self._service_day(row)
        check_day(day)
        needed = NEEDED[rule.outcome]
        moments = _Moments(self._profile, row, day)
        at: dict[MomentName, datetime] = {name: moments.local(name) for name in needed}
        repairs = [*moments.disagreeing(at), *moments.unexpected(at)]
        counter = row[self._profile.counter.column]
        known = counter not in self._profile.counter.unknown
        if not known and "called" in at:
            repairs.append("counter-unknown")
        return ImportedVisit(
            file=file,
            line=line,
            fingerprint=fingerprint(row),
            day=day,
            service=self._service(row),
            visitor_class=self._visitor_class(row),
            counter_name=counter if known else None,
            outcome=Outcome(rule.outcome),
            arrival=self._utc(at["arrival"]),
            called=self._utc(at["called"]) if "called" in at else None,
            started=self._utc(at["started"]) if "started" in at else None,
            ended=self._utc(at[needed[-1]]),
            repairs=tuple(repairs),
        )

    def _rule(self, row: Mapping[str, str]) -> RowRule:
        column = self._profile.rows.column
        value = row[column]
        for rule in self._rules.get(value, ()):
            if rule.positive is None or _seconds(row, rule.positive) > 0:
                return rule
        raise RowError(
            f"{column}: no rule fits {value!r}", "mend the row, or add a rule to the profile's rows"
        )

    def _service_day(self, row: Mapping[str, str]) -> date:
        column = self._profile.date
        if column is None:
            if self._day is None:
                raise RowError("no date is known", "name the day with --date")
            return self._day
        try:
            return datetime.strptime(row[column.column], column.format).replace(tzinfo=UTC).date()
        except ValueError:
            raise RowError(
                f"{column.column}: {row[column.column]!r} is no date like {column.format}",
                "mend the row, or the format in the profile",
            ) from None

    def _service(self, row: Mapping[str, str]) -> str:
        column = self._profile.service.column
        code = self._profile.service.codes.get(row[column])
        if code is None:
            raise RowError(
                f"{column}: {row[column]!r} is no known service",
                "mend the row, or add the value to the profile's service codes",
            )
        if code not in self._services:
            raise RowError(
                f"{column}: {code} is not in the catalogue",
                "mend the profile's service codes, or add it to services.yaml",
            )
        return code

    def _visitor_class(self, row: Mapping[str, str]) -> VisitorClass:
        column = self._profile.visitor_class
        if column is None:
            return VisitorClass.NORMAL
        if row[column.column] not in column.codes:
            raise RowError(
                f"{column.column}: {row[column.column]!r} is no known class",
                "mend the row, or add the value to the profile's visitor_class codes",
            )
        return VisitorClass(column.codes[row[column.column]])

    def _utc(self, local: datetime) -> datetime:
        moment = local.replace(tzinfo=self._zone).astimezone(UTC)
        if not holds(PAST, moment):
            raise RowError(
                f"{local} lies outside the years {PAST.first.year} to {PAST.last.year}",
                "mend the row's date or durations",
            )
        return moment


class _Moments:
    """The moments of one row, as local times without a zone."""

    def __init__(self, profile: Profile, row: Mapping[str, str], day: date) -> None:
        self._profile = profile
        self._row = row
        self._day = day

    def local(self, name: MomentName) -> datetime:
        moment: Moment = self._profile.moments[name]
        if moment.after is None:
            return self._by_clock(name, moment.clock or "")
        waited = _seconds(self._row, moment.seconds) if moment.seconds else 0
        return self.local(moment.after) + timedelta(seconds=waited)

    def _by_clock(self, name: MomentName, column: str) -> datetime:
        clock = self._clock(column)
        if clock is None:
            raise RowError(f"{column}: no clock time", "mend the row, or skip such rows by a rule")
        moment = datetime.combine(self._day, clock)
        # A clock far before the arrival has passed midnight.
        if name != "arrival" and self.local("arrival") - moment > HALF_A_DAY:
            moment += timedelta(days=1)
        return moment

    def disagreeing(self, at: Mapping[MomentName, datetime]) -> list[str]:
        """The moments whose own clock says otherwise."""
        found: list[str] = []
        for name, moment in at.items():
            column = self._profile.moments[name].check
            if column is not None:
                clock = self._clock(column)
                if clock is not None and clock != moment.time():
                    found.append(f"{name}-by-another-clock")
        return found

    def unexpected(self, at: Mapping[MomentName, datetime]) -> list[str]:
        """The moments that a visit of this outcome has not, and whose clock is set."""
        used = {self._profile.moments[name].check for name in at}
        return [
            f"{name}-ignored"
            for name, moment in self._profile.moments.items()
            if name not in at
            and moment.check is not None
            and moment.check not in used
            and self._clock(moment.check) is not None
        ]

    def _clock(self, column: str) -> time | None:
        text = self._row[column]
        clock = self._profile.clock
        return None if text == clock.unset else _clock_time(column, text, clock.format)


@lru_cache(maxsize=100_000)
def _clock_time(column: str, text: str, form: str) -> time:
    """A clock time; a file holds the same ones again and again."""
    try:
        return datetime.strptime(text, form).time()  # noqa: DTZ007  a clock, not a moment
    except ValueError:
        raise RowError(
            f"{column}: {text!r} is no clock time like {form}",
            "mend the row, or the format in the profile",
        ) from None


def _seconds(row: Mapping[str, str], column: str) -> int:
    text = row[column]
    try:
        seconds = int(text)
    except ValueError:
        seconds = None
    if seconds is None or abs(seconds) > LONGEST_SECONDS:
        raise RowError(f"{column}: {text!r} is no number of seconds", "mend the row")
    return seconds


def fingerprint(row: Mapping[str, str]) -> bytes:
    """A digest of the row's values, 16 bytes."""
    return hashlib.blake2b(
        "\x1f".join(row.values()).encode(errors="surrogatepass"), digest_size=16
    ).digest()


def numbered_counters(visits: Sequence[ImportedVisit], unknown_number: int) -> dict[str, int]:
    """Counter numbers for the names in one day's ``visits``, by order of first appearance in
    the file. Raises :class:`RowError` when there are more names than numbers."""
    numbers = (number for number in range(1, 1000) if number != unknown_number)
    found: dict[str, int] = {}
    for visit in sorted(visits, key=lambda one: (one.file, one.line)):
        name = visit.counter_name
        if name is not None and name not in found:
            number = next(numbers, None)
            if number is None:
                raise RowError(
                    f"line {visit.line} of {visit.file} names a 999th counter",
                    "choose another column for counters in the profile",
                )
            found[name] = number
    return found
