"""An answer: what a visitor said, and what marks it as doubtful."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from libs.events.codes import Dimension, FeedbackChannel, Language, Screening
from libs.events.responses import Rating

OPENING_MS = 1_000
READING_MS = 500
"""What a person takes at the least: to take in the page, and to read and touch one dimension.
Working values."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One visitor's answer, as it reached the site.

    ``response`` is the id that the visitor's page made for it: the same however often the page
    has to send it.
    """

    response: UUID
    visit: UUID
    levels: Mapping[Dimension, int]
    """From 1 to 5; one to four dimensions, since a visitor may leave some out."""
    language: Language
    channel: FeedbackChannel
    took_ms: int
    """From the page's appearance to its sending."""

    def __post_init__(self) -> None:
        if not self.levels:
            raise ValueError("an answer rates at least one dimension")
        if any(not 1 <= level <= 5 for level in self.levels.values()):
            raise ValueError("a level is a number from 1 to 5")

    @property
    def ratings(self) -> tuple[Rating, ...]:
        """The levels in the order of the dimensions, whatever order they were touched in."""
        return tuple(
            Rating(dimension=dimension, level=self.levels[dimension])
            for dimension in Dimension
            if dimension in self.levels
        )

    @property
    def screening(self) -> tuple[Screening, ...]:
        """The marks that keep this answer out of the cleaned series."""
        least = OPENING_MS + READING_MS * len(self.levels)
        return (Screening.TOO_FAST,) if self.took_ms < least else ()


def taken(seen_by_page_ms: int, seen_by_site_ms: int) -> int:
    """How long an answer took, in milliseconds: the shorter of what the two clocks saw.

    The page's own stopwatch leaves out the time an answer waited for a network, but may claim
    anything; the site's, from handing out the page to receiving the answer, can't be stretched
    by the page.
    """
    return max(0, min(seen_by_page_ms, seen_by_site_ms))
