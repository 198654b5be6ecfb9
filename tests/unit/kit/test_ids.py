"""Message ids."""

import pytest

from hongyan.kit.clock import ManualClock
from hongyan.kit.ids import IdGenerator, InvalidId, first_id_at, format_id, parse_id, unix_seconds_of

BURST = 5000
"""More than the 4,096 ids of one millisecond."""


def test_an_id_carries_its_millisecond() -> None:
    ids = IdGenerator(ManualClock(1_795_000_000.123), node=7)

    assert unix_seconds_of(ids.next()) == 1_795_000_000.123


def test_ids_grow_also_when_the_wall_clock_steps_back() -> None:
    clock = ManualClock()
    ids = IdGenerator(clock, node=0)
    before = ids.next()

    clock.jump(-3600)

    assert ids.next() > before


def test_a_burst_beyond_a_millisecond_borrows_from_the_next() -> None:
    ids = IdGenerator(ManualClock(), node=1)

    made = [ids.next() for _ in range(BURST)]

    assert made == sorted(set(made))


def test_two_nodes_never_make_the_same_id() -> None:
    clock = ManualClock()
    one, other = IdGenerator(clock, node=1), IdGenerator(clock, node=2)

    assert not {one.next() for _ in range(BURST)} & {other.next() for _ in range(BURST)}


@pytest.mark.parametrize("node", [-1, 1024])
def test_a_node_has_ten_bits(node: int) -> None:
    with pytest.raises(ValueError, match="node must be 0 to 1023"):
        IdGenerator(ManualClock(), node)


def test_an_id_is_shown_as_sixteen_upper_case_hex_digits_and_read_back() -> None:
    assert format_id(0x5BCFD88382720003) == "5BCFD88382720003"
    assert parse_id("5bcfd88382720003") == 0x5BCFD88382720003


@pytest.mark.parametrize("text", ["", "5BCFD8838272000", "5BCFD88382720003 ", "5BCFD8838272000G", "FFFFFFFFFFFFFFFF"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        parse_id(text)


def test_no_message_of_a_time_has_a_lower_id_than_the_first() -> None:
    clock = ManualClock(1_795_000_000.0)

    assert IdGenerator(clock, node=0).next() == first_id_at(1_795_000_000.0)
