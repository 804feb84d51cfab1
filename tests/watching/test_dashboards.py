"""The dashboards' files: what Grafana needs, what a reader needs, and what must not be in them."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from saduak.dashboards import cli
from tests.watching.grafana import FILES, FOLDER, dashboards, queries

THAI, LATIN = re.compile("[\u0e00-\u0e7f]"), re.compile("[A-Za-z]{3}")
SOURCES = {
    "saduak-postgres": "grafana-postgresql-datasource",
    "saduak-prometheus": "prometheus",
}
LOOKS = {"stat", "table", "timeseries", "barchart"}
UIDS = {"saduak-national", "saduak-compliance", "saduak-site", "saduak-pipeline"}

every_file = pytest.mark.parametrize("name", [path.name for path in FILES])


def in_both_languages(text: str) -> bool:
    return bool(THAI.search(text) and LATIN.search(text))


def walk(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Everything in a JSON, with the key it stands under."""
    yield key, value
    if isinstance(value, dict):
        for name, part in value.items():
            yield from walk(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from walk(part, key)


def test_all_are_there_once() -> None:
    found = [dashboard["uid"] for dashboard in dashboards().values()]
    assert sorted(found) == sorted(UIDS)


@every_file
def test_a_dashboard_is_whole(name: str) -> None:
    dashboard = dashboards()[name]
    assert f"{dashboard['uid']}.json" == name
    assert dashboard["schemaVersion"] >= 39
    assert dashboard["timezone"] == "Asia/Bangkok"
    assert dashboard["fiscalYearStartMonth"] == 9  # October, counted from 0
    assert in_both_languages(dashboard["title"])
    assert in_both_languages(dashboard["description"])
    assert "id" not in dashboard  # Grafana's own number
    for variable in dashboard["templating"]["list"]:
        assert in_both_languages(variable["label"])


@every_file
def test_a_panel_says_what_it_shows(name: str) -> None:
    panels = dashboards()[name]["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert in_both_languages(panel["title"]), panel["title"]
        assert in_both_languages(panel["description"]), panel["title"]
        assert panel["type"] in LOOKS
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        for override in panel["fieldConfig"]["overrides"]:
            for given in override["properties"]:
                if given["id"] == "displayName" and given["value"] != "n · n":
                    assert THAI.search(given["value"]), given


@every_file
def test_data_sources_are_named_by_uid(name: str) -> None:
    for key, value in walk(dashboards()[name]):
        if key == "datasource":
            assert SOURCES[value["uid"]] == value["type"]


@every_file
def test_panels_do_not_lie_upon_each_other(name: str) -> None:
    places = [panel["gridPos"] for panel in dashboards()[name]["panels"]]
    for place in places:
        assert place["x"] >= 0
        assert place["w"] > 0
        assert place["x"] + place["w"] <= 24
    for one, other in combinations(places, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


@every_file
def test_addresses_are_relative(name: str) -> None:
    text = (FOLDER / "dashboards" / name).read_text(encoding="utf-8")
    assert not re.search(r"\w+://|\blocalhost\b|\b\d+\.\d+\.\d+\.\d+\b", text)
    for key, value in walk(dashboards()[name]):
        if key == "url":
            known = re.match(r"/d/(saduak-\w+)\?", value)
            assert (known and known[1] in UIDS) or value.startswith("${portal}/sites/"), value


def test_the_nation_leads_to_a_site_and_a_site_to_its_days() -> None:
    links = {
        dashboard["uid"]: {value for key, value in walk(dashboard) if key == "url"}
        for dashboard in dashboards().values()
    }
    assert any("/d/saduak-site?var-site=" in url for url in links["saduak-national"])
    assert any("period=day&of=${__data.fields.service_day}" in url for url in links["saduak-site"])


def test_a_level_never_stands_without_the_notice() -> None:
    """Whatever shows a level or a state of a criterion shows the working model's notice."""
    judging = ("watch.criteria", "watch.scorecards")
    for dashboard in dashboards().values():
        asked = " ".join(
            target.get("rawSql", "") for panel in dashboard["panels"] for target in panel["targets"]
        )
        if any(view in asked for view in judging):
            assert "notice_th" in asked, dashboard["uid"]


def test_satisfaction_never_stands_without_its_n() -> None:
    for query in queries():
        if query.sql and "satisfaction_top2" in query.sql and query.dashboard != "saduak-site":
            assert re.search(r"\bn\b", query.sql), str(query)


def test_the_files_are_what_the_description_says() -> None:
    done = CliRunner().invoke(cli.app, ["check", "--root", str(FOLDER.parent.parent)])
    assert done.exit_code == 0, done.output


def test_grafana_is_told_where_everything_is() -> None:
    (sources,) = (FOLDER / "provisioning/datasources").glob("*.yml")
    given = yaml.safe_load(sources.read_text(encoding="utf-8"))["datasources"]
    assert {one["uid"]: one["type"] for one in given} == SOURCES
    for one in given:
        assert one["editable"] is False
        assert "password" not in one
        for secret in one.get("secureJsonData", {}).values():
            assert secret.startswith("$__file{/run/secrets/")
    (provider,) = yaml.safe_load(
        (FOLDER / "provisioning/dashboards/saduak.yml").read_text(encoding="utf-8")
    )["providers"]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert provider["allowUiUpdates"] is False
