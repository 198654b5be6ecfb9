"""When keys were last used: noted in memory with every request, written to the database every few seconds."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog

from hongyan.db.pool import Pool, is_unavailable
from hongyan.kit.clock import Clock

from .service import touch_keys

FLUSH_SECONDS: Final = 10.0

_log = structlog.get_logger()


class KeyUsage:
    """Collects the keys that were used; there are never more of them than keys."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._used: set[int] = set()

    def note(self, api_key_id: int) -> None:
        """Note that a key signs a request now."""
        self._used.add(api_key_id)

    async def run(self) -> None:
        """Write every few seconds until cancelled; while the database is away, the keys stay noted."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not is_unavailable(error):
                    raise
                _log.warning("key_usage.postponed", error=type(error).__name__)

    async def flush(self) -> None:
        """Write what was noted."""
        if not self._used:
            return
        used, self._used = self._used, set()
        try:
            async with self._pool.acquire() as connection:
                await touch_keys(connection, used, datetime.fromtimestamp(self._clock.now(), UTC))
        except BaseException:
            self._used |= used
            raise
