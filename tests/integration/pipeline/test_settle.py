"""Settlement: what carriers say becomes rows once, in whatever order and however often they say it."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from hongyan.messages.model import State
from hongyan.pipeline.reports import Refusal, refuse
from hongyan.pipeline.validity import REPORT_WAIT

from .books import assert_books_add_up
from .desk import Desk, carrier_id_of
from .locks import lock_waiter
from .world import BALANCE, PHONE, PRICE, World

EVERYTHING = (
    "* FROM messages",
    "* FROM live_messages",
    "mid, attempt, part, carrier_message_id FROM segments",
    "mid, at, event, detail FROM message_events",
    "carrier_message_id, stat, received_at FROM orphan_reports",
    "* FROM ledger_entries",
    "* FROM balances",
)
STATS = [("DELIVRD", State.DELIVERED), ("UNDELIV", State.UNDELIVERED), ("MK:0012", State.UNDELIVERED)]


async def test_an_answer_makes_a_message_submitted_and_paid_once(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.answer(mid)
    await desk.written()

    assert await world.state(mid) is State.SUBMITTED
    assert await world.money(mid) == [0, 1]
    live = await world.live(mid)
    assert live is not None
    assert live["due_at"] - live["submitted_at"] == REPORT_WAIT


@pytest.mark.parametrize("stat, state", STATS)
async def test_a_report_ends_a_message(world: World, desk: Desk, stat: str, state: State) -> None:
    mid = await desk.sent()
    desk.answer(mid)
    await desk.written()
    desk.report(mid, stat)
    await desk.written()

    assert await world.word(mid) == (state, stat)
    assert len(desk.acknowledged) == 1
    assert await world.money(mid) == [0, 1]


async def test_a_report_in_the_same_batch_as_its_answer_ends_the_message(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.answer(mid)
    desk.report(mid)
    await desk.written()

    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")


async def test_a_report_in_a_batch_before_its_answer_in_the_same_batch_ends_the_message(
    world: World, desk: Desk
) -> None:
    mid = await desk.sent()
    desk.report(mid)
    desk.answer(mid)
    await desk.written()

    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")
    assert await world.count("orphan_reports") == 0


async def test_a_report_that_another_process_gets_ends_the_message(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.answer(mid, known=False)
    await desk.written()
    desk.report(mid)
    await desk.written()

    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")


async def test_a_report_before_its_answer_is_kept_and_matched_by_the_next_sweep(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.report(mid)
    await desk.written()
    assert len(desk.acknowledged) == 1
    assert await world.count("orphan_reports") == 1
    desk.answer(mid)
    await desk.written()
    assert await world.state(mid) is State.SUBMITTED

    await desk.sweep()

    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")
    assert await world.count("orphan_reports") == 0
    assert await world.events(mid) == []


async def test_a_report_on_nothing_known_is_acknowledged_and_kept(world: World, desk: Desk) -> None:
    desk.report(12345)
    await desk.written()
    await desk.sweep()

    row = await world.pool.fetchrow("SELECT carrier_message_id, recipient, stat FROM orphan_reports")
    assert tuple(row) == (carrier_id_of(12345), PHONE, "DELIVRD")  # type: ignore[arg-type]
    assert len(desk.acknowledged) == 1


@pytest.mark.parametrize("second", ["DELIVRD", "UNDELIV"])
async def test_a_second_report_changes_nothing_but_the_timeline(world: World, desk: Desk, second: str) -> None:
    mid = await desk.sent()
    desk.answer(mid)
    desk.report(mid)
    await desk.written()
    final = await world.message(mid)
    world.clock.advance(1)
    desk.report(mid, second)
    await desk.written()

    assert await world.message(mid) == final
    assert await world.events(mid) == ["report_repeated"]
    assert await world.money(mid) == [0, 1]
    assert len(desk.acknowledged) == 2


async def test_the_first_of_two_contradicting_reports_in_a_batch_is_the_word(world: World, desk: Desk) -> None:
    for known in (True, False):
        mid = await desk.sent()
        desk.answer(mid, known=known)
        await desk.written()
        desk.report(mid, "UNDELIV")
        world.clock.advance(0.001)
        desk.report(mid, "DELIVRD")
        await desk.written()

        assert await world.word(mid) == (State.UNDELIVERED, "UNDELIV")
        assert await world.events(mid) == ["report_repeated"]


async def test_an_intermediate_report_is_acknowledged_and_changes_nothing(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.answer(mid)
    desk.report(mid, "ACCEPTD")
    desk.report(mid, "ENROUTE")
    await desk.written()

    assert await world.state(mid) is State.SUBMITTED
    assert len(desk.acknowledged) == 2
    assert await world.events(mid) == []


async def test_a_long_text_is_delivered_when_every_segment_is(world: World, desk: Desk) -> None:
    mid = await desk.sent(segments=3)
    for part in (1, 2, 3):
        desk.answer(mid, part, of=3)
    for part in (3, 1):
        desk.report(mid, part=part)
    await desk.written()
    assert await world.state(mid) is State.SUBMITTED

    desk.report(mid, part=2)
    await desk.written()
    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")
    assert await world.available() == BALANCE - 3 * PRICE


async def test_a_long_text_that_went_in_one_piece_is_delivered_by_one_report(world: World, desk: Desk) -> None:
    mid = await desk.sent(segments=3)
    desk.answer(mid)  # SMPP's message_payload: the carrier cuts it
    await desk.written()
    desk.report(mid)
    await desk.written()

    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")
    assert await world.available() == BALANCE - 3 * PRICE


async def test_a_long_text_is_undelivered_when_one_segment_is(world: World, desk: Desk) -> None:
    mid = await desk.sent(segments=3)
    for part in (1, 2, 3):
        desk.answer(mid, part, of=3)
    desk.report(mid, "MK:0001", part=2)
    desk.report(mid, part=1)
    await desk.written()
    assert await world.state(mid) is State.SUBMITTED

    desk.report(mid, part=3)
    await desk.written()
    assert await world.word(mid) == (State.UNDELIVERED, "MK:0001")


async def test_a_long_text_that_is_answered_in_part_is_not_submitted(world: World, desk: Desk) -> None:
    mid = await desk.sent(segments=2)
    desk.answer(mid, 1, of=2)
    await desk.written()

    assert await world.state(mid) is State.SENDING
    assert await world.money(mid) == [0]


async def test_a_refused_message_gives_its_hold_back(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.refuse(mid)
    await desk.written()

    assert await world.word(mid) == (State.REJECTED, "MT:0013")
    assert await world.money(mid) == [0, 2]
    assert await world.available() == BALANCE


async def test_a_refusal_of_an_attempt_that_was_resent_since_ends_nothing(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.lose(mid)
    await desk.written()
    assert await desk.claim() == [mid]
    desk.refuse(mid, attempt=1)
    await desk.written()
    assert await world.state(mid) is State.SENDING

    desk.answer(mid)
    await desk.written()
    assert await world.money(mid) == [0, 1]


async def test_a_late_answer_resolves_its_doubt_and_recalls_the_resend(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.lose(mid)
    await desk.written()
    desk.answer(mid)
    await desk.written()

    assert await world.state(mid) is State.SUBMITTED
    assert await desk.claim() == []
    assert await world.events(mid) == ["in_doubt"]


async def test_a_late_answer_while_the_second_attempt_is_on_its_way_pays_once(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    desk.lose(mid)
    await desk.written()
    assert await desk.claim() == [mid]
    desk.answer(mid, attempt=1)
    desk.report(mid, attempt=1)
    desk.answer(mid, attempt=2)
    desk.report(mid, "UNDELIV", attempt=2)
    await desk.written()

    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")
    assert await world.money(mid) == [0, 1]


async def test_a_batch_written_twice_changes_nothing_the_second_time(world: World, desk: Desk) -> None:
    submitted, delivered, early, doubtful, refused, repeated = [await desk.sent() for _ in range(6)]
    desk.answer(delivered)
    desk.answer(repeated)
    desk.report(repeated)
    await desk.written()
    world.clock.advance(1)
    idle = a_desk_that_does_not_write(desk)
    settler = idle.settler
    settler._known[world.channel_id, carrier_id_of(delivered)] = delivered
    idle.answer(submitted)
    idle.report(delivered)
    idle.report(early)
    idle.report(repeated, "UNDELIV")
    idle.lose(doubtful)
    idle.refuse(refused)
    settler.noted(submitted, world.now(), "deferred", "{}")

    await settler._write(settler._batch)
    once = [await world.pool.fetch(f"SELECT {what} ORDER BY 1, 2, 3") for what in EVERYTHING]
    settler._known[world.channel_id, carrier_id_of(delivered)] = delivered  # it is forgotten after the write
    await settler._write(settler._batch)

    assert [await world.pool.fetch(f"SELECT {what} ORDER BY 1, 2, 3") for what in EVERYTHING] == once
    assert [len(rows) for rows in once] == [6, 3, 3, 3, 1, 11, 1]
    await assert_books_add_up(world.pool)


async def test_a_commit_whose_outcome_is_lost_is_written_again(world: World, desk: Desk) -> None:
    mids = [await desk.sent() for _ in range(3)]
    original, calls = desk.settler._write, []

    async def lose_the_outcome(batch: object) -> None:
        calls.append(batch)
        await original(batch)  # type: ignore[arg-type]
        if len(calls) == 1:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    desk.settler._write = lose_the_outcome  # type: ignore[method-assign]
    desk.answer(mids[0])
    desk.report(mids[0])
    desk.refuse(mids[1])
    desk.lose(mids[2])
    await desk.written()

    assert len(calls) == 2
    assert [await world.state(mid) for mid in mids] == [State.DELIVERED, State.REJECTED, State.IN_DOUBT]
    assert [await world.events(mid) for mid in mids] == [[], [], ["in_doubt"]]


async def test_settlement_goes_on_after_a_deadlock(world: World, desk: Desk) -> None:
    first, second = [await desk.sent() for _ in range(2)]
    async with world.pool.acquire() as connection:
        await connection.execute("SET deadlock_timeout = '10s'")  # so that it is the settler who gives way
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT FROM live_messages WHERE mid = $1 FOR UPDATE", second)
        desk.answer(first)
        desk.answer(second)  # has the lock of the first, waits for the second's
        await lock_waiter(world)
        await connection.execute("SELECT FROM live_messages WHERE mid = $1 FOR UPDATE", first)
        await transaction.rollback()
        await connection.execute("RESET deadlock_timeout")
    await desk.written()

    assert [await world.state(mid) for mid in (first, second)] == [State.SUBMITTED] * 2


@pytest.mark.parametrize("hours, state", [(0, State.SUBMITTED), (73, State.EXPIRED)])
async def test_a_void_and_a_post_at_the_same_moment_are_never_both_written(
    world: World, desk: Desk, hours: int, state: State
) -> None:
    mid = await desk.sent()
    idle = a_desk_that_does_not_write(desk)
    idle.answer(mid)
    expiry = Refusal(mid, 1, State.EXPIRED, "EXPIRED", world.now() + timedelta(hours=hours))
    async with world.pool.acquire() as connection, world.pool.acquire() as other:
        transaction = connection.transaction()
        await transaction.start()
        await idle.settler._write_simple(connection, idle.settler._batch, [])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(refuse(other, [expiry]))
            await lock_waiter(world)  # its snapshot is older than the post
            await transaction.commit()

    assert await world.state(mid) is state
    assert await world.money(mid) == [0, 1]


async def test_flushing_ends_although_more_is_told_all_the_time(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    talking = True

    async def talk() -> None:
        while talking:
            desk.settler.noted(mid, world.now(), "deferred", "{}")
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(talk())
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await desk.written()
        talking = False


def a_desk_that_does_not_write(desk: Desk) -> Desk:
    idle = Desk(desk.world)
    idle.attempts = desk.attempts
    return idle
