"""Rows, turned into what ``unnest`` takes."""

from collections.abc import Iterable, Sequence


def columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    """The columns of ``rows``, each a list; of no rows there are none. Raises ValueError where
    rows differ in length."""
    return [list(column) for column in zip(*rows, strict=True)]
