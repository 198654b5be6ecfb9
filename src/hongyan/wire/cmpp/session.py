"""CMPP sessions: the SP's end and the ISMG's.

The version that a client asks for need not be the one it gets: the length of CONNECT_RESP decides
(30 octets 2.0, 33 octets 3.0), since some gateways answer in the layout of the account's version.
A server answers in the layout of the client's version, and with status 4 when that is not allowed.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from hongyan.wire.dialect import Dialect
from hongyan.wire.ends import ClientSession, ServerSession
from hongyan.wire.errors import DecodeError
from hongyan.wire.session import Limits, Profile
from hongyan.wire.states import State

from .auth import connect_request, ismg_digest, proof_of
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


class CmppClientSession(ClientSession):
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
        super().__init__(
            profile,
            bind_response=Command.CONNECT_RESP,
            limits=limits or Limits(),
            version=version,
            sequence_first=sequence_first,
        )
        self._login = login
        self._shared_secret = shared_secret
        self._digest = bytes(16)

    def _bind_request(self, timestamp: int) -> Connect:
        connect = connect_request(self._login, self._shared_secret, timestamp=timestamp, version=self.version)
        self._digest = connect.authenticator_source
        return connect

    def _take_bind_answer(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        try:
            response = self._codec.decode(words[1], body)
        except DecodeError as error:
            self._refused(None, str(error))
            return
        assert isinstance(response, ConnectResp)
        if response.status:
            status = connect_status(response.status)
            self._refused(status.code, status.english)
        else:
            self.proof = proof_of(response, self._digest, self._shared_secret)
            plan_size = self._profile.dialect.layout(ConnectResp).plan(V20).size
            self._bound(self._version_of(len(body), plan_size), now)

    def _version_of(self, body_size: int, size_in_v20: int | None) -> int:
        """Return the version whose layout the server speaks: the asked one where its own layout came back."""
        if body_size == size_in_v20:
            return self.version if self.version < V30 else V20
        return max(self.version, V30)

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        return DeliverResp(_msg_id_at(body), SubmitResult.STRUCTURE_ERROR) if command == Command.DELIVER else None


class CmppServerSession(ServerSession):
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
        profile = _profile(dialect, _FROM_ISMG, SERVER_RECEIVES)
        super().__init__(profile, limits=limits or Limits(), version=V30, now=now)
        self._versions = versions

    def _accept(self, request: Struct, shared_secret: str) -> tuple[int, Struct]:
        assert isinstance(request, Connect)
        digest = ismg_digest(ConnectStatus.OK, request.authenticator_source, shared_secret, request.version)
        return request.version, ConnectResp(ConnectStatus.OK, digest, max(self._versions))

    def _refuse(self, request: Struct | None, status: int) -> tuple[Struct, str]:
        version = request.version if isinstance(request, Connect) else max(self._versions)
        self._adopt(V30 if version >= V30 else V20)
        return ConnectResp(status, bytes(16), max(self._versions)), connect_status(status).english

    def _read_bind(self, words: tuple[int, ...], body: bytes) -> Struct | None:
        try:
            connect = self._codec.decode(words[1], body)
        except DecodeError as error:
            self._ignore(words[1], words[-1], str(error))
            self._refuse_at_once(None, ConnectStatus.STRUCTURE_ERROR)
            return None
        assert isinstance(connect, Connect)
        if connect.version not in self._versions:
            self._refuse_at_once(connect, ConnectStatus.VERSION_TOO_HIGH)
            return None
        return connect

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
