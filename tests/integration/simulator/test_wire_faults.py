"""Faults on octets, seen by a customer who reads octets: a bare socket that speaks CMPP by hand."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop

from hongyan.wire.cmpp.auth import connect_request
from hongyan.wire.cmpp.dialect import CMPP, V30, Command

from .peers import LOGIN, PASSWORD, Customer, Simulator, a_customer, a_simulator, a_submit
from .test_scenarios import NOW, play

HEADER = struct.Struct(">III")
CODEC = CMPP.codec(V30)
ACTIVE_TEST = HEADER.pack(12, Command.ACTIVE_TEST, 77)


class Raw:
    """A connection whose octets are looked at one PDU at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def frame(self) -> tuple[int, int, bytes]:
        """Return command, sequence and body of the next PDU."""
        async with asyncio.timeout(10):
            length, command, sequence = HEADER.unpack(await self.reader.readexactly(12))
            return command, sequence, await self.reader.readexactly(length - 12)

    def submit(self, sequence: int, text: str = "x", **changes: Any) -> None:
        """Send a submit."""
        self.writer.write(CODEC.encode(a_submit(text, **changes), sequence))

    async def bind(self) -> None:
        """Be let in."""
        self.writer.write(CODEC.encode(connect_request(LOGIN, PASSWORD, timestamp=1122181500, version=V30), 1))
        command, sequence, body = await self.frame()
        assert (command, sequence, body[:4]) == (Command.CONNECT_RESP, 1, bytes(4))


