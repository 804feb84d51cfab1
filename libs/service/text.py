"""Which text may come in, and how any text is shown without doing harm. Pure."""

import re
import unicodedata

_CONTROLS = (
    "\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of writing
    "\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\ufffe\uffff"  # breaks, joiners, no characters
    "\ud800-\udfff"  # halves of a pair
    "\U000e0000-\U000e007f"  # invisible tags
)
_ODD = re.compile(f"[{_CONTROLS}]")
MOST_MARKS = 4
"""Marks above and below one letter; Thai writes two, and no language of ours more than three."""
SHOWN_CHARACTERS = 80
"""Of a text that somebody else chose, this much is shown or logged."""


def odd_character(text: str) -> str | None:
    """What in ``text`` no name, note or code holds: ``U+0000``; None where all of it can be kept.

    Odd are control and direction characters, halves of a surrogate pair, invisible tags, and more
    than :data:`MOST_MARKS` marks on one letter.
    """
    found = _ODD.search(text)
    if found is None and not text.isascii():
        found = _marks(text)
    return None if found is None else f"U+{ord(found[0]):04X}"


def _marks(text: str) -> str | None:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if run > MOST_MARKS:
            return character
    return None


def escaped(text: str) -> str:
    r"""``text`` with every character that could move a cursor, hide or reorder the rest written as
    ``\u0000``, which JSON reads as the same character."""
    return _ODD.sub(_escape, text)


def printable(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """``text`` of whatever origin as one harmless line of at most ``most`` characters."""
    line = escaped(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
