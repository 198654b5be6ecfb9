"""SGIP sessions: the end that connects and the end that is connected to.

Which of them is the SP and which the gateway is not for a session to know. Each side connects for what it
sends (§3.1): an SP's SUBMITs go over a connection of its own, the gateway's DELIVERs and REPORTs over one of the
gateway's. But some gateways answer on the SP's, so that once bound anything may go either way.

There is no heartbeat. A peer that lets a request expire and says nothing else all that time is taken for dead;
an end with an idle time says goodbye when nothing has come for so long, as §3.1 lets a server do.

A request that comes again with the sequence number that it had before is answered again, and one that comes
with another's number is refused by 9 (§3.7.2.4.3).
"""

from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from typing import Final

from msgspec import Struct

from hongyan.wire.ends import ClientSession, ServerSession
from hongyan.wire.errors import DecodeError
from hongyan.wire.events import CloseReason
from hongyan.wire.session import SEQUENCE_MASK, Limits, Profile, Session
from hongyan.wire.states import State

from .dialect import FRAME_SIZE_MAX, SGIP, TOLERANCES, Command, LoginType, Quirk, speak
from .pdus import (
    V12,
    Bind,
    BindResp,
    Deliver,
    DeliverResp,
    Report,
    ReportResp,
    Submit,
    SubmitResp,
    Trace,
    TraceNode,
    TraceResp,
    Unbind,
    UnbindResp,
    UserRpt,
    UserRptResp,
)
from .sequences import compose, split
from .statuses import Result, status_of

SGIP_LIMITS: Final = Limits(window_size=32, response_timeout_seconds=30.0, frame_size_max=FRAME_SIZE_MAX)
"""SGIP 1.2 §3.1: at most 32 unanswered commands, 30 seconds from a command to its response."""
ANSWERED_MAX: Final = 128
"""Answers that are kept to be given again. A peer repeats what it misses an answer to, and of that it has at most 32."""

_ALWAYS: Final[frozenset[type[Struct]]] = frozenset({Unbind})
_REQUESTS: Final[frozenset[type[Struct]]] = frozenset({Submit, Deliver, Report, UserRpt, Trace})

CLIENT_RECEIVES: Mapping[State, frozenset[type[Struct]]] = dict.fromkeys(
    (State.OPEN, State.BINDING, State.BOUND, State.UNBINDING), _ALWAYS
)
"""SGIP 1.2 §3.7.2: what may be asked of the end that connected, state by state."""
SERVER_RECEIVES: Mapping[State, frozenset[type[Struct]]] = {
    State.OPEN: _ALWAYS | {Bind},
    State.BINDING: _ALWAYS,
    State.BOUND: _ALWAYS | _REQUESTS,
    State.UNBINDING: _ALWAYS | _REQUESTS,
}
"""SGIP 1.2 §3.7.2: what may be asked of the end that was connected to, state by state."""
EITHER_RECEIVES: Mapping[State, frozenset[type[Struct]]] = {**SERVER_RECEIVES, State.OPEN: _ALWAYS}
"""What may be asked of the end that connected, where requests on the same connection are tolerated."""


class _Seen(Struct, gc=False):
    """A request of the peer that may come again."""

    content_hash: int
    """Of its command and body: enough to tell a repetition from another request."""
    answer: bytes | None = None


