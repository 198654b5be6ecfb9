"""The PDUs of SMGP 3.0, in the specification's order and names.

Section numbers are those of SMGP 3.0.3. Forward and the route PDUs go between gateways only and are left out, as are
payment and user state, which no SP platform is asked for. Times are the wire's digits.
"""

from typing import Annotated, Final

from msgspec import Struct

from hongyan.wire.fields import U8, U32, Counted, Sized, Tlvs, octets, text

from .tlvs import NO_TLVS, SmgpTlvs

V30: Final = 0x30

MSG_ID_SIZE: Final = 10
NO_MSG_ID: Final = bytes(MSG_ID_SIZE)
MT: Final = 6
"""MsgType of a text to a phone; 0 is one from a phone, 7 one between phones."""


class Login(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.1.1: the SP asks to bind."""

    client_id: Annotated[str, text(8)]
    authenticator_client: Annotated[bytes, octets(16)]
    login_mode: Annotated[int, U8]
    """0 the SP sends texts, 1 it receives, 2 both."""
    timestamp: Annotated[int, U32]
    """The decimal digits are MMDDHHMMSS."""
    client_version: Annotated[int, U8] = V30


class LoginResp(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.1.2: the gateway's answer; `server_version` is the highest it speaks."""

    status: Annotated[int, U32]
    authenticator_server: Annotated[bytes, octets(16)] = bytes(16)
    server_version: Annotated[int, U8] = V30


class Submit(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.2.1: a short message from the SP."""

    msg_type: Annotated[int, U8] = MT
    need_report: Annotated[int, U8] = 1
    priority: Annotated[int, U8] = 0
    """0 to 3."""
    service_id: Annotated[str, text(10)] = ""
    fee_type: Annotated[str, text(2)] = "00"
    fee_code: Annotated[str, text(6)] = "000000"
    fixed_fee: Annotated[str, text(6)] = "000000"
    msg_format: Annotated[int, U8] = 8
    valid_time: Annotated[str, text(17)] = ""
    at_time: Annotated[str, text(17)] = ""
    src_term_id: Annotated[str, text(21)] = ""
    charge_term_id: Annotated[str, text(21)] = ""
    """Empty: the called party is charged."""
    dest_term_id: Annotated[tuple[str, ...], Counted(text(21))] = ()
    """DestTermIDCount on the wire is their number, at most 100."""
    msg_content: Annotated[bytes, Sized(U8)] = b""
    """MsgLength on the wire is its size, header octets included."""
    reserve: Annotated[str, text(8)] = ""
    tlvs: Annotated[SmgpTlvs, Tlvs(SmgpTlvs)] = NO_TLVS


class SubmitResp(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.2.2: the gateway's id for the message, or why it refused."""

    msg_id: Annotated[bytes, octets(MSG_ID_SIZE)]
    status: Annotated[int, U32] = 0


class Deliver(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.3.1: a text from a phone, or a report when `is_report` is 1."""

    msg_id: Annotated[bytes, octets(MSG_ID_SIZE)] = NO_MSG_ID
    is_report: Annotated[int, U8] = 0
    msg_format: Annotated[int, U8] = 0
    recv_time: Annotated[str, text(14)] = ""
    """YYYYMMDDHHMMSS."""
    src_term_id: Annotated[str, text(21)] = ""
    dest_term_id: Annotated[str, text(21)] = ""
    msg_content: Annotated[bytes, Sized(U8)] = b""
    reserve: Annotated[str, text(8)] = ""
    tlvs: Annotated[SmgpTlvs, Tlvs(SmgpTlvs)] = NO_TLVS


class DeliverResp(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.3.2: echoes the Deliver's MsgID."""

    msg_id: Annotated[bytes, octets(MSG_ID_SIZE)]
    status: Annotated[int, U32] = 0


class ActiveTest(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.4.1: are you there."""


class ActiveTestResp(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.4.2: yes."""


class Exit(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.6.1: the end of a connection is asked for."""


class ExitResp(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.6.2."""


class Query(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.7.1: statistics of a day (YYYYMMDD)."""

    query_time: Annotated[str, text(8)]
    query_type: Annotated[int, U8] = 0
    """0 of everything, 1 of the service in `query_code`."""
    query_code: Annotated[str, text(10)] = ""


class QueryResp(Struct, frozen=True, gc=False):
    """SMGP 3.0 §5.2.2.7.2: counts of messages and users."""

    query_time: Annotated[str, text(8)]
    query_type: Annotated[int, U8] = 0
    query_code: Annotated[str, text(10)] = ""
    mt_tlmsg: Annotated[int, U32] = 0
    mt_tlusr: Annotated[int, U32] = 0
    mt_scs: Annotated[int, U32] = 0
    mt_wt: Annotated[int, U32] = 0
    mt_fl: Annotated[int, U32] = 0
    mo_scs: Annotated[int, U32] = 0
    mo_wt: Annotated[int, U32] = 0
    mo_fl: Annotated[int, U32] = 0
    reserve: Annotated[str, text(8)] = ""
