"""Whether a released version still means what it meant. Pure.

A released version is never edited: messages written under it lie in Kafka for 400 days, and
sites upgrade on their own day, so that old readers meet new messages and new readers old ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from libs.events.bounds import EPOCH, LIVE, PAST
from libs.events.moments import MOMENT_FORM, days_pattern

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
Schema: TypeAlias = Mapping[str, Json]

PROSE = frozenset({"description", "title", "default"})
"""What may differ: it changes no message and no reader."""


@dataclass(frozen=True, slots=True)
class AddedBound:
    """A bound that a released field was given after its release: what it refuses nobody could
    mean, and what honest sites have sent in spite of that is still read."""

    fields: frozenset[str]
    before: Schema
    bound: Schema

    def explains(self, field: str, old: Schema, new: Schema) -> bool:
        return field in self.fields and old == self.before and new == {**old, **self.bound}


ADDED_BOUNDS: tuple[AddedBound, ...] = (
    AddedBound(
        frozenset(
            {"time", "recordedtime", "until", "oldest_unsent", "certificate_until"}
            | {"appointment", "old", "new"}
        ),
        {"type": "string", "format": "date-time"},
        {"pattern": MOMENT_FORM},
    ),
    AddedBound(
        frozenset({"serviceday"}),
        {"type": "string", "format": "date"},
        {"pattern": days_pattern(PAST)},
    ),
    AddedBound(
        frozenset({"visit_day"}),
        {"type": "string", "format": "date"},
        {"pattern": days_pattern(LIVE)},
    ),
    AddedBound(
        frozenset({"streamepoch", "epoch"}),
        {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        {"maximum": EPOCH},
    ),
    AddedBound(
        frozenset({"after_epoch"}),
        {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
        {"maximum": EPOCH},
    ),
)
"""The bounds of :mod:`libs.events.bounds` as JSON Schema tells of them: the one way in which a
released type may differ from its release."""


def breaks(released: Schema, current: Schema) -> list[str]:
    """What differs between two JSON Schemas of one version, a line each; empty if nothing does.

    Every difference that is neither prose nor one of the :data:`ADDED_BOUNDS` breaks somebody: what
    the new one no longer allows, an old message may hold; what it newly allows, an old reader
    refuses.
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
        yield from _compare_objects(old, new, where)
    elif _is_set(old, where) and _is_set(new, where):
        before, after = _members(old), _members(new)
        yield from (f"{where}: {item} is gone" for item in sorted(before - after))
        yield from (f"{where}: {item} is new" for item in sorted(after - before))
    elif _is_list(old) and _is_list(new) and len(old) == len(new):
        for place, before in enumerate(old):
            yield from _compare(before, new[place], f"{where}/{place}")
    elif old != new:
        yield f"{where}: was {old!r}, is {new!r}"


def _compare_objects(old: Schema, new: Schema, where: str) -> Iterator[str]:
    field = where.rpartition("/properties/")[2].split("/")[0]
    if any(bound.explains(field, old, new) for bound in ADDED_BOUNDS):
        return
    for key in sorted(old.keys() | new.keys()):
        place = f"{where}/{key}"
        if key not in new:
            yield f"{place}: gone; old messages and readers have it"
        elif key not in old:
            yield f"{place}: new; old messages lack it and old readers refuse it"
        else:
            yield from _compare(old[key], new[key], place)


def _is_list(node: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(node, Sequence) and not isinstance(node, str)


def _is_set(node: Json, where: str) -> TypeGuard[Sequence[Json]]:
    """Whether this is a list whose order means nothing."""
    return where.endswith(("/enum", "/required")) and _is_list(node)


def _members(node: Sequence[Json]) -> set[str]:
    return {repr(item) for item in node}
