"""Frozen messages of every released version: every reader must go on reading them."""

from importlib import resources


def examples() -> dict[str, bytes]:
    """The messages by file name: ``visit.called.v1.2.json`` is the second of its type."""
    folder = resources.files(__name__)
    return {
        entry.name: entry.read_bytes().rstrip(b"\n")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".json")
    }
