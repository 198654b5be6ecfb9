"""What CMPP's codec and sessions promise for any octets whatever.

The first octet of an input chooses what is tried, the second the version; the rest is the material.
A broken promise is an AssertionError, or any exception that is not one of the codec's own.
"""

from collections.abc import Callable

from msgspec import Struct

from hongyan.wire.cmpp.dialect import CMPP, PDUS
from hongyan.wire.cmpp.pdus import (
    V20,
    V30,
    Cancel,
    CancelResp,
    Connect,
    Deliver,
    DeliverResp,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
)
from hongyan.wire.cmpp.report import decode_report, encode_report, time_of, verdict_of
from hongyan.wire.cmpp.session import CmppClientSession, CmppServerSession
from hongyan.wire.errors import DecodeError
from hongyan.wire.events import BindRequested, Closed, Event, RequestReceived
from hongyan.wire.session import Session
from hongyan.wire.states import State

_SECRET = "1234567890"
_COMMANDS = sorted(PDUS)
_CHUNK_SIZES = (1, 3, 7, 64, 4096)
_CONSENT = bytes.fromhex("00000021800000010000000100000000") + bytes(16) + b"\x30"


def check(data: bytes) -> None:
    """Try an input; raises when a promise is broken."""
    if len(data) < 2:
        return
    version = V30 if data[1] & 1 else V20
    _TRIALS[data[0] % len(_TRIALS)](data[1], data[2:], version)


def check_body(choice: int, body: bytes, version: int) -> None:
    """What can be read can be written, in the version that it was written in, and reads the same again."""
    command = _COMMANDS[choice // 2 % len(_COMMANDS)]
    try:
        pdu = CMPP.codec(version).decode(command, body)
    except DecodeError:
        return
    layout = CMPP.layout(type(pdu))
    writer = next((each for each in (version, V20, V30) if layout.plan(each).size in {None, len(body)}), version)
    assert CMPP.codec(version).decode(command, layout.encode(pdu, writer)) == pdu


def check_report(choice: int, content: bytes, version: int) -> None:
    """Reports likewise; their times and states never raise."""
    del choice, version
    try:
        report = decode_report(content)
    except DecodeError:
        return
    assert decode_report(encode_report(report, len(content))) == report
    time_of(report.submit_time)
    time_of(report.done_time)
    verdict_of(report.stat)


def check_client(choice: int, stream: bytes, version: int) -> None:
    """A client stays sane whatever its server says, however it is cut."""
    whole, cut = (_bound_client(version, bound=bool(choice & 2)) for _ in range(2))
    _compare(whole, cut, stream, _CHUNK_SIZES[choice // 4 % len(_CHUNK_SIZES)])


def check_server(choice: int, stream: bytes, version: int) -> None:
    """A server stays sane whatever its client says, however it is cut."""
    whole, cut = (_bound_server(version, bound=bool(choice & 2)) for _ in range(2))
    _compare(whole, cut, stream, _CHUNK_SIZES[choice // 4 % len(_CHUNK_SIZES)])


_TRIALS: tuple[Callable[[int, bytes, int], None], ...] = (check_body, check_report, check_client, check_server)


def _bound_client(version: int, *, bound: bool) -> Session:
    session = CmppClientSession("901234", _SECRET, version=version)
    session.bind(1122140108, 0.0)
    if bound:
        session.receive(_CONSENT, 0.0)
        for token in range(3):
            session.send(Submit(dest_terminal_id=("13800138000",)), 0.0, token)
    return _started(session)


def _bound_server(version: int, *, bound: bool) -> Session:
    session = CmppServerSession()
    if bound:
        connect = CMPP.codec(version).encode(Connect("901234", bytes(16), version, 1122140108), 1)
        session.receive(connect, 0.0)
        session.accept_bind(_SECRET, 0.0)
        for token in range(3):
            session.send(Deliver(msg_id=token), 0.0, token)
    return _started(session)


def _started(session: Session) -> Session:
    session.events()
    session.data_to_send()
    return session


def _compare(whole: Session, cut: Session, stream: bytes, chunk_size: int) -> None:
    whole.receive(stream, 1.0)
    for start in range(0, len(stream), chunk_size):
        cut.receive(stream[start : start + chunk_size], 1.0)
    events = whole.events()
    assert cut.events() == events
    assert cut.data_to_send() == whole.data_to_send()
    _judge(whole, events)


def _judge(session: Session, events: list[Event]) -> None:
    closed = [event for event in events if isinstance(event, Closed)]
    assert len(closed) == (session.state is State.CLOSED)
    if closed:
        assert events[-1] is closed[0]
        assert session.deadline() is None
        return
    requests = [event for event in events if isinstance(event, RequestReceived)]
    assert session.owed == len(requests)
    for event in events:
        if isinstance(event, BindRequested):
            assert isinstance(session, CmppServerSession)
            session.refuse_bind(3)
            return
    for request in requests:
        session.answer(request.sequence, _answer_to(request.pdu))
    assert session.owed == 0
    deadline = session.deadline()
    assert deadline is not None
    session.tick(deadline)
    session.receive_eof(deadline)
    assert session.state is State.CLOSED


def _answer_to(pdu: Struct) -> Struct:
    if isinstance(pdu, Deliver):
        return DeliverResp(pdu.msg_id)
    if isinstance(pdu, Submit):
        return SubmitResp(1)
    if isinstance(pdu, Query):
        return QueryResp(pdu.time)
    assert isinstance(pdu, Cancel)
    return CancelResp(1)