class _End(Session):
    """What both ends have in common."""

    _node: int
    _stamp: Callable[[float], int]
    _counter: Callable[[], int]
    _idle_seconds: float | None
    _quirks: frozenset[Quirk]
    _issued: int
    """The last sequence number that we gave out."""
    _seen: dict[int, _Seen]
    _answered: deque[int]

    def answer(self, request: int, pdu: Struct) -> None:
        """Answer the peer's request with that sequence; its answer is kept in case it comes again."""
        super().answer(request, pdu)
        seen = self._seen.get(request)
        if seen is None or seen.answer is not None:
            return
        seen.answer = self._out[-1]
        if len(self._answered) == ANSWERED_MAX:
            del self._seen[self._answered.popleft()]
        self._answered.append(request)

    def deadline(self) -> float | None:
        """Return when `tick` is due, None when nothing is."""
        due = super().deadline()
        if self._idle_seconds is None or self._state is not State.BOUND:
            return due
        idle_at = self._heard_at + self._idle_seconds
        return idle_at if due is None else min(due, idle_at)

    def tick(self, now: float) -> None:
        """Do what time demands: expire requests, find a dead peer, say goodbye to an idle one."""
        oldest = next(iter(self._window.values()), None)
        super().tick(now)
        if oldest is not None and oldest.expires_at <= now:
            sent_at = oldest.expires_at - self._limits.response_timeout_seconds
            if self._heard_at <= sent_at:
                self._close(CloseReason.PEER_SILENT, "a request expired and nothing else came meanwhile")
        idle_seconds = self._idle_seconds
        if idle_seconds is not None and self._state is State.BOUND and now >= self._heard_at + idle_seconds:
            self.unbind(now)

    # What protocols add -------------------------------------------------------------------------

    def _next_key(self) -> int:
        while True:
            key = self._counter() & SEQUENCE_MASK
            if key not in self._window:
                return key

    def _issue(self, key: int, now: float) -> int:
        self._issued = compose(self._node, self._stamp(now), key)
        return self._issued

    def _take_other_response(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        sequence = self._whole_sequence(words)
        strict = Quirk.UNBIND_RESP_WITH_OTHER_STAMP not in self._quirks
        if words[1] == Command.UNBIND_RESP and strict and sequence != self._issued:
            self._ignore(words[1], sequence, "answers no request of ours")
        else:
            super()._take_other_response(words, body, now)

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        del body
        return _answer_to(command, Result.LENGTH_ERROR)

    def _take_request(self, words: tuple[int, ...], body: bytes) -> None:
        command, sequence = words[1], self._whole_sequence(words)
        content_hash = hash((command, body))
        seen = self._seen.get(sequence)
        if seen is None:
            owed = self._owed
            super()._take_request(words, body)
            if self._owed > owed:  # else it could not be read, and has been refused
                self._seen[sequence] = _Seen(content_hash)
        elif seen.content_hash != content_hash:
            self._ignore(command, sequence, "has the sequence number of another request")
            refusal = _answer_to(command, Result.SEQUENCE_ERROR)
            if refusal is not None:
                self._emit(refusal, sequence)
        else:
            self._ignore(command, sequence, "repeats a request")
            if seen.answer is not None:
                self._out.append(seen.answer)

    # Inside -------------------------------------------------------------------------------------

    def _number_from(self, node: int, stamp: Callable[[float], int], counter: Callable[[], int] | None) -> None:
        self._node = node
        self._stamp = stamp
        self._counter = counter or count(1).__next__
        self._issued = -1
        self._seen = {}
        self._answered = deque()


class SgipClientSession(_End, ClientSession):
    """The end that connects: an SP to a gateway, or a gateway to an SP's listener."""

    def __init__(
        self,
        login_name: str,
        login_password: str,
        *,
        node: int,
        stamp: Callable[[float], int],
        login_type: int = LoginType.SP_TO_SMG,
        limits: Limits | None = None,
        counter: Callable[[], int] | None = None,
        idle_seconds: float | None = None,
        quirks: frozenset[Quirk] = TOLERANCES,
    ) -> None:
        """`stamp` gives MMDDhhmmss for a monotonic time; `counter` the last word of the next sequence number.

        Sessions of one node share a counter: a sequence number is the only id that a message has, and two
        connections that each begin with 1 would give the same one twice within a second.
        """
        receivable = EITHER_RECEIVES if Quirk.SAME_CONNECTION in quirks else CLIENT_RECEIVES
        super().__init__(
            _profile(quirks, receivable), bind_response=Command.BIND_RESP, limits=limits or SGIP_LIMITS, version=V12
        )
        self._quirks = quirks
        self._idle_seconds = idle_seconds
        self._number_from(node, stamp, counter)
        self._request = Bind(login_type, login_name, login_password)

    def _bind_request(self, timestamp: int) -> Bind:
        del timestamp
        return self._request

    def _take_bind_answer(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        try:
            response = self._codec.decode(words[1], body, words[2])
        except DecodeError as error:
            self._refused(None, str(error))
            return
        assert isinstance(response, BindResp)
        if response.result:
            self._refused(response.result, status_of(response.result).english)
        else:
            self._bound(V12, now)


class SgipServerSession(_End, ServerSession):
    """The end that is connected to: a gateway's, or the listener of an SP."""

    def __init__(
        self,
        *,
        node: int,
        stamp: Callable[[float], int],
        limits: Limits | None = None,
        now: float = 0.0,
        counter: Callable[[], int] | None = None,
        idle_seconds: float | None = None,
        quirks: frozenset[Quirk] = TOLERANCES,
    ) -> None:
        """Wait for a BIND from `now` on; the rest is as in `SgipClientSession`.

        Node 0 takes the client's own for what this end sends: then who connects decides what it is called.
        """
        super().__init__(_profile(quirks, SERVER_RECEIVES), limits=limits or SGIP_LIMITS, version=V12, now=now)
        self._quirks = quirks
        self._idle_seconds = idle_seconds
        self._number_from(node, stamp, counter)

    def _read_bind(self, words: tuple[int, ...], body: bytes) -> Struct | None:
        try:
            return self._codec.decode(words[1], body, words[2])
        except DecodeError as error:
            self._ignore(words[1], self._whole_sequence(words), str(error))
            self._refuse_at_once(None, Result.LENGTH_ERROR)
            return None

    def _accept(self, request: Struct, shared_secret: str) -> tuple[int, Struct]:
        del request, shared_secret
        self._node = self._node or split(self._bind_sequence).node
        return V12, BindResp(Result.OK)

    def _refuse(self, request: Struct | None, status: int) -> tuple[Struct, str]:
        del request
        return BindResp(status), status_of(status).english

    def _take_unexpected(self, words: tuple[int, ...]) -> None:
        if words[1] == Command.BIND:
            # §5.2: a second login on the same connection has a code of its own; §3.7.2: then the connection ends.
            self._emit(BindResp(Result.REPEATED_LOGIN), self._whole_sequence(words))
        super()._take_unexpected(words)


def _profile(quirks: frozenset[Quirk], receivable: Mapping[State, frozenset[type[Struct]]]) -> Profile:
    return Profile(
        dialect=SGIP if quirks == TOLERANCES else speak(quirks),
        heartbeat=None,
        heartbeat_response=None,
        unbind=Unbind,
        unbind_response=UnbindResp,
        sendable=_REQUESTS,
        receivable=receivable,
    )


def _answer_to(command: int, result: int) -> Struct | None:
    """Return the response to a request, with that result."""
    match command:
        case Command.SUBMIT:
            return SubmitResp(result)
        case Command.DELIVER:
            return DeliverResp(result)
        case Command.REPORT:
            return ReportResp(result)
        case Command.USERRPT:
            return UserRptResp(result)
        case Command.TRACE:
            return TraceResp((TraceNode(result),))
        case _:
            return None
