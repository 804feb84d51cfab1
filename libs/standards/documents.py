"""A small, safe reader of YAML that knows the line of every value.

Plain words are read simply: ``true``, ``false``, ``null``, decimal numbers, and text for all
else, so that ``no`` is a word, ``16:30`` a time of day and ``2025-10-01`` a date yet to be read.
A key given twice and an alias are faults.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import yaml

from libs.standards.faults import Fault

Location = tuple[str | int, ...]
"""The way to a value: keys and list indices from the top of its file."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
LONGEST_NUMBER = 20
"""Characters; what is longer is no number of ours."""
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
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
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = Fault(name, line, "the text is not UTF-8", "save the file in UTF-8")
        return Document(name, None, {}), [fault]
    reading = _Reading(name)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = None if root is None else reading.value(root, ())
    except RecursionError:
        fault = Fault(name, 1, "it is nested too deeply", "write it as the other files are written")
        return Document(name, None, {}), [fault]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = f"not readable as YAML: {error.problem or error.context}"
        mend = "look at the indent, quotes and colons of this line and the one before"
        return Document(name, None, {}), [Fault(name, line, what, mend)]
    except yaml.YAMLError:
        fault = Fault(name, 1, "not readable as YAML", "remove control characters from the file")
        return Document(name, None, {}), [fault]
    if root is None:
        fault = Fault(name, 1, "the file is empty", "restore its content")
        return Document(name, None, {}), [fault]
    return Document(name, data, reading.lines), reading.faults


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
        return _scalar(cast("yaml.ScalarNode", node))

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = cast("int", key_node.start_mark.line) + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(line, "a key is not a plain word", "write `name: value`")
                continue
            key = cast("str", key_node.value)
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
    if len(text) > LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
