"""Links that are cut under messages: what may have gone out is in doubt, and its kind decides what happens then."""

import pytest

from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.pipeline.courier import Courier
from hongyan.pipeline.doubt import NOTIFICATION_WAIT

from .carrier import FakeCarrier, serve
from .running import running_gateway
from .world import World, long_text


async def test_a_code_is_sent_again_at_once_over_another_link(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier, links=2)
    carrier.on_submit = carrier.ignore
    async with running_gateway(world, database_url):
        await carrier.until(lambda: len(carrier.links) == 2)
        (mid,) = await world.accept(world.row())
        (first,) = await carrier.got(1)
        carrier.on_submit = carrier.take_and_report
        first.link.abort()
        _, second = await carrier.got(2)

        await world.reaches(State.DELIVERED, mid)
    assert second.link is not first.link
    assert second.pdu == first.pdu
    assert await world.events(mid) == ["in_doubt"]
    assert (await world.message(mid))["attempts"] == 2
    assert await world.money(mid) == [0, 1]


async def test_a_code_is_sent_again_over_the_only_link_when_it_is_back(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.ignore
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())
        await carrier.got(1)
        carrier.on_submit = carrier.take
        carrier.cut()

        await world.reaches(State.SUBMITTED, mid)
    assert len(carrier.submits) == 2


async def test_nothing_is_sent_a_third_time(world: World, database_url: str, carrier: FakeCarrier) -> None:
    await serve(world, carrier)
    carrier.on_submit = lambda got: got.link.abort()
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())
        await carrier.got(2)
        await carrier.until(lambda: bool(carrier.links))  # it is back, and could take more
        await world.reaches(State.IN_DOUBT, mid)
        (other,) = await world.accept(world.row(kind=MessageKind.MARKETING))
        await carrier.got(3)
        await world.reaches(State.IN_DOUBT, mid, other)

    assert len(carrier.submits) == 3
    assert await world.events(mid) == ["in_doubt", "in_doubt"]


@pytest.mark.parametrize("kind", [MessageKind.NOTIFICATION, MessageKind.MARKETING])
async def test_what_is_no_code_is_not_sent_again_at_once(
    world: World, database_url: str, carrier: FakeCarrier, kind: MessageKind
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.ignore
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row(kind=kind))
        await carrier.got(1)
        carrier.cut()
        await world.reaches(State.IN_DOUBT, mid)
        carrier.on_submit = carrier.take
        (code,) = await world.accept(world.row())
        await world.reaches(State.SUBMITTED, code)

    assert len(carrier.submits) == 2
    live = await world.live(mid)
    assert live is not None
    assert (live["state"], live["claimed"], live["attempt"]) == (State.IN_DOUBT, True, 1)
    waits = live["due_at"] - live["sending_at"]
    assert (waits < NOTIFICATION_WAIT * 1.5) is (kind is MessageKind.NOTIFICATION)


async def test_a_cut_in_the_middle_of_a_window_loses_nothing(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier, links=2, window_size=4)
    carrier.on_submit = lambda got: carrier.cut() if len(carrier.submits) in {10, 40} else carrier.take_and_report(got)
    mids = await world.accept(*(world.row(recipient=8613800138000 + n) for n in range(60)))
    async with running_gateway(world, database_url):
        await world.reaches(State.DELIVERED, *mids)

    sent = [got.pdu.dest_terminal_id for got in carrier.submits]
    twice = {number for number in sent if sent.count(number) > 1}
    doubts = {mid for mid in mids if "in_doubt" in await world.events(mid)}
    assert max(map(sent.count, sent)) == 2
    assert twice <= {(str(8613800138000 + mids.index(mid) - 8600000000000),) for mid in doubts}


async def test_a_report_for_its_number_resolves_a_doubt(world: World, database_url: str, carrier: FakeCarrier) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.ignore
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row(kind=MessageKind.MARKETING))
        (got,) = await carrier.got(1)
        carrier.cut()
        await world.reaches(State.IN_DOUBT, mid)
        await carrier.until(lambda: bool(carrier.links))
        carrier.report(got, over=carrier.links[0])

        await world.reaches(State.DELIVERED, mid)
    assert await world.events(mid) == ["in_doubt", "doubt_resolved"]
    assert await world.money(mid) == [0, 1]


async def test_a_report_that_came_before_the_cut_resolves_the_doubt(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.report
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row(kind=MessageKind.MARKETING))
        await carrier.until(lambda: len(carrier.acknowledged) == 1)
        assert await world.count("orphan_reports") == 1
        carrier.cut()

        await world.reaches(State.DELIVERED, mid)
    assert await world.count("orphan_reports") == 0


async def test_a_report_is_not_given_to_a_doubt_while_another_message_to_the_number_waits_for_its_id(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.ignore
    async with running_gateway(world, database_url):
        (doubtful,) = await world.accept(world.row(kind=MessageKind.MARKETING))
        await carrier.got(1)
        carrier.cut()
        await world.reaches(State.IN_DOUBT, doubtful)
        (code,) = await world.accept(world.row())
        _, got = await carrier.got(2)
        carrier.report(got)
        await carrier.until(lambda: len(carrier.acknowledged) == 1)
        assert await world.state(doubtful) is State.IN_DOUBT

        carrier.take(got)
        await world.reaches(State.SUBMITTED, code)
    await Courier(world.pool, world.clock).sweep()
    assert await world.state(code) is State.DELIVERED
    assert await world.state(doubtful) is State.IN_DOUBT


async def test_a_long_text_cut_in_two_goes_out_whole_once_more(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier, window_size=2)
    carrier.on_submit = lambda got: got.link.abort() if len(carrier.submits) == 2 else carrier.take_and_report(got)
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row(text=long_text(200), segments=3))

        await world.reaches(State.DELIVERED, mid)
    assert [got.pdu.pk_number for got in carrier.submits] == [1, 2, 1, 2, 3]
    assert await world.events(mid) == ["in_doubt"]
