"""The few kinds of text an event may hold: codes with a declared, bounded pattern.

No pattern admits five letters in a row, so that no person's name can hide in a code.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

SITE_PATTERN = r"^[a-z]{3}-[a-z0-9]{2,4}$"
"""A site: a ministry's or agency's three letters, then an office (``pjo-50``, ``moj-jsc``)."""

SiteCode = Annotated[str, StringConstraints(pattern=SITE_PATTERN, max_length=8)]

ServiceCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}(-[A-Z]{2,4})?$", max_length=9)]
"""A service of the catalogue (``JF-BAIL``, ``INF``)."""

TicketNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{3,4}$", max_length=5)]
"""What is printed and called: a series letter and a number of that service day (``A042``)."""

VersionCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$", max_length=11)
]
"""The version of the software at a site."""

Reference = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$", max_length=32)]
"""A keyed digest, whose key never leaves the site: it tells two answers of one visit from
answers of two, and nothing else."""

StepNumber = Annotated[int, Field(ge=1, le=99)]
"""The place of a step in its visit; a transfer opens the next."""

CounterNumber = Annotated[int, Field(ge=1, le=999)]
CallNumber = Annotated[int, Field(ge=1, le=99)]
"""1 for the first call of a step, 2 for its first recall."""

Revision = Annotated[int, Field(ge=1, le=1_000_000)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Level = Annotated[int, Field(ge=1, le=5)]
"""5 มากที่สุด · 4 มาก · 3 ปานกลาง · 2 น้อย · 1 น้อยที่สุด."""


class Stream(StrEnum):
    """The two numbered streams of a site; each is written by the service of its name."""

    TICKETING = "ticketing"
    FEEDBACK = "feedback"


class RelayState(StrEnum):
    """What the relay of a stream is doing."""

    STARTING = "starting"
    STANDBY = "standby"
    """Another process relays this stream."""
    WAITING = "waiting"
    """The broker does not answer; the outbox grows."""
    SENDING = "sending"
    HALTED = "halted"
    """Nothing is sent until a person has looked: another database sends as this site."""


class Origin(StrEnum):
    """How an event came to be."""

    LIVE = "live"
    IMPORT = "import"
    """Read from the export of a queue system in use before."""
    DEMO = "demo"
    """Played for a demonstration: no visitor was there."""


class Channel(StrEnum):
    """Where a ticket was taken."""

    KIOSK = "kiosk"
    COUNTER = "counter"
    """Issued by staff at the first-contact point."""
    MOBILE = "mobile"
    ONLINE = "online"
    """Booked before the visit."""


class VisitorClass(StrEnum):
    """The class that gives a head start; never the reason for it."""

    NORMAL = "normal"
    PRIORITY = "priority"
    APPOINTMENT = "appointment"


class Outcome(StrEnum):
    """How a step ended."""

    SERVED = "served"
    NO_SHOW = "no_show"
    """Called, and did not come."""
    LEFT = "left"
    """Gave up while waiting."""
    REMOVED = "removed"
    """Taken out by staff: a ticket issued by mistake or twice."""
    FORGOTTEN = "forgotten"
    """Still open at the day's closing, and ended by it."""


class TimeQuality(StrEnum):
    """Whether the end was seen or set afterwards."""

    ACTUAL = "actual"
    ESTIMATED = "estimated"


class OutOfOrder(StrEnum):
    """Why a clerk called a visitor who was not next."""

    RETURNED = "returned"
    """The visitor was called before, missed it, and came back."""
    FRAIL = "frail"
    """The visitor should not wait, seen at the counter."""
    PAPERS = "papers"
    """Was sent away for a paper and brought it."""
    SPECIALIST = "specialist"
    """This counter alone can serve the case, or cannot serve the one before it."""
    OTHER = "other"


class CorrectionReason(StrEnum):
    """Why a supervisor corrected a visit."""

    WRONG_BUTTON = "wrong_button"
    FORGOTTEN_FINISH = "forgotten_finish"
    WRONG_SERVICE = "wrong_service"
    WRONG_CLOCK = "wrong_clock"


class Dimension(StrEnum):
    """What a rating is about."""

    PROCESS = "process"
    """ขั้นตอน/กระบวนการ."""
    STAFF = "staff"
    """เจ้าหน้าที่."""
    FACILITIES = "facilities"
    """สิ่งอำนวยความสะดวก."""
    INFORMATION = "information"
    """ข้อมูล/คุณภาพบริการ."""


class Language(StrEnum):
    """The language a page was answered in."""

    THAI = "th"
    ENGLISH = "en"


class FeedbackChannel(StrEnum):
    """Where a visitor answered."""

    LINK = "link"
    """The link on the ticket."""
    TABLET = "tablet"
    """The tablet at the counter."""


class Screening(StrEnum):
    """A mark on an answer that the cleaned series leaves out; the raw one keeps it."""

    TOO_FAST = "too_fast"
    """Answered faster than the page can be read."""


class WaitingBand(StrEnum):
    """How long the visitor waited for the first call, coarsely (inclusive upper limits)."""

    UP_TO_5_MIN = "up_to_5_min"
    UP_TO_15_MIN = "up_to_15_min"
    UP_TO_30_MIN = "up_to_30_min"
    UP_TO_60_MIN = "up_to_60_min"
    OVER_60_MIN = "over_60_min"
    UNKNOWN = "unknown"
