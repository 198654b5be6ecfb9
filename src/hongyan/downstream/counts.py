"""What a customer's QUERY is told: how many messages of a day came by its login, and what became of them."""

import asyncio
from datetime import date, datetime
from typing import Final

from hongyan.accounts.protocol_login import ProtocolLogin
from hongyan.carriers.downstream.protocol import Counts
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock

_QUERIES = Queries.of(__package__)

FRESH_SECONDS: Final = 60.0
KEPT_MAX: Final = 256


class DayCounts:
    """Counts at most one day at a time, and remembers it for a minute: a day can have a million messages."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._known: dict[tuple[int, date], tuple[float, Counts]] = {}
        self._turn = asyncio.Lock()

    async def of(self, login: ProtocolLogin, written: str) -> Counts | None:
        """Return the counts of YYYYMMDD; None for no date, or while the database is away."""
        try:
            day = datetime.strptime(written, "%Y%m%d").date()  # noqa: DTZ007 - a day, as it runs in China
        except ValueError:
            return None
        async with self._turn:
            known = self._known.get((login.login_id, day))
            now = self._clock.monotonic()
            if known is not None and now - known[0] < FRESH_SECONDS:
                return known[1]
            counts = await self._count(login, day)
            if counts is not None:
                if len(self._known) >= KEPT_MAX:
                    self._known.clear()
                self._known[login.login_id, day] = (now, counts)
            return counts

    async def _count(self, login: ProtocolLogin, day: date) -> Counts | None:
        try:
            row = await self._pool.fetchrow(_QUERIES["count_messages"], login.account_id, login.login_id, day)
        except Exception as error:  # tidy: allow-broad-except, told apart in the next line
            if is_unavailable(error):
                return None
            raise
        assert row is not None, "an aggregate has a row"
        return Counts(**dict(row))
