"""Sequence numbers, whole and in words, octets and text."""

import pytest

from hongyan.wire.sgip.sequences import SequenceNumber, compose, octets_of, parse, sequence_of, split, text_of

SEQUENCE = 3075512345 << 64 | 1122140126 << 32 | 7
OCTETS = bytes.fromhex("b750981942e27fde00000007")


def test_a_captured_number_has_its_three_words() -> None:
    assert sequence_of(OCTETS) == SEQUENCE == compose(3075512345, 1122140126, 7)
    assert split(SEQUENCE) == SequenceNumber(3075512345, 1122140126, 7)
    assert octets_of(SEQUENCE) == OCTETS


def test_people_read_three_decimal_numbers() -> None:
    assert text_of(SEQUENCE) == "3075512345 1122140126 7"
    assert text_of(0) == "0 0 0"
    assert parse("3075512345 1122140126 7") == SEQUENCE


@pytest.mark.parametrize(
    "text",
    ["", "7", "1 2", "1 2 3 4", "1 2 x", "1 2 -3", "1 2 4294967296", "1 2 ٣", "1  2 3", "1 2 3 ", "00000000001 2 3"],
)
def test_what_is_no_number_is_told_apart(text: str) -> None:
    assert parse(text) is None
