"""Which part of a long text a message is, as far as PkTotal and PkNumber say (SMGP 3.0 §6.3).

The header in front of the text says it better: it has a reference, and every peer counts it from 1. These two are
for texts without one.
"""

from msgspec import Struct

from hongyan.wire.errors import DecodeError

from .dialect import TOLERANCES, Quirk
from .tlvs import SmgpTlvs


class Part(Struct, frozen=True):
    """One of several messages that make up a text."""

    total: int
    number: int
    """From 1."""


def part_of(tlvs: SmgpTlvs, quirks: frozenset[Quirk] = TOLERANCES) -> Part | None:
    """Return the part that a message is, None for a whole text; DecodeError for a number that is none of its total.

    Of a part 0 it cannot be told which one it is, and so it is taken for a whole text.
    """
    if tlvs.pk_total is None or tlvs.pk_number is None or tlvs.pk_total <= 1:
        return None
    if 1 <= tlvs.pk_number <= tlvs.pk_total:
        return Part(tlvs.pk_total, tlvs.pk_number)
    if tlvs.pk_number == 0 and Quirk.PART_FROM_0 in quirks:
        return None
    raise DecodeError(f"PkNumber {tlvs.pk_number} of {tlvs.pk_total}")
