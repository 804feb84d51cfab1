"""What is wrong with the standards' files, said so that it can be mended."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend."""

    file: str
    """Relative to the standards' folder."""
    line: int
    """From 1."""
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}; {self.mend}"


class StandardsError(ValueError):
    """The files can't be used; ``faults`` names everything that was found, in order of place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))
