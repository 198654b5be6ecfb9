"""Where replies find whom they are for: the days looked back through, and the login that is told."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio

from hongyan.db.migrate import SHANGHAI
from hongyan.pipeline.store import MessageRow, RowOrigin

from .desk import Desk
from .phone import NUMBER, Phone, open_phone
from .test_replies import extend
from .world import PHONE, World

LOGIN = """
INSERT INTO protocol_logins (account_id, protocol, name, password_sealed, links_max, window_size, speed_per_second,
                             sources, state)
VALUES ($1, 'cmpp', $2, '', 1, 16, 100, $3, $4) RETURNING login_id
"""


@pytest_asyncio.fixture
async def phone(world: World) -> AsyncIterator[Phone]:
    async with open_phone(world) as opened:
        yield opened


async def a_login(world: World, name: str, *sources: str, state: str = "active") -> int:
    login_id: int = await world.pool.fetchval(LOGIN, world.account_id, name, list(sources), state)
    return login_id


def by_login(row: MessageRow, login_id: int) -> MessageRow:
    origin = RowOrigin(login_id, None, None, 0, NUMBER, str(PHONE), None, None)
    return row._replace(api_key_id=None, origin=origin)


async def pushes(world: World) -> list[tuple[int, dict[str, Any]]]:
    rows = await world.pool.fetch("SELECT login_id, payload FROM pushes WHERE kind = 1 ORDER BY push_id")
    return [(row["login_id"], json.loads(row["payload"])) for row in rows]


async def test_a_message_of_yesterday_is_found_in_its_own_partition(desk: Desk, phone: Phone) -> None:
    world = desk.world
    day = timedelta(days=1).total_seconds()
    world.clock.jump(-day)
    mid = await desk.sent()
    world.clock.jump(day)

    await phone.sends("好的")

    (reply,) = await phone.replies()
    assert reply.mid == mid


async def test_every_partition_can_be_searched_by_number(world: World) -> None:
    await world.pool.fetchval("SELECT ensure_partitions($1, 9)", world.now().date())
    plan = "EXPLAIN SELECT mid FROM %I WHERE recipient = 1::bigint"
    partitions = await world.pool.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'messages'::regclass"
    )

    async with world.pool.acquire() as connection:
        await connection.execute("SET enable_indexscan = off; SET enable_indexonlyscan = off")  # as in mids_to
        for partition in partitions:
            rows = await connection.fetch(plan.replace("%I", partition["name"]))
            assert any("Bitmap Index Scan on" in row[0] and "recipient" in row[0] for row in rows), rows


async def test_a_search_is_prepared_for_what_was_accepted_lately(desk: Desk, phone: Phone) -> None:
    await desk.world.accept(*(desk.world.row(recipient=PHONE + n) for n in range(4000)))
    await phone.sends("好的")

    today = desk.world.now().astimezone(SHANGHAI).date()
    left = await desk.world.pool.fetchval(
        "SELECT brin_summarize_new_values($1::text::regclass)", f"messages_{today:%Y%m%d}_recipient_idx"
    )
    assert left == 0


async def test_replies_do_not_wait_for_a_vacuum(desk: Desk, phone: Phone) -> None:
    mid = await desk.sent()
    async with desk.world.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE messages IN SHARE UPDATE EXCLUSIVE MODE")  # as VACUUM has it
        await phone.sends("好的")

    (reply,) = await phone.replies()
    assert reply.mid == mid


async def test_a_reply_is_laid_before_the_login_whose_message_it_answers(desk: Desk, phone: Phone) -> None:
    world = desk.world
    await a_login(world, "first")
    second = await a_login(world, "second")
    await world.accept(by_login(world.row(), second))
    await desk.claim()

    await phone.sends("好的")

    (told,) = await pushes(world)
    assert told[0] == second
    assert {name: told[1][name] for name in ("from", "to", "content")} == {
        "from": str(PHONE),
        "to": NUMBER,
        "content": "好的",
    }


async def test_else_before_the_login_whose_number_was_dialled_else_before_the_oldest(
    world: World, phone: Phone
) -> None:
    await extend(world, world.account_id, "12")
    await a_login(world, "gone", state="disabled")
    oldest = await a_login(world, "oldest")
    own = await a_login(world, "own", NUMBER + "1288")

    await phone.sends(phone.part("一", to_number=NUMBER + "12"), phone.part("二", to_number=NUMBER + "12881"))

    assert [(login_id, payload["content"]) for login_id, payload in await pushes(world)] == [
        (oldest, "一"),
        (own, "二"),
    ]


async def test_the_number_of_a_login_is_its_account_s(world: World, phone: Phone) -> None:
    await a_login(world, "own", "95533")

    await phone.sends(phone.part("好的", to_number="955331"))

    (reply,) = await phone.replies()
    assert reply.account == "acme"


async def test_a_channel_s_bare_number_is_no_login_s_own(world: World, phone: Phone) -> None:
    await a_login(world, "shared", NUMBER, NUMBER[:4])

    await phone.sends("好的")

    (reply,) = await phone.replies()
    assert reply.account is None


async def test_an_account_without_logins_has_nothing_pushed(desk: Desk, phone: Phone) -> None:
    await desk.sent()

    await phone.sends("好的")

    assert await pushes(desk.world) == []


async def test_a_confirmation_to_who_answered_a_login_s_message_is_nobody_s_to_report(desk: Desk, phone: Phone) -> None:
    world = desk.world
    login_id = await a_login(world, "first")
    await world.accept(by_login(world.row(), login_id))
    await desk.claim()

    await phone.sends("TD")
    (confirmation,) = await desk.claim()
    desk.answer(confirmation)
    await desk.written()
    desk.report(confirmation)
    await desk.written()

    (message,) = await phone.confirmations()
    assert (message["api_key_id"], message["login_id"]) == (None, login_id)
    assert await world.pool.fetchval("SELECT count(*) FROM pushes WHERE kind = 0") == 0
