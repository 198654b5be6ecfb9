"""Replies on a real database: written once, acknowledged after, whole or given up, matched to whose they are."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from hongyan.content.model import MessageKind
from hongyan.kit.ids import format_id
from hongyan.pipeline.replies import WAITING_MAX, ReplyWriter
from hongyan.replies.rules import SAME_TEXT_WITHIN
from hongyan.replies.waiting import GIVEN_UP_BATCH

from .desk import Desk
from .locks import lock_waiter
from .phone import NUMBER, Phone, open_phone
from .world import PHONE, POLL_SECONDS, World

OTHER = PHONE + 1


@pytest_asyncio.fixture
async def phone(world: World) -> AsyncIterator[Phone]:
    async with open_phone(world) as opened:
        yield opened


async def extend(world: World, account_id: int, extension: str) -> None:
    await world.pool.execute("UPDATE accounts SET extension = $2 WHERE account_id = $1", account_id, extension)


async def test_a_reply_is_kept_and_acknowledged(world: World, phone: Phone) -> None:
    part = phone.part("好的")

    await phone.sends(part)

    (reply,) = await phone.replies()
    assert (reply.from_number, reply.to_number, reply.content) == (PHONE, NUMBER, "好的")
    assert (reply.parts, reply.parts_missing, reply.carrier_message_id) == (1, 0, "1")
    assert (reply.channel, reply.received_at) == ("mobile-1", world.now())
    assert phone.acknowledged == [part]


async def test_what_a_carrier_sends_again_is_acknowledged_and_changes_nothing(phone: Phone) -> None:
    part = phone.part("好的")

    await phone.sends(part)
    await phone.sends(part, part)

    assert await phone.contents() == ["好的"]
    assert len(phone.acknowledged) == 3


async def test_a_process_that_died_before_it_acknowledged_leaves_nothing_to_be_doubled(
    world: World, phone: Phone
) -> None:
    part = phone.part("好的")
    async with open_phone(world) as died:
        await died.sends(part)

    await phone.sends(part)

    assert await phone.contents() == ["好的"]
    assert phone.acknowledged == [part]


async def test_without_an_id_the_same_text_is_a_repetition_for_two_minutes(world: World, phone: Phone) -> None:
    await phone.sends(phone.part("1", carrier_message_id=None))
    world.clock.advance(SAME_TEXT_WITHIN.total_seconds())
    await phone.sends(phone.part("1", carrier_message_id=None))
    assert len(await phone.replies()) == 1

    world.clock.advance(1)
    await phone.sends(phone.part("1", carrier_message_id=None))
    assert len(await phone.replies()) == 2


async def test_the_same_text_under_another_id_is_another_reply(phone: Phone) -> None:
    await phone.sends("1", "1")

    assert await phone.contents() == ["1", "1"]


async def test_parts_are_safe_before_they_are_acknowledged_and_make_one_reply(world: World, phone: Phone) -> None:
    first, second, third = phone.parts("明天", "上午", "见")

    await phone.sends(third, first)
    assert await phone.contents() == []
    assert phone.acknowledged == [third, first]
    assert await world.count("reply_parts") == 2

    await phone.sends(second)
    assert await phone.contents() == ["明天上午见"]


async def test_parts_that_two_processes_get_at_once_make_one_reply(world: World, phone: Phone) -> None:
    async with open_phone(world) as elsewhere:
        for reference in range(20):
            first, second = phone.parts("明天", "见", reference=reference)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(phone.sends(first))
                tasks.create_task(elsewhere.sends(second))

    assert await phone.contents() == ["明天见"] * 20


async def test_what_lacks_a_part_is_given_out_after_a_minute_by_any_process_and_once(
    world: World, phone: Phone
) -> None:
    await phone.sends(*phone.parts("明天", "不", "见")[::2])
    world.clock.advance(59)
    await phone.writer.sweep()
    assert await phone.contents() == []

    world.clock.advance(1)
    others = [ReplyWriter(world.pool, world.clock) for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for writer in others:
            tasks.create_task(writer.sweep())
    (reply,) = await phone.replies()
    assert (reply.content, reply.parts, reply.parts_missing) == ("明天见", 3, 1)


async def test_a_sweep_gives_out_all_that_is_due(world: World, phone: Phone) -> None:
    many = GIVEN_UP_BATCH + 1
    await phone.sends(*(phone.parts("明天", "见", reference=reference)[0] for reference in range(many)))
    world.clock.advance(60)

    await phone.writer.sweep()

    assert await world.count("replies") == many


async def test_a_sweep_passes_by_what_another_has_in_hand(world: World, phone: Phone) -> None:
    await phone.sends(phone.parts("明天", "见")[0])
    world.clock.advance(60)
    async with asyncio.TaskGroup() as tasks, world.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE protocol_logins IN ACCESS EXCLUSIVE MODE")  # needed to match, not to look
        tasks.create_task(phone.writer.sweep())
        await lock_waiter(world)
        async with asyncio.timeout(5):
            await ReplyWriter(world.pool, world.clock).sweep()

    assert await phone.contents() == ["明天"]


async def test_a_part_that_comes_too_late_is_a_reply_of_its_own(world: World, phone: Phone) -> None:
    first, second = phone.parts("明天", "见")
    await phone.sends(first)
    world.clock.advance(60)
    await phone.writer.sweep()

    await phone.sends(second)
    world.clock.advance(61)
    await phone.writer.sweep()

    assert await phone.contents() == ["明天", "见"]


async def test_old_parts_and_arrivals_are_forgotten(world: World, phone: Phone) -> None:
    await phone.sends("好的", *phone.parts("明天", "见"))
    world.clock.advance(timedelta(days=4).total_seconds())

    await phone.writer.sweep()

    assert await world.count("reply_parts") == 0
    assert await world.count("reply_arrivals") == 0
    assert len(await phone.replies()) == 2


async def test_replies_are_dropped_when_their_time_is_over(world: World, phone: Phone) -> None:
    await phone.sends("好的")
    world.clock.advance(timedelta(days=191).total_seconds())

    await phone.writer.sweep()

    assert await phone.replies() == []


async def test_the_number_dialled_says_whose_a_reply_is(world: World, phone: Phone) -> None:
    other = (await world.account("other")).account_id
    await extend(world, world.account_id, "12")
    await extend(world, other, "123")

    await phone.sends(phone.part("一", to_number=NUMBER + "12"), phone.part("二", to_number=NUMBER + "1234"))

    assert [reply.account for reply in await phone.replies()] == ["acme", "other"]
    assert [reply.mid for reply in await phone.replies()] == [None, None]


async def test_a_shared_number_s_reply_answers_the_last_message_to_the_phone(desk: Desk, phone: Phone) -> None:
    await desk.sent()
    mid = await desk.sent(MessageKind.NOTIFICATION)
    await desk.world.accept(desk.world.row())  # queued: nobody can have answered it

    await phone.sends("好的", phone.part("谁?", from_number=OTHER))

    answer, stranger = await phone.replies()
    assert (answer.account, answer.mid) == ("acme", mid)
    assert (stranger.account, stranger.mid) == (None, None)
    assert await phone.replies(unmatched=True) == [stranger]


async def test_an_account_that_owns_the_number_is_answered_in_its_own_message(desk: Desk, phone: Phone) -> None:
    world = desk.world
    other = await world.account("other")
    await extend(world, world.account_id, "12")
    mid = await desk.sent()
    await world.accept(world.row(account_id=other.account_id))
    await desk.claim()

    await phone.sends(phone.part("好的", to_number=NUMBER + "12"))

    (reply,) = await phone.replies()
    assert (reply.account, reply.mid) == ("acme", mid)


async def test_a_message_is_answered_for_three_days(desk: Desk, phone: Phone) -> None:
    await desk.sent()

    desk.world.clock.advance(timedelta(hours=72, seconds=1).total_seconds())
    await phone.sends("好的")

    (reply,) = await phone.replies()
    assert reply.mid is None


async def test_a_final_message_is_answered_too(desk: Desk, phone: Phone) -> None:
    mid = await desk.sent()
    desk.answer(mid)
    await desk.written()
    desk.report(mid)
    await desk.written()

    await phone.sends("好的")

    (reply,) = await phone.replies()
    assert reply.mid == mid


async def test_a_message_over_another_channel_with_another_number_is_not_answered(desk: Desk, phone: Phone) -> None:
    await desk.sent()
    elsewhere = await desk.world.channel("unicom-1", port=9)
    await desk.world.pool.execute("UPDATE channels SET src_id = '10655' WHERE name = 'unicom-1'")

    await phone.sends(phone.part("好的", channel_id=elsewhere.channel_id, to_number="10655"))

    (reply,) = await phone.replies()
    assert reply.mid is None


async def test_the_message_s_timeline_tells_of_its_reply(desk: Desk, phone: Phone) -> None:
    mid = await desk.sent()

    await phone.sends("好的")

    (reply,) = await phone.replies()
    detail = await desk.world.pool.fetchval(
        "SELECT detail FROM message_events WHERE mid = $1 AND event = 'replied'", mid
    )
    assert detail == f'{{"reply_id": "{format_id(reply.reply_id)}"}}'


@pytest.mark.parametrize("content", [b"\x00\x00\xd8\x00", b"", b"\xff", b"\x00" * 140])
async def test_any_octets_can_be_kept(phone: Phone, content: bytes) -> None:
    await phone.sends(phone.part(content), phone.part(content, alphabet=None))

    assert len(await phone.replies()) == 2


async def test_one_that_cannot_be_written_holds_up_no_other_and_is_not_acknowledged(phone: Phone) -> None:
    bad, good = phone.part("坏", to_number="106\x00"), phone.part("好")

    await phone.sends(bad, good)

    assert await phone.contents() == ["好"]
    assert phone.acknowledged == [good]


async def test_no_log_has_a_number_or_a_text_in_it(
    world: World, phone: Phone, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    await phone.sends(phone.part("暗号甲", to_number="106\x00"), *phone.parts("暗号乙", "", "")[:1], "暗号丙", "TD")
    world.clock.advance(60)
    await phone.writer.sweep()

    logged = capsys.readouterr().out + caplog.text
    assert "reply.unwritable" in logged
    assert "reply.incomplete" in logged
    assert [word for word in ("暗号", "13800138000", "u6697") if word in logged] == []


async def test_a_sweep_that_fails_for_good_stops_nothing_else(
    world: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await world.pool.execute("ALTER TABLE reply_parts RENAME TO hidden")
    logged = ""
    try:
        async with open_phone(world) as phone, asyncio.timeout(10):
            while "reply.sweep_broken" not in logged:
                await asyncio.sleep(POLL_SECONDS)
                logged += capsys.readouterr().out + caplog.text  # wherever an earlier test has led the log
            await phone.sends("好的")

            assert await phone.contents() == ["好的"]
    finally:
        await world.pool.execute("ALTER TABLE hidden RENAME TO reply_parts")


async def test_what_is_beyond_the_bound_is_left_with_the_carrier(world: World) -> None:
    phone = Phone(world)

    phone.hand_over(*[phone.part("好")] * (WAITING_MAX + 1))

    assert len(phone.writer._arrivals) == WAITING_MAX
    assert phone.acknowledged == []
