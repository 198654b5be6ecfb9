"""CMPP 3.0 §7.4.3.2: the eight octets of a Msg_Id taken apart and put together.

    bits 64-61 month, 60-56 day, 55-51 hour, 50-45 minute, 44-39 second, 38-17 gateway, 16-1 sequence

There is no year. The number does not fit a signed 64-bit integer from August on.
"""

from msgspec import Struct

GATEWAY_MAX = (1 << 22) - 1
SEQUENCE_MAX = (1 << 16) - 1


class MsgId(Struct, frozen=True, kw_only=True):
    """The parts of a Msg_Id. Ids of foreign gateways need not be a real date."""

    month: int
    day: int
    hour: int
    minute: int
    second: int
    gateway: int
    sequence: int


def compose(parts: MsgId) -> int:
    """Return the 64-bit number; parts too big for their bits are cut to them."""
    return (
        (parts.month & 0xF) << 60
        | (parts.day & 0x1F) << 55
        | (parts.hour & 0x1F) << 50
        | (parts.minute & 0x3F) << 44
        | (parts.second & 0x3F) << 38
        | (parts.gateway & GATEWAY_MAX) << 16
        | (parts.sequence & SEQUENCE_MAX)
    )


def split(msg_id: int) -> MsgId:
    """Return the parts of a 64-bit number."""
    return MsgId(
        month=msg_id >> 60 & 0xF,
        day=msg_id >> 55 & 0x1F,
        hour=msg_id >> 50 & 0x1F,
        minute=msg_id >> 44 & 0x3F,
        second=msg_id >> 38 & 0x3F,
        gateway=msg_id >> 16 & GATEWAY_MAX,
        sequence=msg_id & SEQUENCE_MAX,
    )
