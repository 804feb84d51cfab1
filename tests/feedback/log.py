"""What feedback told the nation, read back from its outbox."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from libs.database.types import Pool
from libs.events.codes import Origin
from libs.events.payloads import Payload
from libs.events.responses import (
    FeedbackDayClosed,
    FeedbackGiven,
    FeedbackGivenV2,
    FeedbackOffered,
)
from tests.feedback.site import LOOK

P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class Told:
    """One event of feedback's outbox."""

    sequence: int
    id: UUID
    subject: UUID | None
    time: datetime
    recorded: datetime
    day: date
    origin: Origin
    data: Payload


KINDS = {
    kind.TYPE: kind for kind in (FeedbackOffered, FeedbackGiven, FeedbackGivenV2, FeedbackDayClosed)
}


async def told(pool: Pool) -> list[Told]:
    """All events, in their order."""
    return [
        Told(
            row["sequence"],
            row["id"],
            row["subject"],
            row["time"],
            row["recorded"],
            row["service_day"],
            Origin(row["origin"]),
            KINDS[row["type"]].model_validate_json(row["data"]),
        )
        for row in await pool.fetch(LOOK.outbox)
    ]


def of_kind(events: list[Told], kind: type[P]) -> list[P]:
    return [event.data for event in events if isinstance(event.data, kind)]


@dataclass(frozen=True, slots=True)
class Sums:
    """Offers, responses, ratings and levels of one service on one day."""

    offers: int = 0
    responses: int = 0
    ratings: int = 0
    levels: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.offers + other.offers,
            self.responses + other.responses,
            self.ratings + other.ratings,
            self.levels + other.levels,
        )


def counted(events: list[Told]) -> dict[tuple[date, str], Sums]:
    """The events' own sums by their ``serviceday`` and service: what the nation will sum."""
    sums: dict[tuple[date, str], Sums] = {}
    for event in events:
        match event.data:
            case FeedbackOffered(service=service):
                found = Sums(offers=1)
            case FeedbackGiven(service=service, ratings=ratings):
                found = Sums(0, 1, len(ratings), sum(rating.level for rating in ratings))
            case _:
                continue
        key = (event.day, service)
        sums[key] = sums.get(key, Sums()) + found
    return sums


def declared(events: list[Told]) -> dict[tuple[date, str], Sums]:
    """What the manifests say, by day and service: of each day its highest revision."""
    highest: dict[date, FeedbackDayClosed] = {}
    for event in events:
        if isinstance(event.data, FeedbackDayClosed):
            known = highest.get(event.day)
            if known is None or known.revision < event.data.revision:
                highest[event.day] = event.data
    return {
        (day, totals.service): Sums(totals.offers, totals.responses, totals.ratings, totals.levels)
        for day, manifest in highest.items()
        for totals in manifest.services
    }
