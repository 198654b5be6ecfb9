"""Message ids: 63 bits, ordered by time, unique over all processes without asking anyone.

41 bits of Unix milliseconds, 10 bits of node, 12 bits of sequence. Good until 2039-09-07. An id
carries its day, which is how a message finds its partition. Shown as 16 upper-case hex digits.
"""

from .clock import Clock
from .errors import Error

NODE_BITS = 10
SEQUENCE_BITS = 12
NODES = 1 << NODE_BITS
_LOW_BITS = NODE_BITS + SEQUENCE_BITS
_SEQUENCE_MAX = (1 << SEQUENCE_BITS) - 1


class InvalidId(Error):
    """A message id is 16 hexadecimal digits."""

    code = "message.id_invalid"


class IdGenerator:
    """Makes message ids; one for each process, with a node number that no live process shares."""

    def __init__(self, clock: Clock, node: int) -> None:
        if not 0 <= node < NODES:
            raise ValueError(f"node must be 0 to {NODES - 1}, not {node}")
        self._clock = clock
        self._node = node << SEQUENCE_BITS
        self._millisecond = 0
        self._sequence = 0

    def next(self) -> int:
        """Return an id greater than all before it, also when the wall clock steps back."""
        millisecond = int(self._clock.now() * 1000)
        if millisecond > self._millisecond:
            self._millisecond = millisecond
            self._sequence = 0
        elif self._sequence < _SEQUENCE_MAX:
            self._sequence += 1
        else:
            self._millisecond += 1  # a burst borrows from the next millisecond
            self._sequence = 0
        return self._millisecond << _LOW_BITS | self._node | self._sequence


def first_id_at(unix_seconds: float) -> int:
    """Return the lowest id that a message accepted at that time can have."""
    return int(unix_seconds * 1000) << _LOW_BITS


def unix_seconds_of(message_id: int) -> float:
    """Return when the message with this id was accepted, to the millisecond."""
    return (message_id >> _LOW_BITS) / 1000


def format_id(message_id: int) -> str:
    """Return the 16 upper-case hex digits that people and clients see."""
    return f"{message_id:016X}"


def parse_id(text: str) -> int:
    """Return the id that 16 hex digits stand for; InvalidId if they are none."""
    if len(text) != 16:
        raise InvalidId
    try:
        value = int(text, 16)
    except ValueError:
        raise InvalidId from None
    if value >> 63:
        raise InvalidId
    return value
