"""The user data header in front of a text (3GPP TS 23.040 §9.2.3.24), read element by element.

Written from the specification, apart from the encoder in `text`, so that the simulator can't share
its misreadings.
"""

from typing import Final

import msgspec

CONCATENATION_8_BIT: Final = 0x00
CONCATENATION_16_BIT: Final = 0x08


class Concatenation(msgspec.Struct, frozen=True, gc=False):
    """Which part of a longer text a segment is."""

    reference_bits: int
    """8 or 16 by user data header; 0 where only the protocol's own part counters tell it."""
    reference: int
    total: int
    number: int
    """From 1."""


def split_header(data: bytes) -> tuple[Concatenation | None, bytes]:
    """Return which part this is and the text behind the header.

    A header that runs beyond the data is none at all: everything is text then. Elements of other kinds
    are skipped, and so is a concatenation that contradicts itself (§9.2.3.24.1); the last good one counts.
    """
    if not data or data[0] >= len(data):
        return None, data
    end = data[0] + 1
    found: Concatenation | None = None
    position = 1
    while position + 2 <= end:
        identifier, length = data[position], data[position + 1]
        value = data[position + 2 : position + 2 + length]
        position += 2 + length
        if position > end:
            return None, data
        found = _concatenation(identifier, value) or found
    return (found, data[end:]) if position == end else (None, data)


def _concatenation(identifier: int, value: bytes) -> Concatenation | None:
    if identifier == CONCATENATION_8_BIT and len(value) == 3:
        bits, reference = 8, value[0]
    elif identifier == CONCATENATION_16_BIT and len(value) == 4:
        bits, reference = 16, value[0] << 8 | value[1]
    else:
        return None
    total, number = value[-2], value[-1]
    return Concatenation(bits, reference, total, number) if 1 <= number <= total else None
