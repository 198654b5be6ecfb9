"""CMPP sessions: the SP's end and the ISMG's.

The version that a client asks for need not be the one it gets: the length of CONNECT_RESP decides
(30 octets 2.0, 33 octets 3.0), since some gateways answer in the layout of the account's version.
A server answers in the layout of the client's version, and with status 4 when that is not allowed.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from hongyan.wire.dialect import Dialect
from hongyan.wire.errors import DecodeError, LocalProtocolError
from hongyan.wire.events import BindRefused, BindRequested, CloseReason
from hongyan.wire.session import Limits, Profile, Session
from hongyan.wire.states import State, Trigger

from .auth import Proof, connect_request, ismg_digest, proof_of
from .dialect import CMPP, V20, V30, VERSIONS, Command
from .pdus import (
    ActiveTest,
    ActiveTestResp,
    Cancel,
    CancelResp,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Query,
    Submit,
    SubmitResp,
    Terminate,
    TerminateResp,
)
from .statuses import ConnectStatus, SubmitResult, connect_status

_ALWAYS: Final[frozenset[type[Struct]]] = frozenset({ActiveTest, Terminate})
_FROM_SP: Final[frozenset[type[Struct]]] = frozenset({Submit, Query, Cancel})
_FROM_ISMG: Final[frozenset[type[Struct]]] = frozenset({Deliver})

CLIENT_RECEIVES: Mapping[State, frozenset[type[Struct]]] = {
    State.OPEN: _ALWAYS,
    State.BINDING: _ALWAYS,
    State.BOUND: _ALWAYS | _FROM_ISMG,
    State.UNBINDING: _ALWAYS | _FROM_ISMG,
}
"""CMPP 3.0 §6.1: what the ISMG may ask of the SP, state by state."""

SERVER_RECEIVES: Mapping[State, frozenset[type[Struct]]] = {
    State.OPEN: _ALWAYS | {Connect},
    State.BINDING: _ALWAYS,
    State.BOUND: _ALWAYS | _FROM_SP,
    State.UNBINDING: _ALWAYS | _FROM_SP,
}
"""CMPP 3.0 §6.1: what the SP may ask of the ISMG, state by state."""


def _profile(
    dialect: Dialect, sendable: frozenset[type[Struct]], receivable: Mapping[State, frozenset[type[Struct]]]
) -> Profile:
    return Profile(
        dialect=dialect,
        heartbeat=ActiveTest,
        heartbeat_response=ActiveTestResp,
        unbind=Terminate,
        unbind_response=TerminateResp,
        sendable=sendable,
        receivable=receivable,
    )


class CmppClientSession(Session):
    """The SP's end."""

    def __init__(
        self,
        login: str,
        shared_secret: str,
        *,
        version: int = V30,
        limits: Limits | None = None,
        dialect: Dialect = CMPP,
        sequence_first: int = 1,
    ) -> None:
        profile = _profile(dialect, _FROM_SP, CLIENT_RECEIVES)
        super().__init__(profile, limits=limits or Limits(), version=version, sequence_first=sequence_first)
        self._login = login
        self._shared_secret = shared_secret
        self._digest = bytes(16)
        self._bind_sequence = -1
        self.proof = Proof.ABSENT
        """What the CONNECT_RESP's digest said of the server; for the log only."""

    def bind(self, timestamp: int, now: float) -> None:
        """Send CONNECT; `timestamp` is MMDDHHMMSS as a decimal number. EncodeError when the login does not fit."""
        if self._state is not State.OPEN:
            raise LocalProtocolError(f"cannot bind: the session is {self._state.value}")
        connect = connect_request(self._login, self._shared_secret, timestamp=timestamp, version=self.version)
        sequence = self._next_sequence()
        self._emit(connect, sequence)
        self._digest = connect.authenticator_source
        self._bind_sequence = sequence
        self._move(Trigger.BIND_ASKED, now + self._limits.bind_timeout_seconds)

    def _take_bind_response(self, command: int, sequence: int, body: bytes, now: float) -> bool:
        if command != Command.CONNECT_RESP or self._state is not State.BINDING or sequence != self._bind_sequence:
            return False
        try:
            response = self._codec.decode(command, body)
        except DecodeError as error:
            self._close(CloseReason.BIND_REFUSED, str(error), Trigger.BIND_REFUSED)
            return True
        assert isinstance(response, ConnectResp)
        if response.status:
            status = connect_status(response.status)
            self._events.append(BindRefused(status.code, status.english))
            detail = f"status {status.code}: {status.english}"
            self._close(CloseReason.BIND_REFUSED, detail, Trigger.BIND_REFUSED)
        else:
            self.proof = proof_of(response, self._digest, self._shared_secret)
            plan_size = self._profile.dialect.layout(ConnectResp).plan(V20).size
            self._bound(self._version_of(len(body), plan_size), now)
        return True

    def _version_of(self, body_size: int, size_in_v20: int | None) -> int:
        """Return the version whose layout the server speaks: the asked one where its own layout came back."""
        if body_size == size_in_v20:
            return self.version if self.version < V30 else V20
        return max(self.version, V30)

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        return DeliverResp(_msg_id_at(body), SubmitResult.STRUCTURE_ERROR) if command == Command.DELIVER else None


