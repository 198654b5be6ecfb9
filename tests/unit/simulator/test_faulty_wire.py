"""Faults on octets, with the heads of all four protocols."""

import asyncio
from random import Random
from typing import Any, cast

import pytest

from hongyan.kit.clock import SystemClock
from hongyan.simulator.config import Speech
from hongyan.simulator.faces import FACES
from hongyan.simulator.faulty_wire import FaultyWire
from hongyan.simulator.scenario import Wire

# A response with the counter 0x01020304 and the body "ok", as each protocol heads it.
RESPONSES = {
    Speech.CMPP: "0000000e 80000004 01020304 6f6b",
    Speech.SGIP: "00000016 80000003 b8a3c1f9 42bd0e61 01020304 6f6b",
    Speech.SMGP: "0000000e 80000002 01020304 6f6b",
    Speech.SMPP: "00000012 80000004 00000000 01020304 6f6b",
}
REQUEST = bytes.fromhex("0000000c 00000008 01020304")


class _Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        pass


async def spoiled(speech: Speech, faults: Wire | None, *, swallow: int | None = None) -> bytes:
    """Return what leaves of a response."""
    wire = FaultyWire(
        asyncio.Protocol(),
        header_size=FACES[speech].header_size,
        clock=SystemClock(),
        random=Random(7),
        on_gone=lambda: None,
    )
    transport = _Transport()
    wire.connection_made(cast("Any", transport))
    wire.set_faults(faults)
    if swallow is not None:
        wire.swallow(swallow)
    wire.write(bytes.fromhex(RESPONSES[speech]))
    return transport.written


@pytest.mark.parametrize("speech", Speech)
async def test_without_faults_octets_leave_as_they_are(speech: Speech) -> None:
    assert await spoiled(speech, None) == bytes.fromhex(RESPONSES[speech])


@pytest.mark.parametrize("speech", Speech)
async def test_the_counter_of_a_response_is_changed_and_nothing_else(speech: Speech) -> None:
    expected = bytes.fromhex(RESPONSES[speech].replace("01020304", "01030305"))

    assert await spoiled(speech, Wire(wrong_sequence=1)) == expected


@pytest.mark.parametrize("speech", Speech)
async def test_an_unknown_command_is_a_whole_head(speech: Speech) -> None:
    left = await spoiled(speech, Wire(unknown_command=1))
    size = FACES[speech].header_size

    assert left[size:] == bytes.fromhex(RESPONSES[speech])
    assert (int.from_bytes(left[:4], "big"), left[4:8].hex()) == (size, "00007f0f")


@pytest.mark.parametrize("speech", Speech)
async def test_a_response_is_swallowed_by_its_counter_once(speech: Speech) -> None:
    assert await spoiled(speech, None, swallow=(0x1234 << 64) | 0x01020304) == b""
    assert await spoiled(speech, None, swallow=0x01020305) == bytes.fromhex(RESPONSES[speech])


async def test_requests_keep_their_sequence_and_are_never_swallowed() -> None:
    wire = FaultyWire(asyncio.Protocol(), header_size=12, clock=SystemClock(), random=Random(7), on_gone=lambda: None)
    transport = _Transport()
    wire.connection_made(cast("Any", transport))
    wire.set_faults(Wire(wrong_sequence=1))
    wire.swallow(0x01020304)
    wire.write(REQUEST + REQUEST)

    assert transport.written == REQUEST + REQUEST
