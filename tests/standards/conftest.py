from pathlib import Path

import pytest

from tests.standards.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree.planted(tmp_path / "standards")
