"""The two languages: Thai first, English by a switch. English is the source of every text."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from gettext import NullTranslations
from pathlib import Path
from typing import ClassVar

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from starlette.requests import HTTPConnection

from libs.events.codes import Language

COOKIE = "lang"


@dataclass(frozen=True, slots=True)
class Said:
    """A text to be shown in whichever language is asked for: a msgid and its values."""

    msgid: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


Text = Said | Mapping[Language, str]
"""A text to be translated, or one that comes in both languages."""


def say(msgid: str, **values: object) -> Said:
    """A text for :meth:`Catalogue.text`; values fill ``%(name)s``."""
    return Said(msgid, values)


def language_of(connection: HTTPConnection) -> Language:
    """The language asked for: ``?lang=``, else the cookie, else Thai."""
    asked = connection.query_params.get("lang") or connection.cookies.get(COOKIE)
    return Language.ENGLISH if asked == Language.ENGLISH else Language.THAI


class Catalogue:
    """Thai for every English text, from ``th.po`` files; a later folder wins over an earlier."""

    FILE: ClassVar[str] = "th.po"

    def __init__(self, folders: Sequence[Path]) -> None:
        thai = NullTranslations()
        for folder in folders:
            translations = _read(folder / self.FILE)
            translations.add_fallback(thai)
            thai = translations
        self._by_language: Mapping[Language, NullTranslations] = {
            Language.THAI: thai,
            Language.ENGLISH: NullTranslations(),
        }

    def translations(self, language: Language) -> NullTranslations:
        return self._by_language[language]

    def text(self, said: Text, language: Language) -> str:
        """``said`` in ``language``."""
        if not isinstance(said, Said):
            return said[language]
        translated = self._by_language[language].gettext(said.msgid)
        return translated % said.values if said.values else translated

    def both(self, said: Text) -> dict[str, str]:
        """``said`` in both languages, by code."""
        return {language.value: self.text(said, language) for language in Language}


def _read(path: Path) -> Translations:
    with path.open(encoding="utf-8") as source:
        catalogue = read_po(source, locale="th")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
