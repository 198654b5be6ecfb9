"""Messages come back as they stand: live rows overlay what was written at acceptance."""

import re
from datetime import timedelta

import pytest

from hongyan.content.model import MessageKind
from hongyan.db.pool import Pool
from hongyan.db.queries import Queries
from hongyan.messages.errors import FilterInvalid, MessageUnknown
from hongyan.messages.model import Message, MessageFilter, MessagePage, State
from hongyan.messages.repository import find_message
from hongyan.messages.service import list_messages, message_by_id, timeline_of_message
from hongyan.numbers.model import Carrier

from .road import Road

DAY = timedelta(days=1)


async def now(pool: Pool, mid: int) -> Message:
    async with pool.acquire() as connection:
        return await message_by_id(connection, mid)


async def page(pool: Pool, road: Road, **wanted: object) -> MessagePage:
    async with pool.acquire() as connection:
        return await list_messages(connection, MessageFilter(**wanted), now=road.now)  # type: ignore[arg-type]


async def mids(pool: Pool, road: Road, **wanted: object) -> list[int]:
    return [message.mid for message in (await page(pool, road, **wanted)).messages]


async def test_a_waiting_message_comes_back_with_the_names_of_its_parts(pool: Pool, road: Road) -> None:
    mid = await road.accept()

    message = await now(pool, mid)

    assert (message.account, message.secret_id, message.key_label) == ("demo", "AKIDexample", "shop")
    assert (message.channel, message.protocol, message.carrier) == ("cmcc-1", "cmpp30", Carrier.MOBILE)
    assert (message.state, message.attempts, message.charge) == (State.ACCEPTED, 0, 45)
    assert message.accepted_at == road.now
    assert message.expires_at == road.now + timedelta(minutes=5)


