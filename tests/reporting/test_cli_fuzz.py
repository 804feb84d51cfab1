"""Every option of the centre's commands, tried with every nasty value: what is wrong is said in a
line, nothing is stored of it, and no screen is forged."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from libs.standards import Standards
from services.reporting import cli
from services.reporting.commands import notices, scorecard
from tests import nasty
from tests.databases import FreshDatabase
from tests.reporting.nation import nation_on, standards
from tests.reporting.test_cli import environment

DAYS = ("--from", "2026-03-01", "--to", "2026-03-31")
NOTICE = ("--th", "ก", "--en", "a", "--until", "2099-12-01 16:30")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("scorecard", *DAYS),
    ("reconcile", *DAYS, "--site", "pjo-50"),
    ("metrics", *DAYS, "--site", "pjo-50", "--service", "JF-BAIL", "--within", "900"),
    ("notify", *NOTICE, "--site", "pjo-50"),
    ("quarantine", "--most", "5"),
    ("settle", "1", "--because", "seen"),
    ("withdraw", "0198c1a0-0000-7000-8000-000000000000"),
)
"""Each with a good value for everything it takes."""


def nasty_values() -> Iterator[str]:
    found = (
        *nasty.ILL_FORMED_DAYS.values(),
        *nasty.OUT_OF_SPAN_DAYS.values(),
        *(f"{day} 16:30" for day in nasty.OUT_OF_SPAN_DAYS.values()),
        *list(nasty.TEXTS.values())[::3],
        *(str(one) for one in nasty.INTEGERS),
    )
    # A command line holds no NUL and no half of a pair.
    yield from dict.fromkeys(
        one for one in found if "\0" not in one and one.encode(errors="ignore").decode() == one
    )


def tried() -> Iterator[list[str]]:
    for name, *rest in COMMANDS:
        for place, word in enumerate(rest):
            if word.startswith("--"):
                continue
            for value in nasty_values():
                yield [name, *rest[:place], value, *rest[place + 1 :]]


def shipped(_folder: Path) -> Standards:
    return standards()


async def test_no_option_is_a_fault_of_ours(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (scorecard, notices):  # it takes a second each time
        monkeypatch.setattr(module, "load_standards", shipped)
    database = await fresh_database("reporting")
    counted: Counter[int] = Counter()
    async with nation_on(database) as nation:
        env = environment(database, tmp_path) | {"COLUMNS": "120", "TERM": "dumb"}

        def run_all() -> None:
            runner = CliRunner()
            for arguments in tried():
                done = runner.invoke(cli.app, arguments, env=env)
                counted[done.exit_code] += 1
                told = f"{arguments}: {done.output[-300:]}"
                assert done.exception is None or isinstance(done.exception, SystemExit), (
                    told,
                    done.exception,
                )
                assert "\x1b" not in done.output, told

        await asyncio.to_thread(run_all)
        rows = await nation.pool.fetch("SELECT until FROM notices")
        assert all(2025 < row["until"].year < 2101 for row in rows)
    print(f"{counted.total()} commands: {dict(sorted(counted.items()))}")
    assert counted[2] > 300


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2569-12-01 16:30", "Write the year 2026 (2569 - 543)"),
        ("9999-12-31 23:59", "outside the years"),
        ("0001-01-01 00:00", "outside the years"),
        ("1999-12-01 16:30", "outside of 2015-01-01 to 2100-12-31"),
        ("2026-12-01T16:30", "write it as"),
        ("2026-12-01 24:00", "write it as"),
    ],
)
def test_until_when_a_notice_holds_is_bounded(until: str, said: str) -> None:
    arguments = ["notify", "--th", "ก", "--en", "a", "--until", until]
    done = CliRunner().invoke(cli.app, arguments, env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())
