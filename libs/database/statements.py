"""SQL kept in files of named statements, where a reader and a database tool can find it.

A file holds blocks that begin with ``-- name: issue_ticket``; further comments belong to the
statement. Parameters are positional (``$1``); nothing is ever formatted into the text.
"""

import re
from collections.abc import Iterator
from importlib import resources

NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)$", re.MULTILINE)


class Statements:
    """The statements of one file, by attribute: ``SQL.issue_ticket``."""

    def __init__(self, origin: str, text: str) -> None:
        self._origin = origin
        parts = NAME.split(text)
        names, bodies = parts[1::2], parts[2::2]
        if len(set(names)) != len(names):
            raise ValueError(f"{origin} names a statement twice")
        self._bodies = {
            name: body.strip().removesuffix(";") for name, body in zip(names, bodies, strict=True)
        }

    def __getattr__(self, name: str) -> str:
        if name.startswith("_") or name not in self._bodies:
            raise AttributeError(f"{self._origin} has no statement named {name!r}")
        return self._bodies[name]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._bodies.items())


def text(package: str, resource: str) -> str:
    """A whole SQL file of a package, as a migration runs it."""
    return resources.files(package).joinpath(resource).read_text(encoding="utf-8")


def statements(package: str, resource: str) -> Statements:
    """The named statements of a file of a package; raises ValueError if a name stands twice."""
    return Statements(f"{package}/{resource}", text(package, resource))
