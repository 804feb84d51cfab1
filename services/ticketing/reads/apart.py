"""A row that cannot be shown is set apart alone: the others are shown.

What the rules call impossible is impossible in the database too. A row that an older release or a
hand wrote may still be odd, and then it must not take everybody's queue and board with it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar
from uuid import UUID

from asyncpg import Record

from libs.service.text import printable
from services.ticketing.model.service_day import OFFICE_TIME

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Odd:
    """A ticket that cannot be shown, and why."""

    visit: UUID | None
    ticket: str
    reason: str


class Readable(tuple[T, ...]):
    """What could be read, in its order; ``odd`` are those that could not."""

    odd: tuple[Odd, ...]

    def __new__(cls, items: Iterable[T], odd: Iterable[Odd] = ()) -> Self:
        made = super().__new__(cls, items)
        made.odd = tuple(odd)
        return made


def readable(rows: Iterable[Record], read: Callable[[Record], T]) -> Readable[T]:
    """What ``read`` makes of each of ``rows``; what it fails on is odd."""
    return _each(rows, read, lambda row: (row.get("visit"), row.get("ticket")))


def shown(
    items: Readable[T], show: Callable[[T], S], named: Callable[[T], tuple[UUID | None, str]]
) -> Readable[S]:
    """What ``show`` makes of each of ``items``; those that were odd already stay so."""
    found = _each(items, show, named)
    return Readable(found, (*items.odd, *found.odd))


def _each(
    items: Iterable[T], make: Callable[[T], S], named: Callable[[T], tuple[UUID | None, str | None]]
) -> Readable[S]:
    made: list[S] = []
    odd: list[Odd] = []
    for one in items:
        try:
            made.append(make(one))
        except Exception as error:  # whatever is odd about one, the others are shown
            visit, ticket = named(one)
            odd.append(Odd(visit, ticket or "?", printable(f"{type(error).__name__}: {error}")))
    return Readable(made, odd)


def moment(row: Record, column: str) -> datetime:
    """The moment in ``column``; raises ValueError for one that no clock on a wall can show, as
    the infinite ones of PostgreSQL are."""
    value: datetime = row[column]
    if value.tzinfo is None:
        raise ValueError(f"{column} lies outside the calendar")
    try:
        value.astimezone(OFFICE_TIME)
    except OverflowError:
        raise ValueError(f"{column} lies outside the calendar") from None
    return value


def moment_or_none(row: Record, column: str) -> datetime | None:
    """The same of a column that may be null."""
    return None if row[column] is None else moment(row, column)
