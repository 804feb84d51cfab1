"""An operator's commands, as a shell runs them."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from saduak.provision.postgres import SiteDatabase
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on
from tests.reporting.streams import Message, SiteStreams

DAY = date(2026, 3, 2)
SITE = "pjo-50"
PERIOD = ("--from", "2026-03-01", "--to", "2026-03-31")


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody with the settings of the reporting service."""

    nation: Nation
    environment: dict[str, str]

    async def run(self, *arguments: str) -> Done:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "saduak", "reporting", *arguments),
            env=os.environ | self.environment | {"COLUMNS": "120"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Done(process.returncode or 0, out.decode(), err.decode())


def environment(database: SiteDatabase, folder: Path) -> dict[str, str]:
    app = database.app("reporting")
    secret = folder / "password"
    secret.write_text(app.password, encoding="utf-8")
    return {
        "SADUAK_DATABASE_HOST": app.host,
        "SADUAK_DATABASE_PORT": str(app.port),
        "SADUAK_DATABASE_NAME": app.name,
        "SADUAK_DATABASE_USER": app.user,
        "SADUAK_DATABASE_PASSWORD_FILE": str(secret),
        "SADUAK_STANDARDS": str(Path(__file__).parents[2] / "standards"),
    }


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> SiteDatabase:
    return await fresh_database("reporting")


async def test_commands_of_a_day(database: SiteDatabase, tmp_path: Path) -> None:
    async with nation_on(database) as nation:
        operator = Operator(nation, environment(database, tmp_path))
        streams = SiteStreams(SITE, 1)
        streams.play(DAY, 60)
        await nation.take_all(streams.messages)
        await a_day_in_order(operator)
        await its_figures(operator, streams)
        await an_altered_figure(operator)


async def a_day_in_order(operator: Operator) -> None:
    checked, reconciled = await asyncio.gather(
        operator.run("rebuild", "--check"), operator.run("reconcile", *PERIOD)
    )
    assert (checked.status, reconciled.status) == (0, 0), checked.err + reconciled.err
    assert "0 differences" in checked.out
    assert "1 site-days" in reconciled.out
    assert "0 differences" in reconciled.out


async def its_figures(operator: Operator, streams: SiteStreams) -> None:
    plain, told, refused = await asyncio.gather(
        operator.run("metrics", "--site", SITE, *PERIOD),
        operator.run(
            *("metrics", "--site", SITE, *PERIOD, "--service", "INF"),
            *("--within", "60", "--within", "600", "--format", "json"),
        ),
        operator.run("metrics", "--site", SITE, *PERIOD, "--within", "61"),
    )
    assert "not suppressed" in plain.out
    assert "completeness complete" in plain.out
    visits = [visit for visit in streams.visits[DAY] if visit.service == "INF"]
    waits = [
        (visit.called - visit.entered).total_seconds()
        for visit in visits
        if visit.called and visit.outcome == "served"
    ]
    figures = json.loads(told.out)
    assert figures["visits"] == len(visits)
    assert figures["served"] == len(waits)
    assert figures["wait_s"]["mean"] == pytest.approx(sum(waits) / len(waits))
    assert [one["n"] for one in figures["within"]] == [
        sum(wait <= limit for wait in waits) for limit in (60, 600)
    ]
    assert figures["completeness"] == {
        "days": 1, "complete": 1, "arriving": 0, "disputed": 0, "resolved": 0, "open": 0,
    }  # fmt: skip
    assert refused.status == 2
    assert "the nearest" in refused.err


async def an_altered_figure(operator: Operator) -> None:
    await operator.nation.alter("alter_rollup")
    checked, reconciled = await asyncio.gather(
        operator.run("rebuild", "--check"), operator.run("reconcile", *PERIOD, "--site", SITE)
    )
    assert (checked.status, reconciled.status) == (1, 1)
    assert "difference: step_rollup pjo-50" in checked.out
    own, other, unchecked = await asyncio.gather(
        operator.run("rebuild", "--check", "--site", SITE),
        operator.run("rebuild", "--check", "--site", "moj-jsc"),
        operator.run("rebuild", "--site", SITE),
    )
    assert (own.status, other.status, unchecked.status) == (1, 0, 2)
    assert "difference: step_rollup pjo-50" in own.out
    assert "add --check" in unchecked.err
    assert "served: the site says" in reconciled.out
    mended = await operator.run("rebuild")
    assert mended.status == 0, mended.err
    assert await operator.nation.check() == []


async def test_notices_are_given_and_taken_back(database: SiteDatabase, tmp_path: Path) -> None:
    async with nation_on(database) as nation:
        operator = Operator(nation, environment(database, tmp_path))
        texts = ("--th", "ปิดปรับปรุง 18.00 น.", "--en", "Down from 18:00", "--until")
        given, everywhere, late, blank, unknown = await asyncio.gather(
            operator.run(
                "notify", *texts, "2099-12-01 16:30", "--site", SITE, "--site", "led-bkk4"
            ),
            operator.run("notify", *texts, "2099-12-01 16:30"),
            operator.run("notify", *texts, "2020-12-01 16:30"),
            operator.run("notify", "--th", "x", "--en", " ", "--until", "2099-12-01 16:30"),
            operator.run("notify", *texts, "2099-12-01 16:30", "--site", "pjo-99"),
        )
        assert given.out.endswith(": given to 2 sites\n"), given.err
        assert everywhere.out.endswith(": given to 7 sites\n")
        assert [one.status for one in (late, blank, unknown)] == [2, 2, 2]
        assert [one.err.split()[0] for one in (late, blank, unknown)] == [
            "--until",
            "--en",
            "--site",
        ]
        listed = await operator.run("notices")
        number = given.out.split(":")[0]
        assert f"{number}: given " in listed.out
        assert "holds until 1 Dec 2642, 16:30" in listed.out
        assert "0 of 7 sites were told" in listed.out
        assert listed.out.endswith("2 notices\n")
        assert (await operator.run("withdraw", number)).out == "withdrawn from 2 sites\n"
        again, listed = await asyncio.gather(
            operator.run("withdraw", number), operator.run("notices")
        )
        assert (again.status, again.out) == (2, "")
        assert ", withdrawn " in listed.out


async def test_what_was_refused_is_settled(database: SiteDatabase, tmp_path: Path) -> None:
    async with nation_on(database) as nation:
        operator = Operator(nation, environment(database, tmp_path))
        poison = [Message(f"site.{SITE}.ticketing", 0, 70 + n, b"no event") for n in range(3)]
        await nation.take(poison)
        listed = await operator.run("quarantine")
        assert (listed.status, listed.out.splitlines()[-1]) == (1, "3 messages in quarantine")
        numbers = [line.split(":")[0] for line in listed.out.splitlines()[:-1]]
        wrong, blank = await asyncio.gather(
            operator.run("settle", numbers[0], "4711", "--because", "sent by hand"),
            operator.run("settle", numbers[0], "--because", " "),
        )
        assert (wrong.status, blank.status) == (2, 2)
        assert "4711" in wrong.err
        settled = await operator.run("settle", *numbers[:2], "--because", "sent by hand, a drill")
        assert settled.out == "2 settled, 1 messages in quarantine\n", settled.err
        again = await operator.run("settle", numbers[0], "--because", "something else")
        assert again.status == 2
        await nation.take(poison)
        left = await operator.run("quarantine")
        assert left.out.splitlines()[-1] == "1 messages in quarantine"
        assert left.out.startswith(f"{numbers[2]}: ")
        rest = await operator.run("settle", numbers[2], "--because", "the same drill")
        assert rest.status == 0
        assert (await operator.run("quarantine")).status == 0
        assert {row["raw"] for row in await nation.rows("quarantined")} == {b"no event"}


async def test_missing_numbers_are_accepted_as_lost(database: SiteDatabase, tmp_path: Path) -> None:
    async with nation_on(database) as nation:
        operator = Operator(nation, environment(database, tmp_path))
        nothing = await operator.run("streams")
        assert (nothing.status, nothing.out) == (0, "0 streams stopped or with numbers missing\n")
        streams = SiteStreams(SITE, 1)
        streams.play(DAY, 4)
        await nation.take([*streams.ticketing.sent[:3], *streams.ticketing.sent[6:]])
        await nation.take([Message(f"site.{SITE}.feedback", 0, n, b"no event") for n in range(101)])
        listed, wrong, blank = await asyncio.gather(
            operator.run("streams"),
            operator.run("streams", "accept-loss", SITE, "feedback", "--because", "x"),
            operator.run("streams", "accept-loss", SITE, "ticketing", "--because", " "),
        )
        assert (listed.status, wrong.status, blank.status) == (1, 2, 2)
        stopped, lacking, last = listed.out.splitlines()
        assert stopped.startswith(f"site.{SITE}.feedback is stopped since ")
        assert "101 of 101 messages" in stopped
        assert lacking.startswith(f"site.{SITE}.ticketing lacks 3 numbers in 1 gaps")
        assert last == "2 streams stopped or with numbers missing"
        assert "has no missing numbers" in wrong.err
        done = await operator.run("streams", "accept-loss", SITE, "ticketing", "--because", "disk")
        assert "3 numbers in 1 gaps are accepted as lost" in done.out, done.err
        listed, checked = await asyncio.gather(
            operator.run("streams"), operator.run("rebuild", "--check")
        )
        assert f"site.{SITE}.ticketing has 3 numbers without an event: lost" in listed.out
        assert checked.status == 0, checked.out


async def test_a_missing_setting_is_named() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "saduak", "reporting", "run"),
        env={name: value for name, value in os.environ.items() if not name.startswith("SADUAK_")},
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == 2
    assert "SADUAK_REPLICA is not set" in err.decode()
