"""The rules are sound: Prometheus accepts them, each alert is tested, told in two languages, and
has a page that says what to do."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.equipment import PROMETHEUS
from tests.watching.prometheus import FOLDER, RULES, Alert, alerts

ROOT = FOLDER.parent.parent
TESTS = sorted((FOLDER / "tests").glob("*.yml"))
RUNBOOKS = ROOT / "docs" / "runbooks"
HEADINGS = ("## What it means", "## How to look", "## What to do", "## Whom to call")
NEEDED = {
    "SiteSilent",
    "BacklogGrowing",
    "GapOpen",
    "DayDisputed",
    "QuarantineNotEmpty",
    "ClockWrong",
    "IngestLag",
    "FiguresLate",
    "IngestHalted",
    "StreamStopped",
    "CertificateEnds",
    "DiskLow",
    "DiskFull",
}
THAI, LATIN = re.compile("[\u0e00-\u0e7f]"), re.compile("[A-Za-z]{3}")

every_alert = pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)


def promtool(*arguments: object) -> None:
    program = PROMETHEUS.for_test().with_name("promtool")
    done = subprocess.run(
        [program, *map(str, arguments)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_accepts_its_settings(tmp_path: Path) -> None:
    """As they are mounted, but for the folder."""
    text = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
    assert "/etc/prometheus/rules/" in text
    (tmp_path / "prometheus.yml").write_text(text.replace("/etc/prometheus", str(FOLDER)), "utf-8")
    promtool("check", "config", tmp_path / "prometheus.yml")


def test_prometheus_accepts_the_rules() -> None:
    promtool("check", "rules", *RULES)


def test_the_alerts_fire_when_they_should() -> None:
    promtool("test", "rules", *TESTS)


def test_every_alert_is_there_once_and_is_tested() -> None:
    names = Counter(alert.name for alert in alerts())
    assert set(names) >= NEEDED
    assert set(names.values()) == {1}
    tested = "".join(path.read_text(encoding="utf-8") for path in TESTS)
    fired = set(re.findall(r'ALERTS{alertname="(\w+)",alertstate="firing",', tested))
    assert fired == set(names)


@every_alert
def test_an_alert_is_told_in_two_languages(alert: Alert) -> None:
    assert alert.labels["severity"] in {"info", "warning", "critical"}
    for name in ("summary", "description"):
        assert THAI.search(alert.annotations[name]), name
        assert LATIN.search(re.sub(r"{{.*?}}", "", alert.annotations[name])), name
    thai, english = alert.annotations["description"].split("\n")
    assert THAI.search(thai)
    assert not THAI.search(english)


@every_alert
def test_an_alert_has_a_runbook(alert: Alert) -> None:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", alert.name).lower()
    assert alert.annotations["runbook"] == f"docs/runbooks/{name}.md"
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    places = [text.find(heading) for heading in HEADINGS]
    assert places == sorted(places)
    assert -1 not in places
    assert alert.name in text.splitlines()[0]


def test_every_runbook_has_its_alert() -> None:
    pages = {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"}
    assert pages == {Path(alert.annotations["runbook"]).name for alert in alerts()}


def test_the_replicas_are_scraped_by_name() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["reporting-1:9000", "reporting-2:9000"]}]
