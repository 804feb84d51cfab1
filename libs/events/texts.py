"""Text that may stand in a message: it shows what it says, and can be stored. Pure."""

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import category

MARKS: Final = 4
"""The most signs above and below one letter; Thai has up to three."""

LAYOUT: Final = re.compile(r"[\n\r\t]")
JOINTS: Final = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
"""Signs that are not seen, and only say where a line may break and letters join."""


def is_plain(text: str) -> bool:
    """Whether ``text`` is one line of what can be seen: no control characters, no NUL, no half of
    a surrogate pair, nothing that turns the direction of writing, no letters buried in marks."""
    return text.isprintable() and next(too_many_marks(text), None) is None


def is_document(text: str) -> bool:
    """The same of text of several lines, in which invisible signs may say where a line breaks."""
    return is_plain(JOINTS.sub("", LAYOUT.sub("", text)))


def too_many_marks(text: str) -> Iterator[str]:
    """The marks that stand on a letter beyond :data:`MARKS`, more than any language has."""
    if text.isascii():
        return
    run = 0
    for sign in text:
        run = run + 1 if category(sign) in {"Mn", "Me"} else 0
        if run > MARKS:
            yield sign
