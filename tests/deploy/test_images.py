"""What each image holds: enough to run its role, and nothing that is another's."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from libs import VERSION
from tests.deploy.compose import REPOSITORY
from tests.deploy.dockerfile import lock_of, locked, stages

ROLES = ("site", "reporting", "setup")
OURS = {"libs", "services", "saduak"}


@pytest.fixture(scope="module", params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def app(role: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's /app."""
    found = tmp_path_factory.mktemp(role)
    stages()[role].lay_out(found)
    return found


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def module_of(app: Path, name: str) -> Path | None:
    """The file of a module of ours; None if the image does not hold it."""
    path = app / Path(*name.split("."))
    places = (path / "__init__.py", path.with_suffix(".py"))
    return next((place for place in places if place.exists()), None)


def needed(app: Path, role: str) -> tuple[set[str], set[str]]:
    """What is reached from the role's commands: foreign packages, and modules of ours that
    are missing. The migrations are reached by their folder."""
    commands = {
        "site": ["services.ticketing.cli", "services.feedback.cli", "saduak.office_cli"],
        "reporting": ["services.reporting.cli"],
        "setup": ["saduak.provision.cli"],
    }[role]
    start = [
        module_of(app, name) for name in ("saduak.__main__", "saduak.standards_cli", *commands)
    ]
    assert None not in start
    steps = list(app.glob("services/*/migrations/versions/*.py"))
    todo = [*filter(None, start), *steps, app / "libs/service/probe.py"]
    seen, foreign, missing = set[Path](), set[str](), set[str]()
    while todo:
        file = todo.pop()
        if file in seen:
            continue
        seen.add(file)
        for name in imported(file):
            top = name.split(".")[0]
            if top not in OURS:
                foreign |= {top} - set(sys.stdlib_module_names)
                continue
            # A name may be a module, or what a module holds.
            wanted = name if module_of(REPOSITORY, name) else name.rpartition(".")[0]
            found = module_of(app, wanted)
            if found is None:
                missing.add(f"{name} (in {file.relative_to(app)})")
            else:
                todo.append(found)
    return foreign, missing


def test_the_wheels_of_an_image_are_enough(role: str, app: Path) -> None:
    foreign, missing = needed(app, role)
    pinned = locked(lock_of(role))
    known = packages_distributions()
    assert {"pydantic", "typer", "asyncpg"} <= foreign  # it has looked
    for name in foreign:
        distributions = {one.lower().replace("_", "-") for one in known[name]}
        assert distributions & pinned, f"{name} is not in {lock_of(role).name}"
    assert not missing


def test_no_image_holds_what_is_not_its_own(role: str, app: Path) -> None:
    held = {str(path.relative_to(app)) for path in app.rglob("*") if path.is_file()}
    foreign = ("tests/", "benchmarks/", "saduak/local/", "saduak/demo/", ".env")
    assert not [name for name in held if name.startswith(foreign)]
    pages = [name for name in held if "/templates/" in name and name.startswith("services/")]
    if role == "site":
        assert not [name for name in held if name.startswith("services/reporting")]
        assert not {"faststream", "vl-convert-python", "confluent-kafka"} & locked(lock_of(role))
        assert pages
    elif role == "reporting":
        assert not [name for name in held if name.startswith(("services/t", "services/f"))]
        assert not [name for name in held if name.startswith("libs/site")]
    else:
        assert not pages


def test_nobody_is_root_and_nothing_is_loose(role: str) -> None:
    every = stages()
    stage = every[role]
    assert stage.all("USER") == ["10001:10001"]
    assert stage.base == "base"
    assert re.fullmatch(r"python:3\.13\.\d+-slim-[a-z]+", every["base"].base)
    wheels = every[stage.wheels or ""]
    assert wheels.base == "wheels"
    [install] = wheels.all("RUN")
    assert install == f"$INSTALL -r {lock_of(role).name}"
    assert "--require-hashes" in every["wheels"].all("ENV")[0]
    assert not [text for one in every.values() for text in one.all("ADD")]


def test_locks_name_the_very_wheels_of_the_tests(role: str) -> None:
    pins = re.compile(r"^([A-Za-z0-9._-]+==\S+)", re.MULTILINE)
    lock = lock_of(role).read_text(encoding="utf-8")
    tested = (REPOSITORY / "requirements/dev.txt").read_text(encoding="utf-8")
    assert set(pins.findall(lock)) <= set(pins.findall(tested))
    assert lock.count("--hash=sha256:") > len(pins.findall(lock))
    assert "://" not in lock


def test_the_builder_is_sent_only_what_an_image_may_hold() -> None:
    lines = (REPOSITORY / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    sent = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = {
        source.split("/")[0]
        for stage in stages().values()
        for sources, _ in stage.copies
        for source in sources
    }
    assert sent == copied


def test_the_images_are_of_this_version() -> None:
    files = [REPOSITORY / "docker-compose.yml", *REPOSITORY.glob("deploy/*/docker-compose.yml")]
    assert len(files) == 3
    for file in files:
        tags = set(re.findall(r"image: saduak/[a-z]+:(\S+)", file.read_text()))
        assert tags == {VERSION}, file
