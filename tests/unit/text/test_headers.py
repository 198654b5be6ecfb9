"""User data headers of parts of long texts."""

import pytest

from hongyan.text.headers import Concatenation, concatenation_header, split_header


def test_a_header_carries_reference_total_and_number() -> None:
    assert concatenation_header(Concatenation(0x1A7, 3, 2)) == b"\x05\x00\x03\xa7\x03\x02"


@pytest.mark.parametrize(
    "data, found, payload",
    [
        (b"\x05\x00\x03\xa7\x03\x02text", Concatenation(0xA7, 3, 2), b"text"),
        (b"\x06\x08\x04\x12\x34\x02\x01text", Concatenation(0x1234, 2, 1), b"text"),
        (b"\x0b\x05\x04\x15\x8a\x00\x00\x00\x03\x01\x02\x02x", Concatenation(1, 2, 2), b"x"),
        (b"\x06\x05\x04\x15\x8a\x00\x00x", None, b"x"),
        (b"\x05\x00\x03\x01\x02\x03x", None, b"x"),
        (b"\x05\x00\x03\x01\x02\x00x", None, b"x"),
        (b"\x02\x00\x03x", None, b"x"),
        (b"\x00x", None, b"x"),
        (b"\x09\x00\x03\x01\x02\x01", None, b"\x09\x00\x03\x01\x02\x01"),
        (b"", None, b""),
    ],
)
def test_a_header_is_taken_off(data: bytes, found: Concatenation | None, payload: bytes) -> None:
    assert split_header(data) == (found, payload)
