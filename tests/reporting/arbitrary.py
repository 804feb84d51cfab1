"""Any events of one visit, plausible or not, for property tests."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from libs.events.catalogue import EVENT
from libs.events.codes import (
    Channel,
    CorrectionReason,
    Origin,
    Outcome,
    OutOfOrder,
    Stream,
    TimeQuality,
    VisitorClass,
)
from libs.events.envelope import Numbered, render, source_of
from libs.events.payloads import Payload
from libs.events.visits import (
    EndCorrection,
    OutcomeCorrection,
    ServiceCorrection,
    StartCorrection,
    VisitCalled,
    VisitCorrected,
    VisitEnded,
    VisitIssued,
    VisitReopened,
    VisitStarted,
    WaitEstimate,
)
from services.reporting.model.visits import VisitEvent, is_of_visit

SITE = "pjo-50"
VISIT = UUID("0190163d-8694-7f00-8000-00000000c0de")
DAY = date(2026, 3, 2)
SERVICES = ("INF", "MED", "JF-BAIL")

STEPS = st.integers(1, 2)
MOMENTS = st.integers(0, 30 * 3600 * 1000).map(
    lambda ms: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(milliseconds=ms)
)
ISSUED = st.builds(
    VisitIssued,
    step=STEPS,
    ticket=st.just("A001"),
    service=st.sampled_from(SERVICES),
    channel=st.sampled_from(Channel),
    visitor_class=st.sampled_from(VisitorClass),
    appointment=st.none() | MOMENTS,
    estimate=st.none()
    | st.builds(
        WaitEstimate,
        likely_ms=st.integers(0, 10**7),
        pessimistic_ms=st.integers(0, 10**7),
    ),
    feedback_link=st.booleans(),
)
CALLED = st.builds(
    VisitCalled,
    step=STEPS,
    counter=st.integers(1, 3),
    call=st.integers(1, 3),
    out_of_order=st.none() | st.sampled_from(OutOfOrder),
)
STARTED = st.builds(VisitStarted, step=STEPS, counter=st.integers(1, 3))
ENDED = st.builds(
    VisitEnded,
    step=STEPS,
    outcome=st.sampled_from(Outcome),
    time_quality=st.sampled_from(TimeQuality),
)
CORRECTED = st.builds(
    VisitCorrected,
    step=STEPS,
    correction=st.builds(
        OutcomeCorrection,
        field=st.just("outcome"),
        old=st.sampled_from(Outcome),
        new=st.sampled_from(Outcome),
    )
    | st.builds(
        ServiceCorrection,
        field=st.just("service"),
        old=st.sampled_from(SERVICES),
        new=st.sampled_from(SERVICES),
    )
    | st.builds(StartCorrection, field=st.just("started_at"), old=st.none(), new=MOMENTS)
    | st.builds(EndCorrection, field=st.just("ended_at"), old=st.none(), new=MOMENTS),
    reason=st.sampled_from(CorrectionReason),
)
REOPENED = st.builds(VisitReopened, step=STEPS)
PAYLOADS = ISSUED | CALLED | STARTED | ENDED | CORRECTED | REOPENED
PLACES = st.tuples(st.integers(1, 2), st.integers(1, 60))
"""Epoch and sequence."""


def event(at: tuple[int, int], data: Payload, moment: datetime) -> VisitEvent:
    """The event as the nation reads it."""
    epoch, sequence = at
    text = moment.isoformat().replace("+00:00", "Z")
    numbered = Numbered(
        id=str(UUID(int=epoch << 64 | sequence)),
        type=data.TYPE,
        subject=str(VISIT),
        time=text,
        recorded=text,
        service_day=str(DAY),
        origin=Origin.LIVE,
        epoch=epoch,
        sequence=sequence,
        data=data.model_dump_json(),
    )
    found = EVENT.validate_json(render(source_of(SITE, Stream.TICKETING), numbered))
    assert is_of_visit(found)
    return found


@st.composite
def visits(draw: st.DrawFn) -> list[VisitEvent]:
    """Events of one visit in stream order, of one or two epochs, with holes between them."""
    places = sorted(draw(st.sets(PLACES, min_size=1, max_size=12)))
    return [event(at, draw(PAYLOADS), draw(MOMENTS)) for at in places]
