"""Which text may come in, and how any text is shown without doing harm. Pure."""

import re

from libs.events.texts import too_many_marks

_CONTROLS = (
    "\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of writing
    "\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\ufffe\uffff"  # breaks, joiners, no characters
    "\ud800-\udfff"  # halves of a pair
    "\U000e0000-\U000e007f"  # invisible tags
)
_ODD = re.compile(f"[{_CONTROLS}]")
SHOWN_CHARACTERS = 80
"""Of a text that somebody else chose, this much is shown or logged."""


def odd_character(text: str) -> str | None:
    """What in ``text`` no name, note or code holds: ``U+0000``; None where all of it can be kept.

    Odd are control and direction characters, halves of a surrogate pair, invisible tags, and more
    than :data:`~libs.events.texts.MARKS` marks on one letter.
    """
    found = _ODD.search(text)
    odd = found[0] if found is not None else next(too_many_marks(text), None)
    return None if odd is None else f"U+{ord(odd):04X}"


def escaped(text: str) -> str:
    r"""``text`` with every character that could move a cursor, hide or reorder the rest written as
    ``\u0000``, which JSON reads as the same character."""
    harmless = _ODD.sub(lambda found: _escape(found[0]), text)
    for mark in set(too_many_marks(harmless)):
        harmless = harmless.replace(mark, _escape(mark))
    return harmless


def printable(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """``text`` of whatever origin as one harmless line of at most ``most`` characters."""
    line = escaped(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _escape(character: str) -> str:
    number = ord(character)
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
