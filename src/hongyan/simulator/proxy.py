"""A TCP proxy that spoils what it carries: latency, single octets, stalls, dead peers, resets, cut streams.

It knows no protocol. Each direction of each connection is a pair of pumps with a bounded queue between them: one
reads and says when a piece is due, one waits and writes. A receiver that does not read stops its writer, then the
queue is full, then nothing more is read: the sender feels it, and memory stays bounded.

    async with ChaosProxy(to=("127.0.0.1", 7890)) as proxy:
        client.connect("127.0.0.1", proxy.port)
        proxy.set(Toxics(latency_seconds=0.05, one_byte=True))
"""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from random import Random
from types import TracebackType
from typing import Annotated, Final, Self

import msgspec
from msgspec import Meta

from hongyan.kit.clock import Clock, SystemClock

from .faulty_wire import reset

PIECE_BYTES: Final = 16 * 1024
QUEUE_PIECES: Final = 64
"""Pieces of one direction that wait for their time: at most a megabyte."""
CONNECTIONS_MAX: Final = 1000
CONNECT_TIMEOUT_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.02
_BUFFER_BYTES: Final = 64 * 1024

Seconds = Annotated[float, Meta(ge=0, le=3600)]
Bytes = Annotated[int, Meta(ge=0, le=1 << 40)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Toxics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to one direction. Octets are counted anew for every connection, and when toxics change."""

    latency_seconds: Annotated[Seconds, Meta(description="Every piece arrives so much later.")] = 0.0
    jitter_seconds: Annotated[Seconds, Meta(description="And up to so much more; the order stays.")] = 0.0
    one_byte: Annotated[bool, Meta(description="Every octet is written by itself.")] = False
    bytes_per_second: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="No faster than this.")] = None
    duplicate: Annotated[Share, Meta(description="Pieces that are written twice.")] = 0.0
    stall_after_bytes: Annotated[Bytes | None, Meta(description="Then nothing more, until toxics change.")] = None
    truncate_after_bytes: Annotated[Bytes | None, Meta(description="Then the connection is closed, in order.")] = None
    reset_after_bytes: Annotated[Bytes | None, Meta(description="Then it is reset.")] = None
    half_open: Annotated[
        bool, Meta(description="Everything vanishes, ends too; connections that met this are reset when it is over.")
    ] = False


class ToxicPair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to both directions, and to connections that come."""

    up: Annotated[Toxics, Meta(description="From the client to the server.")] = Toxics()
    down: Annotated[Toxics, Meta(description="From the server to the client.")] = Toxics()
    refuse: Annotated[bool, Meta(description="New connections are reset at once.")] = False


class ConnectionView(msgspec.Struct, frozen=True):
    """One connection, as the control shows it."""

    connection: int
    client: str
    bytes_up: int
    bytes_down: int


class _Cut(Exception):
    """A direction is over, and the connection with it."""

    def __init__(self, *, is_reset: bool) -> None:
        super().__init__()
        self.is_reset = is_reset


class _Direction:
    """One way through one connection."""

    def __init__(
        self, proxy: "ChaosProxy", reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_up: bool
    ) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writer = writer
        self._is_up = is_up
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUE_PIECES)
        self._due = 0.0
        self._era = proxy.era
        self._passed = 0
        self.bytes_written = 0
        self.met_half_open = False

    @property
    def _toxics(self) -> Toxics:
        pair = self._proxy.toxics
        return pair.up if self._is_up else pair.down

    async def read(self) -> None:
        """Read pieces and say when they are due; an empty one is the end of the stream."""
        while True:
            piece = await self._reader.read(PIECE_BYTES)
            toxics = self._toxics
            wait = toxics.latency_seconds + toxics.jitter_seconds * self._proxy.random.random()
            self._due = max(self._due, self._proxy.clock.monotonic() + wait)
            await self._queue.put((self._due, piece))
            if not piece:
                return

    async def write(self) -> None:
        """Write pieces when they are due, as the toxics of that moment have it; `_Cut` ends the connection."""
        while True:
            due, piece = await self._queue.get()
            await asyncio.sleep(max(0.0, due - self._proxy.clock.monotonic()))
            if self._toxics.half_open:
                await self._vanish()
            if not piece:
                await self._stand_still_at_end()
                if not self._writer.is_closing():
                    self._writer.write_eof()
                return
            if self._proxy.random.random() < self._toxics.duplicate:
                piece += piece
            await self._carry(piece)

    async def _carry(self, piece: bytes) -> None:
        while piece:
            await self._stand_still()
            toxics = self._toxics
            size = 1 if toxics.one_byte else len(piece)
            if toxics.bytes_per_second is not None:
                size = min(size, max(1, int(toxics.bytes_per_second * _LOOK_SECONDS)))
            limit = _limit(toxics)
            size = size if limit is None else min(size, max(0, limit - self._passed_now()))
            if self._writer.is_closing():
                raise _Cut(is_reset=True)
            if size:
                self._writer.write(piece[:size])
                await self._writer.drain()
                self._passed += size
                self.bytes_written += size
                piece = piece[size:]
            self._cut_if_due()
            if toxics.bytes_per_second is not None:
                await asyncio.sleep(size / toxics.bytes_per_second)
            elif toxics.one_byte:
                await asyncio.sleep(0)  # each octet has a turn of the loop, and a packet, of its own

    async def _stand_still(self) -> None:
        """Wait while the stream stalls, and for good while the peer is dead."""
        while (stall := self._toxics.stall_after_bytes) is not None and self._passed_now() >= stall:
            await self._proxy.changed()
        if self._toxics.half_open:
            await self._vanish()

    async def _stand_still_at_end(self) -> None:
        """Let the end of a stream wait behind a stall, as octets would."""
        await self._stand_still()
        self._cut_if_due()

    async def _vanish(self) -> None:
        """Swallow everything until the peer is alive again: it knows nothing of this connection then."""
        self.met_half_open = True
        while self._toxics.half_open:
            getting = self._queue.get()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await getting
        raise _Cut(is_reset=True)

    def _cut_if_due(self) -> None:
        toxics, passed = self._toxics, self._passed_now()
        if toxics.reset_after_bytes is not None and passed >= toxics.reset_after_bytes:
            raise _Cut(is_reset=True)
        if toxics.truncate_after_bytes is not None and passed >= toxics.truncate_after_bytes:
            raise _Cut(is_reset=False)

    def _passed_now(self) -> int:
        """Return the octets that passed since the toxics changed."""
        if self._era != self._proxy.era:
            self._era = self._proxy.era
            self._passed = 0
        return self._passed


