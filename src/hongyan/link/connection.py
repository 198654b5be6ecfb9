"""One TCP connection and the session on it: octets and time in, events out.

Everything runs in the callbacks of `asyncio.Protocol`; there is no task. What is sent during one
turn of the loop is written at its end in one piece, at once: both event loops set TCP_NODELAY. While the transport asks for a pause in
writing, `credit` is 0. While too many of the peer's requests are unanswered, nothing is read: TCP
then holds the peer back.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

import structlog
from msgspec import Struct

from hongyan.kit.clock import Clock
from hongyan.kit.failures import describe
from hongyan.wire.errors import WindowFull
from hongyan.wire.events import Event
from hongyan.wire.session import Session
from hongyan.wire.states import State

_LINGER_SECONDS = 2.0
"""How long a closed connection may take to get its last octets out before it is reset."""

_log = structlog.get_logger("hongyan.link")


class Owner(Protocol):
    """Who a connection works for."""

    def opened(self, connection: "Connection") -> None:
        """Note that the transport is there; a client binds now."""
        ...

    def take(self, connection: "Connection", event: Event) -> None:
        """Take an event of the session."""
        ...

    def gone(self, connection: "Connection") -> None:
        """Note that the transport is gone; no event will follow."""
        ...


def unwrapped(connection: "Connection") -> asyncio.Protocol:
    """Return the connection itself: nothing stands between it and its socket."""
    return connection


Wrapper = Callable[["Connection"], asyncio.Protocol]
"""What stands between a socket and its connection: a protocol to the socket, a transport to the connection."""


class Connection(asyncio.Protocol):
    """A transport joined to a session."""

    def __init__(self, session: Session, owner: Owner, *, clock: Clock, owed_max: int) -> None:
        self.session = session
        self.peer = ""
        """The far end as `address:port`, once there is one."""
        self.owner = owner
        self._clock = clock
        self._owed_max = owed_max
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._may_write = True
        self._may_read = True
        self._pumping = False
        self._flush_handle: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._linger: asyncio.TimerHandle | None = None

    @property
    def credit(self) -> int:
        """How many requests may be sent now."""
        return self.session.credit if self._may_write else 0

    def send(self, pdu: Struct, token: object) -> int:
        """Send a request; see `Session.send`. WindowFull also while the transport takes no more."""
        if not self._may_write:
            raise WindowFull("the peer does not read what was sent")
        sequence = self.session.send(pdu, self._clock.monotonic(), token)
        self.flush_soon()
        return sequence

    def answer(self, sequence: int, pdu: Struct) -> None:
        """Answer a request; without effect once the session is over."""
        session = self.session
        if session.state is State.CLOSED:
            return
        session.answer(sequence, pdu)
        if not self._may_read and session.owed <= self._owed_max // 2 and self._transport is not None:
            self._may_read = True
            session.heard(self._clock.monotonic())
            self._transport.resume_reading()
        self.flush_soon()

    def unbind(self) -> None:
        """Say goodbye; NotBound unless bound."""
        self.session.unbind(self._clock.monotonic())
        self.flush_soon()

    def abort(self, detail: str) -> None:
        """Cut the connection without a word."""
        self.session.abort(detail)
        self.pump()
        if self._transport is not None:
            self._transport.abort()

    def flush_soon(self) -> None:
        """Write what is waiting at the end of this turn of the loop."""
        if self._flush_handle is None and not self._pumping:
            self._flush_handle = self._loop.call_soon(self._flush)

    def pump(self) -> None:
        """Hand on what has happened, then write what is waiting."""
        if self._pumping:
            return  # the loop below takes what the owner caused
        self._pumping = True
        failed = False
        while events := self.session.events():
            for event in events:
                try:
                    self.owner.take(self, event)
                except Exception as error:  # noqa: BLE001 - the border of a link
                    # A fault in what we call costs this connection and nothing else, and no event after it is lost.
                    _log.error("link.observer_failed", took=type(event).__name__, **describe(error))
                    failed = True
            if failed:
                self.session.abort("observer failed")
        self._pumping = False
        self._flush()
        self._hold_back()

    # What asyncio calls ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._transport = transport
        host, port, *_ = transport.get_extra_info("peername") or ("", 0)
        self.peer = f"{host}:{port}"
        if self.session.state is State.CLOSED:
            transport.abort()  # given up while the connection was being made
            return
        self.owner.opened(self)
        self.pump()

    def data_received(self, data: bytes) -> None:
        """Take octets from the peer."""
        self.session.receive(data, self._clock.monotonic())
        self.pump()

    def eof_received(self) -> None:
        """Note the peer's end of the stream; the transport closes itself."""
        self.session.receive_eof(self._clock.monotonic())
        self.pump()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the transport is gone."""
        detail = "" if exc is None else (getattr(exc, "strerror", None) or type(exc).__name__)
        self.session.receive_eof(self._clock.monotonic(), detail)
        self._transport = None
        self.pump()
        for handle in (self._timer, self._linger, self._flush_handle):
            if handle is not None:
                handle.cancel()
        self.owner.gone(self)

    def pause_writing(self) -> None:
        """Offer no credit: what we wrote is not being read."""
        self._may_write = False

    def resume_writing(self) -> None:
        """Offer credit again."""
        self._may_write = True

    # Inside ---------------------------------------------------------------------------------------

    def _flush(self) -> None:
        self._flush_handle = None
        data = self.session.data_to_send()
        transport = self._transport
        if transport is None:
            return
        if data:
            transport.write(data)
        if self.session.state is not State.CLOSED:
            self._arm()
        elif not transport.is_closing():
            transport.close()
            self._linger = self._loop.call_later(_LINGER_SECONDS, transport.abort)

    def _arm(self) -> None:
        due = self.session.deadline()
        if due is None or (self._timer is not None and self._timer_at <= due):
            return  # a timer that fires too early finds nothing to do and sets the next one
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._loop.call_later(max(0.0, due - self._clock.monotonic()), self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self._clock.monotonic()
        if not self._may_read:
            self.session.heard(now)
        self.session.tick(now)
        self.pump()

    def _hold_back(self) -> None:
        if self._may_read and self._transport is not None and self.session.owed > self._owed_max:
            self._may_read = False
            self._transport.pause_reading()
