"""SMGP on the wire: request ids, and the deviations of known gateways."""

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import Final

import msgspec

from hongyan.wire.dialect import Dialect
from hongyan.wire.header import Header

from .pdus import (
    V30,
    ActiveTest,
    ActiveTestResp,
    Deliver,
    DeliverResp,
    Exit,
    ExitResp,
    Login,
    LoginResp,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
)

HEADER: Final = Header()
"""SMGP 3.0 §5.2.1: PacketLength, RequestID, SequenceID."""
FRAME_SIZE_MAX: Final = 4096
"""A Submit to 100 numbers with 255 octets of content has 2481, and its TLVs another 200."""
VERSIONS: Final = frozenset({V30})


class Command(IntEnum):
    """SMGP 3.0 §6.1.2. The numbers are not CMPP's."""

    LOGIN = 0x00000001
    LOGIN_RESP = 0x80000001
    SUBMIT = 0x00000002
    SUBMIT_RESP = 0x80000002
    DELIVER = 0x00000003
    DELIVER_RESP = 0x80000003
    ACTIVE_TEST = 0x00000004
    ACTIVE_TEST_RESP = 0x80000004
    EXIT = 0x00000006
    EXIT_RESP = 0x80000006
    QUERY = 0x00000007
    QUERY_RESP = 0x80000007


LEFT_OUT: Final[Mapping[int, str]] = {
    0x05: "Forward",
    0x08: "Query_TE_Route",
    0x09: "Query_SP_Route",
    0x0A: "Payment_Request",
    0x0B: "Payment_Affirm",
    0x0C: "Query_UserState",
    0x0D: "Get_All_TE_Route",
    0x0E: "Get_All_SP_Route",
    0x0F: "Update_TE_Route",
    0x10: "Update_SP_Route",
    0x11: "Push_Update_TE_Route",
    0x12: "Push_Update_SP_Route",
}
"""SMGP 3.0 §6.1.2: what gateways ask of each other and of billing. To a session they are unknown and passed over."""


class Quirk(Enum):
    """A known peer's deviation from the specification; each has its vector in `smgp30_quirks.json`."""

    PADDED_CLIENT_ID = "padded_client_id"
    """AuthenticatorClient is digested over the eight octets of ClientID instead of its characters."""
    DIGEST_WIDTH = "digest_width"
    """AuthenticatorServer is digested over Status in 1 octet, or in 8 with the low one first, instead of 4."""
    LOGIN_STATUS_3 = "login_status_3"
    """A failed login is answered by CMPP's number 3 instead of 21."""
    EXIT_AS_ACTIVE_TEST = "exit_as_active_test"
    """Exit and its response go out under Active_Test's ids, 4 and 0x80000004."""
    PART_FROM_0 = "part_from_0"
    """PkNumber counts from 0 instead of from 1."""
    REPORT_KEYWORDS = "report_keywords"
    """A report's keywords are in small letters, or have `_` for their blank."""
    REPORT_ID_AS_TEXT = "report_id_as_text"
    """A report names the MsgID by 20 hexadecimal digits instead of its 10 octets."""
    REPORT_CUT_SHORT = "report_cut_short"
    """A report lacks parts, or has them in other widths than the 122 octets of the specification."""


TOLERANCES: Final = frozenset(Quirk)
"""What is put up with unless told otherwise: all of it, since none is ambiguous."""

PDUS: Final[dict[int, type[msgspec.Struct]]] = {
    Command.LOGIN: Login,
    Command.LOGIN_RESP: LoginResp,
    Command.SUBMIT: Submit,
    Command.SUBMIT_RESP: SubmitResp,
    Command.DELIVER: Deliver,
    Command.DELIVER_RESP: DeliverResp,
    Command.ACTIVE_TEST: ActiveTest,
    Command.ACTIVE_TEST_RESP: ActiveTestResp,
    Command.EXIT: Exit,
    Command.EXIT_RESP: ExitResp,
    Command.QUERY: Query,
    Command.QUERY_RESP: QueryResp,
}

SMGP: Final = Dialect(HEADER, PDUS)
"""One layout for all: the known deviations are in what the fields hold."""
