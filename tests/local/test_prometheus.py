"""What watches an embedded country: a real Prometheus on its real services."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml

from saduak.demo.showing import watching
from saduak.local.country import Country
from saduak.local.plan import PROMETHEUS
from saduak.local.prometheus import DEPLOYED, GRAPHS, LocalPrometheus
from saduak.local.report import CountryState, ProcessState
from saduak.local.summary import summary
from tests import equipment
from tests.local.test_country import SITE, STAND_IN, STANDARDS, eventually, gone

SCRAPED_SECONDS = 60
Watched = Callable[[Path | None], Country]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """``watched(program)``: a country that is not started yet, and is stopped in the end."""
    made: list[Country] = []

    def make(program: Path | None) -> Country:
        made.append(Country(tmp_path / "country", program))
        return made[0]

    yield make
    for country in made:
        if country.is_running():
            country.down()


def asked(prometheus: LocalPrometheus, path: str, **parameters: str) -> dict[str, Any]:
    answer = httpx.get(f"{prometheus.url}/api/v1/{path}", params=parameters, trust_env=False)
    return answer.raise_for_status().json()["data"]


def healths(prometheus: LocalPrometheus) -> dict[str, str]:
    """Of every target: ``up``, ``down`` or, before the first look, ``unknown``."""
    targets = asked(prometheus, "targets")["activeTargets"]
    return {target["labels"]["instance"]: target["health"] for target in targets}


def addresses(country: Country) -> set[str]:
    services = country.services().values()
    return {service.operations_url.removeprefix("http://") for service in services}


@pytest.mark.slow
def test_it_watches_the_whole_country(watched: Watched) -> None:
    country = watched(equipment.PROMETHEUS.for_test())
    country.up([SITE], STANDARDS, attached=True)
    prometheus = country.prometheus()
    assert prometheus is not None
    assert country.status().processes[PROMETHEUS].state is ProcessState.READY
    assert summary(country)["prometheus"]["url"] == prometheus.url

    def all_up() -> bool:
        return healths(prometheus) == dict.fromkeys(addresses(country), "up")

    eventually("every service is scraped", all_up, SCRAPED_SECONDS)
    rules = [rule for group in asked(prometheus, "rules")["groups"] for rule in group["rules"]]
    assert sorted(rule["name"] for rule in rules) == sorted(deployed_alerts())
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}, rules

    links = watching(country)
    assert not isinstance(links, str)
    graphs = [url for what, url in links if what in GRAPHS]
    assert len(graphs) == (len(GRAPHS) if draws(prometheus) else 0)
    for what, url in links:
        answer = httpx.get(url, trust_env=False, follow_redirects=True)
        assert answer.status_code == 200, (what, url)
        assert "Prometheus" in answer.text, (what, url)
    for expression in GRAPHS.values():
        result = asked(prometheus, "query", query=expression)["result"]
        assert result or "rate(" in expression, expression  # a rate needs a second look

    process = psutil.Process(country.status().processes[PROMETHEUS].pid)
    listening = {one.laddr.ip for one in process.net_connections() if one.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    assert any(file.name == "wal" for file in (prometheus.directory / "data").iterdir())

    country.add("pjo-41")  # and the new site is scraped too, by the very same process
    assert len(addresses(country)) == 6
    eventually("the new site is scraped", all_up, SCRAPED_SECONDS)
    assert country.status().processes[PROMETHEUS].pid == process.pid
    country.down()
    assert gone(process.pid)


def draws(prometheus: LocalPrometheus) -> bool:
    """Whether every script and style sheet that its page of graphs asks for is there."""
    with httpx.Client(base_url=prometheus.url, trust_env=False, follow_redirects=True) as client:
        asked_for = re.findall(
            r'(?:src|href)="([^"]+\.(?:js|css)[^"]*)"', client.get("/graph").text
        )
        assert asked_for
        return all(client.get(part).is_success for part in asked_for)


def deployed_alerts() -> list[str]:
    files = (DEPLOYED / "rules").glob("*.yml")
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule["alert"] for group in groups for rule in group["rules"]]


def test_the_country_works_without_it(watched: Watched, tmp_path: Path) -> None:
    broken = tmp_path / "prometheus"
    broken.write_text("#!/bin/sh\necho no room on this disk >&2\nexit 3\n")
    broken.chmod(0o755)
    country = watched(broken)
    began = time.monotonic()
    country.up([SITE], STANDARDS, kafka=False, attached=True, launcher=STAND_IN)
    assert time.monotonic() - began < 60
    report = country.status()
    assert report.state is CountryState.UP
    process = report.processes[PROMETHEUS]
    assert process.state is not ProcessState.READY
    assert "no room on this disk" in (process.detail or "")
    others = [one for name, one in report.processes.items() if name not in {PROMETHEUS, "kafka"}]
    services = [one for one in others if not one.name.startswith("reporting")]
    assert {one.state for one in services} == {ProcessState.READY}
    said = watching(country)
    assert isinstance(said, str)
    assert "ended with status 3" in said
    assert process.log in said


def test_one_that_hangs_is_not_waited_for_long(watched: Watched, tmp_path: Path) -> None:
    silent = tmp_path / "prometheus"
    silent.write_text(f"#!{sys.executable}\nimport time; time.sleep(600)\n")
    silent.chmod(0o755)
    country = watched(silent)
    country.up([SITE], STANDARDS, kafka=False, attached=True, launcher=STAND_IN)
    assert country.status().state is CountryState.UP
    said = watching(country)
    assert isinstance(said, str)
    assert "no answer" in said


def test_none_is_said_plainly(watched: Watched) -> None:
    country = watched(None)
    country.up([SITE], STANDARDS, kafka=False, attached=True, launcher=STAND_IN)
    said = watching(country)
    assert isinstance(said, str)
    assert "SADUAK_PROMETHEUS" in said
    assert PROMETHEUS not in country.status().processes
    assert summary(country)["prometheus"] is None
