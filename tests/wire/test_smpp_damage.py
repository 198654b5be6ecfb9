"""Damaged frames never raise anything but the codec's own errors and never break a session's promises."""

import tracemalloc

import pytest

from hongyan.wire.errors import DecodeError
from hongyan.wire.events import Closed, PduIgnored, RequestReceived
from hongyan.wire.framing import Splitter
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX, HEADER, Command
from hongyan.wire.smpp.pdus import DataSm, DeliverSm, SubmitSm
from hongyan.wire.smpp.receipt import receipt_of
from hongyan.wire.smpp.tlvs import MessageTlvs
from hongyan.wire.states import State

from .golden import Golden
from .golden_smpp import SMPP_GOLDENS, SMPP_QUIRKS
from .pair_smpp import SmppPair

EVERY = pytest.mark.parametrize("golden", [*SMPP_GOLDENS, *SMPP_QUIRKS], ids=lambda golden: golden.name)
HEADER_ONLY = {0x80000000, 6, 0x80000006, 0x15, 0x80000015, 0x80000007, 0x80000008}
MAY_BE_EMPTY = {0x80000001, 0x80000002, 0x80000009, 0x80000003, 0x80000004, 0x80000005, 0x80000021, 0x80000103}


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
    for cut in range(len(golden.body)):
        try:
            pdu = golden.decode_body(golden.body[:cut])
        except DecodeError:
            continue
        assert type(pdu) is type(golden.decode())
        is_whole = cut in ends_of_parameters(golden)
        assert is_whole or golden.command in HEADER_ONLY or (cut == 0 and golden.command in MAY_BE_EMPTY)


@EVERY
def test_a_body_with_one_octet_too_many_is_refused(golden: Golden) -> None:
    if golden.command in HEADER_ONLY:
        return
    if not golden.body:
        return  # with one octet more it is an empty text
    with pytest.raises(DecodeError):
        golden.decode_body(golden.body + b"\0")


@EVERY
def test_one_flipped_bit_of_a_body_raises_nothing_but_decode_error(golden: Golden) -> None:
    for damaged in flips(golden.body):
        try:
            pdu = golden.decode_body(damaged)
        except DecodeError:
            continue
        if isinstance(pdu, DeliverSm | DataSm):
            receipt_of(pdu)


@EVERY
def test_one_flipped_bit_of_a_frame_leaves_both_ends_of_a_session_sane(golden: Golden) -> None:
    for damaged in flips(golden.frame):
        pair = SmppPair.bound()
        for session in (pair.client, pair.server):
            session.receive(damaged, pair.now)
            events = session.events()
            closed = [event for event in events if isinstance(event, Closed)]
            assert bool(closed) is (session.state is State.CLOSED)
            assert len(closed) <= 1
            taken = [event for event in events if isinstance(event, RequestReceived)]
            assert session.owed == sum(type(event.pdu).__name__ != "AlertNotification" for event in taken)


def test_an_unknown_command_is_refused_by_name_and_the_next_frame_read() -> None:
    pair = SmppPair.bound()

    pair.client.receive(
        bytes.fromhex(
            "00000011000000ff0000000000000009ff"  # there is no such command
            "0000001000000015000000000000000a"  # enquire_link
        ),
        pair.now,
    )

    assert pair.client.events() == [PduIgnored(0xFF, 9, "unknown command")]
    assert pair.client.data_to_send().hex() == "00000010800000000000000300000009" + "0000001080000015000000000000000a"


def test_an_unknown_response_is_passed_over_without_a_word() -> None:
    pair = SmppPair.bound()

    pair.client.receive(bytes.fromhex("00000010800000ff0000000000000009"), pair.now)

    assert pair.client.events() == [PduIgnored(0x800000FF, 9, "answers no request of ours")]
    assert pair.client.data_to_send() == b""


