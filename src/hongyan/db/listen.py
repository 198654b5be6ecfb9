"""Wake-ups: one connection that listens, and stays listening when the database comes and goes.

A NOTIFY sent while the connection is down is lost. So `on_reconnect` is called after each time that
listening (re)starts, the first included: whoever keeps something in memory reloads it there.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog

from hongyan.kit.clock import Clock

from .pool import connect, is_unavailable

_PING_SECONDS: Final = 10.0  # finds a connection that died without a word
_PING_TIMEOUT_SECONDS: Final = 5.0
_RETRY_SECONDS_MIN: Final = 0.1
_RETRY_SECONDS_MAX: Final = 2.0
_HEALTHY_SECONDS: Final = 5.0

_log = structlog.get_logger(__name__)


class NotifyBus:
    """Calls back for each notification of the channels that were subscribed to before `run`."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._callbacks: dict[str, list[Callable[[str], None]]] = {}
        self._on_reconnect: list[Callable[[], None]] = []
        self._is_listening = asyncio.Event()

    def subscribe(self, channel: str, callback: Callable[[str], None]) -> None:
        """Have the callback called with each payload; it must not block, and its errors end `run`'s connection."""
        self._callbacks.setdefault(channel, []).append(callback)

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Have the callback called whenever listening starts, also for the first time."""
        self._on_reconnect.append(callback)

    @property
    def is_listening(self) -> bool:
        """Tell whether notifications arrive now."""
        return self._is_listening.is_set()

    async def wait_listening(self) -> None:
        """Wait until notifications arrive."""
        await self._is_listening.wait()

    async def run(self) -> None:
        """Listen until canceled; reconnects with growing pauses while the database is away."""
        pause = _RETRY_SECONDS_MIN
        while True:
            started = self._clock.monotonic()
            try:
                await self._listen()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not is_unavailable(error):
                    raise
                _log.warning("notify.lost", error=type(error).__name__)
            finally:
                self._is_listening.clear()
            if self._clock.monotonic() - started >= _HEALTHY_SECONDS:
                pause = _RETRY_SECONDS_MIN
            await asyncio.sleep(pause)
            pause = min(pause * 2, _RETRY_SECONDS_MAX)

    async def _listen(self) -> None:
        connection = await connect(self._url, application_name="hongyan notify")
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            for channel in self._callbacks:
                await connection.add_listener(channel, self._received)
            self._is_listening.set()
            for callback in self._on_reconnect:
                callback()
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PING_SECONDS):
                        await lost.wait()
                        raise ConnectionResetError("the listening connection was closed")
                await connection.execute("SELECT 1", timeout=_PING_TIMEOUT_SECONDS)
        finally:
            connection.terminate()

    def _received(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        for callback in self._callbacks[channel]:
            callback(str(payload))
