"""Ten kills, and nothing is lost, doubled or miscounted."""

from pathlib import Path

import pytest

from tests.chaos.campaign import Plan, campaign


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_ten_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    lines: list[str] = []
    findings = await campaign(Plan(seed=2564, kills=10), tmp_path, lines.append)
    print("\n".join(lines))
    assert findings.broken == {}
    assert findings.events > 2000
    assert findings.manifests > 3
