"""What a phone number is to us."""

from enum import IntEnum

import msgspec


class Carrier(IntEnum):
    """Whose network a number is on, as far as routing has to know; a reseller's number is on its host's."""

    MOBILE = 1
    UNICOM = 2
    TELECOM = 3
    BROADNET = 4
    INTERNATIONAL = 5
    """Any network outside mainland China."""


class Number(msgspec.Struct, frozen=True):
    """A number we can send to."""

    recipient: int
    """E.164 digits as one integer, such as 8613800138000."""
    carrier: Carrier
    reseller: bool
