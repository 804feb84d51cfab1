"""One message on which the ingest fails is set apart alone; everybody else goes on."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.reporting.ingest import messages as intake
from services.reporting.ingest import projection, rollup_store
from services.reporting.ingest.culprits import FAULTS_AT_MOST
from services.reporting.ingest.messages import Reason
from services.reporting.model.contributions import of_visit
from services.reporting.model.rollups import STEPS, Ledger
from services.reporting.model.targets import Yardsticks
from services.reporting.model.visits import Visit, advance
from tests.reporting.messages import NEIGHBOUR, SITE, TOPIC, one_day, visits_apart
from tests.reporting.nation import Nation
from tests.reporting.streams import Message


class Planted(Exception):
    """A mistake of the program: สมชาย \x1b[31m is in its text, and must be told nobody."""


def plant_in_fold(monkeypatch: pytest.MonkeyPatch, *subjects: str) -> None:
    """Folding fails on the events of these visits."""

    def failing(visit: Visit, events: Iterable[Any]) -> Visit:
        events = list(events)
        if any(str(event.subject) in subjects for event in events):
            raise Planted("สมชาย \x1b[31m")
        return advance(visit, events)

    monkeypatch.setattr(projection, "advance", failing)


def subject(message: Message) -> str:
    return (message.value or b"").split(b'"subject":"')[1].split(b'"')[0].decode()


async def test_a_fault_in_folding_one_message(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, others = visits_apart(300), one_day(10, NEIGHBOUR).messages
    culprit = ours[140]
    with monkeypatch.context() as patched:
        plant_in_fold(patched, subject(culprit))
        taken = await nation.take([*ours[:200], *others, *ours[200:]])
        assert taken.refused == {Reason.FAULT: 1}
        assert sum(taken.stored.values()) == len(ours) - 1 + len(others)
        assert taken.stopped == {}
        again = await nation.take([*ours, *others])
        assert (again.refused, again.stored) == ({}, {})
    (row,) = await nation.rows("quarantined")
    assert (row["topic"], row["offset"], row["raw"]) == (TOPIC, culprit.offset, culprit.value)
    assert row["reason"] == "fault"
    assert row["detail"].startswith("Planted in services.reporting.")
    assert "visit.called.v1, epoch 1, sequence 141" in row["detail"]
    assert "สมชาย" not in row["detail"]
    assert await nation.rows("gaps") == []
    (vacant,) = await nation.rows("vacancies")
    assert (vacant["first"], vacant["last"], vacant["reason"]) == (141, 141, "refused")
    assert str(vacant["service_day"]) == "2026-03-02"
    assert await nation.check() == []
    taken = await nation.take([culprit])  # once the mistake is mended
    assert taken.stored == {"ticketing": 1}
    assert await nation.rows("vacancies") == []
    assert await nation.check() == []


async def test_a_fault_in_counting_one_site(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that a site sends fails: a few are set apart, then its stream stops, and no other."""
    ours, others = one_day(20).ticketing.sent, one_day(10, NEIGHBOUR).messages
    write = rollup_store.apply

    async def failing(connection: Any, changed: Ledger) -> None:
        if any(row.key[0] == SITE for row in changed.rows(STEPS)):
            raise asyncpg.NumericValueOutOfRangeError("value out of range")
        await write(connection, changed)

    with monkeypatch.context() as patched:
        patched.setattr(rollup_store, "apply", failing)
        taken = await nation.take([*ours, *others])
        assert list(taken.stopped) == [TOPIC]
        assert "NumericValueOutOfRangeError" in taken.stopped[TOPIC]
        assert f"{FAULTS_AT_MOST} are in quarantine" in taken.stopped[TOPIC]
        assert taken.refused == {Reason.FAULT: FAULTS_AT_MOST}
        stored = {row["site"] for row in await nation.rows("events")}
        assert NEIGHBOUR in stored
        assert (await nation.take(others)).duplicates == len(others)
    (stop,) = await nation.rows("stops")
    assert (stop["site"], stop["stream"], stop["reason"]) == (SITE, "ticketing", "faults")
    assert await nation.check() == []
    await nation.alter("let_stops_pass", timedelta(minutes=10))
    assert (await nation.take(ours)).stopped == {}
    assert await nation.rows("stops") == []
    assert await nation.check() == []


async def test_a_fault_on_every_stream_sets_nothing_apart(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the program that is wrong, and no message: they stop, and nothing is lost."""
    sites = [one_day(4, site).ticketing.sent for site in (SITE, NEIGHBOUR, "moj-jsc")]

    def failing(site: str, visit: Visit, yardsticks: Yardsticks) -> None:
        raise KeyError(site)

    with monkeypatch.context() as patched:
        patched.setattr(projection, "of_visit", failing)
        taken = await nation.take([message for sent in sites for message in sent])
        assert len(taken.stopped) == 3
        assert await nation.rows("quarantined") == []
    await nation.alter("let_stops_pass", timedelta(minutes=10))
    await nation.take([message for sent in sites for message in sent])
    assert len(await nation.rows("events")) == sum(map(len, sites))
    assert of_visit is projection.of_visit
    assert await nation.check() == []


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UndefinedTableError("no table"),
        asyncpg.InsufficientPrivilegeError("no right"),
        asyncpg.DeadlockDetectedError("deadlock"),
        asyncpg.AdminShutdownError("the server goes"),
        asyncpg.DiskFullError("no room"),
        ConnectionResetError("away"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_is_no_messages_doing_leaves_nothing(
    nation: Nation, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def failing(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(rollup_store, "apply", failing)
        with pytest.raises(type(error)):
            await nation.take(one_day(3).messages)
    for name in ("events", "quarantined", "stops", "vacancies"):
        assert await nation.rows(name) == []


async def test_a_culprit_whose_reading_fails(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even the contract may fall over a message: its place is not known then, and it is a gap."""
    messages, read = visits_apart(9), intake.read

    def failing(raw: bytes) -> Any:
        if raw == messages[4].value:
            raise RecursionError("too deep")
        return read(raw)

    with monkeypatch.context() as patched:
        patched.setattr(intake, "read", failing)
        taken = await nation.take(messages)
        assert taken.refused == {Reason.FAULT: 1}
    assert len(await nation.rows("events")) == 8
    (row,) = await nation.rows("quarantined")
    assert row["detail"].startswith("RecursionError in services.reporting.ingest.messages")
    (gap,) = await nation.rows("gaps")
    assert (gap["first"], gap["last"]) == (5, 5)
    assert (await nation.take([messages[4]])).stored == {"ticketing": 1}
    assert await nation.check() == []
