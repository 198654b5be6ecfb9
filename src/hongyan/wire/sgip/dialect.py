"""SGIP on the wire: command ids, and the deviations of known gateways."""

from enum import Enum, IntEnum
from typing import Final

import msgspec

from hongyan.wire.dialect import Dialect
from hongyan.wire.header import Header

from .pdus import (
    Bind,
    BindResp,
    Deliver,
    DeliverResp,
    Report,
    ReportResp,
    Submit,
    SubmitResp,
    Trace,
    TraceResp,
    Unbind,
    UnbindResp,
    UserRpt,
    UserRptResp,
)

HEADER: Final = Header(sequence_words=3)
"""SGIP 1.2 §4.2.2: Message Length, Command ID, Sequence Number of three words."""
FRAME_SIZE_MAX: Final = 4096
"""§4 allows 2 KB, yet a SUBMIT to its own maximum of 100 numbers with 160 octets of content has 2403."""


class Command(IntEnum):
    """SGIP 1.2 §5.1. Those of 0x6 to 0x10 pass between gateways and routing servers and are left out."""

    BIND = 0x00000001
    BIND_RESP = 0x80000001
    UNBIND = 0x00000002
    UNBIND_RESP = 0x80000002
    SUBMIT = 0x00000003
    SUBMIT_RESP = 0x80000003
    DELIVER = 0x00000004
    DELIVER_RESP = 0x80000004
    REPORT = 0x00000005
    REPORT_RESP = 0x80000005
    USERRPT = 0x00000011
    USERRPT_RESP = 0x80000011
    TRACE = 0x00001000
    TRACE_RESP = 0x80001000


class LoginType(IntEnum):
    """SGIP 1.2 §4.2.3.1, as far as an SP and its gateway use them."""

    SP_TO_SMG = 1
    SMG_TO_SP = 2


class Quirk(Enum):
    """A known peer's deviation from the specification; each has its vector in `tests/wire/vectors/sgip12_quirks.json`.

    A bind that is accepted for a wrong password and then cut is none: the link is lost like any other.
    """

    UNBIND_RESP_WITH_BODY = "unbind_resp_with_body"
    """UNBIND_RESP carries a Result and a Reserve as other responses do: 29 octets instead of 20."""
    UNBIND_RESP_WITH_OTHER_STAMP = "unbind_resp_with_other_stamp"
    """UNBIND_RESP has a time of its own instead of its request's. Other responses are matched by their counter alone,
    which is enough on one connection."""
    SAME_CONNECTION = "same_connection"
    """Requests come over the connection that we opened (§3.1: each side connects for what it sends)."""


TOLERANCES: Final = frozenset(Quirk)
"""What a session puts up with unless told otherwise: all of it, since none is ambiguous."""

PDUS: dict[int, type[msgspec.Struct]] = {
    Command.BIND: Bind,
    Command.BIND_RESP: BindResp,
    Command.UNBIND: Unbind,
    Command.UNBIND_RESP: UnbindResp,
    Command.SUBMIT: Submit,
    Command.SUBMIT_RESP: SubmitResp,
    Command.DELIVER: Deliver,
    Command.DELIVER_RESP: DeliverResp,
    Command.REPORT: Report,
    Command.REPORT_RESP: ReportResp,
    Command.USERRPT: UserRpt,
    Command.USERRPT_RESP: UserRptResp,
    Command.TRACE: Trace,
    Command.TRACE_RESP: TraceResp,
}


def speak(quirks: frozenset[Quirk]) -> Dialect:
    """Return SGIP with these deviations tolerated."""
    any_body = frozenset({UnbindResp}) if Quirk.UNBIND_RESP_WITH_BODY in quirks else frozenset[type[msgspec.Struct]]()
    return Dialect(HEADER, PDUS, any_body=any_body)


SGIP = speak(TOLERANCES)
