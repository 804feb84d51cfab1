"""What is wrong with the standards' files, said so that it can be mended."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

TEXT_LENGTH = 300
SAID = 50
"""How many faults the text of an error says; all are in ``faults``."""


def plain(text: str) -> str:
    """``text`` as it can be printed and stored: what is no visible sign is escaped, and it is cut.

    The files' own words are in it, and whoever wrote them may have written a terminal's escapes.
    """
    cut = text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in cut
    )


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend."""

    file: str
    """Relative to the standards' folder."""
    line: int
    """From 1."""
    what: str
    mend: str

    def __post_init__(self) -> None:
        for one in fields(self):
            text = getattr(self, one.name)
            if isinstance(text, str):
                object.__setattr__(self, one.name, plain(text))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}; {self.mend}"


class StandardsError(ValueError):
    """The files can't be used; ``faults`` names everything that was found, in order of place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        said = [str(fault) for fault in self.faults[:SAID]]
        if (left := len(self.faults) - SAID) > 0:
            said.append(f"and {left} more")
        super().__init__("\n".join(said))
