"""Which messages are events of their stream, and which are new."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.stream.watermark import Watermark
from services.reporting.ingest.admission import admit, known_before
from services.reporting.ingest.messages import Arrival, EpochKey, EventKey, sort
from tests.reporting.streams import Message, SiteStreams


def arrivals(visits: int = 4) -> list[Arrival]:
    streams = SiteStreams("pjo-50", 1)
    streams.play(date(2026, 3, 2), visits)
    return sort(streams.messages).arrivals


EVERY = arrivals()
NOTHING = {arrival.key.run: Watermark() for arrival in EVERY}


@given(st.lists(st.sampled_from(EVERY), max_size=60), st.integers(0, 60))
def test_each_event_is_admitted_once(came: list[Arrival], cut: int) -> None:
    first = admit(came[:cut], NOTHING, {}, {})
    stored: dict[EventKey, UUID] = {a.key: a.header.id for a in first.accepted}
    known = known_before(came[cut:], first.watermarks)
    second = admit(came[cut:], first.watermarks, {key: stored[key] for key in known}, {})
    accepted = [arrival.key for arrival in [*first.accepted, *second.accepted]]
    assert sorted(accepted) == sorted({arrival.key for arrival in came})
    assert first.duplicates + second.duplicates == len(came) - len(accepted)
    assert first.refused == second.refused == []


@given(st.permutations(EVERY))
def test_when_all_has_come_there_is_no_gap(came: list[Arrival]) -> None:
    marks = admit(came, NOTHING, {}, {}).watermarks
    highest = {run: max(a.key.sequence for a in EVERY if a.key.run == run) for run in NOTHING}
    assert marks == {run: Watermark(number) for run, number in highest.items()}


def test_the_site_is_the_topics() -> None:
    (arrival, *_) = EVERY
    assert arrival.key == EventKey(EpochKey("pjo-50", "ticketing", 1), 1)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_intake(raw: bytes) -> None:
    intake = sort([Message("site.pjo-50.ticketing", 0, 0, raw)])
    assert len(intake.refusals) == 1
