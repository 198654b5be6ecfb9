"""When keys were last used and logins last bound: noted in memory each time, written to the database every few seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Final

import structlog

from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool, is_unavailable
from hongyan.kit.clock import Clock

from .login_service import touch_logins
from .service import touch_keys

KEYS_FLUSH_SECONDS: Final = 10.0
LOGINS_FLUSH_SECONDS: Final = 2.0

_log = structlog.get_logger()

Touch = Callable[[AnyConnection, Collection[int], datetime], Awaitable[None]]
"""Writes that these were used at that time."""


class Usage:
    """Collects what was used; there is never more of it than there are keys, or logins."""

    def __init__(self, pool: Pool, clock: Clock, touch: Touch, *, flush_seconds: float) -> None:
        self._pool = pool
        self._clock = clock
        self._touch = touch
        self._flush_seconds = flush_seconds
        self._used: set[int] = set()

    def note(self, used_id: int) -> None:
        """Note that it is used now."""
        self._used.add(used_id)

    async def run(self) -> None:
        """Write every few seconds until cancelled; while the database is away, what was used stays noted."""
        while True:
            await asyncio.sleep(self._flush_seconds)
            try:
                await self.flush()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not is_unavailable(error):
                    raise
                _log.warning("usage.postponed", error=type(error).__name__)

    async def flush(self) -> None:
        """Write what was noted."""
        if not self._used:
            return
        used, self._used = self._used, set()
        try:
            async with self._pool.acquire() as connection:
                await self._touch(connection, used, datetime.fromtimestamp(self._clock.now(), UTC))
        except BaseException:
            self._used |= used
            raise


def key_usage(pool: Pool, clock: Clock) -> Usage:
    """Return what notes the keys that sign requests."""
    return Usage(pool, clock, touch_keys, flush_seconds=KEYS_FLUSH_SECONDS)


def login_usage(pool: Pool, clock: Clock) -> Usage:
    """Return what notes the protocol logins that bind."""
    return Usage(pool, clock, touch_logins, flush_seconds=LOGINS_FLUSH_SECONDS)
