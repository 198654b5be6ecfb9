"""MsgIDs taken apart and put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.wire.errors import EncodeError
from hongyan.wire.smgp.msg_id import MsgId, compose, of_number, split

PARTS = MsgId(gateway=10061, month=1, day=16, hour=17, minute=0, sequence=12345)


def test_the_specifications_example_has_its_parts() -> None:
    assert compose(PARTS) == bytes.fromhex("01006101161700012345")
    assert split(bytes.fromhex("01006101161700012345")) == PARTS


def test_an_id_with_letters_is_a_foreign_one_and_has_no_parts() -> None:
    assert split(bytes.fromhex("00274d112214070b5887")) is None


def test_parts_that_are_too_big_are_not_written() -> None:
    with pytest.raises(EncodeError):
        compose(MsgId(gateway=1_000_000, month=1, day=1, hour=1, minute=1, sequence=1))


@given(
    parts=st.builds(
        MsgId,
        gateway=st.integers(0, 999_999),
        month=st.integers(1, 12),
        day=st.integers(1, 31),
        hour=st.integers(0, 23),
        minute=st.integers(0, 59),
        sequence=st.integers(0, 999_999),
    )
)
def test_every_id_comes_apart_and_together_again(parts: MsgId) -> None:
    assert split(compose(parts)) == parts


@pytest.mark.parametrize(
    "number,digits",
    [(0, "0" * 20), (42, "00000000000000000042"), (2**63 - 1, "09223372036854775807")],
)
def test_a_63_bit_number_has_room_in_twenty_digits(number: int, digits: str) -> None:
    assert of_number(number).hex() == digits


@pytest.mark.parametrize("number", [-1, 10**20])
def test_a_number_without_room_is_refused(number: int) -> None:
    with pytest.raises(EncodeError):
        of_number(number)
