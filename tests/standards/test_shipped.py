"""The standards that ship: complete, and nothing in them called official."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from libs.standards import METRICS, CriterionKind, Metric, SiteKind, SourceMark, Standards, load
from libs.standards.edition_checks import WORKING_CRITERIA

ROOT = Path(__file__).parents[2] / "standards"


@pytest.fixture(scope="module")
def standards() -> Standards:
    return load(ROOT)


def test_seven_sites_are_active(standards: Standards) -> None:
    kinds = {site.code: site.kind for site in standards.active_sites}
    assert kinds == {
        "moj-jsc": SiteKind.CENTRAL_PILOT,
        "moj-jfo": SiteKind.CENTRAL_PILOT,
        "led-bkk4": SiteKind.MODEL,
        "pjo-50": SiteKind.PROVINCIAL_PILOT,
        "pjo-30": SiteKind.PROVINCIAL_PILOT,
        "pjo-65": SiteKind.PROVINCIAL_PILOT,
        "pjo-41": SiteKind.PROVINCIAL_PILOT,
    }


def test_every_provincial_office_and_branch_is_listed(standards: Standards) -> None:
    offices = [site for site in standards.sites.values() if site.code.startswith("pjo-")]
    of_provinces = {site.province for site in offices if len(site.code) == len("pjo-50")}
    assert of_provinces == set(standards.provinces) - {"TH-10"}
    assert len(standards.provinces) == 77
    branches = {site.code for site in offices if len(site.code) == len("pjo-3104")}
    assert branches == {"pjo-3104", "pjo-5704", "pjo-9502", "pjo-6703", "pjo-7107"}
    assert len(offices) == 81
    for site in offices:
        assert site.province is not None
        assert site.province == f"TH-{site.code[4:6]}"
        assert site.name_th.startswith(
            f"สำนักงานยุติธรรมจังหวัด{standards.provinces[site.province].name_th}"
        )


def test_the_catalogue(standards: Standards) -> None:
    services = "JF-LIT JF-BAIL JF-HR JF-EDU CV-VIC CV-DEF WIT MED CMP ADV ENF INF"
    assert list(standards.services) == services.split()
    without_time = {code for code, one in standards.services.items() if one.case_time is None}
    assert without_time == {"JF-EDU", "WIT", "MED", "ADV", "ENF", "INF"}


def test_every_active_site_is_judged_from_the_first_edition_on(standards: Standards) -> None:
    first = standards.editions[0].holds_from
    for site in standards.active_sites:
        for service in site.services:
            assert standards.target(site.code, service, first) is not None


def test_the_working_edition_is_whole(standards: Standards) -> None:
    edition = standards.edition(date(2025, 1, 6))
    assert edition is not None
    assert edition.working_model
    assert tuple(criterion.code for criterion in edition.criteria) == WORKING_CRITERIA
    not_yet = {criterion.code for criterion in edition.criteria if criterion.not_yet_measured}
    assert not_yet == {"Q6", "Q8"}
    kinds = Counter(criterion.kind for criterion in edition.criteria)
    assert kinds == {
        CriterionKind.MEASURED: 6,
        CriterionKind.ATTESTED: 5,
        CriterionKind.BOTH: 6,
    }


def test_nothing_is_called_official(standards: Standards) -> None:
    for path in ROOT.rglob("*.yaml"):
        marks = set(re.findall(r"mark: (\w+)", path.read_text(encoding="utf-8")))
        assert SourceMark.OFFICIAL not in marks, path
    for service in standards.services.values():
        assert service.case_time is None or not service.case_time.source.official


def test_holidays_are_known_for_the_years_at_work(standards: Standards) -> None:
    years = {day.year for day in standards.calendar.public_holidays}
    assert years == set(range(min(years), max(years) + 1))
    assert {2021, 2025, 2026, 2027} <= years
    songkran = standards.holiday_name(date(2025, 4, 14))
    assert songkran is not None
    assert songkran.th == "วันสงกรานต์"
    assert standards.office_hours("pjo-50", date(2025, 4, 14)) is None
    assert standards.office_hours("pjo-50", date(2025, 4, 17)) is not None


def test_every_metric_is_defined() -> None:
    assert set(METRICS) == set(Metric)
    for definition in METRICS.values():
        assert definition.name_th
        assert definition.name_en
        assert definition.meaning
        assert definition.formula
