"""What the JSON of a message keeps to, beyond its grammar. Pure.

pydantic's parser reads all of a message, also the parts that are skipped, and refuses what is no
JSON there: invalid UTF-8, half a surrogate pair, more than 200 levels, more than 4,300 digits. It
lets pass a key twice, of which the last counts, NaN and Infinity, numbers that no double holds,
and any text in names and in parts that are skipped. Those are refused here, by a slower parser.
"""

import json
from collections.abc import Callable, Iterable
from functools import cache
from math import isinf
from typing import Final, NamedTuple, NoReturn, TypeAlias, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from libs.events.bounds import DEPTH, KEYS
from libs.events.faults import faults_of, shown
from libs.events.texts import is_plain

M = TypeVar("M", bound=BaseModel)
Pairs: TypeAlias = list[tuple[str, object]]

NAME_LENGTH: Final = 100
NUMBER_LENGTH: Final = 40
"""Characters of a number; a double's shortest form has 24."""


class Unruly(ValueError):
    """JSON that breaks a rule; the text is safe to store and to print."""


def check_json(raw: bytes, is_text: Callable[[str], bool] = is_plain) -> None:
    """Hold the message in ``raw`` against the rules, its texts against ``is_text``.

    Raises :class:`Unruly`.
    """
    rules = _Rules(is_text)
    try:
        message: object = json.loads(
            raw.decode(),
            object_pairs_hook=rules.check_object,
            parse_constant=_refuse_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except Unruly:
        raise
    except (ValueError, RecursionError):
        raise Unruly("message: no JSON") from None
    rules.check_values(message)


def read_message(
    adapter: TypeAdapter[M], raw: bytes, most: int, is_text: Callable[[str], bool] = is_plain
) -> M:
    """The message in ``raw``, which stands outside the numbered streams, by all the rules.

    Raises :class:`Unruly`; that of more than ``most`` bytes is not parsed.
    """
    if len(raw) > most:
        raise Unruly(oversize(raw, most))
    try:
        message = adapter.validate_json(raw)
    except ValidationError as error:
        raise Unruly(faults_of(error)) from None
    check_json(raw, is_text)
    return message


def oversize(raw: bytes, most: int) -> str:
    return f"message: {len(raw)} bytes, where at most {most} are read"


class _Rules:
    """What has been seen of one message."""

    def __init__(self, is_text: Callable[[str], bool]) -> None:
        self._is_text = is_text
        self._keys = 0

    def check_object(self, pairs: Pairs) -> dict[str, object]:
        self._keys += len(pairs)
        if self._keys > KEYS:
            raise Unruly(f"message: more than {KEYS} fields")
        found = dict(pairs)
        for name in found:
            if len(name) > NAME_LENGTH or not is_plain(name):
                raise Unruly(f"{shown(name)}: no name of a field")
        if len(found) < len(pairs):
            raise Unruly(f"{shown(_doubled(pairs))}: there twice")
        return found

    def check_values(self, message: object) -> None:
        """Texts and depth, level by level, so that no depth is too deep for this."""
        level = [("message", message)]
        for _ in range(DEPTH):
            for name, value in level:
                if isinstance(value, str) and not self._is_text(value):
                    raise Unruly(f"{shown(name)}: text that can't be shown")
            level = [inner for name, value in level for inner in _inside(name, value)]
            if not level:
                return
        raise Unruly(f"message: more than {DEPTH} levels")


def _inside(name: str, value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).items()
    return ((name, one) for one in cast("list[object]", value)) if isinstance(value, list) else ()


def _doubled(pairs: Pairs) -> str:
    seen: set[str] = set()
    return next(name for name, _ in pairs if name in seen or seen.add(name))


def _refuse_constant(_text: str) -> NoReturn:
    raise Unruly("message: a number that is none")


def _integer(text: str) -> int:
    if len(text) > NUMBER_LENGTH:
        raise Unruly("message: a number too long")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if len(text) > NUMBER_LENGTH or isinf(number):
        raise Unruly("message: a number too large")
    return number


class Shape(NamedTuple):
    """What is known beforehand of a model's JSON: to tell whether a key was there twice.

    No text of a released type of a site can hold a comma. So where there are more commas than
    between the fields and items that were read, there was more than was read.
    """

    commas: int
    """Those between the required fields. An optional one makes one more, and the message is
    looked at closely."""
    more: tuple[str, ...]
    """The fields that bring others along: objects and lists."""


@cache
def shape_of(kind: type) -> Shape:
    """The shape of a model; of any other type, which has neither fields nor commas."""
    if not issubclass(kind, BaseModel):
        return Shape(0, ())
    fields = kind.model_fields.items()
    required = sum(field.is_required() for _, field in fields)
    more = tuple(name for name, field in fields if _has_more(field.annotation))
    return Shape(max(required - 1, 0), more)


def commas_in(value: object) -> int:
    """How many commas the JSON of ``value`` has, where no key is there twice: of a model, of a
    tuple of values of one type, or of a scalar."""
    if type(value) is not tuple:  # asking a model what it is an instance of is slow
        commas, more = shape_of(type(value))
        for name in more:
            commas += commas_in(getattr(value, name))
        return commas
    items = cast("tuple[object, ...]", value)
    if not items:
        return 0
    commas, more = shape_of(type(items[0]))
    inner = sum(map(commas_in, items)) if more else len(items) * commas
    return len(items) - 1 + inner


def _has_more(annotation: object) -> bool:
    """Whether a field of this type may hold commas."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return get_origin(annotation) is tuple or any(map(_has_more, get_args(annotation)))
