"""A gateway between a real database and a carrier on a real socket."""

from collections import Counter
from typing import Any

from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.pipeline.channel import STAT_UNSENDABLE
from hongyan.pipeline.store import MessageRow
from hongyan.routing import service as routing
from hongyan.routing.service import ChannelChanges
from hongyan.wire.cmpp.pdus import Deliver
from hongyan.wire.cmpp.report import Report, encode_report

from .carrier import FakeCarrier, Got, serve, text_of
from .running import eventually, running_gateway
from .world import ACTOR, BALANCE, PRICE, TEXT, World, long_text


def a_long_row(world: World) -> MessageRow:
    return world.row(text=long_text(200), segments=3, kind=MessageKind.NOTIFICATION)


async def change(world: World, **changes: Any) -> None:
    """Change the channel, as an operator does while the gateway runs."""
    async with world.pool.acquire() as connection:
        await routing.change_channel(
            connection, world.vault, name="cmcc", changes=ChannelChanges(**changes), actor=ACTOR
        )


def count_of(got: Got) -> tuple[int, int]:
    return got.pdu.pk_number, got.pdu.pk_total


async def test_a_message_goes_out_and_its_report_ends_it(world: World, database_url: str, carrier: FakeCarrier) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.take_and_report
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())
        await carrier.until(lambda: len(carrier.acknowledged) == 1)

        assert await world.word(mid) == (State.DELIVERED, "DELIVRD")  # the report is acknowledged after it is written
    assert text_of(carrier.submits[0]) == TEXT
    assert carrier.submits[0].pdu.dest_terminal_id == ("13800138000",)
    assert await world.money(mid) == [0, 1]
    assert await world.available() == BALANCE - PRICE


