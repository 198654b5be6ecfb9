"""A client and a server session on a wire that exists only in memory, with a clock moved by hand."""

from typing import Self

from hongyan.wire.cmpp.auth import is_authentic
from hongyan.wire.cmpp.dialect import VERSIONS
from hongyan.wire.cmpp.pdus import V30, Connect
from hongyan.wire.cmpp.session import CmppClientSession, CmppServerSession
from hongyan.wire.cmpp.statuses import ConnectStatus
from hongyan.wire.ends import ClientSession, ServerSession
from hongyan.wire.events import BindRequested, Event
from hongyan.wire.session import Limits, Session
from hongyan.wire.states import State

SECRET = "1234567890"
TIMESTAMP = 1122140108


class Pair:
    """Runs every octet that one side writes through the other; each protocol says who may bind."""

    def __init__(self, client: ClientSession, server: ServerSession, now: float = 1000.0) -> None:
        self.now = now
        self.client = client
        self.server = server
        self.client_events: list[Event] = []
        self.server_events: list[Event] = []

    def bind(self) -> None:
        """Let the client ask and the server decide by the secret."""
        self.client.bind(TIMESTAMP, self.now)
        self.exchange()

    def must_bind(self) -> Self:
        """Bind, and leave nothing to take from it."""
        self.bind()
        assert self.client.state is self.server.state is State.BOUND
        self.client_events.clear()
        self.server_events.clear()
        return self

    def exchange(self) -> None:
        """Carry what is written until both sides are silent, and collect what it meant."""
        while True:
            sent = self.client.data_to_send(), self.server.data_to_send()
            if sent == (b"", b""):
                break
            self.server.receive(sent[0], self.now)
            self.client.receive(sent[1], self.now)
            self._collect()
        self._collect()

    def advance(self, seconds: float, *, silent: bool = False) -> None:
        """Let time pass, waking both at their deadlines; `silent` loses everything that is written."""
        end = self.now + seconds
        while (due := min(_due(self.client, end), _due(self.server, end))) < end:
            self.now = max(self.now, due)
            self._tick(silent=silent)
        self.now = end
        self._tick(silent=silent)

    def decide(self, event: BindRequested) -> None:
        """Let the client in or keep it out."""
        raise NotImplementedError

    def _tick(self, *, silent: bool) -> None:
        self.client.tick(self.now)
        self.server.tick(self.now)
        if silent:
            self.client.data_to_send()
            self.server.data_to_send()
        self.exchange()

    def _collect(self) -> None:
        self.client_events += self.client.events()
        for event in self.server.events():
            self.server_events.append(event)
            if isinstance(event, BindRequested):
                self.decide(event)


class SessionPair(Pair):
    """Two ends of CMPP."""

    def __init__(
        self,
        *,
        version: int = V30,
        versions: frozenset[int] = VERSIONS,
        password: str = SECRET,
        limits: Limits | None = None,
        server_limits: Limits | None = None,
    ) -> None:
        super().__init__(
            CmppClientSession("901234", password, version=version, limits=limits),
            CmppServerSession(versions=versions, limits=server_limits or limits, now=1000.0),
        )

    @classmethod
    def bound(cls, *, version: int = V30, limits: Limits | None = None, server_limits: Limits | None = None) -> Self:
        """Return a pair that is bound, with nothing left to take from it."""
        return cls(version=version, limits=limits, server_limits=server_limits).must_bind()

    def decide(self, event: BindRequested) -> None:
        """Let in who knows the secret."""
        assert isinstance(event.request, Connect)
        if is_authentic(event.request, SECRET):
            self.server.accept_bind(SECRET, self.now)
        else:
            self.server.refuse_bind(ConnectStatus.AUTHENTICATION_ERROR)


def _due(session: Session, end: float) -> float:
    due = session.deadline()
    return end if due is None else due
