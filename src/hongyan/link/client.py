"""A link: one connection to a carrier that is kept up, from our side.

`run` connects, binds, serves and connects again after a random pause that grows with each failure,
until `stop`. Everything that comes in is handed to the observer at once, in the callback of the
socket; the observer must not block and may send and answer from there.
"""

import asyncio
import secrets
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol, cast

import structlog
from msgspec import Struct

from hongyan.kit.clock import Clock
from hongyan.wire.ends import ClientSession
from hongyan.wire.errors import EncodeError, NotBound
from hongyan.wire.events import (
    BindRefused,
    Bound,
    Closed,
    Event,
    PduIgnored,
    RequestExpired,
    RequestReceived,
    ResponseLate,
    ResponseReceived,
)
from hongyan.wire.session import Limits
from hongyan.wire.states import State

from .connection import Connection, Wrapper, unwrapped

CHINA = timezone(timedelta(hours=8), "CST")
"""The zone of the times on a Chinese carrier's wire."""
_SEQUENCE_BITS = 96
"""The widest sequence there is: three words, in SGIP."""
_SEQUENCE_MASK = (1 << _SEQUENCE_BITS) - 1

_log = structlog.get_logger("hongyan.link")


class LinkConfig(Struct, frozen=True, kw_only=True):
    """Where a link goes, and how patient it is on the way there; what it says there is its session's business."""

    host: str
    port: int
    name: str = ""
    """The channel's name, for the log."""
    tls: ssl.SSLContext | None = None
    tls_host: str = ""
    """The name that the far end's certificate has to bear; the host, when empty."""
    connect_timeout_seconds: float = 10.0
    backoff_min_seconds: float = 0.5
    """The pause before the next try is random, between 0 and this doubled with each failure in a row."""
    backoff_max_seconds: float = 30.0
    owed_max: int = 1024
    """Requests of the peer that may wait for our answer before we stop reading."""


SessionMaker = Callable[[], ClientSession]
"""Makes the session of each new connection."""


class LinkObserver(Protocol):
    """Who is told what happens on a link."""

    def link_bound(self, link: "LinkClient") -> None:
        """Note that messages may be sent."""
        ...

    def link_lost(self, link: "LinkClient", unanswered: list[object], reason: str) -> None:
        """Note the end of a bound connection; the tokens are of requests without response, in the order sent."""
        ...

    def response_received(self, link: "LinkClient", sequence: int, token: object, pdu: Struct) -> None:
        """Take the answer to what was sent with that token.

        It may come after `response_missing` for the same token: then the doubt is resolved.
        """
        ...

    def response_missing(self, link: "LinkClient", sequence: int, token: object) -> None:
        """Note that no answer came in time: the outcome is unknown."""
        ...

    def request_received(self, link: "LinkClient", sequence: int, pdu: Struct) -> None:
        """Take a request of the peer, to be answered by `link.answer(sequence, …)`, now or later."""
        ...


class Randomness(Protocol):
    """Where the jitter comes from: `random.Random(seed)` in tests."""

    def uniform(self, a: float, b: float, /) -> float:
        """Return a number from a to b."""
        ...


