"""Reports and replies on their way to customers: kept, resumed, never by two at once."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest
from msgspec import structs

from hongyan.wire.cmpp import pdus as cmpp
from tests.integration.pipeline.running import eventually

from .customer import a_customer
from .faces import CMPP30, FACES, NAMES, Face, Heard
from .house import House

every_protocol = pytest.mark.parametrize("face", FACES, ids=NAMES)


async def add_reports(house: House, login_id: int, count: int, *, start: int = 0) -> None:
    """Lay down reports as settlement does."""
    await house.world.pool.execute(
        "INSERT INTO pushes (login_id, kind, subject_id, payload)"
        " SELECT $1, 0, n, report_payload((1795000000::bigint << 26) + n, 'DELIVRD', '10690001', $2 || n::text,"
        " CASE protocol WHEN 'sgip' THEN decode(lpad(to_hex(n), 24, '0'), 'hex') END, now())"
        " FROM generate_series($3::integer, $4::integer) AS n, protocol_logins WHERE login_id = $1 ORDER BY n",
        login_id,
        "1380013",
        8000 + start,
        8000 + start + count - 1,
    )
    await house.world.pool.execute("SELECT pg_notify('hongyan_pushes', $1)", str(login_id))


def numbers(count: int, start: int = 0) -> list[str]:
    """Return whom such reports are about."""
    return [f"1380013{8000 + start + n}" for n in range(count)]


async def nothing_left(house: House) -> bool:
    return await house.count("pushes") == 0


@every_protocol
async def test_what_waited_for_an_absent_customer_comes_in_order_when_it_binds(face: Face, house: House) -> None:
    login = await house.login(face)
    await add_reports(house, login.login_id, 50)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        reports = await customer.reports(50)
        await eventually(lambda: nothing_left(house))

    assert [report.destination for report in reports] == numbers(50)


@every_protocol
async def test_a_bound_customer_hears_at_once(face: Face, house: House) -> None:
    login = await house.login(face)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        await add_reports(house, login.login_id, 3)
        await customer.reports(3)
        await add_reports(house, login.login_id, 3, start=3)
        reports = await customer.reports(6)

    assert [report.destination for report in reports] == numbers(6)


@every_protocol
async def test_a_reply_is_pushed(face: Face, house: House) -> None:
    login = await house.login(face)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        await add_reply(house, login.login_id, "退订")
        await customer.until(lambda: len(customer.heard) == 1)
        await eventually(lambda: nothing_left(house))

    (reply,) = customer.heard
    assert reply == Heard(face.number("8613800138000"), "1069000188", "退订")


async def test_a_reply_of_more_parts_than_the_window_comes_whole(house: House) -> None:
    login = await house.login(CMPP30, window_size=2)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        await add_reply(house, login.login_id, "长" * 300)
        await customer.until(lambda: len(customer.heard) == 5)
        await eventually(lambda: nothing_left(house))

    assert sum(len(part.text.strip("\x05\x00\x03")) >= 30 for part in customer.heard) == 5


async def test_no_more_than_the_window_goes_unanswered(house: House) -> None:
    login = await house.login(CMPP30, window_size=4)
    await add_reports(house, login.login_id, 20)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        customer.acknowledges = False
        await customer.reports(4)
        await asyncio.sleep(0.1)
        assert len(customer.told) == 4
        customer.acknowledges = True
        for sequence, pdu in customer.held_back:
            customer.link.answer(sequence, CMPP30.acknowledge(pdu))
        reports = await customer.reports(20)

    assert [report.destination for report in reports] == numbers(20)


@every_protocol
async def test_what_a_lost_link_left_unanswered_comes_again_and_nothing_else_does(face: Face, house: House) -> None:
    login = await house.login(face, window_size=8)
    await add_reports(house, login.login_id, 30)
    async with house.open() as server:
        async with a_customer(face, server.ports[face.family]) as first:
            await first.until(lambda: _stops_answering_after(first, 10))
            await first.until(lambda: len(first.held_back) >= 8)
        async with a_customer(face, server.ports[face.family]) as second:
            unanswered = {report.destination for report in first.told[-len(first.held_back) :]}
            await second.reports(30 - len(first.told) + len(first.held_back))
            await eventually(lambda: nothing_left(house))

    again = {report.destination for report in first.told} & {report.destination for report in second.told}
    assert again == unanswered
    assert {report.destination for report in (*first.told, *second.told)} == set(numbers(30))


def _stops_answering_after(customer: object, count: int) -> bool:
    told: Sequence[object] = customer.told  # type: ignore[attr-defined]
    if len(told) >= count:
        customer.acknowledges = False  # type: ignore[attr-defined]
    return len(told) >= count


async def test_two_gateways_share_a_customers_pushes_and_double_none(house: House) -> None:
    login = await house.login(CMPP30)
    async with (
        house.open() as one,
        house.open(owner="gateway-2") as other,
        a_customer(CMPP30, one.ports["cmpp"]) as first,
        a_customer(CMPP30, other.ports["cmpp"]) as second,
    ):
        for start in range(0, 400, 40):
            await add_reports(house, login.login_id, 40, start=start)
        await eventually(lambda: nothing_left(house))

    told = [report.destination for report in (*first.told, *second.told)]
    assert sorted(told) == numbers(400)
    assert first.told
    assert second.told


async def test_what_a_dead_gateway_had_in_hand_goes_out_when_its_lease_is_over(house: House) -> None:
    login = await house.login(CMPP30)
    await add_reports(house, login.login_id, 5)
    async with house.open(crashes=True) as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        customer.acknowledges = False
        await customer.reports(5)
    # As if half a minute had passed.
    await house.world.pool.execute("UPDATE pushes SET due_at = now()")
    async with house.open(owner="gateway-2") as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        reports = await customer.reports(5)

    assert [report.destination for report in reports] == numbers(5)


async def test_a_gateway_that_stops_puts_back_what_nobody_answered(house: House) -> None:
    login = await house.login(CMPP30)
    await add_reports(house, login.login_id, 5)
    async with AsyncExitStack() as gateway:
        server = await gateway.enter_async_context(house.open())
        async with a_customer(CMPP30, server.ports["cmpp"]) as customer:
            customer.acknowledges = False
            await customer.reports(5)
            await gateway.aclose()
    assert await house.world.pool.fetchval("SELECT count(*) FROM pushes WHERE due_at <= now()") == 5

    async with house.open(owner="gateway-2") as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        await customer.reports(5)


async def test_a_push_that_the_customer_cannot_take_now_rests(house: House) -> None:
    login = await house.login(CMPP30)
    await add_reports(house, login.login_id, 1)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        customer.acknowledges = False
        await customer.reports(1)
        sequence, pdu = customer.held_back[0]
        busy = CMPP30.acknowledge(pdu)
        assert isinstance(busy, cmpp.DeliverResp)
        customer.link.answer(sequence, structs.replace(busy, result=8))
        await eventually(lambda: _rests(house))

        customer.acknowledges = True
        await house.world.pool.execute("UPDATE pushes SET due_at = now()")
        await eventually(lambda: nothing_left(house))

    assert len(customer.told) == 2


async def test_after_72_hours_a_push_is_given_up(house: House) -> None:
    login = await house.login(CMPP30)
    await add_reports(house, login.login_id, 2)
    kept = await house.world.pool.fetchval("SELECT min(expires_at - created_at) FROM pushes")
    await house.world.pool.execute("UPDATE pushes SET expires_at = now() WHERE subject_id = 8000")
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        (report,) = await customer.reports(1)
        server.pusher._cleaned_at = float("-inf")
        await eventually(lambda: nothing_left(house))

    assert kept.total_seconds() == 72 * 3600
    assert report.destination == numbers(1, start=1)[0]


async def test_a_push_that_no_pdu_can_carry_does_not_stop_the_others(house: House) -> None:
    login = await house.login(CMPP30)
    await house.world.pool.execute(
        "INSERT INTO pushes (login_id, kind, subject_id, payload) VALUES ($1, 1, 1, $2), ($1, 0, 2, '{}')",
        login.login_id,
        json.dumps({"from": "8" * 90, "to": "1069", "content": "好"}),
    )
    await add_reports(house, login.login_id, 1)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        await customer.reports(1)
        await eventually(lambda: nothing_left(house))


async def add_reply(house: House, login_id: int, text: str) -> None:
    """Lay down a reply as the replies area does."""
    payload = json.dumps({"from": "8613800138000", "to": "1069000188", "content": text})
    await house.world.pool.execute(
        "INSERT INTO pushes (login_id, kind, subject_id, payload) VALUES ($1, 1, 1, $2)", login_id, payload
    )
    await house.world.pool.execute("SELECT pg_notify('hongyan_pushes', $1)", str(login_id))


async def _rests(house: House) -> bool:
    return bool(await house.world.pool.fetchval("SELECT count(*) FROM pushes WHERE due_at > now() AND owner IS NULL"))
