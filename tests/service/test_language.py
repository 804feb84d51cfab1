"""Every text that a page or answer can show is there in Thai."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
SHARED = ("libs/service", "libs/site")
SERVICES = ("services/ticketing", "services/reporting")


def texts_of(folder: Path) -> Iterator[str]:
    for page in sorted(folder.rglob("*.html")):
        for _, text, _, _ in extract_from_file("jinja2.ext:babel_extract", page):
            yield str(text)
    for module in sorted(folder.rglob("*.py")):
        for _, text, _, _ in extract_from_file("python", module, keywords={"say": None}):
            yield str(text)


def translated(folder: str) -> dict[str, str]:
    """The Thai of a folder's texts; a service keeps it beside its pages."""
    pages = ROOT / folder / ("web" if folder in SERVICES else "")
    with (pages / "locale" / "th.po").open(encoding="utf-8") as source:
        return {str(one.id): str(one.string) for one in read_po(source) if one.id}


@pytest.mark.parametrize("folder", [*SHARED, *SERVICES])
def test_every_text_is_there_in_thai(folder: str) -> None:
    known: dict[str, str] = {}
    for one in {*SHARED, folder}:
        known |= translated(one)
    used = set(texts_of(ROOT / folder))
    assert used
    assert sorted(used - known.keys()) == []
    assert [text for text in used if not known[text].strip()] == []


@pytest.mark.parametrize("folder", [*SHARED, *SERVICES])
def test_no_translation_has_lost_its_text_or_its_values(folder: str) -> None:
    used = {text for one in {*SHARED, folder} for text in texts_of(ROOT / one)}
    for text, thai in translated(folder).items():
        assert text in used, f"nothing shows {text!r} any more"
        for value in ("{n}", "{ticket}", "{time}", "{text}", "{why}", "%(time)s", "%(n)s"):
            assert (value in text) == (value in thai), text
