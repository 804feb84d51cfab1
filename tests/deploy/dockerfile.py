"""The Dockerfile, read: what each image holds, and who runs it."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.compose import REPOSITORY

FILE = REPOSITORY / "Dockerfile"
UNSEEN = shutil.ignore_patterns("__pycache__", "*.pyc")


@dataclass(slots=True)
class Stage:
    """One ``FROM`` and the instructions after it."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def all(self, instruction: str) -> list[str]:
        return [text for name, text in self.instructions if name == instruction]

    @property
    def copies(self) -> list[tuple[list[str], str]]:
        """Sources in this tree and their target."""
        parts = [text.split() for text in self.all("COPY") if not text.startswith("--from")]
        return [(sources, target) for *sources, target in parts]

    @property
    def wheels(self) -> str | None:
        """The stage that its installed packages come from."""
        found = [text for text in self.all("COPY") if text.startswith("--from=")]
        return found[0].split()[0].removeprefix("--from=") if found else None

    def lay_out(self, app: Path) -> None:
        """Make the image's ``/app`` at ``app``, as a build would."""
        for sources, target in self.copies:
            place = app / target.removeprefix("/app").strip("/")
            for source in sources:
                found = REPOSITORY / source
                if found.is_dir():
                    shutil.copytree(found, place, ignore=UNSEEN, dirs_exist_ok=True)
                else:
                    place.mkdir(parents=True, exist_ok=True)
                    shutil.copy(found, place / found.name)


def stages() -> dict[str, Stage]:
    """By name, in order."""
    lines = FILE.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found: dict[str, Stage] = {}
    current = Stage("", "")
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            current = found.setdefault(name, Stage(name, base))
        else:
            current.instructions.append((instruction, rest.strip()))
    return found


def lock_of(role: str) -> Path:
    """The pinned wheels of an image."""
    wheels = stages()[role].wheels
    assert wheels is not None
    [(sources, _)] = stages()[wheels].copies
    return REPOSITORY / sources[0]


def locked(lock: Path) -> set[str]:
    """Names of the distributions in a lock, normalised."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
