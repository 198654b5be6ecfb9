"""SMPP sessions: the ESME's end and the SMSC's.

A client binds as a transmitter, a receiver or both, and from then on each end may only ask what that mode allows
(SMPP 3.4 §2.2.1, table 2-1). What must not come is refused and the session goes on: a request in the wrong state by its
own response, an unknown command by a generic_nack. After a length that cannot be, nothing can be read any more: the
session says so by a generic_nack and closes.

A client whose interface_version is below 3.4 knows no tagged parameters: it is answered without them, and whoever sends
to it leaves them out when `version` is 3.3. They are read from it all the same, since many clients give a wrong version.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from msgspec import Struct

from hongyan.wire.dialect import RESPONSE_BIT, Dialect
from hongyan.wire.ends import ClientSession, ServerSession
from hongyan.wire.errors import DecodeError, LocalProtocolError
from hongyan.wire.events import RequestReceived
from hongyan.wire.session import Limits, Profile, Session
from hongyan.wire.states import State

from .dialect import FRAME_SIZE_MAX, PDUS, SEQUENCE_MAX, SMPP, Command
from .pdus import (
    V33,
    V34,
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    CancelSm,
    DataSm,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
    Unbind,
    UnbindResp,
)
from .statuses import CommandStatus, command_status
from .tlvs import NO_BIND_RESP_TLVS, BindRespTlvs

DEFAULT_LIMITS: Final = Limits(frame_size_max=FRAME_SIZE_MAX)
"""SMPP 3.4 §7.2 names timers without values; these are CMPP's."""


class BindMode(Enum):
    """What a client binds as; its value is the command that asks for it."""

    TRANSMITTER = Command.BIND_TRANSMITTER
    RECEIVER = Command.BIND_RECEIVER
    TRANSCEIVER = Command.BIND_TRANSCEIVER

    @property
    def sends(self) -> bool:
        """Whether the client may submit."""
        return self is not BindMode.RECEIVER

    @property
    def receives(self) -> bool:
        """Whether the client gets reports and replies."""
        return self is not BindMode.TRANSMITTER


Bind = BindTransmitter | BindReceiver | BindTransceiver
BindResp = BindTransmitterResp | BindReceiverResp | BindTransceiverResp

_BINDS: Final[Mapping[BindMode, type[Bind]]] = {
    BindMode.TRANSMITTER: BindTransmitter,
    BindMode.RECEIVER: BindReceiver,
    BindMode.TRANSCEIVER: BindTransceiver,
}
_BIND_RESPS: Final[Mapping[BindMode, type[BindResp]]] = {
    BindMode.TRANSMITTER: BindTransmitterResp,
    BindMode.RECEIVER: BindReceiverResp,
    BindMode.TRANSCEIVER: BindTransceiverResp,
}
_MODES: Final[Mapping[int, BindMode]] = {mode.value: mode for mode in BindMode}

_NOTHING: Final[frozenset[type[Struct]]] = frozenset()
_ALWAYS: Final[frozenset[type[Struct]]] = frozenset({EnquireLink})
_BOUND: Final[frozenset[type[Struct]]] = frozenset({EnquireLink, Unbind})
_ONE_WAY: Final[frozenset[type[Struct]]] = frozenset({Outbind, AlertNotification})

FROM_ESME: Final[Mapping[BindMode, frozenset[type[Struct]]]] = {
    BindMode.TRANSMITTER: frozenset({SubmitSm, SubmitMulti, DataSm, QuerySm, CancelSm, ReplaceSm}),
    BindMode.RECEIVER: _NOTHING,
    BindMode.TRANSCEIVER: frozenset({SubmitSm, SubmitMulti, DataSm, QuerySm, CancelSm, ReplaceSm}),
}
FROM_SMSC: Final[Mapping[BindMode, frozenset[type[Struct]]]] = {
    BindMode.TRANSMITTER: _NOTHING,
    BindMode.RECEIVER: frozenset({DeliverSm, DataSm, AlertNotification}),
    BindMode.TRANSCEIVER: frozenset({DeliverSm, DataSm, AlertNotification}),
}
"""SMPP 3.4 table 2-1: what each end may ask of the other, by the mode the client bound in."""


def _profile(
    dialect: Dialect,
    sendable: frozenset[type[Struct]],
    receivable: frozenset[type[Struct]],
    opening: frozenset[type[Struct]],
) -> Profile:
    """Return a role; `opening` is what it may get before anybody has asked to bind."""
    return Profile(
        dialect=dialect,
        heartbeat=EnquireLink,
        heartbeat_response=EnquireLinkResp,
        unbind=Unbind,
        unbind_response=UnbindResp,
        sendable=sendable,
        receivable={
            State.OPEN: _ALWAYS | opening,
            State.BINDING: _ALWAYS,
            State.BOUND: _BOUND | receivable,
            State.UNBINDING: _BOUND | receivable,
        },
        one_way=_ONE_WAY,
        key_mask=SEQUENCE_MAX,
        key_min=1,
    )


