"""Admission: intake never runs away from output.

A commit is cheap, so intake could fill the queue faster than the channels empty it, and every code in it
would come too late. So the age of the oldest waiting message of each channel is watched. Up to a
fraction of a second nothing happens; then accepting slows down, gently, until output keeps up; when
a channel is seconds behind, new messages for it are refused with "try later" instead of swallowed.

A channel that sends nothing at all (its carrier is away) is not "behind": its messages wait for their
validity, up to a fixed number. Marketing waits by design and is never counted as late.
"""

import asyncio
from collections.abc import Iterable

import structlog

from hongyan.content.model import MessageKind
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock
from hongyan.kit.ids import unix_seconds_of

from .submission import IntakeOverloaded

_QUERIES = Queries.of(__package__)
_log = structlog.get_logger()

WATCH_SECONDS = 0.2
SLOW_AFTER_SECONDS = 0.3
"""Output this far behind begins to slow intake down."""
SHED_AFTER_SECONDS = 4.0
"""Output this far behind makes intake refuse."""
DELAY_SECONDS_MAX = 0.04
STILL_AFTER_SECONDS = 3.0
"""A queue whose head has not changed for this long stands still: its carrier is away, it is not slow."""
WAITING_MAX = 100_000
"""How many messages may wait for one channel, whatever the reason."""


class Admission:
    """Watches the queues and slows down or refuses new messages."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._lag: dict[int, float] = {}
        self._full: set[int] = set()
        self._heads: dict[int, tuple[int, float]] = {}

    async def admit(self, channel_ids: Iterable[int]) -> None:
        """Return when these channels may take more; IntakeOverloaded when they may not."""
        if not (self._lag or self._full):
            return
        lag = 0.0
        for channel_id in channel_ids:
            if channel_id in self._full:
                raise IntakeOverloaded
            lag = max(lag, self._lag.get(channel_id, 0.0))
        if lag <= SLOW_AFTER_SECONDS:
            return
        if lag >= SHED_AFTER_SECONDS:
            raise IntakeOverloaded
        await asyncio.sleep(DELAY_SECONDS_MAX * min(1.0, lag - SLOW_AFTER_SECONDS))

    async def run(self) -> None:
        """Look at the queues until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not is_unavailable(error):
                    raise
                _log.warning("admission.blind", error=type(error).__name__)
            await asyncio.sleep(WATCH_SECONDS)

    async def look(self) -> None:
        """Read how far each channel is behind."""
        rows = await self._pool.fetch(_QUERIES["queue_heads"])
        now = self._clock.now()
        lag: dict[int, float] = {}
        heads: dict[int, int] = {}
        for row in rows:
            if row["priority"] != MessageKind.MARKETING:
                channel_id, mid = row["channel_id"], row["mid"]
                heads[channel_id] = heads.get(channel_id, 0) ^ mid
                lag[channel_id] = max(lag.get(channel_id, 0.0), now - unix_seconds_of(mid))
        moved_at = self._clock.monotonic()
        self._heads = {
            channel_id: known if (known := self._heads.get(channel_id)) and known[0] == head else (head, moved_at)
            for channel_id, head in heads.items()
        }
        self._full = {
            channel_id
            for channel_id, seconds in lag.items()
            if seconds > SHED_AFTER_SECONDS and await self._is_full(channel_id)
        }
        self._lag = {
            channel_id: seconds
            for channel_id, seconds in lag.items()
            if moved_at - self._heads[channel_id][1] < STILL_AFTER_SECONDS
        }

    async def _is_full(self, channel_id: int) -> bool:
        waiting: int = await self._pool.fetchval(_QUERIES["queue_length"], channel_id, WAITING_MAX)
        return waiting >= WAITING_MAX