async def test_a_long_text_is_final_when_all_its_segments_are_reported(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(a_long_row(world))
        first, second, third = await carrier.got(3)
        for got in (third, first):
            carrier.report(got)
        await carrier.until(lambda: len(carrier.acknowledged) == 2)
        assert await world.state(mid) is State.SUBMITTED

        carrier.report(second)
        await carrier.until(lambda: len(carrier.acknowledged) == 3)
        assert await world.word(mid) == (State.DELIVERED, "DELIVRD")
    assert [count_of(got) for got in (first, second, third)] == [(1, 3), (2, 3), (3, 3)]
    assert "".join(map(text_of, (first, second, third))) == long_text(200)


async def test_a_refused_message_is_rejected_and_paid_back(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.refuse
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())

        await world.reaches(State.REJECTED, mid)
    assert await world.word(mid) == (State.REJECTED, "MT:0013")
    assert await world.money(mid) == [0, 2]
    assert await world.available() == BALANCE


async def test_a_carrier_that_asks_to_slow_down_gets_the_message_again(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = lambda got: carrier.refuse(got, 8) if len(carrier.submits) == 1 else carrier.take(got)
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())
        await carrier.got(2)

        await world.reaches(State.SUBMITTED, mid)
    assert await world.events(mid) == ["deferred"]
    assert (await world.live(mid))["attempt"] == 1  # type: ignore[index]


async def test_more_than_a_window_goes_through(world: World, database_url: str, carrier: FakeCarrier) -> None:
    await serve(world, carrier, window_size=4, links=2)
    carrier.on_submit = carrier.take_and_report
    mids = await world.accept(*(world.row(recipient=8613800138000 + n) for n in range(300)))
    async with running_gateway(world, database_url):
        await carrier.until(lambda: len(carrier.acknowledged) == 300)

    assert {await world.state(mid) for mid in mids} == {State.DELIVERED}
    assert len(carrier.submits) == 300


async def test_a_stop_waits_for_answers_and_leaves_nothing_in_doubt(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.take_late
    mids = await world.accept(*(world.row() for _ in range(10)))
    async with running_gateway(world, database_url):
        await carrier.got(10)

    assert {await world.state(mid) for mid in mids} == {State.SUBMITTED}
    assert await world.count("message_events") == 0


async def test_a_stop_does_not_wait_for_ever_and_says_what_is_in_doubt(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.ignore
    mids = await world.accept(*(world.row(kind=MessageKind.MARKETING) for _ in range(3)))
    async with running_gateway(world, database_url, drain_seconds=0.1):
        await carrier.got(3)

    assert {await world.state(mid) for mid in mids} == {State.IN_DOUBT}
    assert [await world.events(mid) for mid in mids] == [["in_doubt"]] * 3


async def test_a_stop_puts_back_what_was_not_sent(world: World, database_url: str, carrier: FakeCarrier) -> None:
    await serve(world, carrier, speed_per_second=50)
    mids = await world.accept(*(world.row() for _ in range(40)))
    async with running_gateway(world, database_url):
        await carrier.got(3)

    sent = len(carrier.submits)
    states = Counter([await world.state(mid) for mid in mids])
    assert sent < 40
    assert states == {State.SUBMITTED: sent, State.ACCEPTED: 40 - sent}
    rows = await world.pool.fetch("SELECT attempt, claimed FROM live_messages WHERE state = 0")
    assert {(row["attempt"], row["claimed"]) for row in rows} == {(0, False)}


async def test_new_settings_take_effect_without_losing_or_doubling_anything(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier, speed_per_second=300)
    carrier.on_submit = carrier.take_and_report
    mids = await world.accept(*(world.row() for _ in range(150)))
    async with running_gateway(world, database_url):
        for login in ("901235", "901236", "901237"):
            await carrier.got(len(carrier.submits) + 20)
            await change(world, login=login)

        await world.reaches(State.DELIVERED, *mids)
    assert len(carrier.submits) == 150
    assert await world.count("message_events") == 0


async def test_settings_that_need_no_new_connection_are_taken_over_by_the_links_that_are_up(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier, links=2, speed_per_second=300)
    carrier.on_submit = carrier.take_and_report
    mids = await world.accept(*(world.row() for _ in range(100)))
    async with running_gateway(world, database_url):
        await carrier.got(20)
        links = list(carrier.links)
        await change(world, window_size=4, speed_per_second=200, src_id="106977", service_id="NEW")
        await change(world, settings={"fee_code": "000010", "heartbeat_idle_seconds": 60, "extension_digits_max": 4})
        await carrier.until(lambda: carrier.submits[-1].pdu.fee_code == "000010")

        await world.reaches(State.DELIVERED, *mids)
        assert carrier.links == links
    last = carrier.submits[-1].pdu
    assert (last.src_id, last.service_id, last.fee_code) == ("106977", "NEW", "000010")
    assert len(carrier.submits) == 100


async def test_a_text_that_is_cut_otherwise_than_when_it_was_accepted_is_final_all_the_same(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = carrier.take_and_report
    (mid,) = await world.accept(world.row(text=long_text(201), segments=4, kind=MessageKind.NOTIFICATION))
    async with running_gateway(world, database_url):
        await world.reaches(State.DELIVERED, mid)

    assert len(carrier.submits) == 3


async def test_a_smaller_window_holds_at_once(world: World, database_url: str, carrier: FakeCarrier) -> None:
    await serve(world, carrier, window_size=16)
    carrier.on_submit = carrier.ignore
    async with running_gateway(world, database_url, drain_seconds=0.1) as gateway:
        await carrier.until(lambda: bool(carrier.links))
        await change(world, window_size=3)

        async def is_known() -> bool:
            return {runner.channel.window_size for runner in gateway._dispatcher.runners.values()} == {3}

        await eventually(is_known)
        await world.accept(*(world.row() for _ in range(10)))
        await carrier.got(3)
        for got in carrier.submits[:2]:
            carrier.take(got)
        await carrier.got(5)
    assert len(carrier.submits) == 5


async def test_a_stopped_channel_sends_nothing_until_it_is_started(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    async with running_gateway(world, database_url), world.pool.acquire() as connection:
        await carrier.until(lambda: bool(carrier.links))
        await routing.stop_channel(connection, "cmcc", actor=ACTOR)
        await carrier.until(lambda: not carrier.links)
        (mid,) = await world.accept(world.row())
        await routing.start_channel(connection, "cmcc", actor=ACTOR)

        await world.reaches(State.SUBMITTED, mid)
    assert len(carrier.submits) == 1


async def test_settings_that_no_pdu_can_carry_reject_messages_and_stop_nothing(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    await world.pool.execute("UPDATE channels SET service_id = repeat('1', 40) WHERE name = 'cmcc'")
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())

        await world.reaches(State.REJECTED, mid)
    assert await world.word(mid) == (State.REJECTED, STAT_UNSENDABLE)
    assert await world.money(mid) == [0, 2]


async def test_a_channel_of_an_unknown_protocol_stops_nothing_else(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    await world.pool.execute("UPDATE channels SET protocol = 'pigeon', state = 'active' WHERE name <> 'cmcc'")
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())

        await world.reaches(State.SUBMITTED, mid)


async def test_a_report_that_is_none_is_acknowledged_and_changes_nothing(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())
        (got,) = await carrier.got(1)
        for deliver in (
            Deliver(registered_delivery=1, msg_content=b"short"),
            Deliver(registered_delivery=0, msg_fmt=15, msg_content="你好".encode("gb18030")),
            Deliver(registered_delivery=1, msg_content=encode_report(Report(1, "DELIVRD", dest_terminal_id="9" * 32))),
            Deliver(registered_delivery=1, msg_content=encode_report(Report(2**64 - 1, "\xff\xfe\x01"))),
        ):
            got.link.send(deliver, token=deliver)
        await carrier.until(lambda: len(carrier.acknowledged) == 4)

        await world.reaches(State.SUBMITTED, mid)
    assert await world.count("orphan_reports") == 2


async def test_a_result_of_32_bits_refuses_like_any_other(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    carrier.on_submit = lambda got: carrier.refuse(got, 2**32 - 1)
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())

        await world.reaches(State.REJECTED, mid)
    assert (await world.word(mid))[1] == "MT:4294967295"
