"""Lists of destinations that cannot be."""

import pytest

from hongyan.wire.errors import DecodeError
from hongyan.wire.smpp.destinations import DESTINATIONS, UNSUCCESSFUL, Address, DistributionList, Unsuccessful


def test_phones_and_lists_are_written_and_read_to_the_octet() -> None:
    items = (Address("138", 1, 1), DistributionList("vip"))
    octets = bytes.fromhex("02 01 01 01 31333800 02 76697000")

    assert DESTINATIONS.write(items) == octets
    assert DESTINATIONS.read(b"xx" + octets, 2) == (items, 15)


def test_those_who_were_refused_are_written_and_read_to_the_octet() -> None:
    items = (Unsuccessful("138", 0x0B, 1, 1),)
    octets = bytes.fromhex("01 01 01 31333800 0000000b")

    assert UNSUCCESSFUL.write(items) == octets
    assert UNSUCCESSFUL.read(octets, 0) == (items, 11)


def test_more_than_254_destinations_are_none() -> None:
    with pytest.raises(DecodeError, match="255 structures where 254 may be"):
        DESTINATIONS.read(b"\xff" + bytes.fromhex("01000000") * 255, 0)


@pytest.mark.parametrize("flag", [0, 3, 255])
def test_what_is_neither_a_phone_nor_a_list_is_refused(flag: int) -> None:
    with pytest.raises(DecodeError, match="dest_flag"):
        DESTINATIONS.read(bytes((1, flag)) + b"138\0", 0)


@pytest.mark.parametrize("octets", ["", "01", "0101", "010101", "01010131", "0102", "01010101" + "31" * 21 + "00"])
def test_a_list_that_is_cut_short_or_whose_text_does_not_end_is_none(octets: str) -> None:
    with pytest.raises(IndexError):
        DESTINATIONS.read(bytes.fromhex(octets), 0)
