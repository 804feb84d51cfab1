"""Every text that a visitor may see is there in Thai."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from libs.events.codes import Language
from libs.service.language import Catalogue
from services.feedback.server import FOLDERS

HERE = FOLDERS[0]


def texts() -> Iterator[tuple[str, str]]:
    """The place and the text of everything that templates and refusals say."""
    methods = [("templates/**.html", "jinja2"), ("*.py", "python")]
    found = extract_from_dir(HERE, methods, keywords={"_": None, "say": None, "gettext": None})
    for file, line, message, *_ in found:
        yield f"{file}:{line}", message if isinstance(message, str) else message[0]


def test_every_text_has_its_thai() -> None:
    catalogue = Catalogue([HERE / "locale"]).translations(Language.THAI)
    said = list(texts())
    assert len(said) > 40
    untranslated = [place for place, text in said if catalogue.gettext(text) == text]
    assert untranslated == []


def test_no_thai_is_left_over() -> None:
    said = {text for _, text in texts()}
    source = (Path(HERE) / "locale" / Catalogue.FILE).read_text(encoding="utf-8")
    entries = [line[7:-1] for line in source.splitlines() if line.startswith('msgid "')]
    assert [entry for entry in entries if entry and entry not in said] == []
