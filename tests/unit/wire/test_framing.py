"""Cutting a stream into frames."""

import pytest

from hongyan.wire.framing import Splitter
from hongyan.wire.header import Header

HEADER = Header()
FIRST = bytes.fromhex("0000000c0000000800000001")
SECOND = bytes.fromhex("0000000e00000004000000020a0b")


def test_frames_come_out_whole_and_in_order() -> None:
    splitter = Splitter(HEADER, 100)

    assert splitter.feed(FIRST + SECOND) == [((12, 8, 1), b""), ((14, 4, 2), b"\x0a\x0b")]
    assert splitter.pending == 0


def test_octets_may_come_one_by_one() -> None:
    splitter = Splitter(HEADER, 100)

    frames = [frame for octet in FIRST + SECOND for frame in splitter.feed(bytes([octet]))]

    assert frames == [((12, 8, 1), b""), ((14, 4, 2), b"\x0a\x0b")]


def test_what_waits_for_its_rest_is_counted() -> None:
    splitter = Splitter(HEADER, 100)

    splitter.feed(FIRST + SECOND[:13])

    assert splitter.pending == 13


def test_the_limit_itself_is_allowed() -> None:
    assert len(Splitter(HEADER, 14).feed(SECOND)) == 1


@pytest.mark.parametrize("length", [0, 11, 15, 0xFFFFFFFF])
def test_an_impossible_length_ends_the_stream_behind_the_good_frames(length: int) -> None:
    splitter = Splitter(HEADER, 14)

    frames = splitter.feed(FIRST + length.to_bytes(4, "big") + bytes(10_000))

    assert frames == [((12, 8, 1), b"")]
    assert str(splitter.error) == f"frame length {length} is not within 12 to 14"
    assert splitter.pending == 0
    assert splitter.feed(FIRST) == []


def test_a_limit_below_the_header_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="11 octets is less than the header's 12"):
        Splitter(HEADER, 11)
