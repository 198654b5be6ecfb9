"""The PDUs of SGIP 1.2 that an SP and its gateway (SMG) exchange, in the specification's order and names.

Section numbers are those of SGIP 1.2. Numbers of phones carry the country code: 86 and eleven digits.
ADDSP, MODIFYSP, DELETESP, QUERYROUTE, ADDTELESEG, MODIFYTELESEG, DELETETELESEG, ADDSMG, MODIFYSMG, DELETESMG
and CHECKUSER pass between gateways and the routing servers only and are left out.
"""

import struct
from typing import Annotated, Final

from msgspec import Struct

from hongyan.wire.fields import U8, U32, Counted, Custom, Sized, octets, text

V12: Final = 0x12
"""The only version on the wire: no PDU carries one."""
RESERVE: Final = bytes(8)

_USERS = Counted(text(21))


class Bind(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.1: the side that wants to send asks to bind. The password is in clear."""

    login_type: Annotated[int, U8]
    """1 SP to SMG, 2 SMG to SP, 3 SMG to SMG, 4 SMG to GNS, 5 GNS to SMG, 6 GNS to GNS, 11 test."""
    login_name: Annotated[str, text(16)]
    login_password: Annotated[str, text(16)] = ""
    reserve: Annotated[bytes, octets(8)] = RESERVE


class BindResp(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.1: the answer; any result but 0 is followed by the end of the connection."""

    result: Annotated[int, U8] = 0
    reserve: Annotated[bytes, octets(8)] = RESERVE


class Unbind(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.2: the end of a connection is asked for."""


class UnbindResp(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.2."""


class Submit(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.3: a short message from the SP."""

    sp_number: Annotated[str, text(21)] = ""
    charge_number: Annotated[str, text(21)] = "0" * 21
    """Twenty-one zeros: the SP pays."""
    user_number: Annotated[tuple[str, ...], _USERS] = ()
    """1 to 100 of them; UserCount on the wire is how many."""
    corp_id: Annotated[str, text(5)] = ""
    service_type: Annotated[str, text(10)] = ""
    fee_type: Annotated[int, U8] = 1
    """0 record only, 1 free, 2 per message, 3 monthly, 4 collected by the SP."""
    fee_value: Annotated[str, text(6)] = "0"
    given_value: Annotated[str, text(6)] = "0"
    agent_flag: Annotated[int, U8] = 0
    morelateto_mt_flag: Annotated[int, U8] = 2
    """Why the message is sent: 0 and 1 asked for by a phone, 2 not, 3 the system's own feedback."""
    priority: Annotated[int, U8] = 0
    expire_time: Annotated[str, text(16)] = ""
    """yymmddhhmmsstnnp, where tnnp is 032+ in China."""
    schedule_time: Annotated[str, text(16)] = ""
    report_flag: Annotated[int, U8] = 1
    """0 report a failure only, 1 always, 2 never, 3 a monthly fee's record that no phone gets."""
    tp_pid: Annotated[int, U8] = 0
    tp_udhi: Annotated[int, U8] = 0
    message_coding: Annotated[int, U8] = 8
    """0 ASCII, 3 write to the SIM, 4 binary, 8 UCS-2, 15 GBK."""
    message_type: Annotated[int, U8] = 0
    message_content: Annotated[bytes, Sized(U32)] = b""
    """MessageLength on the wire is its size, header octets included."""
    reserve: Annotated[bytes, octets(8)] = RESERVE


class SubmitResp(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.3: taken or not. There is no message id: a report names the SUBMIT's sequence number."""

    result: Annotated[int, U8] = 0
    reserve: Annotated[bytes, octets(8)] = RESERVE


class Deliver(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.4: a text from a phone."""

    user_number: Annotated[str, text(21)] = ""
    sp_number: Annotated[str, text(21)] = ""
    tp_pid: Annotated[int, U8] = 0
    tp_udhi: Annotated[int, U8] = 0
    message_coding: Annotated[int, U8] = 8
    message_content: Annotated[bytes, Sized(U32)] = b""
    reserve: Annotated[bytes, octets(8)] = RESERVE


class DeliverResp(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.4."""

    result: Annotated[int, U8] = 0
    reserve: Annotated[bytes, octets(8)] = RESERVE


class Report(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.5: what became of a SUBMIT for one of its numbers."""

    submit_sequence_number: Annotated[bytes, octets(12)]
    """The three words of the SUBMIT's header; `sequences` reads them."""
    report_type: Annotated[int, U8] = 0
    """0 about a SUBMIT, 1 about a DELIVER that was passed on."""
    user_number: Annotated[str, text(21)] = ""
    state: Annotated[int, U8] = 0
    """0 done, 1 waiting, 2 failed."""
    error_code: Annotated[int, U8] = 0
    reserve: Annotated[bytes, octets(8)] = RESERVE


class ReportResp(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3.5."""

    result: Annotated[int, U8] = 0
    reserve: Annotated[bytes, octets(8)] = RESERVE


class UserRpt(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3: the gateway tells that a user's condition has changed."""

    sp_number: Annotated[str, text(21)] = ""
    user_number: Annotated[str, text(21)] = ""
    user_condition: Annotated[int, U8] = 0
    """0 cancelled, 1 suspended for arrears, 2 restored."""
    reserve: Annotated[bytes, octets(8)] = RESERVE


class UserRptResp(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3."""

    result: Annotated[int, U8] = 0
    reserve: Annotated[bytes, octets(8)] = RESERVE


class Trace(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3: which way a SUBMIT went, for one of its numbers."""

    submit_sequence_number: Annotated[bytes, octets(12)]
    user_number: Annotated[str, text(21)] = ""
    reserve: Annotated[bytes, octets(8)] = RESERVE


class TraceNode(Struct, frozen=True, gc=False):
    """One node on the way; node ids and times are kept as they lie on the wire."""

    result: int = 0
    node_id: bytes = bytes(6)
    receive_time: bytes = bytes(16)
    """yymmddhhmmsstnnp."""
    send_time: bytes = bytes(16)
    reserve: bytes = RESERVE


_NODE = struct.Struct(">B6s16s16s8s")
_NODE_WIDTHS: Final = {"node_id": 6, "receive_time": 16, "send_time": 16, "reserve": 8}
_NODES_MAX: Final = 255


def _write_nodes(nodes: tuple[TraceNode, ...]) -> bytes:
    if len(nodes) > _NODES_MAX:
        raise ValueError(f"must be at most {_NODES_MAX} nodes")
    parts = [bytes([len(nodes)])]
    for node in nodes:
        for name, width in _NODE_WIDTHS.items():
            if len(getattr(node, name)) != width:  # struct would pad or cut it without a word
                raise ValueError(f"{name} must be exactly {width} octets")
        parts.append(_NODE.pack(node.result, node.node_id, node.receive_time, node.send_time, node.reserve))
    return b"".join(parts)


def _read_nodes(body: bytes, offset: int) -> tuple[tuple[TraceNode, ...], int]:
    start = offset + 1
    stop = start + body[offset] * _NODE.size
    return tuple(TraceNode(*_NODE.unpack_from(body, at)) for at in range(start, stop, _NODE.size)), stop


class TraceResp(Struct, frozen=True, gc=False):
    """SGIP 1.2 §4.2.3: the way, node by node; Count on the wire is how many."""

    nodes: Annotated[tuple[TraceNode, ...], Custom(_write_nodes, _read_nodes)] = ()
