"""Both ends of a link for tests: observers that write down what they are told, and peers that misbehave."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct, structs

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.wire.cmpp.auth import is_authentic
from hongyan.wire.cmpp.dialect import V30, VERSIONS
from hongyan.wire.cmpp.pdus import Connect, Submit, SubmitResp
from hongyan.wire.cmpp.session import CmppClientSession, CmppServerSession
from hongyan.wire.cmpp.statuses import ConnectStatus
from hongyan.wire.session import Limits

CLOCK = SystemClock()
SECRET = "1234567890"
A_SUBMIT = Submit(dest_terminal_id=("13800138000",), msg_content=b"hello", msg_fmt=0)
CONFIG = LinkConfig(
    host="127.0.0.1",
    port=0,
    name="test",
    backoff_min_seconds=0.01,
    backoff_max_seconds=0.05,
)
PATIENCE = Limits(unbind_timeout_seconds=0.2)
SERVER_PATIENCE = Limits(heartbeat_idle_seconds=60.0)


class Record:
    """What was told, in order, and a way to wait for more."""

    def __init__(self) -> None:
        self.notes: list[tuple[Any, ...]] = []
        self._changed = asyncio.Event()

    def note(self, *what: object) -> None:
        """Write something down."""
        self.notes.append(what)
        self._changed.set()

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        """Return the notes of a kind, without it."""
        return [tuple(rest) for name, *rest in self.notes if name == kind]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something told makes it true; TimeoutError after five seconds."""
        async with asyncio.timeout(5):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def has(self, kind: str, count: int = 1) -> list[tuple[Any, ...]]:
        """Wait for so many notes of a kind and return them."""
        await self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)


class Ours(Record):
    """Observes a link of ours."""

    answers: Callable[[LinkClient, int, Struct], None] | None = None

    def link_bound(self, link: LinkClient) -> None:
        self.note("bound", link)

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        self.note("lost", unanswered, reason)

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        self.note("response", token, pdu)

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        self.note("missing", token)

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        self.note("request", sequence, pdu)
        if self.answers is not None:
            self.answers(link, sequence, pdu)


class Theirs(Record):
    """Observes a listener: lets in who knows the secret and answers every submit, unless told otherwise."""

    def __init__(self, *, answers: bool = True, decides: bool = True) -> None:
        super().__init__()
        self.answers = answers
        self.decides = decides

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        assert isinstance(request, Connect)
        self.note("bind", link)
        if not self.decides:
            return
        if is_authentic(request, SECRET):
            link.accept_bind(SECRET)
        else:
            link.refuse_bind(ConnectStatus.AUTHENTICATION_ERROR)

    def link_lost(self, link: ServerLink, unanswered: list[object], reason: str) -> None:
        self.note("lost", unanswered, reason)

    def request_received(self, link: ServerLink, sequence: int, pdu: Struct) -> None:
        self.note("request", link, sequence, pdu)
        if self.answers:
            link.answer(sequence, SubmitResp(1000 + sequence))

    def response_received(self, link: ServerLink, sequence: int, token: object, pdu: Struct) -> None:
        self.note("response", token, pdu)

    def response_missing(self, link: ServerLink, sequence: int, token: object) -> None:
        self.note("missing", token)


async def eventually(condition: Callable[[], object]) -> None:
    """Wait for what nobody tells of; TimeoutError after some five seconds."""
    for _ in range(5000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise TimeoutError


def client_session(
    login: str = "901234", password: str = SECRET, version: int = V30, **limits: Any
) -> Callable[[], CmppClientSession]:
    """Return what makes the sessions of a link."""
    patience = structs.replace(PATIENCE, **limits)
    return lambda: CmppClientSession(login, password, version=version, limits=patience)


def server_session(
    versions: frozenset[int] = VERSIONS, limits: Limits = SERVER_PATIENCE
) -> Callable[[float], CmppServerSession]:
    """Return what makes the sessions of a listener."""
    return lambda now: CmppServerSession(versions=versions, limits=limits, now=now)


@asynccontextmanager
async def listening(theirs: Theirs, **settings: Any) -> AsyncIterator[Listener]:
    """Run a listener."""
    limits = settings.pop("limits", SERVER_PATIENCE)
    versions = settings.pop("versions", VERSIONS)
    config = ListenerConfig(**settings)
    async with Listener(config, session=server_session(versions, limits), observer=theirs, clock=CLOCK) as listener:
        yield listener


@asynccontextmanager
async def linked(ours: Ours, port: int, **settings: Any) -> AsyncIterator[LinkClient]:
    """Run a link to a port; it is stopped at the end, however the test ends."""
    own = {name: settings.pop(name) for name in list(settings) if name not in LinkConfig.__struct_fields__}
    config = structs.replace(CONFIG, port=port, **settings)
    session = client_session(**own)
    link = LinkClient(config, session=session, observer=ours, clock=CLOCK, index=1, randomness=random.Random(1))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(link.run())
        try:
            yield link
        finally:
            await link.stop(0)
    assert not link.is_bound


class MutePeer:
    """A server that lets a client in and then does as the test says, octet by octet."""

    CONSENT = bytes.fromhex("00000021800000010000000100000000") + bytes(16) + b"\x30"

    def __init__(self) -> None:
        self.connected = asyncio.Event()
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["MutePeer"]:
        """Listen."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=1024)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            if self.connected.is_set():
                self.writer.transport.abort()
                self.writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        await reader.readexactly(39)
        writer.write(self.CONSENT)
        self.connected.set()
