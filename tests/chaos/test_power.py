"""The power goes, everywhere at once; everything starts again where it was.

Once here; ``make chaos-power`` cuts it ten times.
"""

from pathlib import Path

import pytest

from tests.chaos.campaign import Plan
from tests.chaos.power import power_cuts


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_power_cut_loses_and_doubles_nothing(tmp_path: Path) -> None:
    lines: list[str] = []
    found = await power_cuts(Plan(seed=11, kills=1, sites=("pjo-50",)), tmp_path, lines.append)
    print("\n".join(lines))
    assert [findings.broken for findings in found] == [{}]
    assert found[0].events > 100
