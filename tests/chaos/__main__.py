"""``make chaos``, ``make chaos-power``, ``make chaos-hostile`` and ``make chaos-mutants``."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.chaos.campaign import Plan, campaign, verdict
from tests.chaos.hostile.run import WORSE_S, Outcome, Siege, siege
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


def besiege(plan: Siege) -> bool:
    """The others beside a hostile site; with kills, beside a silent one first. Whether anything
    was worse than it may be."""
    if not plan.kills:
        return bool(besieged(plan).faults(plan))
    quiet = replace(plan, silent=True)
    silent, hostile = besieged(quiet), besieged(plan)
    worse = hostile.p99() - silent.p99()
    print(f"  freshness p99 is {worse:+.3f} s beside the hostile site", flush=True)
    return bool(silent.faults(quiet) or hostile.faults(plan) or worse > WORSE_S)


def besieged(plan: Siege) -> Outcome:
    who = "silent" if plan.silent else "hostile"
    print(f"── {who} site, seed {plan.seed}, {plan.seconds:.0f} s, {plan.kills} kills", flush=True)
    with tempfile.TemporaryDirectory(prefix="saduak-chaos-") as state:
        outcome = asyncio.run(siege(plan, Path(state), lambda text: print(f"  {text}", flush=True)))
    for line in outcome.told():
        print(f"  {line}")
    for fault in outcome.faults(plan):
        print(f"  BROKEN: {fault}", flush=True)
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--cuts", type=int, default=0, help="kill everything at once, so often")
    parser.add_argument("--mutants", action="store_true", help="plant each mistake in turn")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), action="append", default=[])
    parser.add_argument("--hostile", action="store_true", help="beside a hostile site")
    parser.add_argument("--silent", action="store_true", help="beside a hostile site that sleeps")
    parser.add_argument("--minutes", type=float, default=10, help="how long it is hostile")
    parser.add_argument("--pace", type=float, default=1, help="how much slower the others work")
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    if arguments.hostile:
        seconds = arguments.minutes * 60
        plan = Siege(seed, seconds, arguments.kills, arguments.silent, pace=arguments.pace)
        sys.exit(1 if besiege(plan) else 0)
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
