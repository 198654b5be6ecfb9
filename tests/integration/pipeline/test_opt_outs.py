"""Opt-outs on a real database: recorded at once, confirmed once, and nothing of them costs anything."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from hongyan.content import service as content
from hongyan.content.model import MessageKind
from hongyan.limits import service as limits
from hongyan.limits.model import OptOutSource
from hongyan.messages.model import State
from hongyan.pipeline.intake import Intake
from hongyan.pipeline.opt_outs import STAT_OPTED_OUT, end_marketing_of
from hongyan.pipeline.submission import Outcome, Submission

from .books import assert_books_add_up
from .desk import Desk
from .phone import NUMBER, Phone, open_phone
from .test_intake import running_intake
from .test_replies import extend
from .world import ACTOR, BALANCE, PHONE, PRICE, TEXT, World, long_text

OTHER = PHONE + 1
OFFER = "【鸿雁】双十一全场五折，拒收请回复R"


@pytest_asyncio.fixture
async def phone(world: World) -> AsyncIterator[Phone]:
    async with open_phone(world) as opened:
        yield opened


async def test_an_opt_out_is_on_the_list_when_the_carrier_is_answered(desk: Desk, phone: Phone) -> None:
    await desk.sent(MessageKind.MARKETING)

    await phone.sends("ｔｄ。")

    (reply,) = await phone.replies()
    (opt_out,) = await phone.opt_outs()
    assert len(phone.acknowledged) == 1
    assert reply.opt_out_word == "TD"
    assert (opt_out["account_id"], opt_out["recipient"]) == (desk.world.account_id, PHONE)
    assert (opt_out["source"], opt_out["word"], opt_out["reply_id"]) == ("reply", "TD", reply.reply_id)


async def test_an_opt_out_is_confirmed_from_the_number_that_was_written_to(desk: Desk, phone: Phone) -> None:
    world = desk.world
    await extend(world, world.account_id, "12")
    await desk.sent(MessageKind.MARKETING)

    await phone.sends(phone.part("TD", to_number=NUMBER + "12"))

    (message,) = await phone.confirmations()
    assert message["content"] == "【鸿雁】您已退订，我们不会再向您发送营销短信。"
    assert (message["channel_id"], message["extension"]) == (world.channel_id, "12")
    assert (message["recipient"], message["kind"]) == (PHONE, MessageKind.NOTIFICATION)
    assert (await phone.opt_outs())[0]["confirmed_at"] == world.now()


async def test_a_confirmation_goes_the_way_of_all_messages_and_costs_nothing(desk: Desk, phone: Phone) -> None:
    mid = await desk.sent(MessageKind.MARKETING)
    before = await desk.world.available()
    await phone.sends("TD")

    (confirmation,) = await desk.claim()
    desk.answer(confirmation)
    await desk.written()
    desk.report(confirmation)
    await desk.written()

    assert await desk.world.word(confirmation) == (State.DELIVERED, "DELIVRD")
    assert await desk.world.available() == before
    assert confirmation != mid
    await assert_books_add_up(desk.world.pool)


async def test_an_account_in_the_red_has_its_opt_outs_confirmed(desk: Desk, phone: Phone) -> None:
    await desk.sent(MessageKind.MARKETING)
    await desk.world.pool.execute("UPDATE balances SET available = -1")
    await phone.sends("TD")
    await desk.world.pool.execute("UPDATE balances SET available = $1", BALANCE - 50)

    assert len(await phone.confirmations()) == 1


async def test_a_repetition_is_not_confirmed_again(desk: Desk, phone: Phone) -> None:
    await desk.sent(MessageKind.MARKETING)

    await phone.sends("TD", "退订")
    await phone.sends("T")

    assert len(await phone.replies()) == 3
    assert len(await phone.confirmations()) == 1
    assert [opt_out["word"] for opt_out in await phone.opt_outs()] == ["TD"]


async def test_words_that_several_processes_get_at_once_are_confirmed_once(desk: Desk, phone: Phone) -> None:
    await desk.sent(MessageKind.MARKETING)

    async with open_phone(desk.world) as elsewhere, asyncio.TaskGroup() as tasks:
        for sender in (phone, elsewhere):
            for word in ("TD", "R", "N"):
                tasks.create_task(sender.sends(sender.part(word, carrier_message_id=f"{word}{id(sender)}")))

    assert len(await phone.replies()) == 6
    assert len(await phone.confirmations()) == 1


async def test_who_was_put_on_the_list_by_hand_is_told_when_it_asks(desk: Desk, phone: Phone) -> None:
    world = desk.world
    await desk.sent(MessageKind.MARKETING)
    async with world.pool.acquire() as connection:
        await limits.add_opt_outs(
            connection, world.account_id, [PHONE], source=OptOutSource.IMPORT, at=world.now(), actor=ACTOR
        )

    await phone.sends("TD")

    (opt_out,) = await phone.opt_outs()
    assert (opt_out["source"], opt_out["confirmed_at"]) == ("reply", world.now())
    assert len(await phone.confirmations()) == 1


async def test_who_was_taken_off_the_list_is_told_again(desk: Desk, phone: Phone) -> None:
    world = desk.world
    await desk.sent(MessageKind.MARKETING)
    await phone.sends("TD")
    async with world.pool.acquire() as connection:
        await limits.remove_opt_out(connection, world.account_id, PHONE, actor=ACTOR)

    await phone.sends("TD")

    assert len(await phone.confirmations()) == 2


async def test_an_opt_out_answers_marketing_rather_than_the_code_that_came_after_it(desk: Desk, phone: Phone) -> None:
    world = desk.world
    other = await world.account("other")
    marketing = await desk.sent(MessageKind.MARKETING)
    await world.accept(world.row(account_id=other.account_id))
    (code,) = await desk.claim()

    await phone.sends("TD", "好的")

    opt_out, answer = await phone.replies()
    assert (opt_out.mid, answer.mid) == (marketing, code)
    assert [row["account_id"] for row in await phone.opt_outs()] == [world.account_id]


async def test_an_opt_out_from_an_account_s_own_number_needs_no_message(world: World, phone: Phone) -> None:
    await extend(world, world.account_id, "12")

    await phone.sends(phone.part("TD", to_number=NUMBER + "12"))

    (message,) = await phone.confirmations()
    assert message["content"].startswith("【鸿雁】")
    assert message["api_key_id"] == world.api_key_id


async def test_without_a_signature_nobody_is_told_and_the_opt_out_stands(world: World, phone: Phone) -> None:
    await extend(world, world.account_id, "12")
    async with world.pool.acquire() as connection:
        signature = await content.find_signature(connection, world.account_id, "鸿雁")
        await content.reject_signature(connection, signature.signature_id, reason="withdrawn", actor=ACTOR)

    await phone.sends(phone.part("TD", to_number=NUMBER + "12"))

    (opt_out,) = await phone.opt_outs()
    assert opt_out["confirmed_at"] is None
    assert await phone.confirmations() == []


async def test_an_opt_out_of_nobody_s_is_kept_and_listed(phone: Phone) -> None:
    await phone.sends("TD")

    (reply,) = await phone.replies(unmatched=True)
    assert reply.opt_out_word == "TD"
    assert await phone.opt_outs() == []


async def test_marketing_that_waits_for_the_phone_is_ended_and_paid_back(desk: Desk, phone: Phone) -> None:
    world = desk.world
    on_its_way = await desk.sent(MessageKind.MARKETING)
    waiting, code, another = await world.accept(
        world.row(kind=MessageKind.MARKETING),
        world.row(),
        world.row(kind=MessageKind.MARKETING, recipient=OTHER),
    )
    other = await world.account("other")
    (other_account_s,) = await world.accept(world.row(kind=MessageKind.MARKETING, account_id=other.account_id))

    await phone.sends("TD")

    assert await world.word(waiting) == (State.REJECTED, STAT_OPTED_OUT)
    assert await world.money(waiting) == [0, 2]
    assert await world.state(on_its_way) is State.SENDING
    assert {await world.state(mid) for mid in (code, another, other_account_s)} == {State.ACCEPTED}


async def test_a_list_of_many_ends_what_waits_for_them(desk: Desk) -> None:
    world = desk.world
    waiting, another = await world.accept(
        world.row(kind=MessageKind.MARKETING), world.row(kind=MessageKind.MARKETING, recipient=OTHER + 1)
    )

    async with world.pool.acquire() as connection:
        ended = await end_marketing_of(connection, world.account_id, range(PHONE, PHONE + 2), world.now())

    assert ended == 1
    assert await world.word(waiting) == (State.REJECTED, STAT_OPTED_OUT)
    assert await world.state(another) is State.ACCEPTED


@pytest.mark.parametrize("text", ["不要退订", "好的", "TD有什么用"])
async def test_another_text_opts_nobody_out(desk: Desk, phone: Phone, text: str) -> None:
    await desk.sent(MessageKind.MARKETING)

    await phone.sends(text)

    assert await phone.opt_outs() == []


def marketing_to(world: World, *mobiles: str, content: str = OFFER) -> Submission:
    return Submission(account_id=world.account_id, api_key_id=world.api_key_id, content=content, mobiles=list(mobiles))


@pytest_asyncio.fixture
async def intake(world: World) -> AsyncIterator[Intake]:
    async with world.pool.acquire() as connection:
        template = await content.register_template(
            connection,
            account_id=world.account_id,
            body="双十一{1}，拒收请回复R",
            kind=MessageKind.MARKETING,
            actor=ACTOR,
        )
        await content.approve_template(connection, template.template_id, actor=ACTOR)
    async with running_intake(world) as opened:
        yield opened


async def test_marketing_to_who_opted_out_is_refused_number_by_number_and_costs_nothing(
    world: World, phone: Phone, intake: Intake
) -> None:
    await extend(world, world.account_id, "12")
    await phone.sends(phone.part("R", to_number=NUMBER + "12"))

    receipt = await intake.submit(marketing_to(world, "13800138001", "13800138000", "12"))

    assert [entry.outcome for entry in receipt.entries] == [
        Outcome.ACCEPTED,
        Outcome.NUMBER_OPTED_OUT,
        Outcome.NUMBER_INVALID,
    ]
    assert receipt.balance == BALANCE - PRICE
    assert [row["recipient"] for row in await marketing(world)] == [OTHER]


async def test_a_batch_of_nobody_but_who_opted_out_is_answered_and_not_stored(
    world: World, phone: Phone, intake: Intake
) -> None:
    await extend(world, world.account_id, "12")
    await phone.sends(phone.part("R", to_number=NUMBER + "12"))

    receipt = await intake.submit(marketing_to(world, "13800138000"))

    assert [entry.outcome for entry in receipt.entries] == [Outcome.NUMBER_OPTED_OUT]
    assert receipt.balance == BALANCE
    assert await marketing(world) == []


async def test_codes_notifications_and_other_accounts_pass(world: World, phone: Phone, intake: Intake) -> None:
    other = await world.account("other")
    await extend(world, other.account_id, "12")
    await phone.sends(phone.part("R", to_number=NUMBER + "12"))
    (opt_out,) = await phone.opt_outs()
    marketing_of_acme = await intake.submit(marketing_to(world, "13800138000"))

    await extend(world, other.account_id, "")
    await extend(world, world.account_id, "12")
    await phone.sends(phone.part("R", to_number=NUMBER + "12"))
    code = await intake.submit(marketing_to(world, "13800138000", content=TEXT))
    notification = await intake.submit(marketing_to(world, "13800138000", content=long_text(200)))

    assert opt_out["account_id"] == other.account_id
    for receipt in (marketing_of_acme, code, notification):
        assert [entry.outcome for entry in receipt.entries] == [Outcome.ACCEPTED]


async def marketing(world: World) -> list[asyncpg.Record]:
    return await world.pool.fetch("SELECT * FROM messages WHERE kind = $1", MessageKind.MARKETING)