async def test_the_state_shown_is_the_live_one(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()

    sending = await now(pool, mid)
    await road.answer(mid)
    submitted = await now(pool, mid)
    await road.report(mid)
    delivered = await now(pool, mid)

    assert [sending.state, submitted.state, delivered.state] == [State.SENDING, State.SUBMITTED, State.DELIVERED]
    assert sending.attempts == submitted.attempts == delivered.attempts == 1
    assert submitted.submitted_at == delivered.submitted_at == road.now - timedelta(seconds=0.250)
    assert (delivered.stat, delivered.final_at, delivered.expires_at) == ("DELIVRD", road.now, None)


async def test_a_message_that_was_never_routed_comes_back(pool: Pool, road: Road) -> None:
    mid = await road.keep_unregistered()

    message = await now(pool, mid)

    assert (message.state, message.stat, message.channel, message.charge) == (State.REJECTED, "MA:0024", None, 0)


async def test_an_id_that_nobody_has_is_unknown(pool: Pool, road: Road) -> None:
    async with pool.acquire() as connection:
        assert await find_message(connection, 1) is None
        with pytest.raises(MessageUnknown):
            await message_by_id(connection, 1)
        with pytest.raises(MessageUnknown):
            await timeline_of_message(connection, 1)


async def test_another_accounts_message_is_as_unknown_as_none(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    async with pool.acquire() as connection:
        assert (await message_by_id(connection, mid, account_id=road.account_id)).mid == mid
        with pytest.raises(MessageUnknown):
            await message_by_id(connection, mid, account_id=road.account_id + 1)
        with pytest.raises(MessageUnknown):
            await timeline_of_message(connection, mid, account_id=road.account_id + 1)


async def test_a_list_is_newest_first_and_goes_on_by_cursor(pool: Pool, road: Road) -> None:
    first, second, third = [await road.accept() for _ in range(3)]

    page_one = await page(pool, road, limit=2)
    page_two = await page(pool, road, limit=2, before=page_one.next_before)

    assert [message.mid for message in page_one.messages] == [third, second]
    assert [message.mid for message in page_two.messages] == [first]
    assert page_one.next_before == second
    assert page_two.next_before is None


async def test_a_full_last_page_has_no_next_one(pool: Pool, road: Road) -> None:
    await road.accept()
    await road.accept()

    assert (await page(pool, road, limit=2)).next_before is None


@pytest.mark.parametrize("limit", [0, -1, 1001])
async def test_a_page_has_bounds(pool: Pool, road: Road, limit: int) -> None:
    with pytest.raises(FilterInvalid, match="1 to 1000"):
        await page(pool, road, limit=limit)


async def test_an_account_sees_its_own(pool: Pool, road: Road) -> None:
    mid = await road.accept()

    assert await mids(pool, road, account_id=road.account_id) == [mid]
    assert await mids(pool, road, account_id=road.account_id + 1) == []


async def test_lists_go_by_live_and_by_final_states(pool: Pool, road: Road) -> None:
    delivered = await road.accept()
    await road.claim()
    await road.answer(delivered)
    await road.report(delivered)
    doubtful = await road.accept(kind=MessageKind.MARKETING)
    await road.claim()
    await road.lose(doubtful, MessageKind.MARKETING)
    waiting = await road.accept()

    assert await mids(pool, road, states=frozenset({State.DELIVERED})) == [delivered]
    assert await mids(pool, road, states=frozenset({State.IN_DOUBT})) == [doubtful]
    assert await mids(pool, road, states=frozenset({State.ACCEPTED, State.DELIVERED})) == [waiting, delivered]
    assert await mids(pool, road, states=frozenset({State.SENDING})) == []
    assert await mids(pool, road, states=frozenset({State.ACCEPTED}), account_id=road.account_id + 1) == []
    assert await mids(pool, road) == [waiting, doubtful, delivered]


async def test_mixed_states_still_give_the_newest(pool: Pool, road: Road) -> None:
    delivered = await road.accept()
    await road.claim()
    await road.answer(delivered)
    await road.report(delivered)
    waiting = await road.accept()
    states = frozenset({State.ACCEPTED, State.DELIVERED})

    found = await page(pool, road, states=states, limit=1)

    assert [message.mid for message in found.messages] == [waiting]
    assert found.next_before == waiting


async def test_a_search_by_recipient_looks_back_a_day_and_says_so(pool: Pool, road: Road) -> None:
    old = await road.accept(8613800138001)
    road.clock.advance(90_000)
    await road.accept(8613800138002)
    new = await road.accept(8613800138001)

    found = await page(pool, road, recipient=8613800138001)

    assert [message.mid for message in found.messages] == [new]
    assert found.since == road.now - DAY
    assert await mids(pool, road, recipient=8613800138001, since=road.now - 2 * DAY) == [new, old]


async def test_a_search_by_recipient_looks_back_from_the_end_that_is_given(pool: Pool, road: Road) -> None:
    old = await road.accept(8613800138001)
    end = road.now + timedelta(hours=1)
    road.clock.advance(90_000)
    await road.accept(8613800138001)

    found = await page(pool, road, recipient=8613800138001, until=end)

    assert [message.mid for message in found.messages] == [old]


async def test_a_search_by_recipient_and_live_state_finds_what_is_live(pool: Pool, road: Road) -> None:
    mid = await road.accept(8613800138001)
    await road.accept(8613800138002)

    assert await mids(pool, road, recipient=8613800138001, states=frozenset({State.ACCEPTED})) == [mid]


async def test_other_lists_are_not_bounded(pool: Pool, road: Road) -> None:
    old = await road.accept()
    road.clock.advance(90_000)

    found = await page(pool, road)

    assert [message.mid for message in found.messages] == [old]
    assert found.since is None


async def test_time_bounds_hold_to_the_millisecond(pool: Pool, road: Road) -> None:
    first = await road.accept()
    road.clock.advance(1)
    middle = road.now
    second = await road.accept()

    assert await mids(pool, road, since=middle) == [second]
    assert await mids(pool, road, until=middle) == [first]


async def test_an_end_before_its_beginning_is_refused(pool: Pool, road: Road) -> None:
    with pytest.raises(FilterInvalid, match="after its beginning"):
        await page(pool, road, since=road.now, until=road.now - DAY)


async def test_a_time_beyond_what_ids_can_hold_finds_nothing(pool: Pool, road: Road) -> None:
    await road.accept()

    assert await mids(pool, road, since=road.now + timedelta(days=365 * 50)) == []


async def test_a_search_by_recipient_reads_the_days_it_asks_for_and_no_other(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    statement = "EXPLAIN " + Queries.of("hongyan.messages")["page_of_all"]

    rows = await pool.fetch(statement, mid - 1, mid + 1, 8613800138000, None, 50)

    partitions = {word for row in rows for word in row[0].split() if re.fullmatch(r"messages_\d{8}", word)}
    assert len(partitions) == 1
