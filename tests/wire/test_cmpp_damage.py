"""Damaged frames never raise anything but the codec's own errors and never break a session's promises."""

import pytest

from hongyan.wire.cmpp.dialect import CMPP, FRAME_SIZE_MAX, HEADER
from hongyan.wire.errors import DecodeError
from hongyan.wire.events import Closed, PduIgnored, RequestReceived
from hongyan.wire.framing import Splitter
from hongyan.wire.states import State

from .golden import CMPP_GOLDENS, Golden
from .pair import SessionPair

EVERY = pytest.mark.parametrize("golden", CMPP_GOLDENS, ids=lambda golden: golden.name)


@EVERY
def test_a_frame_cut_anywhere_is_no_frame(golden: Golden) -> None:
    for cut in range(len(golden.frame)):
        splitter = Splitter(HEADER, FRAME_SIZE_MAX)
        assert splitter.feed(golden.frame[:cut]) == []
        assert splitter.error is None
        [(_, body)] = splitter.feed(golden.frame[cut:])
        assert body == golden.body


@EVERY
def test_a_body_cut_anywhere_is_refused_or_a_known_shorter_form(golden: Golden) -> None:
    codec = CMPP.codec(golden.version)
    whole = golden.decode()
    for cut in range(len(golden.body)):
        try:
            pdu = codec.decode(golden.command, golden.body[:cut])
        except DecodeError:
            continue
        assert type(pdu) is type(whole)
        assert (type(pdu).__name__, cut) in {
            ("ConnectResp", 18),
            ("SubmitResp", 9),
            ("DeliverResp", 9),
            ("CancelResp", 1),
            ("ActiveTestResp", 0),
        }


@EVERY
def test_a_body_with_one_octet_too_many_is_refused(golden: Golden) -> None:
    with pytest.raises(DecodeError):
        CMPP.codec(golden.version).decode(golden.command, golden.body + b"\0")


@EVERY
def test_one_flipped_bit_of_a_body_raises_nothing_but_decode_error(golden: Golden) -> None:
    codec = CMPP.codec(golden.version)
    for damaged in flips(golden.body):
        try:
            codec.decode(golden.command, damaged)
        except DecodeError:
            continue


@EVERY
def test_one_flipped_bit_of_a_frame_leaves_both_ends_of_a_session_sane(golden: Golden) -> None:
    for damaged in flips(golden.frame):
        pair = SessionPair.bound(version=golden.version)
        for session in (pair.client, pair.server):
            session.receive(damaged, pair.now)
            events = session.events()
            closed = [event for event in events if isinstance(event, Closed)]
            assert bool(closed) is (session.state is State.CLOSED)
            assert len(closed) <= 1
            assert session.owed == sum(isinstance(event, RequestReceived) for event in events)


def test_an_unknown_command_is_passed_over_and_the_next_frame_read() -> None:
    pair = SessionPair.bound()

    pair.client.receive(
        bytes.fromhex(
            "0000000d0000000300000009ff"  # there is no command 3
            "0000000c000000080000000a"  # ACTIVE_TEST
        ),
        pair.now,
    )

    assert pair.client.events() == [PduIgnored(3, 9, "unknown command")]
    assert pair.client.data_to_send() == bytes.fromhex("0000000d800000080000000a00")


@pytest.mark.parametrize(
    "head", ["00000000", "0000000b", "00001001", "ffffffff", "47455420"], ids=["zero", "short", "long", "huge", "GET "]
)
def test_an_impossible_length_closes_the_session_without_reading_on(head: str) -> None:
    pair = SessionPair.bound()

    pair.server.receive(bytes.fromhex(head) + b"/ HTTP/1.1\r\n\r\n" * 1000, pair.now)

    [closed] = pair.server.events()
    assert isinstance(closed, Closed)
    assert closed.reason == "framing_error"
    assert pair.server._splitter.pending == 0


def flips(data: bytes) -> list[bytes]:
    damaged = []
    for position in range(len(data) * 8):
        octets = bytearray(data)
        octets[position // 8] ^= 1 << position % 8
        damaged.append(bytes(octets))
    return damaged
