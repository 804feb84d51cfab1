"""The compose files, read as Compose reads them: anchors merged, variables filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[2]
ROOT = REPOSITORY / "docker-compose.yml"
SITE = REPOSITORY / "deploy/site/docker-compose.yml"
NATIONAL = REPOSITORY / "deploy/national/docker-compose.yml"
FILES = (ROOT, SITE, NATIONAL)
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::\?[^}]*)?\}")
OURS = "saduak/"


@dataclass(frozen=True, slots=True)
class Mount:
    """What a container sees at ``target``: a folder of ``volume``, or ``path`` of this tree."""

    target: str
    volume: str | None
    subpath: str
    path: Path | None
    read_only: bool


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a file."""

    name: str
    told: Mapping[str, Any]
    folder: Path

    @property
    def image(self) -> str:
        return self.told["image"]

    @property
    def role(self) -> str | None:
        """The target of our Dockerfile that it runs; None for a foreign image."""
        return self.image.removeprefix(OURS).split(":")[0] if self.image.startswith(OURS) else None

    @property
    def one_shot(self) -> bool:
        return self.told["restart"] == "no"

    @property
    def environment(self) -> Mapping[str, str]:
        return self.told.get("environment", {})

    @property
    def networks(self) -> set[str]:
        return set(self.told.get("networks", []))

    @property
    def mounts(self) -> list[Mount]:
        return [self._mount(volume) for volume in self.told.get("volumes", [])]

    def _mount(self, volume: str | Mapping[str, Any]) -> Mount:
        if isinstance(volume, str):
            source, target, *mode = volume.split(":")
            path = self.folder / source if source.startswith(".") else None
            return Mount(target, None if path else source, "", path, mode == ["ro"])
        bound = volume["type"] == "bind"
        return Mount(
            volume["target"],
            None if bound else volume["source"],
            volume.get("volume", {}).get("subpath", ""),
            self.folder / volume["source"] if bound else None,
            volume.get("read_only", False),
        )


@dataclass(frozen=True, slots=True)
class Composed:
    """A whole file."""

    path: Path
    told: Mapping[str, Any]
    variables: frozenset[str]

    @property
    def services(self) -> dict[str, Service]:
        return {
            name: Service(name, told, self.path.parent)
            for name, told in self.told["services"].items()
        }


def example(path: Path) -> dict[str, str]:
    """The variables that an operator fills in, with the values of the example."""
    file = path.parent / ".env.example"
    if not file.exists():
        return {}
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def read(path: Path, values: Mapping[str, str] | None = None) -> Composed:
    """The file with ``values``, or those of its example, for its variables."""
    text = path.read_text(encoding="utf-8")
    given = example(path) if values is None else values
    filled = VARIABLE.sub(lambda found: given[found[1]], text)
    told = yaml.load(filled, Strict)
    return Composed(path, told, frozenset(VARIABLE.findall(text)))


class Strict(yaml.SafeLoader):
    """Refuses a key that stands twice, as Compose does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"{node.start_mark}: twice: {', '.join(sorted(twice))}")
        return super().construct_mapping(node, deep)
