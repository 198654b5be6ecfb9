"""The courier: nothing stays live for ever."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from hongyan.content.model import MessageKind
from hongyan.kit.clock import ManualClock
from hongyan.messages.model import State
from hongyan.pipeline.courier import DUE_BATCH, SENDING_GRACE, Courier
from hongyan.pipeline.doubt import NOTIFICATION_WAIT
from hongyan.pipeline.validity import ORPHAN_KEPT, REPORT_WAIT, VALIDITY

from .desk import Desk
from .world import BALANCE, PIPELINE, PRICE, World


@pytest.mark.parametrize("kind", list(MessageKind))
async def test_a_message_that_nobody_sent_expires_and_is_paid_back(world: World, desk: Desk, kind: MessageKind) -> None:
    (mid,) = await world.accept(world.row(kind=kind))
    world.clock.advance(VALIDITY[kind].total_seconds())
    await desk.sweep()
    assert await world.state(mid) is State.ACCEPTED

    world.clock.advance(0.001)
    await desk.sweep()
    assert await world.word(mid) == (State.EXPIRED, "EXPIRED")
    assert await world.money(mid) == [0, 2]
    assert await world.available() == BALANCE


async def test_a_submitted_message_without_a_report_expires_after_three_days_and_stays_paid(
    world: World, desk: Desk
) -> None:
    mid = await desk.sent()
    desk.answer(mid)
    await desk.written()
    world.clock.advance(REPORT_WAIT.total_seconds())
    await desk.sweep()
    assert await world.state(mid) is State.SUBMITTED

    world.clock.advance(0.001)
    await desk.sweep()
    assert await world.word(mid) == (State.EXPIRED, "EXPIRED")
    assert await world.money(mid) == [0, 1]
    assert await world.available() == BALANCE - PRICE


async def test_a_notification_in_doubt_waits_a_minute_and_is_sent_once_more(world: World, desk: Desk) -> None:
    mid = await desk.sent(MessageKind.NOTIFICATION)
    desk.lose(mid, MessageKind.NOTIFICATION)
    await desk.written()
    world.clock.advance(NOTIFICATION_WAIT.total_seconds())
    await desk.sweep()
    assert await desk.claim() == []

    world.clock.advance(0.001)
    await desk.sweep()
    assert await desk.claim() == [mid]
    assert desk.attempts[mid] == 2
    assert await world.events(mid) == ["in_doubt", "resend"]


async def test_a_notification_is_not_sent_a_third_time(world: World, desk: Desk) -> None:
    mid = await desk.sent(MessageKind.NOTIFICATION)
    for _ in range(2):
        desk.lose(mid, MessageKind.NOTIFICATION)
        await desk.written()
        world.clock.advance(61)
        await desk.sweep()
        await desk.claim()
    assert desk.attempts[mid] == 2
    assert await world.state(mid) is State.IN_DOUBT

    world.clock.advance(VALIDITY[MessageKind.NOTIFICATION].total_seconds())
    await desk.sweep()
    assert await world.word(mid) == (State.EXPIRED, "EXPIRED")
    assert await world.money(mid) == [0, 2]


async def test_a_code_in_doubt_for_the_second_time_expires_and_is_paid_back(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.lose(mid)
    await desk.written()
    assert await desk.claim() == [mid]
    desk.lose(mid)
    await desk.written()
    world.clock.advance(300)
    await desk.sweep()

    assert await world.word(mid) == (State.EXPIRED, "EXPIRED")
    assert await world.money(mid) == [0, 2]
    assert await world.events(mid) == ["in_doubt", "in_doubt"]


async def test_a_code_that_waits_to_be_sent_again_expires_like_any_other(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.lose(mid)
    await desk.written()
    world.clock.advance(301)
    assert await desk.claim() == []
    await desk.sweep()

    assert await world.state(mid) is State.EXPIRED


async def test_marketing_in_doubt_waits_for_a_report_until_it_expires(world: World, desk: Desk) -> None:
    mid = await desk.sent(MessageKind.MARKETING)
    desk.lose(mid, MessageKind.MARKETING)
    await desk.written()
    world.clock.advance(180)
    await desk.sweep()
    assert await desk.claim() == []
    assert await world.state(mid) is State.IN_DOUBT

    world.clock.advance(61)
    await desk.sweep()
    assert await world.word(mid) == (State.EXPIRED, "EXPIRED")
    assert await world.money(mid) == [0, 2]


async def test_a_message_being_sent_is_left_to_its_dispatcher_until_its_answer_is_overdue(
    world: World, desk: Desk
) -> None:
    mid = await desk.sent()
    world.clock.advance((VALIDITY[MessageKind.VERIFICATION] + SENDING_GRACE).total_seconds())
    await desk.sweep()
    assert await world.state(mid) is State.SENDING

    world.clock.advance(0.001)
    await desk.sweep()
    assert await world.state(mid) is State.EXPIRED


async def test_a_sweep_ends_although_much_is_being_sent_past_its_time(world: World, desk: Desk) -> None:
    rows = [world.row(charge=0) for _ in range(DUE_BATCH)]
    await world.accept(*rows)
    await desk.claim(room=DUE_BATCH)
    (waiting,) = await world.accept(world.row())
    world.clock.advance(301)

    await desk.sweep()

    assert await world.state(waiting) is State.EXPIRED
    assert await world.count("live_messages") == DUE_BATCH


async def test_a_message_that_a_gateway_is_writing_about_is_left_for_the_next_sweep(world: World, desk: Desk) -> None:
    (mid,) = await world.accept(world.row())
    world.clock.advance(301)
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM live_messages WHERE mid = $1 FOR UPDATE", mid)
        await desk.sweep()
        assert await world.state(mid) is State.ACCEPTED

    await desk.sweep()
    assert await world.state(mid) is State.EXPIRED


async def test_reports_on_nothing_are_kept_for_a_week(world: World, desk: Desk) -> None:
    desk.report(12345)
    await desk.written()
    world.clock.advance(ORPHAN_KEPT.total_seconds())
    await Courier(world.pool, world.clock).sweep()
    assert await world.count("orphan_reports") == 1

    world.clock.advance(0.001)
    await Courier(world.pool, world.clock).sweep()
    assert await world.count("orphan_reports") == 0


async def test_doubts_are_forgotten_with_their_messages(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.lose(mid)
    await desk.written()
    await Courier(world.pool, world.clock).sweep()
    assert await world.count("doubts") == 1

    world.clock.advance(301)
    await Courier(world.pool, world.clock).sweep()
    assert await world.count("doubts") == 0


async def test_the_partitions_of_the_days_ahead_are_made_while_others_write(world: World) -> None:
    clock = ManualClock(now=world.clock.now() + 40 * 86_400)
    async with world.pool.acquire() as connection, connection.transaction():
        for table in ("messages", "segments", "message_events", "ledger_entries"):
            await connection.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")  # as a writer has them
        async with asyncio.timeout(5):
            await Courier(world.pool, clock).sweep()

    world.clock.advance(45 * 86_400)
    (later,) = await world.accept(world.row())
    assert await world.state(later) is State.ACCEPTED
    today = datetime.fromtimestamp(clock.now(), timezone(timedelta(hours=8))).date()
    assert await world.pool.fetchval(PIPELINE["ensure_partitions"], today, 7) == 0


async def test_partitions_have_the_indexes_and_checks_of_their_parents(world: World) -> None:
    names = await world.pool.fetch(
        "SELECT c.relname, count(x.indexrelid) AS indexes, bool_or(x.indisprimary) AS has_key"
        " FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid AND c.relkind = 'r'"
        " LEFT JOIN pg_index AS x ON x.indrelid = c.oid GROUP BY c.relname"
    )
    counts = {row["relname"].split("_2")[0]: (row["indexes"], row["has_key"]) for row in names}
    assert counts == {
        "messages": (3, True),
        "segments": (2, True),
        "message_events": (1, False),
        "ledger_entries": (2, True),
    }
