"""When logins were last bound: noted in memory, written every few seconds."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog

from hongyan.accounts.login_service import touch_logins
from hongyan.db.pool import Pool, is_unavailable
from hongyan.kit.clock import Clock

FLUSH_SECONDS: Final = 2.0

_log = structlog.get_logger()


class LoginUsage:
    """Collects the logins that were bound; there are never more of them than logins."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._bound: set[int] = set()

    def note(self, login_id: int) -> None:
        """Note that a login is bound now."""
        self._bound.add(login_id)

    async def run(self) -> None:
        """Write every few seconds until cancelled; while the database is away, the logins stay noted."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not is_unavailable(error):
                    raise
                _log.warning("login_usage.postponed", error=type(error).__name__)

    async def flush(self) -> None:
        """Write what was noted."""
        if not self._bound:
            return
        bound, self._bound = self._bound, set()
        try:
            async with self._pool.acquire() as connection:
                await touch_logins(connection, bound, datetime.fromtimestamp(self._clock.now(), UTC))
        except BaseException:
            self._bound |= bound
            raise
