"""``make mutants``: plant every mutant, and hold those that live against the list of survivors."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.mutation.survivors import Mutant, survivors

REPOSITORY = Path(__file__).parents[2]
SURVIVORS = Path(__file__).with_name("survivors.yaml")
LIVING = {"survived", "no tests", "suspicious", "segfault"}
RESULT = re.compile(r"^\s*(\S+__mutmut_\d+): (.+)$", re.MULTILINE)
PLACE = re.compile(r"^(.*)\.x(?:ǁ(\w+)ǁ|_)(\w+?)__mutmut_\d+$")


def mutmut(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(
            f"mutmut {' '.join(arguments)} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
    return done.stdout


def living() -> Counter[Mutant]:
    """The mutants of the last run that no test noticed."""
    results = RESULT.findall(mutmut("results", "--all", "true"))
    print(f"{len(results)} mutants: {dict(Counter(status for _, status in results))}", flush=True)
    return Counter(
        shown(name, mutmut("show", name)) for name, status in results if status in LIVING
    )


def shown(name: str, diff: str) -> Mutant:
    place = PLACE.match(name)
    assert place is not None, name
    lines = [line for line in diff.splitlines() if line[:3] not in {"---", "+++"}]
    was, now = (_changed(lines, sign) for sign in "-+")
    return Mutant(".".join(filter(None, place.groups())), was, now)


def _changed(lines: Iterable[str], sign: str) -> str:
    return "\n".join(line[1:].strip() for line in lines if line.startswith(sign))


def main() -> None:
    shutil.rmtree(REPOSITORY / "mutants", ignore_errors=True)  # what it knows of earlier tests
    mutmut("run")
    alive, known = living(), survivors(SURVIVORS.read_text(encoding="utf-8"))
    unlisted, dead = known.unlisted(alive), known.dead(alive)
    for mutant in sorted(unlisted.elements()):
        print(f"lives, and is not in {SURVIVORS.name}:\n{mutant.listed()}")
    for entry in dead:
        print(f"in {SURVIVORS.name}, and does not live any more:\n{entry}")
    for kind, count in known.by_kind(alive).items():
        print(f"{count} of the kind {kind.was}")
    print(f"{alive.total()} live, {unlisted.total()} of them without a reason")
    sys.exit(1 if unlisted or dead else 0)


if __name__ == "__main__":
    main()
