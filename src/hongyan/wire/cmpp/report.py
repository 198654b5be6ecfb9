"""CMPP 3.0 §7.4.5.1: the report inside a DELIVER whose `registered_delivery` is 1.

Two editions of 3.0 disagree about the width of the number: 21 octets make 60 in all, 32 make 71.
The length of the content decides, in either version.
"""

from datetime import datetime
from enum import Enum
from typing import Annotated

from msgspec import Struct

from hongyan.wire.errors import DecodeError
from hongyan.wire.fields import U32, U64, Before, text
from hongyan.wire.layout import Layout

from .pdus import V20, V30


class Report(Struct, frozen=True, gc=False):
    """The carrier's word on a message; `msg_id` is the one that SUBMIT_RESP gave."""

    msg_id: Annotated[int, U64]
    stat: Annotated[str, text(7)]
    submit_time: Annotated[str, text(10)] = ""
    """YYMMDDHHMM; may be empty or nonsense, which is no reason to refuse the report."""
    done_time: Annotated[str, text(10)] = ""
    dest_terminal_id: Annotated[str, text(32), Before(V30, text(21))] = ""
    smsc_sequence: Annotated[int, U32] = 0


class Verdict(Enum):
    """What a Stat says about the message."""

    DELIVERED = "delivered"
    PENDING = "pending"
    """Not final: another report will follow."""
    FAILED = "failed"


SIZE_SHORT = 60
SIZE_LONG = 71
_LAYOUT = Layout(Report)
_PLANS = {SIZE_SHORT: _LAYOUT.plan(V20), SIZE_LONG: _LAYOUT.plan(V30)}
_PENDING = frozenset({"ACCEPTD", "ENROUTE"})


def decode_report(content: bytes) -> Report:
    """Read a DELIVER's content; DecodeError unless it is 60 or 71 octets long."""
    plan = _PLANS.get(len(content))
    if plan is None:
        raise DecodeError(f"Report: {len(content)} octets instead of {SIZE_SHORT} or {SIZE_LONG}")
    return plan.decode(content)


def encode_report(report: Report, size: int = SIZE_LONG) -> bytes:
    """Return the content of a DELIVER, 60 (always in 2.0) or 71 octets long."""
    return _PLANS[size].encode(report)


def verdict_of(stat: str) -> Verdict:
    """Judge a Stat: it is opaque but for success and the few that are not final."""
    if stat == "DELIVRD":
        return Verdict.DELIVERED
    return Verdict.PENDING if stat in _PENDING else Verdict.FAILED


def time_of(digits: str) -> datetime | None:
    """Return the carrier's local time of YYMMDDHHMM, without zone; None when it is empty or nonsense."""
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return None
    year, month, day, hour, minute = (int(digits[at : at + 2]) for at in range(0, 10, 2))
    try:
        return datetime(2000 + year, month, day, hour, minute)  # noqa: DTZ001 - the wire names no zone
    except ValueError:
        return None
