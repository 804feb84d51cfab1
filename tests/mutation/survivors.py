"""Which mutants may live, each with the reason why it may: the list of survivors. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One mistake. Its number is no name: numbers shift whenever the code changes."""

    where: str
    """The function, with its module and class."""
    was: str
    now: str

    def listed(self) -> str:
        """As the list of survivors has it."""
        entry = {"where": self.where, "was": self.was, "now": self.now, "reason": "…"}
        return yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=100)


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """Mistakes that may live wherever they are planted."""

    was: str
    """A regular expression of the whole line as it was."""
    now: str
    """One of the line as it is. It can name the groups of ``was``, so as to say that all the rest
    of the line is the same: ``(?P=rest)``."""

    def has(self, mutant: Mutant) -> bool:
        return re.fullmatch(f"{self.was}\n{self.now}", f"{mutant.was}\n{mutant.now}") is not None


@dataclass(frozen=True, slots=True)
class Survivors:
    """The mutants that may live: of certain kinds, and single ones."""

    kinds: tuple[Kind, ...]
    mutants: Counter[Mutant]

    def unlisted(self, living: Counter[Mutant]) -> Counter[Mutant]:
        """Those of ``living`` that no reason is known for."""
        of_no_kind = {one: count for one, count in living.items() if not self._has_kind_of(one)}
        return Counter(of_no_kind) - self.mutants

    def dead(self, living: Counter[Mutant]) -> list[str]:
        """What is listed although nothing of it lives any more, as the list has it.

        A single mutant that a kind speaks for is listed twice, and dead.
        """
        kinds = [f"a kind, {one.was!r}" for one in self.kinds if not any(map(one.has, living))]
        single = Counter({one: n for one, n in living.items() if not self._has_kind_of(one)})
        return [*kinds, *(one.listed() for one in (self.mutants - single).elements())]

    def by_kind(self, living: Counter[Mutant]) -> Counter[Kind]:
        """How many of ``living`` each kind speaks for."""
        counts = Counter[Kind]()
        for kind in self.kinds:
            counts[kind] = sum(count for one, count in living.items() if kind.has(one))
        return counts

    def _has_kind_of(self, mutant: Mutant) -> bool:
        return any(kind.has(mutant) for kind in self.kinds)


def survivors(text: str) -> Survivors:
    """The survivors that ``text`` lists, YAML of two parts: ``kinds`` and ``mutants``.

    Raises ValueError where one of them has no reason.
    """
    listed = yaml.safe_load(text)
    return Survivors(
        tuple(Kind(one["was"], one["now"]) for one in _with_reasons(listed["kinds"])),
        Counter(
            Mutant(one["where"], one["was"], one["now"]) for one in _with_reasons(listed["mutants"])
        ),
    )


def _with_reasons(entries: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for entry in entries:
        if not entry["reason"].strip("… \n"):
            raise ValueError(f"a survivor without a reason: {entry['was']}")
        yield entry