@asynccontextmanager
async def a_raw(simulator: Simulator) -> AsyncIterator[Raw]:
    """Return a connection that has not bound yet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()


async def test_a_response_may_answer_another_sequence() -> None:
    async with a_simulator() as simulator, a_raw(simulator) as raw:
        await raw.bind()
        await play(simulator, {"wire": {"wrong_sequence": 1}})
        raw.submit(2, registered_delivery=0)

        command, sequence, _ = await raw.frame()

        assert (command, sequence) == (Command.SUBMIT_RESP, 2 ^ 0x0001_0001)


async def test_a_command_that_nobody_knows_stands_before_the_others() -> None:
    async with a_simulator() as simulator, a_raw(simulator) as raw:
        await raw.bind()
        await play(simulator, {"wire": {"unknown_command": 1}})
        raw.submit(2, registered_delivery=0)

        unknown, _, body = await raw.frame()
        command, sequence, _ = await raw.frame()

        assert (unknown, body) == (0x7F0F, b"")
        assert (command, sequence) == (Command.SUBMIT_RESP, 2)


async def test_garbage_stands_before_a_pdu() -> None:
    async with a_simulator() as simulator, a_raw(simulator) as raw:
        await raw.bind()
        await play(simulator, {"wire": {"garbage": 1, "garbage_bytes": 21}})
        raw.submit(2, registered_delivery=0)

        await raw.reader.readexactly(21)
        command, sequence, _ = await raw.frame()

        assert (command, sequence) == (Command.SUBMIT_RESP, 2)


@pytest.mark.parametrize("octet", [1, 11, 12, 13, 23])
async def test_a_connection_ends_at_the_octet_that_was_said(octet: int) -> None:
    async with a_simulator() as simulator, a_raw(simulator) as raw:
        await raw.bind()
        await play(simulator, {"wire": {"cut": {"after_sent_bytes": octet, "how": "close"}}})
        raw.submit(2, registered_delivery=0)

        async with asyncio.timeout(10):
            assert len(await raw.reader.read()) == octet


async def test_a_cut_may_be_a_reset() -> None:
    async with a_simulator() as simulator, a_raw(simulator) as raw:
        await raw.bind()
        await play(simulator, {"wire": {"cut": {"after_received_bytes": 20}}})
        raw.submit(2)

        with pytest.raises(ConnectionResetError):
            async with asyncio.timeout(10):
                await raw.reader.read()
        assert (await simulator.login())["counts"]["submits"] == 0


async def test_connections_are_cut_when_they_are_so_old_and_come_back() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await play(simulator, {"wire": {"cut": {"after": {"kind": "fixed", "seconds": 0.1}}}})
        async with asyncio.timeout(10):
            while (await simulator.login())["counts"]["binds"] < 3:
                await asyncio.sleep(0.05)
        await simulator.http.delete("/carriers/mobile/scenario")
        await customer.bound()
        await customer.submit(a_submit("still there"))


async def test_a_frozen_gateway_says_nothing_and_goes_on_after_it() -> None:
    freeze = {"every": {"kind": "fixed", "seconds": 0}, "lasts": {"kind": "fixed", "seconds": 0.6}}
    async with a_simulator(delivery_delay=NOW) as simulator, a_raw(simulator) as raw:
        await raw.bind()
        await play(simulator, {"wire": {"freeze": freeze}})
        raw.writer.write(ACTIVE_TEST)
        raw.submit(2, registered_delivery=0)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await raw.reader.read(1)
        await simulator.http.delete("/carriers/mobile/scenario")
        assert [(await raw.frame())[1] for _ in range(2)] == [77, 2]


async def test_what_was_said_while_frozen_comes_when_the_freeze_ends_by_itself() -> None:
    freeze = {
        "every": {"kind": "uniform", "min_seconds": 0, "max_seconds": 0},
        "lasts": {"kind": "fixed", "seconds": 0.4},
    }
    async with a_simulator(delivery_delay=NOW) as simulator, a_raw(simulator) as raw:
        await raw.bind()
        raw.submit(2)
        await play(simulator, {"wire": {"freeze": freeze}})
        raw.submit(3, registered_delivery=0)

        commands = {(await raw.frame())[0] for _ in range(3)}

        assert commands == {Command.SUBMIT_RESP, Command.DELIVER}


async def test_a_slow_reader_lets_the_sender_feel_it() -> None:
    async with a_simulator() as simulator, a_raw(simulator) as raw:
        await raw.bind()
        await play(simulator, {"wire": {"read_bytes_per_second": 20_000}})
        for sequence in range(2, 402):
            raw.submit(sequence, "x" * 60, registered_delivery=0)
        async with asyncio.timeout(10):
            while (await simulator.login())["counts"]["submits"] == 0:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        assert (await simulator.login())["counts"]["submits"] < 400

        await simulator.http.delete("/carriers/mobile/scenario")
        async with asyncio.timeout(10):
            while (await simulator.login())["counts"]["submits"] < 400:
                await asyncio.sleep(0.02)


async def test_a_fault_before_the_bind_is_the_carriers() -> None:
    async with a_simulator() as simulator:
        await play(simulator, {"wire": {"cut": {"after_sent_bytes": 5, "how": "close"}}})
        async with a_raw(simulator) as raw:
            raw.writer.write(CODEC.encode(connect_request(LOGIN, PASSWORD, timestamp=1122181500, version=V30), 1))
            async with asyncio.timeout(10):
                assert len(await raw.reader.read()) == 5


async def test_octets_are_counted_through_the_bind() -> None:
    async with a_simulator() as simulator:
        await play(simulator, {"wire": {"cut": {"after_sent_bytes": 33 + 10, "how": "close"}}})
        async with a_raw(simulator) as raw:
            await raw.bind()  # its answer has 33 octets
            raw.submit(2, registered_delivery=0)
            async with asyncio.timeout(10):
                assert len(await raw.reader.read()) == 10


async def test_a_login_of_its_own_leaves_the_others_whole() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_raw(simulator) as raw:
        await raw.bind()
        await play(simulator, {"wire": {"wrong_sequence": 1}}, login="910002")
        raw.submit(2, registered_delivery=0)
        assert (await raw.frame())[1] == 2


def test_the_programs_own_event_loop_bears_them_too() -> None:
    for test in (
        test_a_response_may_answer_another_sequence,
        test_a_cut_may_be_a_reset,
        test_what_was_said_while_frozen_comes_when_the_freeze_ends_by_itself,
        test_a_slow_reader_lets_the_sender_feel_it,
    ):
        uvloop.run(test())


async def test_a_misnumbered_response_is_no_answer_to_a_real_customer() -> None:
    async with a_simulator() as simulator:
        customer = Customer(simulator.port, limits={"response_timeout_seconds": 0.3})
        async with customer.connected():
            await play(simulator, {"wire": {"wrong_sequence": 1}})
            customer.link.send(a_submit(registered_delivery=0), None)
            await customer.until(lambda: customer.missing == 1)