def _limit(toxics: Toxics) -> int | None:
    limits = (toxics.stall_after_bytes, toxics.truncate_after_bytes, toxics.reset_after_bytes)
    return min((limit for limit in limits if limit is not None), default=None)


class _Carried:
    """A connection with its two directions."""

    def __init__(self, up: _Direction, down: _Direction, writers: list[asyncio.StreamWriter], client: str) -> None:
        self.up = up
        self.down = down
        self.client = client
        self._writers = writers

    async def carry(self) -> None:
        """Carry octets both ways until both streams have ended."""
        try:
            async with asyncio.TaskGroup() as pumps:
                for direction in (self.up, self.down):
                    pumps.create_task(direction.read())
                    pumps.create_task(direction.write())
        except* _Cut as cuts:
            self.end(is_reset=any(cut.is_reset for cut in _leaves(cuts)))
        except* (OSError, EOFError):
            self.end(is_reset=True)  # one side broke off: so does the other

    def end(self, *, is_reset: bool) -> None:
        """End both halves."""
        for writer in self._writers:
            if is_reset:
                reset(writer.transport)
            else:
                writer.close()


class ChaosProxy:
    """The proxy. An async context manager: inside it, connections are carried."""

    def __init__(
        self,
        *,
        to: tuple[str, int],
        listen: tuple[str, int] = ("127.0.0.1", 0),
        toxics: ToxicPair | Toxics | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        self.to = to
        self.listen = listen
        self.clock = clock or SystemClock()
        self.random = random or Random()  # noqa: S311 - jitter, not secrets
        self.toxics = _pair(toxics)
        self.era = 0
        """Counts changes of the toxics."""
        self._carried: dict[int, _Carried] = {}
        self._count = 0
        self._server: asyncio.Server | None = None
        self._stack = AsyncExitStack()
        self._tasks: asyncio.TaskGroup
        self._running: set[asyncio.Task[None]] = set()
        self._change = asyncio.Event()

    @property
    def port(self) -> int:
        """The port in use."""
        return self.listen[1] if self._server is None else int(self._server.sockets[0].getsockname()[1])

    def set(self, toxics: ToxicPair | Toxics | None) -> None:
        """Do this from now on, to connections that are there too; `Toxics` alone are for both directions."""
        self.toxics = _pair(toxics)
        self.era += 1
        self._change.set()
        self._change = asyncio.Event()

    async def changed(self) -> None:
        """Wait until the toxics change."""
        await self._change.wait()

    def connections(self) -> list[ConnectionView]:
        """Return the connections there are."""
        return [
            ConnectionView(number, one.client, one.up.bytes_written, one.down.bytes_written)
            for number, one in self._carried.items()
        ]

    def reset_all(self) -> int:
        """Reset every connection; return how many there were."""
        for one in list(self._carried.values()):
            one.end(is_reset=True)
        return len(self._carried)

    async def __aenter__(self) -> Self:
        """Listen; OSError when the address cannot be had."""
        self._server = await asyncio.start_server(self._accept, *self.listen, limit=_BUFFER_BYTES)
        self._tasks = await self._stack.enter_async_context(asyncio.TaskGroup())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Reset what is left and stop."""
        if self._server is not None:
            self._server.close()
        self.reset_all()
        for task in self._running:
            task.cancel()
        await self._stack.aclose()
        if self._server is not None:
            await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.toxics.refuse or len(self._carried) >= CONNECTIONS_MAX:
            reset(writer.transport)
            return
        task = self._tasks.create_task(self._carry(reader, writer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                far_reader, far_writer = await asyncio.open_connection(*self.to, limit=_BUFFER_BYTES)
        except (OSError, TimeoutError):
            reset(writer.transport)
            return
        for one in (writer, far_writer):
            one.transport.set_write_buffer_limits(high=_BUFFER_BYTES)
        up = _Direction(self, reader, far_writer, is_up=True)
        down = _Direction(self, far_reader, writer, is_up=False)
        host, port, *_ = writer.get_extra_info("peername") or ("", 0)
        carried = _Carried(up, down, [writer, far_writer], f"{host}:{port}")
        self._count += 1
        number = self._count
        self._carried[number] = carried
        try:
            await carried.carry()
        finally:
            del self._carried[number]
            writer.close()
            far_writer.close()


def _pair(toxics: ToxicPair | Toxics | None) -> ToxicPair:
    if toxics is None:
        return ToxicPair()
    return ToxicPair(up=toxics, down=toxics) if isinstance(toxics, Toxics) else toxics


def _leaves(group: BaseExceptionGroup[_Cut]) -> list[_Cut]:
    """Return the cuts in a group of groups."""
    found: list[_Cut] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
