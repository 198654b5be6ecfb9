"""CMPP on the wire: command ids, versions, and the deviations of known gateways."""

from enum import Enum, IntEnum

import msgspec

from hongyan.wire.dialect import Dialect
from hongyan.wire.header import Header

from .pdus import (
    V20,
    V21,
    V30,
    ActiveTest,
    ActiveTestResp,
    Cancel,
    CancelResp,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
    Terminate,
    TerminateResp,
)

__all__ = [
    "CMPP",
    "FRAME_SIZE_MAX",
    "HEADER",
    "TOLERANCES",
    "V20",
    "V21",
    "V30",
    "VERSIONS",
    "Command",
    "Quirk",
    "speak",
]

HEADER = Header()
"""CMPP 3.0 §7.3: Total_Length, Command_Id, Sequence_Id."""
FRAME_SIZE_MAX = 4096
"""A 3.0 SUBMIT to 99 numbers with 255 octets of content has 3586."""
VERSIONS = frozenset({V20, V21, V30})


class Command(IntEnum):
    """CMPP 3.0 §7.7.1. There is no 3; the ids of gateways among themselves are left out."""

    CONNECT = 0x00000001
    CONNECT_RESP = 0x80000001
    TERMINATE = 0x00000002
    TERMINATE_RESP = 0x80000002
    SUBMIT = 0x00000004
    SUBMIT_RESP = 0x80000004
    DELIVER = 0x00000005
    DELIVER_RESP = 0x80000005
    QUERY = 0x00000006
    QUERY_RESP = 0x80000006
    CANCEL = 0x00000007
    CANCEL_RESP = 0x80000007
    ACTIVE_TEST = 0x00000008
    ACTIVE_TEST_RESP = 0x80000008


class Quirk(Enum):
    """A known gateway's deviation from the specification; each has its vector in `tests/wire/vectors/quirks.json`.

    Answering ACTIVE_TEST by another 0x00000008 is none: to a session whatever is heard is a sign of life.
    """

    OTHER_RESULT_WIDTH = "other_result_width"
    """A response has the result of the other version: 1 octet instead of 4, or 4 instead of 1."""
    EMPTY_ACTIVE_TEST_RESP = "empty_active_test_resp"
    """ACTIVE_TEST_RESP has no Reserved octet: 12 octets in all, as before the format was changed."""


TOLERANCES = frozenset(Quirk)
"""What a session puts up with unless told otherwise: all of it, since none is ambiguous."""

PDUS: dict[int, type[msgspec.Struct]] = {
    Command.CONNECT: Connect,
    Command.CONNECT_RESP: ConnectResp,
    Command.TERMINATE: Terminate,
    Command.TERMINATE_RESP: TerminateResp,
    Command.SUBMIT: Submit,
    Command.SUBMIT_RESP: SubmitResp,
    Command.DELIVER: Deliver,
    Command.DELIVER_RESP: DeliverResp,
    Command.QUERY: Query,
    Command.QUERY_RESP: QueryResp,
    Command.CANCEL: Cancel,
    Command.CANCEL_RESP: CancelResp,
    Command.ACTIVE_TEST: ActiveTest,
    Command.ACTIVE_TEST_RESP: ActiveTestResp,
}


def speak(quirks: frozenset[Quirk]) -> Dialect:
    """Return CMPP with these deviations tolerated."""
    either_size: dict[type[msgspec.Struct], tuple[int, ...]] = {}
    if Quirk.OTHER_RESULT_WIDTH in quirks:
        either_size = dict.fromkeys((ConnectResp, SubmitResp, DeliverResp, CancelResp), (V20, V30))
    empty = {ActiveTestResp} if Quirk.EMPTY_ACTIVE_TEST_RESP in quirks else set()
    return Dialect(HEADER, PDUS, either_size=either_size, may_be_empty=frozenset(empty))


CMPP = speak(TOLERANCES)