@pytest.mark.parametrize(
    "head", ["00000000", "0000000f", "00012001", "ffffffff", "47455420"], ids=["zero", "short", "long", "huge", "GET "]
)
def test_an_impossible_length_is_refused_and_closes_the_session_without_reading_on(head: str) -> None:
    pair = SmppPair.bound()

    pair.server.receive(bytes.fromhex(head) + b"/ HTTP/1.1\r\n\r\n" * 1000, pair.now)

    [closed] = pair.server.events()
    assert isinstance(closed, Closed)
    assert closed.reason == "framing_error"
    assert pair.server.data_to_send().hex() == "00000010800000000000000200000000"
    assert pair.server._splitter.pending == 0


@pytest.mark.parametrize("claim", ["00011fff00000004", "00011fff00000021", "7fffffff00000004"])
def test_a_claimed_length_takes_no_more_memory_than_what_came(claim: str) -> None:
    pair = SmppPair.bound()
    tracemalloc.start()
    try:
        pair.server.receive(bytes.fromhex(claim + "0000000000000001") + b"\xff" * 100, pair.now)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 16 * 1024


def test_a_payload_of_64_kib_is_carried_and_takes_but_a_few_frames_of_memory() -> None:
    pair = SmppPair.bound()
    payload = bytes(range(256)) * 255
    pair.client.send(SubmitSm(tlvs=MessageTlvs(message_payload=payload)), pair.now)
    stream = pair.client.data_to_send()
    tracemalloc.start()
    try:
        for start in range(0, len(stream), 1460):
            pair.server.receive(stream[start : start + 1460], pair.now)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    [received] = pair.server.events()
    assert isinstance(received, RequestReceived)
    assert isinstance(received.pdu, SubmitSm)
    assert received.pdu.tlvs.message_payload == payload
    assert peak < 5 * FRAME_SIZE_MAX


def test_a_malformed_request_is_refused_by_its_own_response() -> None:
    pair = SmppPair.bound()

    pair.server.receive(bytes.fromhex("00000012000000040000000000000007") + b"\0\0", pair.now)
    pair.client.receive(bytes.fromhex("00000011000000050000000000000008") + b"x", pair.now)

    assert pair.server.data_to_send().hex() == "00000010800000040000000200000007"
    assert pair.client.data_to_send().hex() == "00000010800000050000000200000008"
    assert pair.server.events() == [
        PduIgnored(Command.SUBMIT_SM, 7, "SubmitSm: the body ends too early, at 2 octets"),
    ]
    assert pair.server.owed == pair.client.owed == 0


def test_a_malformed_alert_has_no_answer() -> None:
    pair = SmppPair.bound()

    pair.client.receive(bytes.fromhex("00000011000001020000000000000008") + b"x", pair.now)

    assert pair.client.data_to_send() == b""
    [ignored] = pair.client.events()
    assert isinstance(ignored, PduIgnored)


def ends_of_parameters(golden: Golden) -> list[int]:
    """Return where in the body the fixed part and each of the tagged parameters ends."""
    ends, end = [], len(golden.body)
    whole = golden.decode()
    tlvs = getattr(whole, "tlvs", None)
    while tlvs is not None and end > 0:
        sizes = [
            size for size in range(4, end + 1) if int.from_bytes(golden.body[end - size + 2 :][:2], "big") == size - 4
        ]
        size = next((size for size in sizes if is_tag(golden.body[end - size :][:2])), None)
        if size is None:
            break
        end -= size
        ends.append(end)
    return ends


def is_tag(octets: bytes) -> bool:
    return int.from_bytes(octets, "big") in {
        0x001D,
        0x001E,
        0x0210,
        *range(0x020C, 0x0210),
        *range(0x0420, 0x0428),
        0x1400,
    }


def flips(data: bytes) -> list[bytes]:
    """Return the data with each of its bits turned in its turn."""
    damaged = []
    for position in range(len(data) * 8):
        octets = bytearray(data)
        octets[position // 8] ^= 1 << position % 8
        damaged.append(bytes(octets))
    return damaged
