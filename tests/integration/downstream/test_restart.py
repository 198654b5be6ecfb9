"""Gateways that die under a customer, and customers who fall silent: nothing accepted is lost, nothing goes out twice."""

import asyncio
import socket
import struct
from collections import Counter

from msgspec import structs

from hongyan.downstream.server import LIMITS
from hongyan.wire.cmpp.auth import connect_request
from hongyan.wire.cmpp.dialect import CMPP
from hongyan.wire.errors import NotBound, WindowFull
from tests.integration.pipeline.carrier import FakeCarrier, serve, text_of
from tests.integration.pipeline.running import eventually, running_gateway
from tests.integration.pipeline.world import TEXT

from .customer import Customer, a_customer
from .faces import CMPP30, PASSWORD
from .house import House

SUBMITS = 600
KILLS = 3


def a_port() -> int:
    """Return a port that is free now, for a server that comes back to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def text_number(number: int) -> str:
    """Return a text that no other submit has."""
    return TEXT.replace("123456", f"{number:06d}")


async def submit_all(customer: Customer, tokens: dict[int, int]) -> None:
    """Submit every text once, whenever the link takes one; tokens find the answers."""
    for number in range(SUBMITS):
        while number not in tokens:
            try:
                tokens[number] = customer.send(text_number(number))
            except (NotBound, WindowFull):
                await asyncio.sleep(0.002)


async def test_kills_of_the_gateway_lose_and_double_nothing_that_was_accepted(
    house: House, carrier: FakeCarrier
) -> None:
    await house.login(CMPP30)
    await serve(house.world, carrier)
    carrier.on_submit = carrier.take_and_report
    port, tokens = a_port(), dict[int, int]()
    customer = Customer(CMPP30, port)
    async with running_gateway(house.world, house.url), asyncio.TaskGroup() as tasks:
        tasks.create_task(customer.link.run())
        submitting = tasks.create_task(submit_all(customer, tokens))
        for kill in range(KILLS + 1):
            async with house.open(port=port, crashes=kill < KILLS, owner=f"gateway-{kill}"):
                goal = SUBMITS * (kill + 1) // (KILLS + 2)
                await customer.until(lambda goal=goal: len(customer.answers) > goal)  # type: ignore[misc]
                if kill == KILLS:
                    await submitting
                    await _settled(house, customer)
                    await customer.link.stop(1)

    accepted = {number for number, token in tokens.items() if _is_accepted(customer, token)}
    stored = Counter(message["content"] for message in await house.messages())
    assert set(stored.values()) <= {1}
    assert {text_number(number) for number in accepted} <= set(stored)
    assert set(Counter(map(text_of, carrier.submits)).values()) == {1}
    # Every id that was given was reported, at most twice where its answer was under way when the gateway died.
    reported = Counter(report.known_as for report in customer.told)
    assert {customer.answers[tokens[number]].known_as for number in accepted} <= set(reported)
    assert sum(count - 1 for count in reported.values()) <= 64 * KILLS


async def test_a_half_open_customer_is_found_and_what_it_left_unanswered_is_kept(house: House) -> None:
    login = await house.login(CMPP30)
    await house.world.pool.execute(
        "INSERT INTO pushes (login_id, kind, subject_id, payload)"
        " VALUES ($1, 0, 1, report_payload(1, 'DELIVRD', '1069', '13800138000', NULL, now()))",
        login.login_id,
    )
    impatient = structs.replace(
        LIMITS, heartbeat_idle_seconds=0.1, heartbeat_timeout_seconds=0.05, response_timeout_seconds=10.0
    )
    async with house.open(limits=impatient) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.ports["cmpp"])
        connect = connect_request(CMPP30.login, PASSWORD, timestamp=1122120005, version=0x30)
        writer.write(CMPP.codec(0x30).encode(connect, 1))
        async with asyncio.timeout(5):  # it takes the bind, the report and three heartbeats, and says nothing any more
            frames = await reader.read(-1)
        writer.close()
        assert frames.count(struct.pack("!2I", 12, 0x00000008)) == 3
        async with a_customer(CMPP30, server.ports["cmpp"]) as customer:
            await customer.reports(1)
            await eventually(lambda: _is_empty(house))


def _is_accepted(customer: Customer, token: int) -> bool:
    answer = customer.answers.get(token)
    return answer is not None and answer.code == 0


async def _settled(house: House, customer: Customer) -> None:
    async def is_settled() -> bool:
        # What a killed gateway had in hand rests half a minute: as if that had passed.
        await house.world.pool.execute("UPDATE pushes SET due_at = '-infinity' WHERE owner <> $1", f"gateway-{KILLS}")
        return await house.count("live_messages") == 0 and await house.count("pushes") == 0

    await eventually(is_settled, 30)


async def _is_empty(house: House) -> bool:
    return await house.count("pushes") == 0
