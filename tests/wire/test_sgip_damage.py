"""Damaged frames of SGIP raise nothing but the codec's own errors and break no promise of a session."""

import tracemalloc

import pytest

from hongyan.wire.errors import DecodeError
from hongyan.wire.events import Closed, PduIgnored, RequestReceived
from hongyan.wire.framing import Splitter
from hongyan.wire.sgip.dialect import FRAME_SIZE_MAX, HEADER
from hongyan.wire.states import State

from .damage import flips
from .golden import Golden, goldens
from .golden_sgip import SGIP_GOLDENS, SGIP_READING
from .pair_sgip import SgipPair

EVERY = pytest.mark.parametrize("golden", SGIP_GOLDENS, ids=lambda golden: golden.name)
WITH_BODY = [golden for golden in SGIP_GOLDENS if golden.entry["pdu"] != "UNBIND_RESP"]
EITHER = [*SGIP_GOLDENS, *goldens("sgip12_quirks", SGIP_READING)]


@EVERY
def test_a_frame_cut_anywhere_is_no_frame(golden: Golden) -> None:
    for cut in range(len(golden.frame)):
        splitter = Splitter(HEADER, FRAME_SIZE_MAX)
        assert splitter.feed(golden.frame[:cut]) == []
        assert splitter.error is None
        [(_, body)] = splitter.feed(golden.frame[cut:])
        assert body == golden.body


@pytest.mark.parametrize("golden", WITH_BODY, ids=lambda golden: golden.name)
def test_a_body_cut_anywhere_is_refused(golden: Golden) -> None:
    for cut in range(len(golden.body)):
        with pytest.raises(DecodeError):
            golden.decode_body(golden.body[:cut])


@pytest.mark.parametrize("golden", WITH_BODY, ids=lambda golden: golden.name)
def test_a_body_with_one_octet_too_many_is_refused(golden: Golden) -> None:
    with pytest.raises(DecodeError):
        golden.decode_body(golden.body + b"\0")


@EVERY
def test_one_flipped_bit_of_a_body_raises_nothing_but_decode_error(golden: Golden) -> None:
    for damaged in flips(golden.body):
        try:
            golden.decode_body(damaged)
        except DecodeError:
            continue


@pytest.mark.parametrize("golden", EITHER, ids=lambda golden: golden.name)
def test_one_flipped_bit_of_a_frame_leaves_both_ends_of_a_session_sane(golden: Golden) -> None:
    for damaged in flips(golden.frame):
        pair = SgipPair.bound()
        for session in (pair.client, pair.server):
            session.receive(damaged, pair.now)
            events = session.events()
            closed = [event for event in events if isinstance(event, Closed)]
            assert bool(closed) is (session.state is State.CLOSED)
            assert len(closed) <= 1
            assert session.owed == sum(isinstance(event, RequestReceived) for event in events)


@pytest.mark.parametrize("command", [0x6, 0x9, 0xF, 0x10, 0x1001, 0x7FFFFFFF], ids=hex)
def test_a_command_between_gateways_is_passed_over_and_the_next_frame_read(command: int) -> None:
    pair = SgipPair.bound()

    pair.client.receive(
        bytes.fromhex(f"00000015{command:08x}0001adb042e27fdf00000009ff")
        + bytes.fromhex("00000014000000020001adb042e27fdf0000000a"),  # UNBIND
        pair.now,
    )

    assert pair.client.events()[0] == PduIgnored(command, 110000 << 64 | 1122140127 << 32 | 9, "unknown command")
    assert pair.client.data_to_send() == bytes.fromhex("00000014800000020001adb042e27fdf0000000a")


@pytest.mark.parametrize(
    "head", ["00000000", "00000013", "00001001", "ffffffff", "47455420"], ids=["zero", "short", "long", "huge", "GET "]
)
def test_an_impossible_length_closes_the_session_without_reading_on(head: str) -> None:
    pair = SgipPair.bound()

    pair.server.receive(bytes.fromhex(head) + b"/ HTTP/1.1\r\n\r\n" * 1000, pair.now)

    [closed] = pair.server.events()
    assert isinstance(closed, Closed)
    assert closed.reason == "framing_error"
    assert pair.server._splitter.pending == 0


def test_a_content_that_claims_four_gigabytes_takes_no_memory_and_is_refused_for_its_length() -> None:
    body = bytes(42) + b"\0\0\x08" + b"\xff\xff\xff\xff" + b"TD" + bytes(8)
    frame = bytes.fromhex(f"{20 + len(body):08x}000000040001adb042e27fdf00000009") + body
    pair = SgipPair.bound()
    tracemalloc.start()
    try:
        pair.client.receive(frame, pair.now)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2 * FRAME_SIZE_MAX
    [ignored] = pair.client.events()
    assert isinstance(ignored, PduIgnored)
    assert pair.client.data_to_send() == bytes.fromhex("0000001d800000040001adb042e27fdf0000000908") + bytes(8)


@pytest.mark.parametrize(
    "claim", ["00000fff00000003", "00000fff00000004", "7fffffff00000003"], ids=["submit", "deliver", "huge"]
)
def test_a_claimed_length_takes_no_more_memory_than_what_came(claim: str) -> None:
    pair = SgipPair.bound()
    tracemalloc.start()
    try:
        pair.server.receive(bytes.fromhex(claim) + bytes(12) + b"\xff" * 100, pair.now)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < FRAME_SIZE_MAX
