"""The scenario's file: every fault is named with its line and the cure."""

from pathlib import Path

import pytest

from libs.standards import Standards
from saduak.demo.scenario import SHIPPED, Scenario, ScenarioError, load


def faults(tmp_path: Path, standards: Standards, old: str, new: str) -> str:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / "scenario.yaml"
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(standards, changed)
    return str(caught.value).replace(str(changed), "scenario.yaml")


def test_the_shipped_scenario_covers_all_active_sites(
    scenario: Scenario, standards: Standards
) -> None:
    assert set(scenario.sites) == {site.code for site in standards.active_sites}


def line_of(text: str) -> int:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("median: 4 min,", "median: 4,", "median: 4 is no duration; write a number and a unit"),
        ("spread: 1.6}\n  ADV", "spread: 0.6}\n  ADV", "greater than or equal to 1"),
        ("share: 0.08, miss", "share: 12, miss", "share: Input should be less than or equal to 1"),
        ("stays_until: 17:30", "stays_until: half past five", "write HH:MM: 16:30"),
        ("staff: [56, 33, 8, 2, 1]", "staff: [56, 33]", "staff: write five weights"),
        ("        staff: [56, 33, 8, 2, 1]\n", "", "levels of staff are missing"),
        ("{8: 7, 9: 8, 12: 4", "{9: 7, 8: 8, 12: 4", "counters: the hours must ascend"),
        ("{8: 7, 9: 8, 12: 4", "{8: 7, 9: 99, 12: 4", "the site has 8 counters only"),
        ("seed: 2565", "sead: 2565", "sead: Extra inputs are not permitted"),
        ("{INF: 34, ADV", "{QQQ: 34, ADV", "services → QQQ: the site does not offer this service"),
        ("  WIT: {median: 12 min, spread: 1.5}\n", "", "WIT: add it to service_times"),
        ("  pjo-65:\n", "  pjo-66:\n", "pjo-66: the standards have no active site of this code"),
        ("seed: 2565", "seed: 2565\nseed: 1", "`seed` is given twice"),
    ],
)
def test_a_fault_is_named_with_its_cure(
    tmp_path: Path, standards: Standards, old: str, new: str, said: str
) -> None:
    assert said in faults(tmp_path, standards, old, new)


def test_a_fault_is_named_with_its_line(tmp_path: Path, standards: Standards) -> None:
    line = line_of("INF: {median: 4 min")
    found = faults(tmp_path, standards, "INF: {median: 4 min", "INF: {median: 4 m")
    assert found.startswith(f"scenario.yaml:{line}: service_times → INF → median: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path, standards: Standards) -> None:
    with pytest.raises(ScenarioError, match=r"missing\.yaml can.t be read"):
        load(standards, tmp_path / "missing.yaml")
