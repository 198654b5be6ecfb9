"""Two sessions driven at random: whatever happens, each request ends in exactly one way.

A protocol says which pair it is about, and what each end sends and answers.
"""

from abc import abstractmethod

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import Struct

from hongyan.wire.events import (
    Closed,
    Event,
    RequestExpired,
    RequestReceived,
    ResponseLate,
    ResponseReceived,
)
from hongyan.wire.session import Limits, Session
from hongyan.wire.states import State

from .pair import Pair

WINDOW_SIZE = 4
LIMITS = Limits(
    window_size=WINDOW_SIZE,
    response_timeout_seconds=20,
    heartbeat_idle_seconds=30,
    heartbeat_timeout_seconds=10,
    unbind_timeout_seconds=5,
)
SETTINGS = settings(max_examples=60, stateful_step_count=30, deadline=None)


class End:
    """What one side sent and what became of it."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.ended: list[object] = []
        self.owed: list[RequestReceived] = []

    def take(self, events: list[Event]) -> None:
        """Write down what happened."""
        for event in events:
            match event:
                case ResponseReceived() | RequestExpired():
                    self.ended.append(event.token)
                case ResponseLate():
                    assert event.token in self.ended
                case RequestReceived():
                    self.owed.append(event)
                case Closed():
                    self.ended += event.unanswered
                    assert events[-1] is event
                case _:
                    pass


class TwoSessions(RuleBasedStateMachine):
    """A client, a server and a wire that may be cut at any time."""

    @abstractmethod
    def new_pair(self, choice: int) -> Pair:
        """Return a bound pair with `LIMITS`; `choice` is one of a few numbers."""

    @abstractmethod
    def from_client(self, token: int) -> Struct:
        """Return a request that tells its token."""

    @abstractmethod
    def from_server(self, token: int) -> Struct:
        """Return a request that tells its token."""

    @abstractmethod
    def answer_to(self, request: Struct) -> Struct:
        """Return the response to a request of either side."""

    @initialize(choice=st.integers(0, 2))
    def bind(self, choice: int) -> None:
        self.pair = self.new_pair(choice)
        self.ends: dict[Session, End] = {self.pair.client: End(), self.pair.server: End()}

    def _settle(self) -> None:
        self.pair.exchange()
        for session, events in (
            (self.pair.client, self.pair.client_events),
            (self.pair.server, self.pair.server_events),
        ):
            self.ends[session].take(events)
            events.clear()

    def _send(self, session: Session, count: int) -> None:
        end = self.ends[session]
        for _ in range(min(count, session.credit)):
            token = len(end.sent)
            pdu = self.from_client(token) if session is self.pair.client else self.from_server(token)
            session.send(pdu, self.pair.now, token)
            end.sent.append(token)
        self._settle()

    @rule(count=st.integers(1, 6))
    def client_sends(self, count: int) -> None:
        self._send(self.pair.client, count)

    @rule(count=st.integers(1, 6))
    def server_sends(self, count: int) -> None:
        self._send(self.pair.server, count)

    @rule(data=st.data())
    def either_answers(self, data: st.DataObject) -> None:
        for session, end in self.ends.items():
            if end.owed and session.state in {State.BOUND, State.UNBINDING}:
                request = end.owed.pop(data.draw(st.integers(0, len(end.owed) - 1)))
                session.answer(request.sequence, self.answer_to(request.pdu))
        self._settle()

    @rule(seconds=st.floats(0.1, 40), silent=st.booleans())
    def time_passes(self, seconds: float, *, silent: bool) -> None:
        self.pair.advance(seconds, silent=silent)
        self._settle()

    @precondition(lambda self: self.pair.client.state is State.BOUND)
    @rule()
    def client_leaves(self) -> None:
        self.pair.client.unbind(self.pair.now)
        self._settle()

    @rule(at_client=st.booleans())
    def wire_breaks(self, *, at_client: bool) -> None:
        (self.pair.client if at_client else self.pair.server).receive_eof(self.pair.now)
        self._settle()

    @invariant()
    def no_window_is_exceeded(self) -> None:
        for session in self.ends:
            assert 0 <= session.in_flight <= WINDOW_SIZE
            assert session.credit in {0, WINDOW_SIZE - session.in_flight}

    @invariant()
    def each_request_ends_once_or_is_in_flight(self) -> None:
        for session, end in self.ends.items():
            assert len(set(end.ended)) == len(end.ended)
            assert len(end.sent) == len(end.ended) + session.in_flight
