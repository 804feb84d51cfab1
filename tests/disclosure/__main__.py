"""``python -m tests.disclosure``: attack many random countries, and say what was found.

Tells how many figures stay published too: to withhold everything is no answer.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from tests.disclosure.attack import Cell, Knowledge, Recovery, recovered, withheld
from tests.disclosure.countries import ORDINARY, TINY, Told, country
from tests.disclosure.published import of_nation, of_office


def tables(told: Told) -> Iterator[tuple[str, Knowledge, list[Cell]]]:
    """The national table and every office's page."""
    yield "national", *of_nation(told)
    for code in told.offices:
        yield "office", *of_office(told, code)


def attack(
    seed: int, most: int, counted: Counter[str], sizes: Sequence[int] = TINY
) -> Iterator[Recovery]:
    """What can be had back of a country, attacking at most so many cells of a table."""
    for table, known, cells in tables(country(seed, sizes)):
        hidden = withheld(cells)
        counted["tables"] += 1
        counted[f"{table}: shown"] += sum(not cell.shown.suppressed for cell in cells)
        counted[f"{table}: withheld"] += sum(cell.shown.suppressed for cell in cells)
        chosen = hidden if len(hidden) <= most else Random(seed).sample(hidden, most)
        counted["intervals"] += len(chosen)
        for cell in chosen:
            if found := recovered(known, cell):
                counted[f"recovered: {table}"] += 1
                yield found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--countries", type=int, default=20)
    asked.add_argument("--from-seed", type=int, default=0)
    asked.add_argument("--most", type=int, default=30, help="withheld cells attacked in a table")
    asked.add_argument(
        "--ordinary", choices=list(ORDINARY), help="offices as large as in such a period"
    )
    given = asked.parse_args()
    counted = Counter[str]()
    for seed in range(given.from_seed, given.from_seed + given.countries):
        for found in attack(seed, given.most, counted, ORDINARY.get(given.ordinary, TINY)):
            print(f"country {seed}: {found}")
    for name, number in sorted(counted.items()):
        print(f"{name}: {number:,}")


if __name__ == "__main__":
    main()