class _SmppSession(Session):
    """What both ends do alike: refuse."""

    def _refusal_of(self, command: int, body: bytes) -> Struct | None:
        del body
        return _response_to(command, CommandStatus.INVALID_COMMAND_LENGTH)

    def _answers(self, pending: Struct, command: int) -> bool:
        del pending
        return command == Command.GENERIC_NACK

    def _take_framing_error(self) -> None:
        self._emit(GenericNack(CommandStatus.INVALID_COMMAND_LENGTH), 0)  # of which PDU cannot be known: §4.3.1

    def _take_unexpected(self, words: tuple[int, ...]) -> None:
        command, sequence = words[1], words[-1]
        if command not in PDUS:
            self._ignore(command, sequence, "unknown command")
            self._emit(GenericNack(CommandStatus.INVALID_COMMAND_ID), sequence)
            return
        self._ignore(command, sequence, f"not allowed here while {self._state.value}")
        is_repeated_bind = command in _MODES and self._state is not State.OPEN
        refusal = _response_to(
            command, CommandStatus.ALREADY_BOUND if is_repeated_bind else CommandStatus.WRONG_BIND_STATE
        )
        if refusal is not None:
            self._emit(refusal, sequence)


class SmppClientSession(_SmppSession, ClientSession):
    """The ESME's end."""

    def __init__(
        self,
        system_id: str,
        password: str,
        *,
        bind: BindMode = BindMode.TRANSCEIVER,
        system_type: str = "",
        interface_version: int = V34,
        address_range: str = "",
        addr_ton: int = 0,
        addr_npi: int = 0,
        limits: Limits | None = None,
        dialect: Dialect = SMPP,
        sequence_first: int = 1,
    ) -> None:
        super().__init__(
            _profile(dialect, FROM_ESME[bind], FROM_SMSC[bind], frozenset({Outbind})),
            bind_response=bind.value | RESPONSE_BIT,
            limits=limits or DEFAULT_LIMITS,
            version=V34,
            sequence_first=sequence_first,
        )
        self.bind_mode = bind
        self._request: Bind = _BINDS[bind](
            system_id, password, system_type, interface_version, addr_ton, addr_npi, address_range
        )

    def _bind_request(self, timestamp: int) -> Struct:
        del timestamp  # nothing proves who we are but the password
        return self._request

    def _is_bind_response(self, command: int) -> bool:
        return super()._is_bind_response(command) or command == Command.GENERIC_NACK

    def _take_bind_answer(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        status = command_status(words[2])
        if status.code or words[1] == Command.GENERIC_NACK:
            self._refused(status.code, status.english)
            return
        try:
            self._codec.decode(words[1], body, words[2])
        except DecodeError as error:
            self._refused(None, str(error))
            return
        self._bound(V34, now)

    def _take_bind_request(self, words: tuple[int, ...], body: bytes, now: float) -> None:
        """Take an outbind, the one request that comes before we ask: whoever minds the session may now `bind`."""
        del now
        try:
            outbind = self._codec.decode(words[1], body)
        except DecodeError as error:
            self._ignore(words[1], words[-1], str(error))
        else:
            self._events.append(RequestReceived(words[-1], outbind))


class SmppServerSession(_SmppSession, ServerSession):
    """The SMSC's end."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        now: float = 0.0,
        system_id: str = "HONGYAN",
        dialect: Dialect = SMPP,
    ) -> None:
        """Wait for a bind from `now` on."""
        self._dialect = dialect
        profile = _profile(dialect, _NOTHING, _NOTHING, frozenset(_BINDS.values()))
        super().__init__(profile, limits=limits or DEFAULT_LIMITS, version=V34, now=now)
        self.bind_mode = BindMode.TRANSCEIVER
        """What the client asked to be; known once it asked."""
        self._system_id = system_id

    def outbind(self, system_id: str, password: str, now: float) -> None:
        """Ask the client to bind (§2.2.2); LocalProtocolError once it has."""
        if self._state is not State.OPEN:
            raise LocalProtocolError(f"cannot outbind: the session is {self._state.value}")
        self._emit_request(Outbind(system_id, password), now)

    def _read_bind(self, words: tuple[int, ...], body: bytes) -> Struct | None:
        self.bind_mode = _MODES[words[1]]
        try:
            request = self._codec.decode(words[1], body)
        except DecodeError as error:
            self._ignore(words[1], words[-1], str(error))
            self._refuse_at_once(None, CommandStatus.INVALID_COMMAND_LENGTH)
            return None
        return request

    def _accept(self, request: Struct, shared_secret: str) -> tuple[int, Struct]:
        del shared_secret
        assert isinstance(request, Bind)
        mode = self.bind_mode
        self._take_profile(_profile(self._dialect, FROM_SMSC[mode], FROM_ESME[mode], _NOTHING))
        version = V34 if request.interface_version >= V34 else V33
        tlvs = BindRespTlvs(sc_interface_version=V34) if version == V34 else NO_BIND_RESP_TLVS
        return version, _BIND_RESPS[mode](system_id=self._system_id, tlvs=tlvs)

    def _refuse(self, request: Struct | None, status: int) -> tuple[Struct, str]:
        del request
        return _BIND_RESPS[self.bind_mode](status), command_status(status).english


def _response_to(command: int, status: CommandStatus) -> Struct | None:
    """Return the response that refuses a request, None when it has none."""
    response = PDUS.get(command | RESPONSE_BIT)
    return None if response is None else response(status)
