"""docs/standards.md: its examples are good entries, and it names every metric."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from libs.standards import METRICS, load
from libs.standards.folder import AT_THE_CENTRE

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs/standards.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)


def add(file: Path, entries: str) -> None:
    """Put entries at the end of a file's list, in place of any of the same code."""
    text = file.read_text(encoding="utf-8")
    for code in re.findall(r"- code: (\S+)", entries):
        text = re.sub(rf"- code: {code}\n(  .*\n)*", "", text)
    text = text.replace(": []\n", ":\n")
    file.write_text(text + entries, encoding="utf-8")


@pytest.mark.parametrize(("name", "entries"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_is_good(name: str, entries: str, tmp_path: Path) -> None:
    root = tmp_path / "standards"
    shutil.copytree(PROJECT / "standards", root)
    before = load(root)
    add(root / name, entries)
    after = load(root)
    if name in AT_THE_CENTRE:
        assert (after.sites, after.services) != (before.sites, before.services)
        assert after.version == before.version
    else:
        assert after.version != before.version


def test_the_targets_example_does_what_the_page_says(tmp_path: Path) -> None:
    root = tmp_path / "standards"
    shutil.copytree(PROJECT / "standards", root)
    add(root / "targets.yaml", dict(EXAMPLES)["targets.yaml"])
    standards = load(root)

    def minutes(site: str, day: date) -> float | None:
        target = standards.target(site, "INF", day)
        return target.wait_ms / 60_000 if target else None

    assert minutes("pjo-50", date(2026, 3, 16)) == 15
    assert minutes("pjo-50", date(2026, 3, 17)) == 10
    assert minutes("pjo-50", date(2026, 6, 30)) == 5
    assert minutes("pjo-30", date(2026, 6, 30)) == 10
    assert minutes("pjo-50", date(2026, 7, 1)) == 10


def test_every_metric_is_in_the_table() -> None:
    for metric, definition in METRICS.items():
        assert f"| `{metric}` | {definition.name_en} · {definition.name_th} |" in PAGE
        assert f"`{definition.formula}`" in PAGE
