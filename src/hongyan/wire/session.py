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
    heartbeat: type[Struct] | None
    """None where the protocol has none: then only an unanswered request tells that the peer is gone."""
    heartbeat_response: type[Struct] | None
    unbind: type[Struct]
    unbind_response: type[Struct]
    sendable: frozenset[type[Struct]]
    """Requests that this role may make once bound."""
    receivable: Mapping[State, frozenset[type[Struct]]]
    """Requests that this role may get, state by state."""
    one_way: frozenset[type[Struct]] = frozenset()
    """Requests that have no response."""
    key_mask: int = SEQUENCE_MASK
    """What the last word of a sequence may hold; SMPP leaves the top bit out."""
    key_min: int = 0
    """What it begins with again once it is used up."""


class _Pending(Struct, gc=False):
    """A request of ours that waits for its response."""

    request: Struct
    token: object
    expires_at: float
    response_command: int
    sequence: int
    """The whole one, of which the window's key is the last word."""


class Session:
    """The engine; each protocol adds how it binds."""

    def __init__(self, profile: Profile, *, limits: Limits, version: int, sequence_first: int = 1) -> None:
        self._profile = profile
        self._limits = limits
        self._state = State.OPEN
        header = profile.dialect.header
        self._splitter = Splitter(header, limits.frame_size_max)
        self._whole_sequence = header.sequence_of
        self._key = (sequence_first - 1) & profile.key_mask
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
        self._heartbeat_command = None if profile.heartbeat is None else commands[profile.heartbeat]
        self._unbind_command = commands[profile.unbind]
        self._one_way_commands = frozenset(commands[cls] for cls in profile.one_way)
        self._may_receive: Mapping[State, frozenset[int]] = {}
        self._requests: dict[type[Struct], tuple[int, Encode]] = {}
        """Request class -> the command of its response, and its encoder."""
        self._request_decoders: Mapping[int, Decode] = {}
        self._codec: Codec
        self._take_profile(profile)
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
        return max(0, self._window_size - len(self._window)) if self._state is _BOUND else 0

    @property
    def window_size(self) -> int:
        """How many requests may be unanswered at once; a smaller one takes effect as answers come in."""
        return self._window_size

    @window_size.setter
    def window_size(self, size: int) -> None:
        self._window_size = size

    def adopt_limits(self, limits: Limits) -> None:
        """Use other times and another window from here on; what is in flight keeps its own deadline."""
        self._limits = limits
        self._window_size = limits.window_size

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
        for words, body in self._splitter.feed(data):
            command, key = words[1], words[-1]
            if command & RESPONSE_BIT:
                pending = window.get(key)
                if pending is not None and pending.response_command == command:
                    del window[key]
                    self._take_response(pending, self._codec.decoders[command], words, body)
                    continue
                self._take_other_response(words, body, now)
            elif self._state is _BOUND and command in self._request_decoders:
                self._take_request(words, body)
            else:
                self._take_session_request(words, body, now)
            if self._state is _CLOSED:
                return
        if self._splitter.error is not None:
            self._take_framing_error()
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
            response_command, encode = self._requests[type(pdu)]
        except KeyError:
            raise LocalProtocolError(f"{type(pdu).__name__} is not a request of this role") from None
        key = self._next_key()
        sequence = self._issue(key, now)
        self._out.append(encode(pdu, sequence))
        self._key = key
        if type(pdu) not in self._profile.one_way:
            expires_at = now + self._limits.response_timeout_seconds
            window[key] = _Pending(pdu, token, expires_at, response_command, sequence)
        return sequence

    def answer(self, request: int, pdu: Struct) -> None:
        """Answer the peer's request with that sequence.

        LocalProtocolError when no request is unanswered or the session is over.
        """
        if self._state is not _BOUND and self._state is not _UNBINDING:
            raise LocalProtocolError(f"{type(pdu).__name__} cannot be sent: the session is {self._state.value}")
        if not self._owed:
            raise LocalProtocolError("every request of the peer has been answered")
        self._out.append(self._codec.encoders[type(pdu)](pdu, request))
        self._owed -= 1

    def unbind(self, now: float) -> None:
        """Ask for the end; NotBound unless bound. What is in flight may still be answered."""
        if self._state is not _BOUND:
            raise NotBound(f"cannot unbind: the session is {self._state.value}")
        self._move(Trigger.UNBIND_ASKED, now + self._limits.unbind_timeout_seconds)
        self._emit_request(self._profile.unbind(), now)

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
        if self._state is _BOUND and self._heartbeat_command is not None:
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
            if self._heartbeat_command is not None:
                self._beat(now)
        elif self._state_expires_at is not None and now >= self._state_expires_at:
            unbinding = self._state is _UNBINDING
            self._close(CloseReason.UNBIND_TIMEOUT if unbinding else CloseReason.BIND_TIMEOUT, "")

    # What protocols add -------------------------------------------------------------------------

    def _take_bind_request(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        """Handle the bind request: only servers get one, by their profile."""
        raise NotImplementedError

    def _take_bind_response(self, words: tuple[int, ...], body: bytes, now: float) -> bool:
        """Handle a response that may be the bind's; False when it is not."""
        del words, body, now
        return False

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        """Return what answers a request of ours to decode, None where the protocol has nothing to say."""
        del command, body
        return None

    def _issue(self, key: int, now: float) -> int:
        """Return the whole sequence of our next request, whose last word is the key."""
        del now
        return key

    def _answers(self, pending: Struct, command: int) -> bool:
        """Tell whether a response of another command than its own answers a request of ours."""
        del pending, command
        return False

    def _take_framing_error(self) -> None:
        """Say a last word to a peer whose stream cannot be read any further."""

    def _take_unexpected(self, words: tuple[int, ...]) -> None:
        """Take a request that must not come in this state, or whose command is not known."""
        command = words[1]
        if command not in self._codec.decoders:
            self._ignore(command, self._whole_sequence(words), "unknown command")
            return
        self._close(CloseReason.WRONG_STATE, f"command 0x{command:08x} while {self._state.value}")

    # Inside -------------------------------------------------------------------------------------

    def _take_profile(self, profile: Profile) -> None:
        """Have the rights of a profile once `_adopt` is called; SMPP learns its own from the bind."""
        self._profile = profile
        commands = profile.dialect.commands
        self._may_receive = {
            state: frozenset(commands[cls] for cls in classes) for state, classes in profile.receivable.items()
        }

    def _adopt(self, version: int) -> None:
        """Use the layouts of a version from here on."""
        dialect = self._profile.dialect
        codec = self._codec = dialect.codec(version)
        self._requests = {
            cls: (dialect.commands[cls] | RESPONSE_BIT, codec.encoders[cls]) for cls in self._profile.sendable
        }
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

    def _next_key(self) -> int:
        """Return the last word of our next sequence; it is taken once `_key` is set to it."""
        profile = self._profile
        key = self._key
        while True:
            key = (key + 1) & profile.key_mask or profile.key_min
            if key not in self._window:
                return key

    def _emit(self, pdu: Struct, sequence: int) -> None:
        self._out.append(self._codec.encode(pdu, sequence))

    def _emit_request(self, pdu: Struct, now: float) -> int:
        """Send a request of the session's own, outside the window; return the last word of its sequence."""
        self._key = key = self._next_key()
        self._emit(pdu, self._issue(key, now))
        return key

    def _ignore(self, command: int, sequence: int, problem: str) -> None:
        self._events.append(PduIgnored(command, sequence, problem))

    def _take_response(self, pending: _Pending, decode: Decode, words: tuple[int, ...], body: bytes) -> None:
        try:
            pdu = decode(body, words[2])
        except DecodeError as error:
            self._ignore(words[1], pending.sequence, str(error))
            self._events.append(RequestExpired(pending.sequence, pending.request, pending.token))
        else:
            self._events.append(ResponseReceived(pending.sequence, pending.request, pdu, pending.token))

    def _take_request(self, words: tuple[int, ...], body: bytes) -> None:
        command, sequence = words[1], self._whole_sequence(words)
        try:
            pdu = self._request_decoders[command](body, words[2])
        except DecodeError as error:
            self._ignore(command, sequence, str(error))
            refusal = self._refusal_of(command, body)
            if refusal is not None:
                self._emit(refusal, sequence)
        else:
            if command not in self._one_way_commands:
                self._owed += 1
            self._events.append(RequestReceived(sequence, pdu))

    def _take_other_response(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        """Take a response to none of the requests in the window: the session's own, a late or a stray one."""
        command, key = words[1], words[-1]
        if self._heartbeat_command is not None and command == self._heartbeat_command | RESPONSE_BIT:
            return  # being heard is all that a heartbeat asks
        if command == self._unbind_command | RESPONSE_BIT and self._state is _UNBINDING:
            self._end()
            return
        pending = self._window.get(key)
        if pending is not None and self._answers(pending, command):
            del self._window[key]
            self._take_response(pending, self._codec.decoders[command], words, body)
        elif not (self._take_late_response(words, body) or self._take_bind_response(words, body, now)):
            self._ignore(command, self._whole_sequence(words), "answers no request of ours")

    def _take_late_response(self, words: tuple[int, ...], body: bytes) -> bool:
        """Take the response to a request that was given up; False when it is none."""
        command, key = words[1], words[-1]
        pending = self._expired.get(key)
        if pending is None or not (pending.response_command == command or self._answers(pending, command)):
            return False
        del self._expired[key]
        try:
            pdu = self._codec.decode(command, body, words[2])
        except DecodeError as error:
            self._ignore(command, pending.sequence, str(error))
        else:
            self._events.append(ResponseLate(pending.sequence, pending.request, pdu, pending.token))
        return True

    def _take_session_request(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        """Take a request that is not simply passed on."""
        command = words[1]
        profile = self._profile
        if command not in self._may_receive[self._state]:
            self._take_unexpected(words)
        elif command == self._heartbeat_command and profile.heartbeat_response is not None:
            self._emit(profile.heartbeat_response(), self._whole_sequence(words))
        elif command == self._unbind_command:
            self._emit(profile.unbind_response(), self._whole_sequence(words))
            self._end()
        elif command in self._request_decoders:
            self._take_request(words, body)
        else:
            self._take_bind_request(words, body, now)

    def _end(self) -> None:
        self._events.append(Unbound())
        self._close(CloseReason.UNBOUND, "", Trigger.UNBIND_ENDED)

    def _expire_requests(self, now: float) -> None:
        expired = []
        for key, pending in self._window.items():
            if pending.expires_at > now:
                break  # the window is in the order sent
            expired.append(key)
        for key in expired:
            pending = self._window.pop(key)
            self._events.append(RequestExpired(pending.sequence, pending.request, pending.token))
            if len(self._expired) >= EXPIRED_MAX:
                del self._expired[next(iter(self._expired))]
            self._expired[key] = pending

    def _beat(self, now: float) -> None:
        deadline = self._heard_at + self._limits.heartbeat_idle_seconds
        deadline += self._heartbeats_unanswered * self._limits.heartbeat_timeout_seconds
        if now < deadline:
            return
        if self._heartbeats_unanswered >= self._limits.heartbeat_tries:
            self._close(CloseReason.PEER_SILENT, f"{self._heartbeats_unanswered} heartbeats unanswered")
            return
        self._heartbeats_unanswered += 1
        assert self._profile.heartbeat is not None
        self._emit_request(self._profile.heartbeat(), now)


_BOUND = State.BOUND
_UNBINDING = State.UNBINDING
_CLOSED = State.CLOSED
