"""Cutting a text into segments: what is billed, and what goes into the PDUs.

A protocol's `Limits` list the alphabets it may use, the narrow one first; the first that can carry the
text is taken. A text that fits whole goes alone; a longer one is cut into parts that leave room for the
6-byte concatenation header. A cut never goes through a character: not between the halves of a surrogate
pair, nor between an escape and what it escapes. Figures: 3GPP TS 23.038, and each protocol's own.
"""

import msgspec

from .alphabets import Alphabet, encode, units
from .headers import PARTS_MAX, Concatenation, concatenation_header


class Capacity(msgspec.Struct, frozen=True):
    """How many units of an alphabet fit into one message."""

    alphabet: Alphabet
    single: int
    """Into a message that goes alone."""
    part: int
    """Into one of several, beside the header."""


class Limits(msgspec.Struct, frozen=True):
    """What a protocol can carry; the last alphabet must be able to carry everything."""

    capacities: tuple[Capacity, ...]


_UCS2 = Capacity(Alphabet.UCS2, 70, 67)

CMPP = Limits((Capacity(Alphabet.ASCII, 159, 153), _UCS2))
"""CMPP 2.0 §7.4.3.1 says "<160" for format 0, and gateways split at 160: 159 is the safe reading."""
SGIP = Limits((Capacity(Alphabet.ASCII, 160, 153), _UCS2))
SMGP = Limits((Capacity(Alphabet.ASCII, 140, 134), _UCS2))
SMPP = Limits((Capacity(Alphabet.GSM7, 160, 153), _UCS2))


class SegmentPlan(msgspec.Struct, frozen=True):
    """A text cut into segments: joined, the parts are the text."""

    alphabet: Alphabet
    parts: tuple[str, ...]
    units: int
    """Of the whole text, headers left out."""


def count(content: str, limits: Limits) -> int:
    """Return how many segments the text takes; an empty one takes one."""
    for capacity in limits.capacities:
        size = units(content, capacity.alphabet)
        if size is None:
            continue
        if size <= capacity.single:
            return 1
        if size == len(content):  # every character is one unit, so that no cut has to give way
            return -(-size // capacity.part)
        return len(_cut(content, capacity))
    raise ValueError("the last alphabet of the limits cannot carry this text")


def plan(content: str, limits: Limits) -> SegmentPlan:
    """Cut the text into segments."""
    for capacity in limits.capacities:
        size = units(content, capacity.alphabet)
        if size is None:
            continue
        if size <= capacity.single:
            return SegmentPlan(capacity.alphabet, (content,), size)
        if size == len(content):
            parts = [content[start : start + capacity.part] for start in range(0, size, capacity.part)]
        else:
            parts = _cut(content, capacity)
        return SegmentPlan(capacity.alphabet, tuple(parts), size)
    raise ValueError("the last alphabet of the limits cannot carry this text")


def encode_parts(plan: SegmentPlan, reference: int) -> list[bytes]:
    """Return the user data of each segment, with concatenation headers when there are several.

    ValueError for more than 255 parts, which no header can number.
    """
    total = len(plan.parts)
    if total == 1:
        return [encode(plan.parts[0], plan.alphabet)]
    if total > PARTS_MAX:
        raise ValueError(f"a text of {total} segments cannot be sent; the header numbers up to {PARTS_MAX}")
    return [
        concatenation_header(Concatenation(reference, total, number)) + encode(part, plan.alphabet)
        for number, part in enumerate(plan.parts, 1)
    ]


def _cut(content: str, capacity: Capacity) -> list[str]:
    """Cut a text whose characters take different numbers of units."""
    parts: list[str] = []
    start = used = 0
    for position, character in enumerate(content):
        cost = units(character, capacity.alphabet) or 0
        if used + cost > capacity.part:
            parts.append(content[start:position])
            start, used = position, 0
        used += cost
    parts.append(content[start:])
    return parts
