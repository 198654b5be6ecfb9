"""SMGP 3.0 §6.2.26: the ten octets of a MsgID, which are twenty decimal digits, two in each octet.

    006010 11221401 418747
    gateway MMDDHHMM sequence

Some gateways write gateway and sequence in binary, so that letters occur. To everyone but its maker an id is ten
octets without meaning, and its text is their hexadecimal digits.
"""

from typing import Final

from msgspec import Struct

from hongyan.wire.errors import EncodeError

from .pdus import MSG_ID_SIZE

_DIGITS: Final = 2 * MSG_ID_SIZE
GATEWAY_MAX: Final = 999_999
SEQUENCE_MAX: Final = 999_999


class MsgId(Struct, frozen=True, kw_only=True):
    """The parts of a MsgID. Ids of foreign gateways need not be a real date."""

    gateway: int
    """Three digits of the area code, 06, and the gateway's number in its area."""
    month: int
    day: int
    hour: int
    minute: int
    sequence: int


def compose(parts: MsgId) -> bytes:
    """Return the ten octets; EncodeError for a part that does not fit its digits."""
    digits = f"{parts.gateway:06}{parts.month:02}{parts.day:02}{parts.hour:02}{parts.minute:02}{parts.sequence:06}"
    if len(digits) != _DIGITS:
        raise EncodeError("MsgId: a part has more digits than its place")
    return bytes.fromhex(digits)


def split(msg_id: bytes) -> MsgId | None:
    """Return the parts of an id, None when it is not made of decimal digits."""
    digits = msg_id.hex()
    if not digits.isdecimal():
        return None
    return MsgId(
        gateway=int(digits[:6]),
        month=int(digits[6:8]),
        day=int(digits[8:10]),
        hour=int(digits[10:12]),
        minute=int(digits[12:14]),
        sequence=int(digits[14:]),
    )


def of_number(number: int) -> bytes:
    """Return the id whose twenty digits are a number of up to 63 bits."""
    digits = f"{number:0{_DIGITS}}"
    if number < 0 or len(digits) > _DIGITS:
        raise EncodeError(f"MsgId: a number of {len(digits)} digits; {_DIGITS} fit")
    return bytes.fromhex(digits)
