"""The life of a session as a table, the same for every protocol and both roles."""

from collections.abc import Mapping
from enum import Enum


class State(Enum):
    """Where a session is in its life."""

    OPEN = "open"
    """Connected; nobody has asked to bind."""
    BINDING = "binding"
    """Asked; not answered."""
    BOUND = "bound"
    UNBINDING = "unbinding"
    """We have asked for the end; what is under way may still finish."""
    CLOSED = "closed"


class Trigger(Enum):
    """What moves a session from one state to the next."""

    BIND_ASKED = "bind asked"
    BIND_ACCEPTED = "bind accepted"
    BIND_REFUSED = "bind refused"
    UNBIND_ASKED = "unbind asked by us"
    UNBIND_ENDED = "unbind answered, or asked by the peer"
    LOST = "connection lost or given up"


TRANSITIONS: Mapping[State, Mapping[Trigger, State]] = {
    State.OPEN: {Trigger.BIND_ASKED: State.BINDING, Trigger.UNBIND_ENDED: State.CLOSED, Trigger.LOST: State.CLOSED},
    State.BINDING: {
        Trigger.BIND_ACCEPTED: State.BOUND,
        Trigger.BIND_REFUSED: State.CLOSED,
        Trigger.UNBIND_ENDED: State.CLOSED,
        Trigger.LOST: State.CLOSED,
    },
    State.BOUND: {
        Trigger.UNBIND_ASKED: State.UNBINDING,
        Trigger.UNBIND_ENDED: State.CLOSED,
        Trigger.LOST: State.CLOSED,
    },
    State.UNBINDING: {Trigger.UNBIND_ENDED: State.CLOSED, Trigger.LOST: State.CLOSED},
    State.CLOSED: {},
}
