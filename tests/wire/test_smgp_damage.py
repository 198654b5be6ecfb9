"""Damaged frames never raise anything but the codec's own errors and never break a session's promises."""

import tracemalloc

import pytest

from hongyan.wire.errors import DecodeError
from hongyan.wire.events import Closed, PduIgnored, RequestReceived
from hongyan.wire.framing import Splitter
from hongyan.wire.smgp.dialect import FRAME_SIZE_MAX, HEADER, LEFT_OUT
from hongyan.wire.smgp.pdus import Deliver, Submit
from hongyan.wire.smgp.report import decode_report
from hongyan.wire.states import State

from .golden import Golden, goldens
from .golden_smgp import SMGP_GOLDENS, SMGP_READING
from .pair_smgp import SmgpPair

FRAMES = [*SMGP_GOLDENS, *goldens("smgp30_quirks", SMGP_READING)]
EVERY = pytest.mark.parametrize("golden", FRAMES, ids=lambda golden: golden.name)


@EVERY
def test_a_frame_cut_anywhere_is_no_frame(golden: Golden) -> None:
    for cut in range(len(golden.frame)):
        splitter = Splitter(HEADER, FRAME_SIZE_MAX)
        assert splitter.feed(golden.frame[:cut]) == []
        assert splitter.error is None
        [(_, body)] = splitter.feed(golden.frame[cut:])
        assert body == golden.body


@EVERY
def test_a_body_cut_anywhere_is_refused_unless_whole_parameters_are_missing(golden: Golden) -> None:
    whole = golden.decode()
    for cut in range(len(golden.body)):
        try:
            pdu = golden.decode_body(golden.body[:cut])
        except DecodeError:
            continue
        assert isinstance(pdu, Submit | Deliver)
        assert type(pdu) is type(whole)
        assert cut in ends_of_parameters(golden)


@EVERY
def test_a_body_with_one_octet_too_many_is_refused(golden: Golden) -> None:
    with pytest.raises(DecodeError):
        golden.decode_body(golden.body + b"\0")


@EVERY
def test_one_flipped_bit_of_a_body_raises_nothing_but_decode_error(golden: Golden) -> None:
    for damaged in flips(golden.body):
        try:
            pdu = golden.decode_body(damaged)
            if isinstance(pdu, Deliver):
                decode_report(pdu.msg_content)
        except DecodeError:
            continue


@EVERY
def test_one_flipped_bit_of_a_frame_leaves_both_ends_of_a_session_sane(golden: Golden) -> None:
    for damaged in flips(golden.frame):
        pair = SmgpPair.bound()
        for session in (pair.client, pair.server):
            session.receive(damaged, pair.now)
            events = session.events()
            closed = [event for event in events if isinstance(event, Closed)]
            assert bool(closed) is (session.state is State.CLOSED)
            assert len(closed) <= 1
            assert session.owed == sum(isinstance(event, RequestReceived) for event in events)


@pytest.mark.parametrize("command", [*LEFT_OUT, 0x13, 0x7FFFFFFF], ids=hex)
def test_a_command_between_gateways_is_passed_over_and_the_next_frame_read(command: int) -> None:
    pair = SmgpPair.bound()

    pair.client.receive(
        bytes.fromhex(f"0000000d{command:08x}00000009ff0000000c000000040000000a"),
        pair.now,
    )

    assert pair.client.events() == [PduIgnored(command, 9, "unknown command")]
    assert pair.client.data_to_send() == bytes.fromhex("0000000c800000040000000a")


@pytest.mark.parametrize(
    "head", ["00000000", "0000000b", "00001001", "ffffffff", "47455420"], ids=["zero", "short", "long", "huge", "GET "]
)
def test_an_impossible_length_closes_the_session_without_reading_on(head: str) -> None:
    pair = SmgpPair.bound()

    pair.server.receive(bytes.fromhex(head) + b"/ HTTP/1.1\r\n\r\n" * 1000, pair.now)

    [closed] = pair.server.events()
    assert isinstance(closed, Closed)
    assert closed.reason == "framing_error"
    assert pair.server._splitter.pending == 0


@pytest.mark.parametrize(
    "claim", ["00000fff00000002", "00000fff00000003", "7fffffff00000002"], ids=["submit", "deliver", "huge"]
)
def test_a_claimed_length_takes_no_more_memory_than_what_came(claim: str) -> None:
    pair = SmgpPair.bound()
    tracemalloc.start()
    try:
        pair.server.receive(bytes.fromhex(claim + "00000001") + b"\xff" * 100, pair.now)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < FRAME_SIZE_MAX


def test_a_tagged_parameter_may_claim_more_than_the_frame_holds() -> None:
    body = bytes.fromhex("00" * 77 + "0002ffff01")

    pair = SmgpPair.bound()
    pair.client.receive(bytes.fromhex(f"{12 + len(body):08x}0000000300000007") + body, pair.now)

    [ignored] = pair.client.events()
    assert isinstance(ignored, PduIgnored)
    assert ignored.problem == "Deliver: tag 0x0002 claims 65535 octets, 1 are left"
    assert pair.client.data_to_send().hex() == "0000001a8000000300000007" + "00" * 10 + "0000000a"


def ends_of_parameters(golden: Golden) -> list[int]:
    """Return where in the body the fixed part and each of the tagged parameters ends."""
    sizes = [4 + tlv["length"] for tlv in golden.entry["fields"]["TLVs"]]
    return [len(golden.body) - sum(sizes[index:]) for index in range(len(sizes) + 1)]


def flips(data: bytes) -> list[bytes]:
    """Return the data with each of its bits turned in its turn."""
    damaged = []
    for position in range(len(data) * 8):
        octets = bytearray(data)
        octets[position // 8] ^= 1 << position % 8
        damaged.append(bytes(octets))
    return damaged
