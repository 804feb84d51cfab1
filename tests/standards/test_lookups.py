"""The standards in force, by site, service and day."""

from datetime import date, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.events.codes import VisitorClass
from libs.standards import Metric, OfficeHours
from tests.standards.trees import Tree

MINUTE = 60_000


def test_no_target_holds_before_the_first_edition(tree: Tree) -> None:
    standards = tree.load()
    assert standards.edition(date(2024, 9, 30)) is None
    assert standards.target("pjo-30", "INF", date(2024, 9, 30)) is None
    assert standards.edition(date(2024, 10, 1)) is not None
    assert standards.target("pjo-30", "INF", date(2024, 10, 1)) is not None


def test_a_target_changes_in_the_middle_of_a_month(tree: Tree) -> None:
    standards = tree.load()
    waits = {
        day: found.wait_ms
        for day in (date(2025, 3, 14), date(2025, 3, 16), date(2025, 3, 17), date(2025, 3, 31))
        if (found := standards.target("pjo-30", "INF", day))
    }
    assert list(waits.values()) == [15 * MINUTE, 15 * MINUTE, 10 * MINUTE, 10 * MINUTE]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    change=st.dates(date(2025, 4, 2), date(2025, 12, 31)),
    ahead=st.integers(-150, 150),
    minutes=st.integers(1, 120),
)
def test_a_day_is_judged_by_what_held_on_it(
    tree: Tree, change: date, ahead: int, minutes: int
) -> None:
    changed = Tree.planted(tree.root)
    entry = f"- service: JF-LIT\n  from: {change}\n  wait: {minutes} min\n  service_time: 1 h\n"
    changed.change("targets.yaml", "targets:\n", "targets:\n" + entry)
    day = max(change + timedelta(days=ahead), date(2024, 10, 1))
    target = changed.load().target("pjo-50", "JF-LIT", day)
    assert target is not None
    assert target.wait_ms == (minutes if day >= change else 30) * MINUTE


def test_a_sites_own_target_goes_before_the_national_one_while_it_holds(tree: Tree) -> None:
    standards = tree.load()

    def wait(site: str, day: date) -> int | None:
        target = standards.target(site, "INF", day)
        return target.wait_ms if target else None

    assert wait("pjo-50", date(2025, 1, 5)) == 15 * MINUTE
    assert wait("pjo-50", date(2025, 1, 6)) == 5 * MINUTE
    assert wait("pjo-30", date(2025, 1, 6)) == 15 * MINUTE
    assert wait("pjo-50", date(2025, 1, 31)) == 5 * MINUTE
    assert wait("pjo-50", date(2025, 2, 1)) == 15 * MINUTE


def test_of_an_unknown_service_nothing_is_asked(tree: Tree) -> None:
    assert tree.load().target("pjo-50", "XX", date(2025, 1, 6)) is None


def test_office_hours(tree: Tree) -> None:
    standards = tree.load()
    usual = OfficeHours(time(8, 30), time(16, 30), time(12), time(13))
    saturdays = OfficeHours(time(9), time(15), time(12), time(12, 30))
    assert standards.office_hours("pjo-50", date(2025, 1, 6)) == usual
    assert standards.office_hours("pjo-50", date(2025, 1, 4)) is None, "a Saturday"
    assert standards.office_hours("pjo-50", date(2025, 2, 1)) == saturdays
    assert standards.office_hours("pjo-50", date(2025, 2, 3)) is None, "its own week has no Monday"
    assert standards.office_hours("pjo-30", date(2025, 2, 3)) == usual
    assert standards.office_hours("pjo-50", date(2025, 3, 3)) == usual
    assert standards.office_hours("pjo-50", date(2024, 9, 30)) is None, "before any were known"


def test_holidays_and_closures(tree: Tree) -> None:
    standards = tree.load()
    songkran, flood, seminar = date(2025, 4, 14), date(2025, 7, 22), date(2025, 8, 1)
    name = standards.holiday_name(songkran)
    assert name is not None
    assert (name.th, name.en) == ("วันสงกรานต์", "Songkran Festival")
    assert standards.closed_for("pjo-30", songkran) == name
    assert standards.office_hours("pjo-30", songkran) is None
    assert standards.holiday_name(flood) is None
    assert standards.office_hours("pjo-50", flood) is None
    assert standards.office_hours("pjo-30", flood) is not None
    assert standards.office_hours("pjo-50", flood + timedelta(days=1)) is not None
    assert standards.office_hours("pjo-30", seminar) is None
    closed = standards.closed_for("pjo-30", seminar)
    assert closed is not None
    assert closed.en == "Seminar"


def test_head_starts(tree: Tree) -> None:
    standards = tree.load()
    assert standards.head_start(VisitorClass.PRIORITY, date(2025, 3, 16)) == 15 * MINUTE
    assert standards.head_start(VisitorClass.PRIORITY, date(2025, 3, 17)) == 20 * MINUTE
    assert standards.head_start(VisitorClass.APPOINTMENT, date(2025, 3, 17)) == 5 * MINUTE
    assert standards.head_start(VisitorClass.NORMAL, date(2025, 3, 17)) == 0
    assert standards.head_start(VisitorClass.PRIORITY, date(2024, 9, 30)) == 0


def test_sites_take_their_region_from_their_province(tree: Tree) -> None:
    standards = tree.load()
    assert standards.sites["pjo-50"].region == "North"
    assert [site.code for site in standards.active_sites] == ["pjo-50"]
    assert standards.published_limits_ms == (60_000, 900_000)


def test_an_edition_in_force_gives_way_to_the_next(tree: Tree) -> None:
    text = (tree.root / "editions/working.yaml").read_text(encoding="utf-8")
    newer = text.replace("code: working\n", "code: newer\n").replace("2024-10-01", "2025-10-01")
    tree.write("editions/newer.yaml", newer)
    standards = tree.load()
    before, after = standards.edition(date(2025, 9, 30)), standards.edition(date(2025, 10, 1))
    assert before is not None
    assert after is not None
    assert (before.code, after.code) == ("working", "newer")
    assert [edition.code for edition in standards.editions] == ["working", "newer"]


def test_a_criterion_is_bound_to_its_metric(tree: Tree) -> None:
    edition = tree.load().edition(date(2025, 1, 6))
    assert edition is not None
    bound, attested = edition.criteria[0], edition.criteria[1]
    assert bound.metric is Metric.SATISFACTION_TOP2
    assert (bound.threshold, bound.minimum_n, bound.minimum_response_rate) == (0.8, 30, 0.05)
    assert not bound.not_yet_measured
    assert not attested.not_yet_measured


def test_the_version_follows_the_content(tree: Tree) -> None:
    version = tree.load().version
    assert len(version) == 64
    assert tree.load().version == version
    tree.change("services.yaml", "Information", "Information desk")
    assert tree.load().version != version
    tree.change("services.yaml", "Information desk", "Information")
    assert tree.load().version == version