class CmppServerSession(Session):
    """The ISMG's end."""

    def __init__(
        self,
        *,
        versions: frozenset[int] = VERSIONS,
        limits: Limits | None = None,
        dialect: Dialect = CMPP,
        now: float = 0.0,
    ) -> None:
        """Wait for a CONNECT from `now` on; `versions` are those that any account may use."""
        super().__init__(_profile(dialect, _FROM_ISMG, SERVER_RECEIVES), limits=limits or Limits(), version=V30)
        self._versions = versions
        self._connect: Connect | None = None
        self._bind_sequence = -1
        self._state_expires_at = now + self._limits.bind_timeout_seconds

    def accept_bind(self, shared_secret: str, now: float) -> None:
        """Let the client in; LocalProtocolError unless it waits for that."""
        connect = self._waiting_connect()
        self._adopt(connect.version)
        digest = ismg_digest(ConnectStatus.OK, connect.authenticator_source, shared_secret, connect.version)
        self._emit(ConnectResp(ConnectStatus.OK, digest, max(self._versions)), self._bind_sequence)
        self._bound(connect.version, now)

    def refuse_bind(self, status: int) -> None:
        """Answer CONNECT with that status (not 0) and end the session; LocalProtocolError unless a client waits."""
        connect = self._waiting_connect()
        self._refuse(connect.version, status)

    def _waiting_connect(self) -> Connect:
        if self._state is not State.BINDING or self._connect is None:
            raise LocalProtocolError(f"no client waits to bind: the session is {self._state.value}")
        return self._connect

    def _refuse(self, version: int, status: int) -> None:
        self._adopt(V30 if version >= V30 else V20)
        self._emit(ConnectResp(status, bytes(16), max(self._versions)), self._bind_sequence)
        self._close(
            CloseReason.BIND_REFUSED, f"status {status}: {connect_status(status).english}", Trigger.BIND_REFUSED
        )

    def _take_bind_request(self, sequence: int, body: bytes, now: float) -> None:
        self._bind_sequence = sequence
        self._move(Trigger.BIND_ASKED, now + self._limits.bind_timeout_seconds)
        try:
            connect = self._codec.decode(Command.CONNECT, body)
        except DecodeError as error:
            self._ignore(Command.CONNECT, sequence, str(error))
            self._refuse(max(self._versions), ConnectStatus.STRUCTURE_ERROR)
            return
        assert isinstance(connect, Connect)
        if connect.version not in self._versions:
            self._refuse(connect.version, ConnectStatus.VERSION_TOO_HIGH)
            return
        self._connect = connect
        self._events.append(BindRequested(connect))

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        del body
        match command:
            case Command.SUBMIT:
                return SubmitResp(0, SubmitResult.STRUCTURE_ERROR)
            case Command.CANCEL:
                return CancelResp(1)
            case _:
                return None


def _msg_id_at(body: bytes) -> int:
    """Return the Msg_Id at the head of a body that is otherwise not legible."""
    return int.from_bytes(body[:8], "big") if len(body) >= 8 else 0
