"""The ids that customers get for what they submit: ordered by time, unique over all processes, in ranges.

58 bits: 32 of Unix seconds, 10 of node, 16 of sequence. Every protocol writes the three in its own form and
nothing has to be looked up: CMPP as a Msg_Id, SMGP as ten octets, SMPP as a text.
"""

from msgspec import Struct

from hongyan.kit.clock import Clock

NODE_BITS = 10
SEQUENCE_BITS = 16
NODES = 1 << NODE_BITS
SEQUENCES = 1 << SEQUENCE_BITS


class PartId(Struct, frozen=True):
    """An id taken apart."""

    unix_seconds: int
    node: int
    """0 to 1023: the process that gave it."""
    sequence: int
    """0 to 65535, within its second."""


def compose(parts: PartId) -> int:
    """Return the number."""
    return (parts.unix_seconds << NODE_BITS | parts.node) << SEQUENCE_BITS | parts.sequence


def split(part_id: int) -> PartId:
    """Return the parts of a number."""
    return PartId(
        part_id >> (NODE_BITS + SEQUENCE_BITS),
        part_id >> SEQUENCE_BITS & (NODES - 1),
        part_id & (SEQUENCES - 1),
    )


class PartIds:
    """Gives ids; one for each process, with a node number that no live process shares."""

    def __init__(self, clock: Clock, node: int) -> None:
        if not 0 <= node < NODES:
            raise ValueError(f"node must be 0 to {NODES - 1}, not {node}")
        self._clock = clock
        self._node = node
        self._second = 0
        self._sequence = 0

    def take(self, count: int = 1) -> int:
        """Return the first of `count` ids in a row; a range never crosses a second, and no id comes twice."""
        second = int(self._clock.now())
        if second > self._second:
            self._second = second
            self._sequence = 0
        elif self._sequence + count > SEQUENCES:
            self._second += 1  # a burst borrows from the next second
            self._sequence = 0
        first = compose(PartId(self._second, self._node, self._sequence))
        self._sequence += count
        return first
