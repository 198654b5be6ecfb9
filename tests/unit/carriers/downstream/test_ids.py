"""Ids of submits: unique, in order, in ranges."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.carriers.downstream.ids import NODES, SEQUENCES, PartId, PartIds, compose, split
from hongyan.kit.clock import ManualClock


@given(
    st.builds(
        PartId,
        unix_seconds=st.integers(0, 2**32 - 1),
        node=st.integers(0, NODES - 1),
        sequence=st.integers(0, SEQUENCES - 1),
    )
)
def test_an_id_is_its_parts(parts: PartId) -> None:
    assert split(compose(parts)) == parts
    assert compose(parts) < 2**63


def test_ids_grow_and_a_range_stays_within_its_second() -> None:
    clock = ManualClock()
    ids = PartIds(clock, 3)
    firsts = [ids.take(99) for _ in range(2000)]
    assert firsts == sorted(firsts)
    for first, following in itertools.pairwise(firsts):
        assert following >= first + 99
        assert split(first).unix_seconds == split(first + 98).unix_seconds


def test_a_clock_that_steps_back_gives_no_id_twice() -> None:
    clock = ManualClock()
    ids = PartIds(clock, 3)
    before = ids.take()
    clock.jump(-60)
    assert ids.take() > before


def test_two_nodes_never_give_the_same_id() -> None:
    clock = ManualClock()
    one, other = PartIds(clock, 1), PartIds(clock, 2)
    assert not {one.take() for _ in range(1000)} & {other.take() for _ in range(1000)}


def test_a_node_has_ten_bits() -> None:
    with pytest.raises(ValueError, match="0 to 1023"):
        PartIds(ManualClock(), 1024)
