"""`python -m tests.kill --rounds 30 [--seed S] [--keep DIR]`: kill parts of the platform under load and compare ledgers.

`--mutant NAME` runs a platform with a mistake put into it, which has to be found; `--mutants` runs all of them. The
exit code is 0 when what had to come out came out: no violation without a mutant, violations with one.
"""

import argparse
import asyncio
import logging
import secrets
import signal
import sys
from pathlib import Path

import msgspec
import structlog

from .loop import Outcome, Plan, run_loop
from .mutants import MUTANTS
from .platform import Platform, PlatformBroken
from .summary import report


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="kills, of one process or two")
    parser.add_argument("--seed", type=int, default=None, help="repeats the choices of an earlier run")
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    parser.add_argument("--keep", type=Path, default=None, help="leave data, logs and journal in this new directory")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default=None, help="with this mistake in the platform")
    parser.add_argument("--mutants", action="store_true", help="each of the mistakes, one after the other")
    options = parser.parse_args()
    if options.keep is not None and options.keep.exists():
        parser.error(f"{options.keep} exists already")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    mutants = sorted(MUTANTS) if options.mutants else [options.mutant]
    seed = secrets.randbits(32) if options.seed is None else options.seed
    plan = Plan(rounds=options.rounds, seed=seed, rate=options.rate)
    came_out_right = [_run(plan, mutant, options.keep) for mutant in mutants]
    sys.exit(0 if all(came_out_right) else 1)


def _run(plan: Plan, mutant: str | None, keep: Path | None) -> bool:
    """Run one loop; tell whether it came out as it should."""
    _say(
        f"{plan.rounds} rounds, seed {plan.seed}" + (f", mutant {mutant}: {MUTANTS[mutant].mistake}" if mutant else "")
    )
    if mutant:
        # Without the account that runs out of money: a mutant has to be found by what a kill breaks.
        plan = msgspec.structs.replace(plan, poor_share=0.0)
    directory = keep / mutant if keep and mutant else keep
    outcome: Outcome | None = None
    try:
        outcome = asyncio.run(_loop(plan, mutant, directory))
    except* PlatformBroken as broken:
        _say(f"the platform broke: {broken.exceptions[0]}")
    if outcome is None:
        return False
    for line in report(outcome):
        _say(line)
    if mutant is None:
        return not outcome.violations
    caught = {violation.rule for violation in outcome.violations} & MUTANTS[mutant].breaks
    _say(f"mutant {mutant} was {'caught by ' + ', '.join(sorted(caught)) if caught else 'NOT CAUGHT'}")
    return bool(caught)


async def _loop(plan: Plan, mutant: str | None, directory: Path | None) -> Outcome:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with Platform(directory, mutant=mutant) as platform:
        _say(f"ready in {platform.directory}")
        return await run_loop(platform, plan, _say)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - read on a terminal


if __name__ == "__main__":
    main()
