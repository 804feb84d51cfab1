"""A small, safe reader of YAML that knows the line of every value.

Plain words are read simply: ``true``, ``false``, ``null``, decimal numbers, and text for all
else, so that ``no`` is a word, ``16:30`` a time of day and ``2025-10-01`` a date yet to be read.
A key given twice and an alias are faults, and so is what no person would write: a file of a size
or depth that is no standard's, and signs that nobody sees. Whatever the bytes, the answer is a
document or faults, after a few seconds at most.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import yaml

from libs.events.texts import is_document
from libs.standards.faults import Fault

Location = tuple[str | int, ...]
"""The way to a value: keys and list indices from the top of its file."""

MOST_BYTES = 400_000
"""Of one file; four times as much as a standard of 900 offices has."""
DEEPEST = 20
MOST_NODES = 60_000
"""Values and keys of one file; 900 offices have half as many."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Document:
    """One file's content, and where in the file each part stands."""

    name: str
    data: object
    lines: Mapping[Location, int]

    def line(self, location: Location) -> int:
        """The line of a value, or of the nearest thing around it that is there."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def fault(self, location: Location, what: str, mend: str) -> Fault:
        return Fault(self.name, self.line(location), what, mend)


def parse(name: str, content: bytes) -> tuple[Document, list[Fault]]:
    """The document in ``content``, and the faults of its form."""
    root = _composed(name, content)
    if isinstance(root, Fault):
        return Document(name, None, {}), [root]
    reading = _Reading(name)
    data = reading.value(root, ())
    return Document(name, data, reading.lines), reading.faults


def _composed(name: str, content: bytes) -> yaml.Node | Fault:
    text = _text(name, content)
    if isinstance(text, Fault):
        return text
    reader = _Reader(text)
    try:
        root = reader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = f"not readable as YAML: {error.problem or error.context}"
        mend = "look at the indent, quotes and colons of this line and the one before"
        return Fault(name, line, what, mend)
    except (ValueError, OverflowError):  # a number or an escape that PyYAML takes as it comes
        what = "not readable as YAML: a number or an escape that stands for nothing"
        return Fault(name, reader.line + 1, what, "write out what is meant")
    return root or Fault(name, 1, "the file is empty", "restore its content")


def _text(name: str, content: bytes) -> str | Fault:
    if len(content) > MOST_BYTES:
        what = f"the file has {len(content)} bytes; {MOST_BYTES} are allowed"
        return Fault(name, 1, what, "restore the last good version")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Fault(name, line, "the text is not UTF-8", "save the file in UTF-8")
    if odd := _oddity(text):
        return Fault(name, odd[0] + 1, odd[1], "delete the sign")
    return text


def _oddity(text: str) -> tuple[int, str] | None:
    """In which line of ``text``, from 0, stands what nobody sees or can read, and what it is."""
    if is_document(text):
        return None
    for place, line in enumerate(text.split("\n")):
        if not is_document(line):
            unseen = next((sign for sign in line if not is_document(sign)), None)
            if unseen is None:
                return place, "more signs stand on one letter than any language has"
            return place, f"a sign that nobody sees (U+{ord(unseen):04X})"
    return None


class _Reader(yaml.SafeLoader):
    """Composes no deeper than a person writes, and no more: what came is counted on the way."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        self._nodes += 1
        if self._depth > DEEPEST or self._nodes > MOST_NODES:
            problem = "more is nested or listed than any file of the standards holds"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.get_mark())
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


@dataclass(slots=True)
class _Reading:
    name: str
    lines: dict[Location, int] = field(default_factory=dict[Location, int])
    faults: list[Fault] = field(default_factory=list[Fault])
    seen: set[int] = field(default_factory=set[int])

    def value(self, node: yaml.Node, location: Location) -> object:
        line = cast("int", node.start_mark.line) + 1
        self.lines.setdefault(location, line)
        if id(node) in self.seen:
            self._fault(line, "an alias (*…) is used", "write the value out in full")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            items = cast("list[yaml.Node]", node.value)
            return [self.value(item, (*location, index)) for index, item in enumerate(items)]
        scalar = cast("yaml.ScalarNode", node)
        self._look_at(scalar)
        return _scalar(scalar)

    def _look_at(self, node: yaml.ScalarNode) -> None:
        """An escape in quotes can stand for what may not stand in the file."""
        text = cast("str", node.value)
        if node.style == '"' and (odd := _oddity(text)):
            line = cast("int", node.start_mark.line) + 1
            self._fault(line, odd[1], "write the text as it is to be read")

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = cast("int", key_node.start_mark.line) + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(line, "a key is not a plain word", "write `name: value`")
                continue
            key = cast("str", key_node.value)
            self._look_at(key_node)
            if key in found:
                first = self.lines[*location, key]
                self._fault(
                    line, f"`{key}` is given twice, first on line {first}", "keep one of the two"
                )
                continue
            self.lines[*location, key] = line
            found[key] = self.value(value_node, (*location, key))
        return found

    def _fault(self, line: int, what: str, mend: str) -> None:
        self.faults.append(Fault(self.name, line, what, mend))


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    text = cast("str", node.value)
    if node.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
