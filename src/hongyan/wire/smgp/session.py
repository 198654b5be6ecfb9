"""SMGP sessions: the SP's end and the gateway's.

The mode of a Login says which way texts go: 0 from the SP only, 1 to the SP only, 2 both. The SP's end keeps to its
own mode, but takes whatever the gateway sends; what a client of another mode may ask is the shell's decision.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from msgspec import Struct

from hongyan.wire.dialect import Dialect
from hongyan.wire.ends import ClientSession, ServerSession
from hongyan.wire.errors import DecodeError
from hongyan.wire.session import Limits, Profile, Session
from hongyan.wire.states import State

from .auth import login_request, proof_of, server_digest
from .dialect import SMGP, TOLERANCES, VERSIONS, Command, Quirk
from .pdus import (
    MSG_ID_SIZE,
    NO_MSG_ID,
    V30,
    ActiveTest,
    ActiveTestResp,
    Deliver,
    DeliverResp,
    Exit,
    ExitResp,
    Login,
    LoginResp,
    Query,
    Submit,
    SubmitResp,
)
from .statuses import Code, login_status


class LoginMode(IntEnum):
    """SMGP 3.0 §6.2.3: which way texts may go."""

    SEND = 0
    RECEIVE = 1
    BOTH = 2


_ALWAYS: Final[frozenset[type[Struct]]] = frozenset({ActiveTest, Exit})
_FROM_SP: Final[frozenset[type[Struct]]] = frozenset({Submit, Query})
_FROM_GATEWAY: Final[frozenset[type[Struct]]] = frozenset({Deliver})

CLIENT_RECEIVES: Final[Mapping[State, frozenset[type[Struct]]]] = {
    State.OPEN: _ALWAYS,
    State.BINDING: _ALWAYS,
    State.BOUND: _ALWAYS | _FROM_GATEWAY,
    State.UNBINDING: _ALWAYS | _FROM_GATEWAY,
}
"""SMGP 3.0 §4.2.1: what the gateway may ask of the SP, state by state."""

SERVER_RECEIVES: Final[Mapping[State, frozenset[type[Struct]]]] = {
    State.OPEN: _ALWAYS | {Login},
    State.BINDING: _ALWAYS,
    State.BOUND: _ALWAYS | _FROM_SP,
    State.UNBINDING: _ALWAYS | _FROM_SP,
}
"""SMGP 3.0 §4.2.1: what the SP may ask of the gateway, state by state."""


def _profile(
    dialect: Dialect, sendable: frozenset[type[Struct]], receivable: Mapping[State, frozenset[type[Struct]]]
) -> Profile:
    return Profile(
        dialect=dialect,
        heartbeat=ActiveTest,
        heartbeat_response=ActiveTestResp,
        unbind=Exit,
        unbind_response=ExitResp,
        sendable=sendable,
        receivable=receivable,
    )


class _Leaving(Session):
    """How either end takes the answer to its Exit."""

    _quirks: frozenset[Quirk]
    _exit_key = -1

    def unbind(self, now: float) -> None:
        """Ask for the end; NotBound unless bound. What is in flight may still be answered."""
        super().unbind(now)
        self._exit_key = self._key

    def _take_other_response(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        answers_exit = words[1] == Command.ACTIVE_TEST_RESP and words[-1] == self._exit_key
        if answers_exit and self._state is State.UNBINDING and Quirk.EXIT_AS_ACTIVE_TEST in self._quirks:
            self._end()
        else:
            super()._take_other_response(words, body, now)


class SmgpClientSession(_Leaving, ClientSession):
    """The SP's end."""

    def __init__(
        self,
        client_id: str,
        shared_secret: str,
        *,
        login_mode: int = LoginMode.BOTH,
        version: int = V30,
        limits: Limits | None = None,
        quirks: frozenset[Quirk] = TOLERANCES,
        sequence_first: int = 1,
    ) -> None:
        self._may_submit = login_mode != LoginMode.RECEIVE
        super().__init__(
            _profile(SMGP, _FROM_SP if self._may_submit else frozenset(), CLIENT_RECEIVES),
            bind_response=Command.LOGIN_RESP,
            limits=limits or Limits(),
            version=version,
            sequence_first=sequence_first,
        )
        self._client_id = client_id
        self._shared_secret = shared_secret
        self._login_mode = login_mode
        self._quirks = quirks
        self._digest = bytes(16)

    @property
    def credit(self) -> int:
        """How many more requests may be sent now; 0 unless bound, and always 0 in the mode that only receives."""
        return super().credit if self._may_submit else 0

    def _bind_request(self, timestamp: int) -> Login:
        login = login_request(
            self._client_id,
            self._shared_secret,
            login_mode=self._login_mode,
            timestamp=timestamp,
            version=self.version,
        )
        self._digest = login.authenticator_client
        return login

    def _take_bind_answer(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        try:
            response = self._codec.decode(words[1], body)
        except DecodeError as error:
            self._refused(None, str(error))
            return
        assert isinstance(response, LoginResp)
        if response.status:
            status = login_status(response.status, self._quirks)
            self._refused(status.code, status.english)
        else:
            self.proof = proof_of(response, self._digest, self._shared_secret, self._quirks).value
            self._bound(self.version, now)

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        if command != Command.DELIVER:
            return None
        msg_id = body[:MSG_ID_SIZE] if len(body) >= MSG_ID_SIZE else NO_MSG_ID
        return DeliverResp(msg_id, Code.STRUCTURE_ERROR)


class SmgpServerSession(_Leaving, ServerSession):
    """The gateway's end."""

    def __init__(
        self,
        *,
        versions: frozenset[int] = VERSIONS,
        limits: Limits | None = None,
        quirks: frozenset[Quirk] = TOLERANCES,
        now: float = 0.0,
    ) -> None:
        """Wait for a Login from `now` on; `versions` are those that any account may use."""
        profile = _profile(SMGP, _FROM_GATEWAY, SERVER_RECEIVES)
        super().__init__(profile, limits=limits or Limits(), version=V30, now=now)
        self._versions = versions
        self._quirks = quirks

    def _read_bind(self, words: tuple[int, ...], body: bytes) -> Struct | None:
        try:
            login = self._codec.decode(words[1], body)
        except DecodeError as error:
            self._ignore(words[1], words[-1], str(error))
            self._refuse_at_once(None, Code.STRUCTURE_ERROR)
            return None
        assert isinstance(login, Login)
        if login.client_version not in self._versions:
            self._refuse_at_once(login, Code.VERSION_TOO_HIGH)
            return None
        return login

    def _accept(self, request: Struct, shared_secret: str) -> tuple[int, Struct]:
        assert isinstance(request, Login)
        digest = server_digest(Code.OK, request.authenticator_client, shared_secret)
        return request.client_version, LoginResp(Code.OK, digest, max(self._versions))

    def _refuse(self, request: Struct | None, status: int) -> tuple[Struct, str]:
        del request
        return LoginResp(status, bytes(16), max(self._versions)), login_status(status, self._quirks).english

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        del body
        return SubmitResp(NO_MSG_ID, Code.STRUCTURE_ERROR) if command == Command.SUBMIT else None
