"""``make chaos`` and ``make chaos-mutants``."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.campaign import Plan, campaign, verdict
from tests.chaos.invariants import Findings
from tests.chaos.mutants import MUTANTS
from tests.chaos.power import power_cuts

MUTANT_KILLS = 12


def mutated(name: str, seed: int, kills: int = MUTANT_KILLS) -> Plan:
    """The campaign in which every process has the mutant ``name``."""
    planted = (sys.executable, "-m", "tests.chaos.mutants", name)
    return Plan(
        seed, kills, launcher=planted, loader=(*planted, "load"), prepare=MUTANTS[name].prepare
    )


def run(plan: Plan, title: str) -> Findings:
    print(f"── {title}, seed {plan.seed}, {plan.kills} kills", flush=True)
    begun = time.monotonic()

    def log(text: str) -> None:
        print(f"  {time.monotonic() - begun:6.1f} s  {text}", flush=True)

    with tempfile.TemporaryDirectory(prefix="saduak-chaos-") as state:
        findings = asyncio.run(campaign(plan, Path(state), log))
    for invariant, faults in verdict(findings).items():
        log(f"BROKEN: {invariant}")
        for fault in faults:
            print(f"             {fault}")
    if not findings.broken:
        log("every invariant holds")
    return findings


def cut(plan: Plan) -> bool:
    """Cut the power so often; whether anything was broken."""
    print(f"── power cuts, seed {plan.seed}, {plan.kills} cuts", flush=True)
    with tempfile.TemporaryDirectory(prefix="saduak-chaos-") as state:
        findings = asyncio.run(power_cuts(plan, Path(state), lambda text: print(f"  {text}")))
    broken = [verdict(found) for found in findings if found.broken]
    print("\n".join(str(one) for one in broken) or "  every invariant holds after each", flush=True)
    return bool(broken)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--cuts", type=int, default=0, help="kill everything at once, so often")
    parser.add_argument("--mutants", action="store_true", help="plant each mistake in turn")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), action="append", default=[])
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    if arguments.cuts:
        sys.exit(1 if cut(Plan(seed, arguments.cuts)) else 0)
    names = sorted(MUTANTS) if arguments.mutants else arguments.mutant
    if not names:
        sys.exit(1 if run(Plan(seed, arguments.kills or 200), "no mutant").broken else 0)
    kills = arguments.kills or MUTANT_KILLS
    failed = bool(run(Plan(seed, kills), "no mutant").broken)
    for name in names:
        found = run(mutated(name, seed, kills), name)
        caught = MUTANTS[name].breaks & found.broken.keys()
        print(f"  {name}: {'caught' if caught else 'NOT CAUGHT'}", flush=True)
        failed = failed or not caught
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
