"""One end of a carrier connection as a state machine, without sockets and without a clock.

The shell around it moves octets and time:

    session.receive(data, now)          what came from the socket; never raises for what the peer did
    for event in session.events(): …    what that meant
    socket.write(session.data_to_send())
    call session.tick(now) at session.deadline()

`now` is in monotonic seconds. When `state` is CLOSED the shell writes what is left in `data_to_send`
and closes the socket; a `Closed` event is always the last one.

Requests are answered in any order and matched by their sequence number. Heartbeats are sent,
answered and counted in here; whatever the peer sends proves that it lives, so that a gateway which
answers a heartbeat by one of its own is alive too. A request that is not answered in time is reported as
`RequestExpired` and never sent again by the session: its outcome is unknown, and what to do about
that is not for a connection to decide.

The life of a session is the table in `states`. What may be received in which state stands in the
protocol's own module, as a table of `Profile`.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from .dialect import RESPONSE_BIT, Codec, Decode, Dialect, Encode
from .errors import DecodeError, LocalProtocolError, NotBound, WindowFull
from .events import (
    Bound,
    Closed,
    CloseReason,
    Event,
    PduIgnored,
    RequestExpired,
    RequestReceived,
    ResponseLate,
    ResponseReceived,
    Unbound,
)
from .framing import Splitter
from .states import TRANSITIONS, State, Trigger

SEQUENCE_MASK: Final = 0xFFFF_FFFF
EXPIRED_MAX: Final = 1024
"""Expired requests that are remembered in case their response comes late."""


class Limits(Struct, frozen=True, kw_only=True):
    """How much and how long; CMPP 3.0 §6.1 where a protocol names a value."""

    window_size: int = 16
    """Requests that may be unanswered at once, in our direction."""
    bind_timeout_seconds: float = 10.0
    response_timeout_seconds: float = 60.0
    heartbeat_idle_seconds: float = 30.0
    """Silence after which the peer is asked whether it is there."""
    heartbeat_timeout_seconds: float = 10.0
    heartbeat_tries: int = 3
    unbind_timeout_seconds: float = 5.0
    frame_size_max: int = 4096


class Profile(Struct, frozen=True, kw_only=True):
    """What the engine must know of a protocol and a role."""

    dialect: Dialect
    heartbeat: type[Struct]
    heartbeat_response: type[Struct]
    unbind: type[Struct]
    unbind_response: type[Struct]
    sendable: frozenset[type[Struct]]
    """Requests that this role may make once bound."""
    receivable: Mapping[State, frozenset[type[Struct]]]
    """Requests that this role may get, state by state."""


class _Pending(Struct, gc=False):
    """A request of ours that waits for its response."""

    request: Struct
    token: object
    expires_at: float
    response_command: int


class Session:
    """The engine; each protocol adds how it binds."""

    def __init__(self, profile: Profile, *, limits: Limits, version: int, sequence_first: int = 1) -> None:
        self._profile = profile
        self._limits = limits
        self._state = State.OPEN
        self._splitter = Splitter(profile.dialect.header, limits.frame_size_max)
        self._pack_header = profile.dialect.header.pack
        self._header_size = profile.dialect.header.size
        self._sequence = (sequence_first - 1) & SEQUENCE_MASK
        self._window: dict[int, _Pending] = {}
        self._window_size = limits.window_size
        self._expired: dict[int, _Pending] = {}
        self._owed = 0
        self._out: list[bytes] = []
        self._events: list[Event] = []
        self._state_expires_at: float | None = None
        self._heard_at = 0.0
        self._heartbeats_unanswered = 0
        commands = profile.dialect.commands
        self._heartbeat_command = commands[profile.heartbeat]
        self._unbind_command = commands[profile.unbind]
        self._may_receive = {
            state: frozenset(commands[cls] for cls in classes) for state, classes in profile.receivable.items()
        }
        self._requests: dict[type[Struct], tuple[int, Encode]] = {}
        self._request_decoders: Mapping[int, Decode] = {}
        self._codec: Codec
        self._adopt(version)

    @property
    def state(self) -> State:
        """Where the session is in its life."""
        return self._state

    @property
    def version(self) -> int:
        """The version whose layout is in use; settled once bound."""
        return self._codec.version

    @property
    def credit(self) -> int:
        """How many more requests may be sent now; 0 unless bound."""
        return self._window_size - len(self._window) if self._state is _BOUND else 0

    @property
    def in_flight(self) -> int:
        """How many of our requests are unanswered."""
        return len(self._window)

    @property
    def owed(self) -> int:
        """How many of the peer's requests we have not answered."""
        return self._owed

    def receive(self, data: bytes, now: float) -> None:
        """Take octets from the peer; what they mean is in `events`."""
        if self._state is _CLOSED:
            return
        self._heard_at = now
        self._heartbeats_unanswered = 0
        window = self._window
        decoders = self._codec.decoders
        for header, body in self._splitter.feed(data):
            _, command, sequence = header
            if command & RESPONSE_BIT:
                pending = window.get(sequence)
                if pending is not None and pending.response_command == command:
                    del window[sequence]
                    self._take_response(sequence, pending, decoders[command], body)
                    continue
                self._take_other_response(command, sequence, body, now)
            elif self._state is _BOUND and command in self._request_decoders:
                self._take_request(command, sequence, body)
            else:
                self._take_session_request(command, sequence, body, now)
            if self._state is _CLOSED:
                return
            decoders = self._codec.decoders
        if self._splitter.error is not None:
            self._close(CloseReason.FRAMING_ERROR, str(self._splitter.error))

    def receive_eof(self, now: float, detail: str = "") -> None:
        """Note that the peer will send no more."""
        del now
        if self._splitter.pending and not detail:
            detail = "in the middle of a frame"
        self._close(CloseReason.PEER_CLOSED, detail)

    def events(self) -> list[Event]:
        """Take what happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    def send(self, pdu: Struct, now: float, token: object = None) -> int:
        """Send a request and return its sequence; the token comes back with the response.

        NotBound unless bound, WindowFull without credit, EncodeError when the PDU does not fit:
        in each case nothing was sent and the window is as before.
        """
        if self._state is not _BOUND:
            raise NotBound(f"{type(pdu).__name__} cannot be sent: the session is {self._state.value}")
        window = self._window
        if len(window) >= self._window_size:
            raise WindowFull(f"all {self._window_size} places of the window are taken")
        try:
            command, encode = self._requests[type(pdu)]
        except KeyError:
            raise LocalProtocolError(f"{type(pdu).__name__} is not a request of this role") from None
        body = encode(pdu)
        sequence = self._next_sequence()
        window[sequence] = _Pending(pdu, token, now + self._limits.response_timeout_seconds, command | RESPONSE_BIT)
        self._out += (self._pack_header(self._header_size + len(body), command, sequence), body)
        return sequence

    def answer(self, request: int, pdu: Struct) -> None:
        """Answer the peer's request with that sequence.

        LocalProtocolError when no request is unanswered or the session is over.
        """
        if self._state is not _BOUND and self._state is not _UNBINDING:
            raise LocalProtocolError(f"{type(pdu).__name__} cannot be sent: the session is {self._state.value}")
        if not self._owed:
            raise LocalProtocolError("every request of the peer has been answered")
        command, encode = self._codec.encoders[type(pdu)]
        body = encode(pdu)
        self._owed -= 1
        self._out += (self._pack_header(self._header_size + len(body), command, request), body)

    def unbind(self, now: float) -> None:
        """Ask for the end; NotBound unless bound. What is in flight may still be answered."""
        if self._state is not _BOUND:
            raise NotBound(f"cannot unbind: the session is {self._state.value}")
        self._move(Trigger.UNBIND_ASKED, now + self._limits.unbind_timeout_seconds)
        self._emit(self._profile.unbind(), self._next_sequence())

    def abort(self, detail: str = "") -> None:
        """Give the session up without a word to the peer."""
        self._close(CloseReason.ABORTED, detail)

    def heard(self, now: float) -> None:
        """Count the peer as alive, while the shell itself keeps from reading what it says."""
        self._heard_at = now
        self._heartbeats_unanswered = 0

    def data_to_send(self) -> bytes:
        """Take the octets to write; empty when there are none."""
        if not self._out:
            return b""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def deadline(self) -> float | None:
        """Return when `tick` is due, None when nothing is."""
        due = self._state_expires_at
        if self._state is _BOUND:
            limits = self._limits
            due = self._heard_at + limits.heartbeat_idle_seconds
            due += self._heartbeats_unanswered * limits.heartbeat_timeout_seconds
        for pending in self._window.values():
            return pending.expires_at if due is None else min(due, pending.expires_at)
        return due

    def tick(self, now: float) -> None:
        """Do what time demands: expire requests, send or miss a heartbeat, give up waiting."""
        self._expire_requests(now)
        if self._state is _BOUND:
            self._beat(now)
        elif self._state_expires_at is not None and now >= self._state_expires_at:
            unbinding = self._state is _UNBINDING
            self._close(CloseReason.UNBIND_TIMEOUT if unbinding else CloseReason.BIND_TIMEOUT, "")

    # What protocols add -------------------------------------------------------------------------

    def _take_bind_request(self, sequence: int, body: bytes, now: float) -> None:
        """Handle the bind request: only servers get one, by their profile."""
        raise NotImplementedError

    def _take_bind_response(self, command: int, sequence: int, body: bytes, now: float) -> bool:
        """Handle a response that may be the bind's; False when it is not."""
        del command, sequence, body, now
        return False

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        """Return what answers a request of ours to decode, None where the protocol has nothing to say."""
        del command, body
        return None

    # Inside -------------------------------------------------------------------------------------

    def _adopt(self, version: int) -> None:
        """Use the layouts of a version from here on."""
        codec = self._codec = self._profile.dialect.codec(version)
        self._requests = {cls: codec.encoders[cls] for cls in self._profile.sendable}
        own = {self._heartbeat_command, self._unbind_command}
        self._request_decoders = {command: codec.decoders[command] for command in self._may_receive[State.BOUND] - own}

    def _move(self, trigger: Trigger, expires_at: float | None = None) -> None:
        self._state = TRANSITIONS[self._state][trigger]
        self._state_expires_at = expires_at

    def _bound(self, version: int, now: float) -> None:
        self._adopt(version)
        self._move(Trigger.BIND_ACCEPTED)
        self._heard_at = now
        self._events.append(Bound(version))

    def _close(self, reason: CloseReason, detail: str, trigger: Trigger = Trigger.LOST) -> None:
        if self._state is _CLOSED:
            return
        self._move(trigger)
        unanswered = [pending.token for pending in self._window.values()]
        self._window.clear()
        self._events.append(Closed(reason, detail, unanswered))

    def _next_sequence(self) -> int:
        sequence = (self._sequence + 1) & SEQUENCE_MASK
        while sequence in self._window:
            sequence = (sequence + 1) & SEQUENCE_MASK
        self._sequence = sequence
        return sequence

    def _emit(self, pdu: Struct, sequence: int) -> None:
        self._out.append(self._codec.encode(pdu, sequence))

    def _ignore(self, command: int, sequence: int, problem: str) -> None:
        self._events.append(PduIgnored(command, sequence, problem))

    def _take_response(self, sequence: int, pending: _Pending, decode: Decode, body: bytes) -> None:
        try:
            pdu = decode(body)
        except DecodeError as error:
            self._ignore(pending.response_command, sequence, str(error))
            self._events.append(RequestExpired(sequence, pending.request, pending.token))
        else:
            self._events.append(ResponseReceived(sequence, pending.request, pdu, pending.token))

    def _take_request(self, command: int, sequence: int, body: bytes) -> None:
        try:
            pdu = self._request_decoders[command](body)
        except DecodeError as error:
            self._ignore(command, sequence, str(error))
            refusal = self._refusal_of(command, body)
            if refusal is not None:
                self._emit(refusal, sequence)
        else:
            self._owed += 1
            self._events.append(RequestReceived(sequence, pdu))

    def _take_other_response(self, command: int, sequence: int, body: bytes, now: float) -> None:
        """Take a response to none of the requests in the window: the session's own, a late or a stray one."""
        if command == self._heartbeat_command | RESPONSE_BIT:
            return  # being heard is all that a heartbeat asks
        if command == self._unbind_command | RESPONSE_BIT and self._state is _UNBINDING:
            self._end()
        elif not (
            self._take_late_response(command, sequence, body) or self._take_bind_response(command, sequence, body, now)
        ):
            self._ignore(command, sequence, "answers no request of ours")

    def _take_late_response(self, command: int, sequence: int, body: bytes) -> bool:
        """Take the response to a request that was given up; False when it is none."""
        pending = self._expired.get(sequence)
        if pending is None or pending.response_command != command:
            return False
        del self._expired[sequence]
        try:
            pdu = self._codec.decode(command, body)
        except DecodeError as error:
            self._ignore(command, sequence, str(error))
        else:
            self._events.append(ResponseLate(sequence, pending.request, pdu, pending.token))
        return True

    def _take_session_request(self, command: int, sequence: int, body: bytes, now: float) -> None:
        """Take a request that is not simply passed on."""
        if command not in self._may_receive[self._state]:
            self._take_unexpected(command, sequence)
        elif command == self._heartbeat_command:
            self._emit(self._profile.heartbeat_response(), sequence)
        elif command == self._unbind_command:
            self._emit(self._profile.unbind_response(), sequence)
            self._end()
        elif command in self._request_decoders:
            self._take_request(command, sequence, body)
        else:
            self._take_bind_request(sequence, body, now)

    def _take_unexpected(self, command: int, sequence: int) -> None:
        if command not in self._codec.decoders:
            self._ignore(command, sequence, "unknown command")
            return
        self._close(CloseReason.WRONG_STATE, f"command 0x{command:08x} while {self._state.value}")

    def _end(self) -> None:
        self._events.append(Unbound())
        self._close(CloseReason.UNBOUND, "", Trigger.UNBIND_ENDED)

    def _expire_requests(self, now: float) -> None:
        expired = []
        for sequence, pending in self._window.items():
            if pending.expires_at > now:
                break  # the window is in the order sent
            expired.append(sequence)
        for sequence in expired:
            pending = self._window.pop(sequence)
            self._events.append(RequestExpired(sequence, pending.request, pending.token))
            if len(self._expired) >= EXPIRED_MAX:
                del self._expired[next(iter(self._expired))]
            self._expired[sequence] = pending

    def _beat(self, now: float) -> None:
        deadline = self._heard_at + self._limits.heartbeat_idle_seconds
        deadline += self._heartbeats_unanswered * self._limits.heartbeat_timeout_seconds
        if now < deadline:
            return
        if self._heartbeats_unanswered >= self._limits.heartbeat_tries:
            self._close(CloseReason.PEER_SILENT, f"{self._heartbeats_unanswered} heartbeats unanswered")
            return
        self._heartbeats_unanswered += 1
        self._emit(self._profile.heartbeat(), self._next_sequence())


_BOUND = State.BOUND
_UNBINDING = State.UNBINDING
_CLOSED = State.CLOSED
