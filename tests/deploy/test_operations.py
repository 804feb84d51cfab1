"""docs/operations.md: every command it names is there, and so is every place."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from saduak.cli import ROOMS, root
from tests.deploy.compose import FILES, REPOSITORY, read

PAGE = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")
NAMES = "|".join(room.name for room in ROOMS)
COMMANDS = sorted(
    {
        found[1].strip()
        for line in PAGE.splitlines()
        for found in re.finditer(rf"(?:saduak|…) ((?:{NAMES})\b[^`#\\]*)", line)
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_is_there(command: str) -> None:
    """Its options too; of a command in a command (after ``--``), both."""
    for part in re.split(r" --(?: |$)", command):
        words = part.split()
        if not words or words[0] not in {room.name for room in ROOMS}:
            continue
        group: Any = typer.main.get_command(root(words))
        while words and words[0] in getattr(group, "commands", {}):
            group = group.commands[words.pop(0)]
        is_whole = not hasattr(group, "commands") or group.invoke_without_command
        assert is_whole, f"{part}: there is no such command"
        known = {name for parameter in group.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, part


def test_the_page_was_read() -> None:
    for wanted in ("site admit", "site rotate", "site revoke", "reporting reconcile", "local add"):
        assert any(wanted in command for command in COMMANDS), wanted


def test_services_of_the_page_are_in_the_files() -> None:
    known = {name for path in FILES for name in read(path).services}
    named = re.findall(r"docker compose (?:run|exec)(?: --?\S+(?: tar| cat)?)* ([a-z][\w-]*)", PAGE)
    assert len(named) >= 6
    assert set(named) <= known


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings
    for place in re.findall(r"`(deploy/[a-z]+|standards/[a-z.]+|docker-compose.yml)`", PAGE):
        assert (REPOSITORY / place).exists(), place


def test_the_readme_says_what_was_never_loaded() -> None:
    readme = Path(REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "never loaded into a real Docker" in " ".join(readme.split())
