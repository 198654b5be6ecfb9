"""What a session tells its shell."""

from enum import StrEnum

from msgspec import Struct


class CloseReason(StrEnum):
    """Why a session ended."""

    UNBOUND = "unbound"
    BIND_REFUSED = "bind_refused"
    BIND_TIMEOUT = "bind_timeout"
    UNBIND_TIMEOUT = "unbind_timeout"
    PEER_CLOSED = "peer_closed"
    PEER_SILENT = "peer_silent"
    """No answer to as many heartbeats as are tried."""
    FRAMING_ERROR = "framing_error"
    WRONG_STATE = "wrong_state"
    """The peer sent what must not come in this state."""
    ABORTED = "aborted"
    """Given up by our own side."""


class Bound(Struct, frozen=True):
    """The session is bound and may carry messages in the layout of `version`."""

    version: int


class BindRefused(Struct, frozen=True):
    """The server does not let us in; `meaning` is English."""

    status: int
    meaning: str


class BindRequested(Struct, frozen=True):
    """A client asks to bind; answer by `accept_bind` or `refuse_bind`."""

    request: Struct


class RequestReceived(Struct, frozen=True):
    """A request of the peer, to be answered by `answer(sequence, …)`."""

    sequence: int
    pdu: Struct


class ResponseReceived(Struct, frozen=True):
    """The peer answered one of our requests."""

    sequence: int
    request: Struct
    pdu: Struct
    token: object


class RequestExpired(Struct, frozen=True):
    """One of our requests was not answered in time, or not legibly: its outcome is unknown."""

    sequence: int
    request: Struct
    token: object


class ResponseLate(Struct, frozen=True):
    """The peer answered a request of ours after it had been reported as expired: now its outcome is known."""

    sequence: int
    request: Struct
    pdu: Struct
    token: object


class PduIgnored(Struct, frozen=True):
    """A whole frame was passed over; `problem` says why and holds no contents."""

    command: int
    sequence: int
    problem: str


class Unbound(Struct, frozen=True):
    """The end was agreed: the peer asked for it, or answered our asking."""


class Closed(Struct, frozen=True):
    """The session is over. `unanswered` are the tokens of requests without response, in the order sent."""

    reason: CloseReason
    detail: str
    unanswered: list[object]


Event = (
    Bound
    | BindRefused
    | BindRequested
    | RequestReceived
    | ResponseReceived
    | RequestExpired
    | ResponseLate
    | PduIgnored
    | Unbound
    | Closed
)
