"""What has ended: an office with a last day, a service that is no longer offered."""

import json
from datetime import date
from pathlib import Path

import pytest

from libs.standards import for_sites, made_of
from libs.standards.files import EditionFile
from libs.standards.folder import _FORMS, EDITIONS  # pyright: ignore[reportPrivateUsage]
from tests.standards.trees import FILES, Tree

SOURCE = 'source: {mark: working, reference: "chosen for tests"}\n'
ENDINGS = f"""{SOURCE}sites:
- site: pjo-50
  last_day: 2025-09-30
  successor: pjo-30
services:
- service: JF-LIT
  last_day: 2025-03-31
"""
LAST = date(2025, 9, 30)
AFTER = date(2025, 10, 1)
RELEASED = Path(__file__).parent / "released_files.json"


def test_an_office_takes_part_up_to_its_last_day(tree: Tree) -> None:
    tree.write("endings.yaml", ENDINGS)
    standards = tree.load()
    site = standards.sites["pjo-50"]
    assert (site.last_day, site.successor) == (LAST, "pjo-30")
    assert [one.code for one in standards.sites_on(LAST)] == ["pjo-50"]
    assert standards.sites_on(AFTER) == ()
    assert standards.works_on("pjo-50", LAST)
    assert not standards.works_on("pjo-50", AFTER)
    assert standards.office_hours("pjo-50", AFTER) is not None, "no figure depends on an ending"
    assert standards.active_sites == (site,), "its streams are still there"


def test_an_office_that_was_switched_off_took_part_all_the_same(tree: Tree) -> None:
    tree.write("endings.yaml", ENDINGS)
    tree.change("sites.yaml", "active: true", "active: false")
    standards = tree.load()
    assert standards.works_on("pjo-50", LAST)
    assert not standards.works_on("pjo-50", AFTER)
    assert [one.code for one in standards.sites_on(LAST)] == ["pjo-50"]


def test_without_a_last_day_nothing_is_due_of_an_office_that_is_switched_off(tree: Tree) -> None:
    standards = tree.load()
    assert not standards.works_on("pjo-30", LAST)
    assert not standards.works_on("xxx-99", LAST)
    assert standards.works_on("pjo-50", AFTER)


def test_a_service_that_ended_is_still_called_by_its_name(tree: Tree) -> None:
    tree.write("endings.yaml", ENDINGS)
    service = tree.load().service("JF-LIT")
    assert (service.name_en, service.last_day) == ("Justice Fund", date(2025, 3, 31))


def test_a_service_that_nobody_knows_is_called_by_its_code(tree: Tree) -> None:
    service = tree.load().service("OLD-ONE")
    assert (service.code, service.name_th, service.name_en) == ("OLD-ONE", "OLD-ONE", "OLD-ONE")


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("site: pjo-50", "site: pjo-99", 3, "no site pjo-99"),
        ("successor: pjo-30", "successor: pjo-99", 5, "no site pjo-99"),
        ("successor: pjo-30", "successor: pjo-50", 5, "has its own last day"),
        ("service: JF-LIT", "service: XX", 7, "no service XX"),
        ("last_day: 2025-03-31", "last_day: 2025-03-31\n  successor: XX", 9, "no service XX"),
        ("last_day: 2025-09-30", "last_day: 2568-09-30", 4, "Buddhist year"),
        ("last_day: 2025-09-30", "last_day: 9999-09-30", 4, "lies outside"),
        ("successor: pjo-30", "sucessor: pjo-30", 5, "no field of this entry"),
        (
            "services:",
            "- site: pjo-50\n  last_day: 2025-10-31\nservices:",
            6,
            "pjo-50 is already on line 3",
        ),
        (
            "services:",
            "- site: pjo-30\n  last_day: 2025-09-30\nservices:",
            5,
            "pjo-30 has its own last day on 2025-09-30",
        ),
    ],
)
def test_faults_are_named(tree: Tree, old: str, new: str, line: int, what: str) -> None:
    tree.write("endings.yaml", ENDINGS)
    tree.change("endings.yaml", old, new)
    (fault,) = tree.faults()
    assert (fault.file, fault.line) == ("endings.yaml", line)
    assert what in fault.what


def test_a_successor_may_end_later(tree: Tree) -> None:
    ends_too = "- site: pjo-30\n  last_day: 2025-12-31\nservices:"
    tree.write("endings.yaml", ENDINGS.replace("services:", ends_too))
    assert tree.faults() == ()


def test_the_sites_get_none_of_it_and_their_version_is_the_same() -> None:
    """A release at a site refuses a file that it does not know, and would work on with old
    targets; the version is by which both sides say that they judge alike."""
    files = {name: text.encode() for name, text in FILES.items()}
    all_ = files | {"endings.yaml": ENDINGS.encode()}
    assert for_sites(all_) == files
    assert made_of(all_).version == made_of(for_sites(all_)).version
    assert made_of(all_).sites["pjo-50"].last_day == LAST


def test_what_goes_round_has_the_form_that_released_sites_read() -> None:
    """Every release at a site refuses fields that it does not know. A field more in one of these
    files would leave each site that is not yet upgraded without new standards: put it into a file
    that stays at the centre (libs/standards/folder.py), until all sites read it."""
    forms = {name: form for name, form in _FORMS.items() if for_sites({name: b""})}
    fields = {name: sorted(_fields(form.model_json_schema())) for name, form in forms.items()} | {
        EDITIONS: sorted(_fields(EditionFile.model_json_schema()))
    }
    assert fields == json.loads(RELEASED.read_text(encoding="utf-8"))


def _fields(schema: dict[str, object]) -> set[str]:
    """Every field of a form, by the entry that has it."""
    parts = {"": schema, **schema.get("$defs", {})}  # pyright: ignore[reportGeneralTypeIssues]
    return {
        f"{entry}.{name}"
        for entry, part in parts.items()
        for name in part.get("properties", {})  # pyright: ignore
    }
