"""The two ends of a connection: one asks to bind, the other decides.

Which PDU asks, what answers it and what proves who asks is each protocol's own; when that may happen is the same.
"""

from msgspec import Struct

from .errors import LocalProtocolError
from .events import BindRefused, BindRequested, CloseReason
from .session import Limits, Profile, Session
from .states import State, Trigger


class ClientSession(Session):
    """The end that connects and asks to bind."""

    def __init__(
        self,
        profile: Profile,
        *,
        bind_response: int,
        limits: Limits,
        version: int,
        sequence_first: int = 1,
    ) -> None:
        super().__init__(profile, limits=limits, version=version, sequence_first=sequence_first)
        self.proof = ""
        """What the answer to the bind proved about the server; for the log only."""
        self._bind_response = bind_response
        self._bind_key = -1

    def bind(self, timestamp: int, now: float) -> None:
        """Ask to bind; `timestamp` is MMDDHHMMSS as a decimal number. EncodeError when the login does not fit."""
        if self._state is not State.OPEN:
            raise LocalProtocolError(f"cannot bind: the session is {self._state.value}")
        request = self._bind_request(timestamp)
        self._bind_key = self._emit_request(request, now)
        self._move(Trigger.BIND_ASKED, now + self._limits.bind_timeout_seconds)

    # What protocols add -------------------------------------------------------------------------

    def _bind_request(self, timestamp: int) -> Struct:
        """Return the PDU that asks."""
        raise NotImplementedError

    def _take_bind_answer(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        """Read the answer, then call `_bound` or `_refused`."""
        raise NotImplementedError

    # Inside -------------------------------------------------------------------------------------

    def _is_bind_response(self, command: int) -> bool:
        """Tell whether a response to the bind's sequence answers it; SMPP's generic_nack does too."""
        return command == self._bind_response

    def _take_bind_response(self, words: tuple[int, ...], body: bytes, now: float) -> bool:
        if self._state is not State.BINDING or words[-1] != self._bind_key or not self._is_bind_response(words[1]):
            return False
        self._take_bind_answer(words, body, now)
        return True

    def _refused(self, status: int | None, meaning: str) -> None:
        """Note that the server does not let us in; a status of None could not be read."""
        if status is None:
            self._close(CloseReason.BIND_REFUSED, meaning, Trigger.BIND_REFUSED)
            return
        self._events.append(BindRefused(status, meaning))
        self._close(CloseReason.BIND_REFUSED, f"status {status}: {meaning}", Trigger.BIND_REFUSED)


class ServerSession(Session):
    """The end that is connected to and decides who may bind."""

    def __init__(self, profile: Profile, *, limits: Limits, version: int, now: float = 0.0) -> None:
        """Wait for a request to bind from `now` on."""
        super().__init__(profile, limits=limits, version=version)
        self._bind: Struct | None = None
        self._bind_sequence = -1
        self._state_expires_at = now + self._limits.bind_timeout_seconds

    def accept_bind(self, shared_secret: str, now: float) -> None:
        """Let the client in; LocalProtocolError unless it waits for that. The secret proves us, where it can."""
        request = self._waiting_bind()
        version, response = self._accept(request, shared_secret)
        self._adopt(version)
        self._emit(response, self._bind_sequence)
        self._bound(version, now)

    def refuse_bind(self, status: int) -> None:
        """Answer with that status (not 0) and end the session; LocalProtocolError unless a client waits."""
        self._refuse_at_once(self._waiting_bind(), status)

    # What protocols add -------------------------------------------------------------------------

    def _read_bind(self, words: tuple[int, ...], body: bytes) -> Struct | None:
        """Return the request to bind, or None after `_refuse_at_once`."""
        raise NotImplementedError

    def _accept(self, request: Struct, shared_secret: str) -> tuple[int, Struct]:
        """Return the version to use from here on and the response that lets the client in."""
        raise NotImplementedError

    def _refuse(self, request: Struct | None, status: int) -> tuple[Struct, str]:
        """Return the response that keeps the client out, and what it means in English."""
        raise NotImplementedError

    # Inside -------------------------------------------------------------------------------------

    def _take_bind_request(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        self._bind_sequence = self._whole_sequence(words)
        self._move(Trigger.BIND_ASKED, now + self._limits.bind_timeout_seconds)
        request = self._read_bind(words, body)
        if request is not None:
            self._bind = request
            self._events.append(BindRequested(request))

    def _waiting_bind(self) -> Struct:
        if self._state is not State.BINDING or self._bind is None:
            raise LocalProtocolError(f"no client waits to bind: the session is {self._state.value}")
        return self._bind

    def _refuse_at_once(self, request: Struct | None, status: int) -> None:
        response, meaning = self._refuse(request, status)
        self._emit(response, self._bind_sequence)
        self._close(CloseReason.BIND_REFUSED, f"status {status}: {meaning}", Trigger.BIND_REFUSED)
