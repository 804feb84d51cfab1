"""A plugin of pytest that leaves out every test that needs a server, a browser or a disk."""

from collections.abc import Sequence

import pytest

SERVERS = frozenset({"postgres", "kafka_server", "small_disk", "browser"})


def needs_none(item: pytest.Item) -> bool:
    """Whether the test asks for no server, itself or through any of its fixtures."""
    return SERVERS.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left: Sequence[pytest.Item] = [item for item in items if not needs_none(item)]
    items[:] = [item for item in items if needs_none(item)]
    config.hook.pytest_deselected(items=left)
