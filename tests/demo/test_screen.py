"""What the demo shows in the terminal."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from saduak.demo.cast import accounts
from saduak.demo.screen import Screen, Tour
from saduak.local.prometheus import MISSING

PAGES = [("The nation", "http://127.0.0.1:1/")]
LINK = "http://127.0.0.1:2/graph?g0.expr=sum+by+%28site%29+%28saduak_ticketing_waiting_visitors%29"


@pytest.mark.parametrize(
    ("watching", "shown"),
    [([("visitors who wait", LINK)], f"visitors who wait  {LINK}"), (MISSING, MISSING)],
)
def test_prometheus_is_shown_or_why_it_is_not(
    watching: list[tuple[str, str]] | str, shown: str, tmp_path: Path
) -> None:
    narrow = Console(file=io.StringIO(), width=40)
    Screen(narrow).addresses(Tour("pjo-50", PAGES, 3, watching), accounts(tmp_path))
    assert isinstance(narrow.file, io.StringIO)
    lines = [line.strip() for line in narrow.file.getvalue().splitlines()]
    assert shown in lines  # whole, on one line: it is there to be opened, or read
