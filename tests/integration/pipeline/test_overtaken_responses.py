"""A report that comes before its submit response, and a response that then never comes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.pipeline.doubt import judge_doubt
from hongyan.pipeline.reports import Report
from hongyan.pipeline.settle import Doubt, Settler

from .world import PHONE, World


@pytest_asyncio.fixture
async def settler(world: World) -> AsyncIterator[Settler]:
    """A settler at work."""
    settler = Settler(world.pool, world.clock)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(settler.run())
        yield settler
        running.cancel()


@pytest.mark.parametrize("kind", list(MessageKind))
async def test_a_report_that_came_first_ends_its_message_when_the_response_is_lost(
    world: World, settler: Settler, kind: MessageKind
) -> None:
    (mid,) = await world.accept(world.row(kind=kind))
    await world.pool.execute(
        "UPDATE live_messages SET state = 1, claimed = true, attempt = 1, sending_at = $1", world.now()
    )
    received_at = world.now() + timedelta(milliseconds=5)
    acknowledged = asyncio.Event()
    settler.reported(Report(world.channel_id, "8801", PHONE, "DELIVRD", received_at), acknowledged.set)
    await acknowledged.wait()
    assert await world.state(mid) is State.SENDING

    verdict = judge_doubt(kind, attempt=1, now=world.now(), expires_at=world.now() + timedelta(minutes=5))
    settler.doubted(Doubt(mid, 1, verdict, 1, "{}"))
    await settler.flushed()

    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")
    assert (await world.message(mid))["final_at"] == received_at
    assert set(await world.events(mid)) == {"in_doubt", "doubt_resolved"}
    assert await world.money(mid) == [0, 1]
    assert await world.count("orphan_reports") == 0
