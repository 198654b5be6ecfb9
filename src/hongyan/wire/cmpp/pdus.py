"""The PDUs of CMPP 2.0 and 3.0, one class for both, in the specification's order and names.

Section numbers are those of CMPP 3.0. `Since` and `Before` mark what 2.0 lacks or has narrower.
Text fields hold at most their width in octets; times are the wire's digits.
"""

from typing import Annotated, Final

from msgspec import Struct

from hongyan.wire.fields import U8, U32, U64, Before, Counted, Since, Sized, octets, text

V20: Final = 0x20
V21: Final = 0x21
"""Has the layout of 2.0."""
V30: Final = 0x30


class Connect(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.1.1: the SP asks to bind."""

    source_addr: Annotated[str, text(6)]
    authenticator_source: Annotated[bytes, octets(16)]
    version: Annotated[int, U8]
    timestamp: Annotated[int, U32]
    """The decimal digits are MMDDHHMMSS."""


class ConnectResp(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.1.2: the ISMG's answer; `version` is the highest it speaks."""

    status: Annotated[int, U32, Before(V30, U8)]
    authenticator_ismg: Annotated[bytes, octets(16)] = bytes(16)
    version: Annotated[int, U8] = V30


class Terminate(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.2.1: the end of a connection is asked for."""


class TerminateResp(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.2.2."""


class Submit(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.3.1: a short message from the SP."""

    msg_id: Annotated[int, U64] = 0
    """Blank from the SP; some peers fill it all the same, and a server ignores it."""
    pk_total: Annotated[int, U8] = 1
    pk_number: Annotated[int, U8] = 1
    registered_delivery: Annotated[int, U8] = 1
    msg_level: Annotated[int, U8] = 0
    service_id: Annotated[str, text(10)] = ""
    fee_user_type: Annotated[int, U8] = 2
    fee_terminal_id: Annotated[str, text(32), Before(V30, text(21))] = ""
    fee_terminal_type: Annotated[int, U8, Since(V30)] = 0
    tp_pid: Annotated[int, U8] = 0
    tp_udhi: Annotated[int, U8] = 0
    msg_fmt: Annotated[int, U8] = 8
    msg_src: Annotated[str, text(6)] = ""
    fee_type: Annotated[str, text(2)] = "01"
    fee_code: Annotated[str, text(6)] = "000000"
    valid_time: Annotated[str, text(17)] = ""
    at_time: Annotated[str, text(17)] = ""
    src_id: Annotated[str, text(21)] = ""
    dest_terminal_id: Annotated[tuple[str, ...], Counted(text(32)), Before(V30, Counted(text(21)))] = ()
    """DestUsr_tl on the wire is their number."""
    dest_terminal_type: Annotated[int, U8, Since(V30)] = 0
    msg_content: Annotated[bytes, Sized(U8)] = b""
    """Msg_Length on the wire is its size, header octets included."""
    link_id: Annotated[str, text(20), Before(V30, text(8))] = ""
    """Called Reserve in 2.0."""


class SubmitResp(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.3.2: the ISMG's id for the message, or why it refused."""

    msg_id: Annotated[int, U64]
    result: Annotated[int, U32, Before(V30, U8)] = 0


class Query(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.4.1: statistics of a day (YYYYMMDD)."""

    time: Annotated[str, text(8)]
    query_type: Annotated[int, U8] = 0
    query_code: Annotated[str, text(10)] = ""
    reserve: Annotated[str, text(8)] = ""


class QueryResp(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.4.2: counts of messages and users."""

    time: Annotated[str, text(8)]
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


class Deliver(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.5.1: a text from a phone, or a report when `registered_delivery` is 1."""

    msg_id: Annotated[int, U64] = 0
    dest_id: Annotated[str, text(21)] = ""
    service_id: Annotated[str, text(10)] = ""
    tp_pid: Annotated[int, U8] = 0
    tp_udhi: Annotated[int, U8] = 0
    msg_fmt: Annotated[int, U8] = 0
    src_terminal_id: Annotated[str, text(32), Before(V30, text(21))] = ""
    src_terminal_type: Annotated[int, U8, Since(V30)] = 0
    registered_delivery: Annotated[int, U8] = 0
    msg_content: Annotated[bytes, Sized(U8)] = b""
    link_id: Annotated[str, text(20), Before(V30, text(8))] = ""
    """Called Reserved in 2.0."""


class DeliverResp(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.5.2: echoes the DELIVER's Msg_Id."""

    msg_id: Annotated[int, U64]
    result: Annotated[int, U32, Before(V30, U8)] = 0


class Cancel(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.6.1: a message is to be withdrawn."""

    msg_id: Annotated[int, U64]


class CancelResp(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.6.2: 0 withdrawn, 1 not."""

    success_id: Annotated[int, U32, Before(V30, U8)] = 0


class ActiveTest(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.7.1: are you there."""


class ActiveTestResp(Struct, frozen=True, gc=False):
    """CMPP 3.0 §7.4.7.2: yes."""

    reserved: Annotated[int, U8] = 0
