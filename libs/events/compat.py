"""Whether a released version still means what it meant. Pure.

A released version is never edited: messages written under it lie in Kafka for 400 days, and
sites upgrade on their own day, so that old readers meet new messages and new readers old ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
Schema: TypeAlias = Mapping[str, Json]

PROSE = frozenset({"description", "title", "default"})
"""What may differ: it changes no message and no reader."""


def breaks(released: Schema, current: Schema) -> list[str]:
    """What differs between two JSON Schemas of one version, a line each; empty if nothing does.

    Every difference that is not prose breaks somebody: what the new one no longer allows, an old
    message may hold; what it newly allows, an old reader refuses.
    """
    return sorted(set(_compare(_plain(released, released), _plain(current, current), "")))


def _plain(node: Json, root: Schema) -> Json:
    """``node`` with its references followed and its prose left out."""
    if isinstance(node, Mapping):
        target = node.get("$ref")
        if isinstance(target, str):
            definitions = root["$defs"]
            if not isinstance(definitions, Mapping):
                raise TypeError("$defs is no object")
            return _plain(definitions[target.removeprefix("#/$defs/")], root)
        return {
            key: _plain(value, root)
            for key, value in node.items()
            if key != "$defs" and not (key in PROSE and not isinstance(value, Mapping))
        }
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_plain(item, root) for item in node]
    return node


def _compare(old: Json, new: Json, where: str) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            place = f"{where}/{key}"
            if key not in new:
                yield f"{place}: gone; old messages and readers have it"
            elif key not in old:
                yield f"{place}: new; old messages lack it and old readers refuse it"
            else:
                yield from _compare(old[key], new[key], place)
    elif _is_set(old, where) and _is_set(new, where):
        before, after = _members(old), _members(new)
        yield from (f"{where}: {item} is gone" for item in sorted(before - after))
        yield from (f"{where}: {item} is new" for item in sorted(after - before))
    elif old != new:
        yield f"{where}: was {old!r}, is {new!r}"


def _is_set(node: Json, where: str) -> bool:
    """Whether the order of a list means nothing here."""
    return where.endswith(("/enum", "/required")) and isinstance(node, Sequence)


def _members(node: Json) -> set[str]:
    return {repr(item) for item in node} if isinstance(node, Sequence) else set()
