"""A wire between two ends that can be cut behind any octet, or fall silent without a word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import cast


class Way(Enum):
    """Where octets go."""

    THERE = "there"
    """From who connected."""
    BACK = "back"


class Relay:
    """Passes octets on; counts them from `arm` on."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._cut: dict[Way, int] = {}
        self.passed = dict.fromkeys(Way, 0)
        self.heard = {way: bytearray() for way in Way}
        """The octets that went each way."""
        self._ends: set[_End] = set()
        self._dialling: set[asyncio.Task[None]] = set()
        self.port = 0

    def arm(self, way: Way, octets: int) -> None:
        """Let so many octets more pass that way, then reset both connections; once."""
        self.passed = dict.fromkeys(Way, 0)
        self._cut = {way: octets}

    def cut(self) -> None:
        """Reset everything now."""
        self._cut = {}
        for end in list(self._ends):
            end.abort()

    @property
    def open_to_target(self) -> bool:
        """Tell whether a connection to where octets go is open."""
        return any(end.way is Way.BACK for end in self._ends)

    def silence(self) -> None:
        """Let nothing through any more on the connections that there are; new ones are well."""
        for end in self._ends:
            end.is_silent = True

    def inject(self, way: Way, data: bytes) -> None:
        """Add octets that nobody sent."""
        for end in self._ends:
            if end.way is not way and end._transport is not None:
                end._transport.write(data)

    def take(self, way: Way, data: bytes) -> tuple[bytes, bool]:
        """Return what passes, and whether the wire is cut behind it."""
        self.heard[way] += data
        room = self._cut.get(way)
        if room is None:
            self.passed[way] += len(data)
            return data, False
        passes = data[: room - self.passed[way]]
        self.passed[way] += len(passes)
        return passes, self.passed[way] >= room

    def connected(self, end: "_End") -> None:
        """Dial on for a connection that came in."""
        self._ends.add(end)
        task = asyncio.get_running_loop().create_task(self._dial(end))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    def left(self, end: "_End") -> None:
        """Forget an end."""
        self._ends.discard(end)

    async def _dial(self, end: "_End") -> None:
        other = _End(self, Way.BACK, end)
        end.other = other
        try:
            await asyncio.get_running_loop().create_connection(lambda: other, "127.0.0.1", self._target)
        except OSError:
            end.abort()
            return
        self._ends.add(other)
        other.pass_on_what_waits()

    async def close(self) -> None:
        """End everything."""
        for task in list(self._dialling):
            task.cancel()
        self.cut()
        while self._ends:
            await asyncio.sleep(0)


class _End(asyncio.Protocol):
    """One of the two connections."""

    def __init__(self, relay: Relay, way: Way, other: "_End | None" = None) -> None:
        self.relay = relay
        self.way = way
        self.other = other
        self.is_silent = False
        self._transport: asyncio.Transport | None = None
        self._early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self.way is Way.THERE:
            self.relay.connected(self)
        elif self.other is not None and self.other._transport is None:
            self.abort()

    def data_received(self, data: bytes) -> None:
        if self.is_silent:
            return
        data, is_cut = self.relay.take(self.way, data)
        if self.other is None or self.other._transport is None:
            self._early += data
        elif data:
            self.other._transport.write(data)
        if is_cut:
            # What was written has first to leave: a reset would take it back.
            self.relay._cut = {}
            asyncio.get_running_loop().call_soon(self._end_both)

    def pass_on_what_waits(self) -> None:
        """Pass on what came before this end was there."""
        assert self.other is not None
        if self._transport is not None and self.other._early:
            self._transport.write(self.other._early)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.relay.left(self)
        if self.other is not None and self.other._transport is not None and not self.is_silent:
            self.other._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _end_both(self) -> None:
        if self.other is not None and self.other._transport is not None:
            self.other._transport.close()
        self.abort()


@asynccontextmanager
async def relay_to(port: int) -> AsyncIterator[Relay]:
    """Run a relay for the time of the block."""
    relay = Relay(port)
    server = await asyncio.get_running_loop().create_server(lambda: _End(relay, Way.THERE), "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.close()
