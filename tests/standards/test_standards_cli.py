"""``saduak standards``."""

from pathlib import Path

from typer.testing import CliRunner

from saduak.standards_cli import app
from tests.standards.trees import Tree

runner = CliRunner()


def test_good_files_are_summed_up(tree: Tree) -> None:
    result = runner.invoke(app, ["check", str(tree.root)])
    assert result.exit_code == 0
    assert f"version {tree.load().version}" in result.stdout
    assert "sites: 2, active: pjo-50" in result.stdout
    assert "edition working from 2024-10-01: 17 criteria, working model, not official" in (
        result.stdout
    )
    assert "warning: no public holiday is known after 2025" in result.stderr


def test_faults_are_listed_and_the_status_is_1(tree: Tree) -> None:
    tree.change("services.yaml", "series: M", "series: A")
    tree.change("sites.yaml", "TH-30", "TH-99")
    result = runner.invoke(app, ["check", str(tree.root)])
    assert result.exit_code == 1
    assert f"{tree.root / 'services.yaml'}:8: `series` A is already on line 3" in result.stderr
    assert "mend: give each its own" in result.stderr
    assert "2 to mend" in result.stderr


def test_the_folder_comes_from_the_environment(tree: Tree) -> None:
    result = runner.invoke(app, ["check"], env={"SADUAK_STANDARDS": str(tree.root)})
    assert result.exit_code == 0


def test_public_holidays_are_printed_as_a_file_of_the_standards(tree: Tree) -> None:
    result = runner.invoke(app, ["holidays", "2025", "2026"])
    assert result.exit_code == 0
    tree.write("calendar/public_holidays.yaml", result.stdout)
    known = tree.load().calendar.public_holidays
    assert {day.year for day in known} == {2025, 2026}
    assert "สงกรานต์" in result.stdout


def test_years_in_the_wrong_order_are_refused() -> None:
    assert runner.invoke(app, ["holidays", "2026", "2025"]).exit_code == 2


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = runner.invoke(app, ["check", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "there is no folder" in result.stderr
