"""The figures are a function of the events: rebuilt, they are the same; altered, they are named."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from libs.database import pool as database
from libs.database.pool import Database
from libs.database.types import Pool
from libs.service.settings import DatabaseSettings
from services.reporting import server
from services.reporting.commands.context import with_pool
from services.reporting.ingest.batch import Ingest
from services.reporting.model.targets import Yardsticks
from services.reporting.verification import rebuild
from services.reporting.verification.reconcile import Question, Reconciliation, reconcile, report
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, no_report, standards
from tests.reporting.streams import Message, SiteStreams, played

DAY = date(2026, 3, 2)
SITES = ("pjo-30", "pjo-50")
EVERYTHING = Question(DAY, DAY + timedelta(days=30))
TABLES = ("steps", "responses", "streams", "gaps", "summed", "states", "compared", "epochs")


class Story:
    """What reached the nation, in order; shown by what each message is and where it stands. As
    bytes it is half a megabyte, which no report shows."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages

    def __repr__(self) -> str:
        return f"Story({', '.join(map(_named, self.messages))})"


def _named(message: Message) -> str:
    """``ticketing 1/5 visit.called``: the stream, epoch and sequence, and the type."""
    said = json.loads(message.value or b"{}")
    type_ = said["type"].removesuffix(".v1")
    return f"{message.topic.split('.')[2]} {said['streamepoch']}/{said['streamseq']} {type_}"


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Days of a site with corrections and restorations, as they may reach the nation: in any
    order, some messages twice, some never."""
    streams = SiteStreams("pjo-50", draw(st.integers(0, 10**6)))
    for offset in range(draw(st.integers(1, 2))):
        day = DAY + timedelta(days=offset)
        streams.open(day)
        streams.serve(day, draw(st.integers(0, 5)))
        if draw(st.booleans()):
            streams.ticketing.restore()
            streams.feedback.restore()
        streams.serve(day, draw(st.integers(1, 4)))
        for _ in range(draw(st.integers(0, 2))):
            streams.answer(day, "INF", streams.visits[day][0].entered, "ab" * 16)
        streams.close(day)
        for _ in range(draw(st.integers(0, 3))):
            streams.correct(day)
    messages = draw(st.permutations(streams.messages))
    lost = draw(st.integers(0, 3))
    return Story(messages[lost:] + draw(st.lists(st.sampled_from(messages), max_size=5)))


IN_A_DATABASE = settings(
    max_examples=12,
    deadline=None,
    print_blob=True,
    # Making the counterexample smaller takes more minutes than a test has: it is shown as found.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@IN_A_DATABASE
@given(story=stories(), size=st.integers(3, 60))
async def test_incremental_figures_equal_rebuilt_ones(
    nation: Nation, story: Story, size: int
) -> None:
    await nation.alter("forget_everything")
    await nation.take_all(story.messages, size)
    assert await nation.check() == []
    before = [await nation.rows(table) for table in TABLES]
    assert await nation.rebuild() == len({message.value for message in story.messages})
    assert await nation.check() == []
    assert [await nation.rows(table) for table in TABLES] == before


def test_a_counterexample_is_shown() -> None:
    """Every message of it by its place, in a text that a person can read."""
    found: list[Story] = []

    @IN_A_DATABASE
    @given(story=stories(), size=st.integers(3, 60))
    def fails(story: Story, size: int) -> None:
        found.append(story)
        assert len(story.messages) < size < 0

    with pytest.raises(AssertionError) as caught:
        fails()
    shown = " ".join("\n".join(caught.value.__notes__).split())
    assert repr(found[-1]) in shown
    assert "reproduce_failure" in shown
    assert len(shown) < 20_000


async def whole(nation: Nation) -> None:
    """Two sites, two days, everything complete."""
    days = [DAY, DAY + timedelta(days=1)]
    messages = [m for s in played(SITES, days, 12, corrections=1) for m in s.messages]
    await nation.take_all(messages, size=300)


async def reconciled(nation: Nation) -> Reconciliation:
    return await reconcile(nation.pool, EVERYTHING)


async def test_an_untouched_nation_is_in_order(nation: Nation) -> None:
    await whole(nation)
    assert await nation.check() == []
    found = await reconciled(nation)
    assert found.differences == []
    assert found.waiting == []
    assert found.days == 4
    assert found.totals > 100
    assert "0 differences" in list(report(EVERYTHING, found))[-1]


@pytest.mark.parametrize(
    ("alteration", "table"),
    [
        ("alter_rollup", "step_rollup"),
        ("alter_cell", "step_cells"),
        ("lose_cell", "step_cells"),
        ("alter_visits", "visit_rollup"),
        ("alter_rating", "rating_rollup"),
        ("alter_feedback_day", "feedback_day_rollup"),
        ("alter_step", "steps"),
        ("alter_response", "responses"),
        ("alter_event", "events"),
        ("alter_event_day", "events"),
        ("lose_event", "gaps"),
        ("hold_event", "events"),
        ("alter_manifest", "manifests"),
        ("alter_manifest_visits", "manifests"),
        ("alter_manifest_steps", "manifest_steps"),
        ("alter_manifest_answers", "manifest_answers"),
        ("alter_epoch", "day_epochs"),
        ("alter_stream", "streams"),
    ],
)
async def test_what_was_altered_by_hand_is_named(
    nation: Nation, alteration: str, table: str
) -> None:
    await whole(nation)
    await nation.alter(alteration)
    found = await nation.check()
    assert table in {difference.table for difference in found}
    assert all("pjo-" in str(difference) for difference in found)


@pytest.mark.parametrize(
    ("alteration", "named"),
    [
        ("alter_rollup", "served: the site says"),
        ("alter_visits", "visits: the site says"),
        ("alter_feedback_day", "levels: the site says"),
        ("alter_manifest_visits", "visits: the site says"),
        ("alter_manifest_steps", "wait_ms: the site says"),
        ("alter_manifest_answers", "responses: the site says"),
        ("alter_event", "the stored message is not the one that came"),
        ("lose_event", "events should be stored"),
        ("lose_last_event", "the last is"),
        ("alter_stream", "events should be stored"),
    ],
)
async def test_reconciling_names_what_differs(nation: Nation, alteration: str, named: str) -> None:
    await whole(nation)
    await nation.alter(alteration)
    found = await reconciled(nation)
    assert [line for line in found.differences if named in line and "pjo-" in line]


async def test_rebuilding_mends_the_figures(nation: Nation) -> None:
    await whole(nation)
    for alteration in ("alter_rollup", "lose_cell", "alter_step", "hold_event", "alter_stream"):
        await nation.alter(alteration)
    assert await nation.check() != []
    await nation.rebuild()
    assert await nation.check() == []
    assert (await reconciled(nation)).differences == []


async def test_days_on_their_way_are_no_error(nation: Nation) -> None:
    arriving, open_ = SiteStreams("pjo-30", 1), SiteStreams("pjo-50", 1)
    arriving.play(DAY, 5)
    open_.open(DAY)
    open_.serve(DAY, 3)
    await nation.take([*arriving.messages[:6], *arriving.messages[7:], *open_.messages])
    found = await reconciled(nation)
    assert found.differences == []
    assert found.totals == 0
    assert list(found.waiting) == [
        "pjo-30 2026-03-02: arriving, ticketing numbers missing",
        "pjo-50 2026-03-02: open",
    ]


async def test_one_site_can_be_asked_for(nation: Nation) -> None:
    await whole(nation)
    await nation.alter("alter_rollup")
    asked = [await reconcile(nation.pool, replace(EVERYTHING, site=site)) for site in SITES]
    assert [len(found.differences) for found in asked] == [1, 0]


async def test_new_standards_judge_the_past_anew(nation: Nation) -> None:
    await whole(nation)
    lenient = Yardsticks(replace(standards(), version="lenient", targets={}))
    (difference,) = await rebuild.check(nation.pool, lenient, no_report)
    assert difference.table == "standards_in_force"
    read: dict[str, int] = {}
    assert await rebuild.prepare(nation.pool, lenient, read.__setitem__)
    assert set(read) == set(SITES)
    assert await rebuild.check(nation.pool, lenient, no_report) == []
    assert not await rebuild.prepare(nation.pool, lenient, no_report)
    more = SiteStreams("moj-jsc", 1)
    more.play(DAY, 3)
    await Ingest(nation.pool, lenient).take(more.messages)
    assert await rebuild.check(nation.pool, lenient, no_report) == []


async def test_held_events_are_folded_once_their_type_is_known(nation: Nation) -> None:
    await whole(nation)
    figures = await figures_of(nation)
    await nation.alter("hold_event")
    assert await rebuild.prepare(nation.pool, nation.yardsticks, no_report)
    assert await figures_of(nation) == figures
    assert await nation.check() == []


async def figures_of(nation: Nation) -> Sequence[object]:
    return [await nation.rows(table) for table in TABLES]


TAKES_LONG = "SELECT pg_sleep(1)"


@dataclass(frozen=True, slots=True)
class There:
    """The settings of an operator's command."""

    database: Database


async def test_long_work_has_no_time_out(
    nation: Nation, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service gives up a statement that takes too long; an operator's command, and the
    rebuilding at the start, do not."""
    monkeypatch.setattr(database, "COMMAND_SECONDS", 0.2)
    app = (await fresh_database("reporting")).app("reporting")
    async with database.connections(app, "short", most=1) as pool:
        with pytest.raises(TimeoutError):
            await pool.execute(TAKES_LONG)
    done: list[str] = []

    async def long_work(pool: Pool, *_: object) -> None:
        await pool.execute(TAKES_LONG)
        done.append(await pool.fetchval("SELECT current_setting('application_name')"))

    await asyncio.to_thread(with_pool, cast("DatabaseSettings", There(app)), long_work)
    monkeypatch.setattr(server, "prepare", long_work)
    await server.prepare_figures(app, nation.yardsticks)
    assert done == ["reporting-operator", "reporting-rebuild"]
