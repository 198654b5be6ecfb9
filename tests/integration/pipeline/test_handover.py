"""Gateways that die, and statements whose outcome is lost: nothing is sent twice in silence, and nothing is forgotten."""

import asyncio

import asyncpg
import pytest

from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.pipeline.dispatch import Dispatcher
from hongyan.pipeline.gateway import Gateway

from .carrier import FakeCarrier, serve
from .running import running_gateway
from .world import POLL_SECONDS, World


async def test_a_successor_resends_codes_and_waits_for_reports_on_the_rest(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.ignore
    kinds = [MessageKind.VERIFICATION, MessageKind.NOTIFICATION, MessageKind.MARKETING]
    code, notice, marketing = await world.accept(
        *(world.row(kind=kind, recipient=8613800138000 + kind) for kind in kinds)
    )
    async with running_gateway(world, database_url, owner="dead", crashes=True):
        await carrier.got(3)
    carrier.on_submit = carrier.take
    async with running_gateway(world, database_url, owner="successor"):
        await world.reaches(State.SUBMITTED, code)

    assert [got.pdu.dest_terminal_id[0][-1] for got in carrier.submits] == ["0", "1", "2", "0"]
    assert [await world.state(mid) for mid in (notice, marketing)] == [State.IN_DOUBT] * 2
    assert [await world.events(mid) for mid in (code, notice, marketing)] == [["in_doubt"]] * 3


async def test_a_report_that_only_the_successor_hears_ends_the_message(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    async with running_gateway(world, database_url, owner="dead", crashes=True):
        (mid,) = await world.accept(world.row())
        (got,) = await carrier.got(1)
        await world.reaches(State.SUBMITTED, mid)
    async with running_gateway(world, database_url, owner="successor"):
        await carrier.until(lambda: bool(carrier.links))
        carrier.report(got, over=carrier.links[0])
        await world.reaches(State.DELIVERED, mid)


async def test_a_report_that_was_not_written_is_not_acknowledged(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    async with running_gateway(world, database_url, crashes=True) as gateway:
        (mid,) = await world.accept(world.row())
        (got,) = await carrier.got(1)
        await world.reaches(State.SUBMITTED, mid)
        gate = hold_settlement(gateway)
        carrier.report(got)
        await gate.reached.wait()

    assert carrier.acknowledged == []
    assert await world.state(mid) is State.SUBMITTED


async def test_a_claim_whose_outcome_is_lost_is_sent_once_by_the_next_claim(
    world: World, database_url: str, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.ignore
    claim = Dispatcher._fetch_claims
    lost: list[int] = []

    async def lose_the_second_outcome(self: Dispatcher, wanted: list[tuple[int, int, int]]) -> list[asyncpg.Record]:
        rows = await claim(self, wanted)
        if rows and carrier.submits and not lost:
            lost.extend(row["mid"] for row in rows)
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return rows

    monkeypatch.setattr(Dispatcher, "_fetch_claims", lose_the_second_outcome)
    async with running_gateway(world, database_url, drain_seconds=0.0):
        unanswered = await world.accept(world.row(), world.row())
        await carrier.got(2)
        carrier.on_submit = carrier.take
        mids = await world.accept(*(world.row() for _ in range(5)))
        await world.reaches(State.SUBMITTED, *mids)
        assert sorted(lost) == mids
        assert {await world.state(mid) for mid in unanswered} == {State.SENDING}
        assert len(carrier.submits) == 7  # those on the wire were not taken for lost

    attempts = await world.pool.fetch("SELECT attempt FROM live_messages WHERE mid = ANY ($1)", mids)
    assert {row["attempt"] for row in attempts} == {1}
    assert [await world.events(mid) for mid in mids] == [[]] * 5


async def test_what_is_answered_and_not_yet_written_is_not_taken_for_lost(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.ignore
    async with running_gateway(world, database_url) as gateway:
        mids = await world.accept(*(world.row() for _ in range(4)))
        answered = await carrier.got(4)
        gate = hold_settlement(gateway)
        for got in answered[:2]:
            carrier.take(got)
        await gate.reached.wait()
        for got in answered[2:]:
            carrier.take(got)  # gathers for the next batch
        while gateway._dispatcher.runners[world.channel_id].flights:
            await asyncio.sleep(POLL_SECONDS)
        await gateway._dispatcher._put_back_unknown()
        assert {await world.state(mid) for mid in mids} == {State.SENDING}
        gate.opened.set()
        await world.reaches(State.SUBMITTED, *mids)

    assert len(carrier.submits) == 4


async def test_a_claim_that_comes_back_while_its_channel_closes_is_not_stranded(
    world: World, database_url: str, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await serve(world, carrier)
    claim, held, go_on = Dispatcher._fetch_claims, asyncio.Event(), asyncio.Event()

    async def claim_slowly(self: Dispatcher, wanted: list[tuple[int, int, int]]) -> list[asyncpg.Record]:
        rows = await claim(self, wanted)
        if rows:
            held.set()
            await go_on.wait()
        return rows

    async with running_gateway(world, database_url) as gateway:
        await carrier.until(lambda: bool(carrier.links))
        monkeypatch.setattr(Dispatcher, "_fetch_claims", claim_slowly)
        (mid,) = await world.accept(world.row())
        await held.wait()
        async with asyncio.TaskGroup() as tasks:
            retiring = tasks.create_task(gateway._retire(gateway._dispatcher.runners[world.channel_id]))
            await asyncio.sleep(0)
            monkeypatch.setattr(Dispatcher, "_fetch_claims", claim)
            go_on.set()
        assert retiring.exception() is None

        await world.reaches(State.SUBMITTED, mid)
    assert len(carrier.submits) == 1
    assert await world.events(mid) == []


class Gate:
    """Where the settler waits before it writes."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()


def hold_settlement(gateway: Gateway) -> Gate:
    """Have the gateway's next batch wait before it is written."""
    gate, settler = Gate(), gateway._settler
    write = settler._write

    async def write_when_opened(batch: object) -> None:
        gate.reached.set()
        await gate.opened.wait()
        await write(batch)  # type: ignore[arg-type]

    settler._write = write_when_opened  # type: ignore[method-assign]
    return gate
