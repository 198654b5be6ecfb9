"""What the codec and the sessions of every carrier protocol promise for any octets whatever.

The first octet of an input chooses what is tried, the second how; the rest is the material. A broken promise is an
AssertionError, or any exception that is not one of the codec's own.
"""

from collections.abc import Callable

from msgspec import Struct

from hongyan.wire.ends import ServerSession
from hongyan.wire.errors import DecodeError
from hongyan.wire.events import BindRequested, Closed, Event, RequestReceived
from hongyan.wire.session import Session
from hongyan.wire.states import State

from .subject import Subject

_TOKENS = range(3)
_CHUNK_SIZES = (1, 3, 7, 64, 4096)
_TIMESTAMP = 1122140108
_SOME_REFUSAL = 3


def check(subject: Subject, data: bytes) -> None:
    """Try an input; raises when a promise is broken."""
    if len(data) < 2:
        return
    TRIALS[data[0] % len(TRIALS)](subject, data[1], data[2:])


def check_body(subject: Subject, choice: int, body: bytes) -> None:
    """What can be read can be written, in the version that it was written in, and reads the same again."""
    dialect = subject.dialect
    commands = sorted(dialect.commands.values())
    command = commands[choice // 2 % len(commands)]
    version = _version(subject, choice)
    try:
        pdu = dialect.codec(version).decode(command, body, choice)
    except DecodeError:
        return
    assert _written_and_read(subject, pdu, _writer(subject, pdu, version, len(body))) == pdu


def check_content(subject: Subject, choice: int, content: bytes) -> None:
    """Reports likewise."""
    del choice
    subject.check_content(content)


def check_client(subject: Subject, choice: int, stream: bytes) -> None:
    """A client stays sane whatever its server says, however it is cut."""
    _compare(subject, _client(subject, choice), _client(subject, choice), stream, choice)


def check_server(subject: Subject, choice: int, stream: bytes) -> None:
    """A server stays sane whatever its client says, however it is cut."""
    _compare(subject, _server(subject, choice), _server(subject, choice), stream, choice)


TRIALS: tuple[Callable[[Subject, int, bytes], None], ...] = (check_body, check_content, check_client, check_server)


def _version(subject: Subject, choice: int) -> int:
    return subject.versions[choice % 2 % len(subject.versions)]


def _writer(subject: Subject, pdu: Struct, version: int, size: int) -> int:
    """Return the version whose layout has a body of that size: the one that it was read in."""
    layout = subject.dialect.layout(type(pdu))
    candidates = (version, *subject.versions)
    return next((each for each in candidates if layout.plan(each).size in {None, size}), version)


def _written_and_read(subject: Subject, pdu: Struct, version: int) -> Struct:
    header, codec = subject.dialect.header, subject.dialect.codec(version)
    frame = codec.encode(pdu, 1)
    words = header.form.unpack_from(frame)
    assert words[0] == len(frame)
    return codec.decode(words[1], frame[header.size :], words[2])


def _client(subject: Subject, choice: int) -> Session:
    pair = subject.pair(_version(subject, choice))
    if choice & 2:
        pair.bind()
        for token in _TOKENS:
            pair.client.send(subject.from_client(token), pair.now, token)
    else:
        pair.client.bind(_TIMESTAMP, pair.now)
    return _quiet(pair.client)


def _server(subject: Subject, choice: int) -> Session:
    pair = subject.pair(_version(subject, choice))
    if choice & 2:
        pair.bind()
        for token in _TOKENS:
            pair.server.send(subject.from_server(token), pair.now, token)
    return _quiet(pair.server)


def _quiet(session: Session) -> Session:
    """Leave nothing to take from a session."""
    session.events()
    session.data_to_send()
    return session


def _compare(subject: Subject, whole: Session, cut: Session, stream: bytes, choice: int) -> None:
    chunk_size = _CHUNK_SIZES[choice // 4 % len(_CHUNK_SIZES)]
    whole.receive(stream, 1001.0)
    for start in range(0, len(stream), chunk_size):
        cut.receive(stream[start : start + chunk_size], 1001.0)
    events = whole.events()
    assert cut.events() == events
    assert cut.data_to_send() == whole.data_to_send()
    assert whole._splitter.pending < whole._limits.frame_size_max
    _judge(subject, whole, events)


def _judge(subject: Subject, session: Session, events: list[Event]) -> None:
    closed = [event for event in events if isinstance(event, Closed)]
    assert len(closed) == (session.state is State.CLOSED)
    if closed:
        assert events[-1] is closed[0]
        assert session.deadline() is None
        return
    one_way = session._profile.one_way
    requests = [event for event in events if isinstance(event, RequestReceived) and type(event.pdu) not in one_way]
    assert session.owed == len(requests)
    if any(isinstance(event, BindRequested) for event in events):
        assert isinstance(session, ServerSession)
        session.refuse_bind(_SOME_REFUSAL)
    for request in requests:
        session.answer(request.sequence, subject.answer_to(request.pdu))
    assert session.owed == 0
    _let_time_pass(session)
    session.receive_eof(1e9)
    assert session.state is State.CLOSED


def _let_time_pass(session: Session) -> None:
    deadline = session.deadline()
    assert deadline is not None or session.state is State.CLOSED or session._profile.heartbeat is None
    session.tick(1e9 if deadline is None else deadline)
