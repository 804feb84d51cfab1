"""A plugin of pytest that leaves out every test that needs a server, a browser or a disk, or starts
processes of its own. What is asked for with ``--whole DIRECTORY`` is kept as it is."""

from pathlib import Path
from typing import cast

import pytest

SERVERS = frozenset({"postgres", "kafka_server", "small_disk", "browser"})
STARTERS = ("chaos", "demo", "deploy", "local", "provision", "supervised", "system", "watching")
"""Directories whose tests start processes without a fixture of :data:`SERVERS`."""
TESTS = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="append", default=[], help="a directory to leave whole")


def needs_none(item: pytest.Item) -> bool:
    """Whether the test asks for no server, itself or through any of its fixtures."""
    return SERVERS.isdisjoint(getattr(item, "fixturenames", ()))


def _is_quick(item: pytest.Item) -> bool:
    room = item.path.relative_to(TESTS).parts[0]
    whole = cast("list[str]", item.config.getoption("--whole"))
    return room in whole or (room not in STARTERS and needs_none(item))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = [item for item in items if not _is_quick(item)]
    items[:] = [item for item in items if _is_quick(item)]
    config.hook.pytest_deselected(items=left)
