"""SGIP 1.2 §3.4: the sequence number of twelve octets, which is also the only id that a message has.

    node │ time (MMDDhhmmss as a decimal number) │ counter          32 bits each

In the sessions it is one integer; on the wire twelve octets; for people and in the database three
decimal numbers with a blank between them: `3075512345 1122140126 7`.
"""

import re
from typing import Final, NamedTuple

SIZE: Final = 12
_WORD_BITS: Final = 32
_WORD_MAX: Final = 0xFFFF_FFFF
_as_three_numbers = re.compile(r"([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,10})").fullmatch


class SequenceNumber(NamedTuple):
    """The parts of a sequence number."""

    node: int
    """Who sent it: SP 3AAAAQQQQQ, SMG 1AAAAX, GNS 4AAAAX; agreed, never computed."""
    stamp: int
    counter: int


def compose(node: int, stamp: int, counter: int) -> int:
    """Return the whole number of its three words, each of 32 bits."""
    return node << 2 * _WORD_BITS | stamp << _WORD_BITS | counter


def split(sequence: int) -> SequenceNumber:
    """Return the three words of a whole number."""
    return SequenceNumber(sequence >> 2 * _WORD_BITS, sequence >> _WORD_BITS & _WORD_MAX, sequence & _WORD_MAX)


def octets_of(sequence: int) -> bytes:
    """Return the twelve octets of a whole number."""
    return sequence.to_bytes(SIZE, "big")


def sequence_of(octets: bytes) -> int:
    """Return the whole number of twelve octets."""
    return int.from_bytes(octets, "big")


def text_of(sequence: int) -> str:
    """Return the three decimal numbers."""
    return f"{sequence >> 2 * _WORD_BITS} {sequence >> _WORD_BITS & _WORD_MAX} {sequence & _WORD_MAX}"


def parse(text: str) -> int | None:
    """Return the whole number of a text form; None when it is none."""
    match = _as_three_numbers(text)
    if match is None:
        return None
    words = [int(word) for word in match.groups()]
    return compose(*words) if max(words) <= _WORD_MAX else None