class LinkClient:
    """One of a channel's links."""

    def __init__(
        self,
        config: LinkConfig,
        *,
        session: SessionMaker,
        observer: LinkObserver,
        clock: Clock,
        index: int,
        randomness: Randomness | None = None,
        wrap: Wrapper = unwrapped,
    ) -> None:
        """Prepare; `wrap` gives what stands between a socket and its connection, such as what spoils octets."""
        self.config = config
        self.index = index
        self.trouble = ""
        """Why the link is not bound, in words for people; empty while it is."""
        self._new_session = session
        self._wrap = wrap
        self._limits: Limits | None = None
        self._observer = observer
        self._clock = clock
        self._randomness = randomness or secrets.SystemRandom()
        self._connection: Connection | None = None
        self._generation = 0
        self._was_bound = False
        self._failures = 0
        self._running = False
        self._stopping = False
        self._waiting: asyncio.Timeout | None = None
        self._empty = asyncio.Event()
        self._gone = asyncio.Event()
        self._finished = asyncio.Event()

    @property
    def state(self) -> State:
        """Where the current connection is in its life; CLOSED when there is none."""
        return State.CLOSED if self._connection is None else self._connection.session.state

    @property
    def is_bound(self) -> bool:
        """Whether messages can go out, window and speed aside."""
        return self.state is State.BOUND

    @property
    def version(self) -> int:
        """The version in use, or the one that will be asked for; 0 while there is no connection."""
        return 0 if self._connection is None else self._connection.session.version

    @property
    def credit(self) -> int:
        """How many requests may be sent now; 0 unless bound, and while stopping or held back by the peer."""
        return 0 if self._connection is None or self._stopping else self._connection.credit

    @property
    def in_flight(self) -> int:
        """How many requests are unanswered."""
        return 0 if self._connection is None else self._connection.session.in_flight

    def adopt_limits(self, limits: Limits) -> None:
        """Change window and times of this connection and of those to come."""
        self._limits = limits
        if self._connection is not None:
            self._connection.session.adopt_limits(limits)

    def send(self, pdu: Struct, token: object) -> int:
        """Send a request and return its sequence.

        NotBound, WindowFull or EncodeError: then nothing was sent.
        """
        if self._connection is None or self._stopping:
            raise NotBound(f"the link is {'stopping' if self._stopping else 'not connected'}")
        return self._connection.send(pdu, token)

    def answer(self, sequence: int, pdu: Struct) -> None:
        """Answer a request of the peer; without effect when the connection it came over is gone."""
        if self._connection is not None and sequence >> _SEQUENCE_BITS == self._generation:
            self._connection.answer(sequence & _SEQUENCE_MASK, pdu)

    async def run(self) -> None:
        """Keep the link up until `stop`; returns when the last connection is closed."""
        if self._stopping:
            self._finished.set()
            return
        self._running = True
        try:
            while not self._stopping:
                await self._connect()
                if self._connection is not None:
                    await self._gone.wait()
                if not self._stopping:
                    await self._pause()
        finally:
            if self._connection is not None:
                self._connection.abort("link cancelled")
            self._running = False
            self._finished.set()

    async def stop(self, drain_seconds: float) -> None:
        """Send nothing new, wait so long for answers, unbind, close. May be called again, and before `run`."""
        self._stopping = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())
        if not self._running:
            return
        connection = self._connection
        if connection is not None:
            if connection.session.in_flight:
                with suppress(TimeoutError):
                    async with asyncio.timeout(drain_seconds):
                        await self._empty.wait()
            if connection.session.state is State.BOUND:
                connection.unbind()
            elif connection.session.state is not State.UNBINDING:
                connection.abort("link stopped")
        await self._finished.wait()

    # What the connection calls --------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """Bind."""
        session = cast("ClientSession", connection.session)
        wall = datetime.fromtimestamp(self._clock.now(), UTC).astimezone(CHINA)
        try:
            session.bind(int(wall.strftime("%m%d%H%M%S")), self._clock.monotonic())
        except EncodeError as error:
            session.abort(str(error))

    def take(self, connection: Connection, event: Event) -> None:
        """Tell the observer."""
        if isinstance(event, ResponseReceived):
            self._observer.response_received(self, event.sequence, event.token, event.pdu)
        elif isinstance(event, RequestReceived):
            tag = self._generation << _SEQUENCE_BITS | event.sequence
            self._observer.request_received(self, tag, event.pdu)
        elif isinstance(event, RequestExpired):
            self._observer.response_missing(self, event.sequence, event.token)
        else:
            self._take_rare(connection, event)
        if self._stopping and not connection.session.in_flight:
            self._empty.set()

    def gone(self, connection: Connection) -> None:
        """Let `run` go on."""
        if connection is self._connection:
            self._connection = None
            self._gone.set()
            self._empty.set()

    # Inside ---------------------------------------------------------------------------------------

    def _take_rare(self, connection: Connection, event: Event) -> None:
        match event:
            case Bound(version):
                self._failures = 0
                self.trouble = ""
                self._was_bound = True
                proof = cast("ClientSession", connection.session).proof
                _log.info("link.bound", **self._context(connection), version=f"0x{version:02x}", proof=proof)
                self._observer.link_bound(self)
            case BindRefused(status, meaning):
                _log.warning("link.bind_refused", **self._context(connection), status=status, meaning=meaning)
            case ResponseLate(sequence, _, pdu, token):
                _log.info("link.response_late", **self._context(connection), sequence=sequence)
                self._observer.response_received(self, sequence, token, pdu)
            case PduIgnored(command, sequence, problem):
                where = {"command": f"0x{command:08x}", "sequence": sequence}
                _log.warning("pdu.ignored", **self._context(connection), **where, problem=problem)
            case Closed(reason, detail, unanswered):
                self.trouble = f"{reason}: {detail}" if detail else str(reason)
                count = len(unanswered)
                _log.info("link.lost", **self._context(connection), reason=reason, detail=detail, unanswered=count)
                if self._was_bound:
                    self._was_bound = False
                    self._observer.link_lost(self, unanswered, str(reason))
            case _:
                pass

    def _context(self, connection: Connection) -> dict[str, str | int]:
        return {"channel": self.config.name, "link": self.index, "peer": connection.peer}

    def _new_connection(self) -> asyncio.Protocol:
        config = self.config
        session = self._new_session()
        if self._limits is not None:
            session.adopt_limits(self._limits)
        self._generation += 1
        self._gone.clear()
        self._empty.clear()
        self._connection = Connection(session, self, clock=self._clock, owed_max=config.owed_max)
        return self._wrap(self._connection)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        config = self.config
        try:
            async with asyncio.timeout(config.connect_timeout_seconds) as self._waiting:
                await loop.create_connection(
                    self._new_connection,
                    config.host,
                    config.port,
                    ssl=config.tls,
                    server_hostname=(config.tls_host or config.host) if config.tls else None,
                )
        except (OSError, TimeoutError) as error:
            self._connection = None
            self.trouble = _problem_of(error)
            if not self._stopping:
                _log.warning("link.connect_failed", channel=config.name, link=self.index, problem=self.trouble)
        finally:
            self._waiting = None

    async def _pause(self) -> None:
        config = self.config
        ceiling = min(config.backoff_max_seconds, config.backoff_min_seconds * 2.0 ** min(self._failures, 30))
        self._failures += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(self._randomness.uniform(0, ceiling)) as self._waiting:
                await asyncio.Event().wait()
        self._waiting = None


def _problem_of(error: OSError) -> str:
    """Say why a connection could not be made; an SSLError's words are in its reason."""
    if isinstance(error, ssl.SSLError):
        return f"TLS: {getattr(error, 'verify_message', '') or error.reason or 'handshake failed'}"
    return error.strerror or "connecting took too long"
