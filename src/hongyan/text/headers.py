"""User data headers: how the parts of a long text say that they belong together (3GPP TS 23.040 §9.2.3.24).

`05 00 03 RR TT NN` with an 8-bit reference, `06 08 04 RRRR TT NN` with a 16-bit one: reference, total,
number from 1. We write either and read both, wherever they stand among other elements.
"""

import msgspec

_CONCATENATION_8_BIT = 0x00
_CONCATENATION_16_BIT = 0x08
PARTS_MAX = 255


class Concatenation(msgspec.Struct, frozen=True):
    """Which part of which long text this is."""

    reference: int
    total: int
    number: int


def concatenation_header(part: Concatenation, *, is_wide: bool = False) -> bytes:
    """Return the header of one part: 6 bytes, or 7 with a 16-bit reference. The reference is cut to what fits."""
    if is_wide:
        return bytes((6, _CONCATENATION_16_BIT, 4, *(part.reference & 0xFFFF).to_bytes(2), part.total, part.number))
    return bytes((5, _CONCATENATION_8_BIT, 3, part.reference & 0xFF, part.total, part.number))


def split_header(data: bytes) -> tuple[Concatenation | None, bytes]:
    """Split user data that begins with a header into its concatenation, if it has a sane one, and its payload.

    Other elements are stepped over. A header longer than the data leaves everything as payload: better a
    few strange characters shown than a text lost.
    """
    if not data or data[0] + 1 > len(data):
        return None, data
    header, payload = data[1 : data[0] + 1], data[data[0] + 1 :]
    found: Concatenation | None = None
    while len(header) >= 2 and len(header) >= 2 + header[1]:
        identifier, value, header = header[0], header[2 : 2 + header[1]], header[2 + header[1] :]
        if identifier == _CONCATENATION_8_BIT and len(value) == 3:
            found = Concatenation(value[0], value[1], value[2])
        elif identifier == _CONCATENATION_16_BIT and len(value) == 4:
            found = Concatenation(value[0] << 8 | value[1], value[2], value[3])
    # 23.040 §9.2.3.24.1: a number of zero or above the total means that the element is to be ignored.
    return (found if found and 1 <= found.number <= found.total else None), payload
