"""A minute of everything that a hostile site can send; the other site does not feel it."""

from pathlib import Path

import pytest

from tests.chaos.hostile.kinds import KINDS, STOPPING
from tests.chaos.hostile.run import Siege, siege

FRESH_S = 10.0
"""On a machine that runs other tests meanwhile. ``make chaos-hostile`` asks for two seconds."""


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_hostile_site_harms_no_other(tmp_path: Path) -> None:
    lines: list[str] = []
    plan = Siege(seed=2564, seconds=60, sites=("pjo-50",), pace=4)
    outcome = await siege(plan, tmp_path, lines.append)
    print("\n".join([*lines, *outcome.told()]))
    assert outcome.faults(plan, FRESH_S) == []
    assert len(outcome.fresh["pjo-50"]) > 100
    sent = {kind for kind, (taken, refused) in outcome.sent.items() if taken or refused}
    assert sent >= {kind.__name__ for kind in (*KINDS, *STOPPING)}
    assert outcome.refused.keys() >= {"poison", "too_large", "foreign_source", "fork"}
    assert outcome.stopped.keys() == {"ticketing", "feedback"}
