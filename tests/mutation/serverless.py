"""A plugin of pytest that leaves out every test that needs a server, a browser or a disk, and lets
the others try the same examples each time, so that a mutant lives or dies for good."""

import hypothesis
import pytest

from tests.serverless import needs_none

PROFILE = "mutants"


def pytest_sessionstart() -> None:
    """After the profile of all tests is loaded, and before a test takes it."""
    hypothesis.settings.register_profile(PROFILE, derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile(PROFILE)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = [item for item in items if not needs_none(item)]
    items[:] = [item for item in items if needs_none(item)]
    config.hook.pytest_deselected(items=left)
