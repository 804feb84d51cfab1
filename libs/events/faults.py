"""What a refusal says: the fields at fault, never their values, in text that is safe to store and
to print. Pure.

The names of fields come from the wire: whoever wrote the message chose them. A terminal's escape
in one of them would forge the screen of the operator who reads the refusal, a NUL can be stored
nowhere, and thousands of them fill a log.
"""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

NAMED: Final = 8
"""How many faults are named."""
LOOKED_AT: Final = 500
"""With more faults than these none is named: the message is none of ours. A manifest of 200
services with a field too many each has fewer."""
NAME_LENGTH: Final = 40
TEXT_LENGTH: Final = 500
"""Characters of the whole text, at most."""

PLAIN_NAME = re.compile(r"[A-Za-z0-9_]{1,40}|[a-z]+(?:\.[a-z]+){1,3}\.v[0-9]{1,3}")
"""What needs no quotes: the name of a field or of a released type."""


def faults_of(error: ValidationError) -> str:
    """The faults of a message, as ``visit.called.v1.data.step: int_type; …``."""
    count = error.error_count()
    if count > LOOKED_AT:
        return f"message: {count} faults"
    details = error.errors(include_url=False, include_input=False, include_context=False)
    named = [f"{_place(detail['loc'], detail['type'])}: {detail['type']}" for detail in details]
    return bounded("; ".join(named[:NAMED]))


def shown(name: str) -> str:
    """A name from the wire: as it is where it is plain, else in quotes, in ASCII, and cut."""
    if PLAIN_NAME.fullmatch(name):
        return name
    quoted = ascii(name[:NAME_LENGTH])
    return f"{quoted[:NAME_LENGTH]}…" if max(len(name), len(quoted)) > NAME_LENGTH else quoted


def bounded(text: str) -> str:
    """``text``, cut where it is too long for a refusal."""
    return text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"


def _place(location: Sequence[str | int], kind: str) -> str:
    if not location:
        return "type" if kind.startswith("union_tag") else "message"
    return ".".join(shown(str(part)) for part in location)
