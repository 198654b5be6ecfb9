"""Five rounds of the kill loop. `make kill-loop N=100` runs more of them."""

import secrets

import pytest

from .loop import Plan, run_loop
from .platform import Platform
from .summary import report, summary


@pytest.mark.kill
@pytest.mark.timeout(300)
async def test_nothing_accepted_is_lost_doubled_or_charged_twice_when_processes_are_killed() -> None:
    said: list[str] = []
    plan = Plan(rounds=5, seed=secrets.randbits(32))

    async with Platform() as platform:
        outcome = await run_loop(platform, plan, said.append)

    assert not outcome.violations, "\n".join([*said, *report(outcome)])
    assert int(summary(outcome)["told accepted"]) > 500
