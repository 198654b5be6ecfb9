"""Msg_Ids taken apart and put together."""

from hypothesis import given
from hypothesis import strategies as st

from hongyan.wire.cmpp.msg_id import MsgId, compose, split

PARTS = MsgId(month=11, day=22, hour=14, minute=0, second=42, gateway=123456, sequence=45712)


def test_a_captured_msg_id_has_its_parts() -> None:
    assert split(13490544236751270544) == PARTS
    assert compose(PARTS) == 13490544236751270544


def test_from_august_on_an_id_needs_all_64_bits() -> None:
    assert compose(MsgId(month=8, day=0, hour=0, minute=0, second=0, gateway=0, sequence=0)) == 1 << 63


def test_parts_too_big_do_not_spill_into_their_neighbours() -> None:
    spilling = MsgId(month=1, day=1, hour=1, minute=1, second=1, gateway=1 << 22, sequence=1 << 16)

    assert split(compose(spilling)) == MsgId(month=1, day=1, hour=1, minute=1, second=1, gateway=0, sequence=0)


@given(msg_id=st.integers(0, (1 << 64) - 1))
def test_every_number_comes_apart_and_together_again(msg_id: int) -> None:
    assert compose(split(msg_id)) == msg_id
