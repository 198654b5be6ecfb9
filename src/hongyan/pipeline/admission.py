"""Admission: intake never runs away from output.

A commit is cheap, so intake could fill the queue faster than the channels empty it, and every code in it would
come too late. So the head of each queue (channel and kind) is watched: how old it is, and at what pace the queue
moves through time. A queue whose head is 1 s old and which works off 0.2 s of acceptances in a second will reach a
message accepted now in 5 s: that is its wait. A short wait costs nothing; then accepting slows down, gently, so that
output gets its share of the machine; a wait that makes the message worthless is refused with "try later".

A queue that does not move at all is not slow, its carrier is away: its messages wait for their validity,
up to a fixed number. Marketing waits by design.
"""

import asyncio
import math
from collections.abc import Iterable
from typing import Final, NamedTuple

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
"""A wait this long begins to slow intake down."""
SHED_AFTER_SECONDS: Final = {MessageKind.VERIFICATION: 4.0, MessageKind.NOTIFICATION: 60.0}
"""A wait this long makes intake refuse."""
PACE_MIN = 0.02
DELAY_SECONDS_MAX = 0.04
STILL_AFTER_SECONDS = 3.0
"""A queue whose head has not changed for this long stands still: its carrier is away, it is not slow."""
COUNT_AFTER_SECONDS = 2.0
"""Queues with a younger head are too short to be worth counting."""
WAITING_MAX = 100_000
"""How many messages may wait for one channel, whatever the reason."""


class _Head(NamedTuple):
    """The oldest waiting message of a queue, as of a look."""

    mid: int
    since: float
    """Monotonic time at which it became the head."""
    looked_at: float
    pace: float
    """Seconds of acceptances that the queue works off in a second."""


class Admission:
    """Watches the queues and slows down or refuses new messages."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._heads: dict[tuple[int, int], _Head] = {}
        self._waits: dict[tuple[int, int], float] = {}
        self._full: set[int] = set()

    async def admit(self, kind: MessageKind, channel_ids: Iterable[int]) -> None:
        """Return when these channels may take more of a kind; IntakeOverloaded when they may not."""
        if not (self._waits or self._full):
            return
        wait = 0.0
        for channel_id in channel_ids:
            if channel_id in self._full:
                raise IntakeOverloaded
            wait = max(wait, self._waits.get((channel_id, kind), 0.0))
        if wait <= SLOW_AFTER_SECONDS:
            return
        if wait >= SHED_AFTER_SECONDS.get(kind, math.inf):
            raise IntakeOverloaded
        await asyncio.sleep(DELAY_SECONDS_MAX * min(1.0, wait - SLOW_AFTER_SECONDS))

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
        """Read how long a message accepted now would wait in each queue."""
        rows = await self._pool.fetch(_QUERIES["queue_heads"])
        now, looked_at = self._clock.now(), self._clock.monotonic()
        heads = {
            (row["channel_id"], row["priority"]): self._follow(
                row["channel_id"], row["priority"], row["mid"], looked_at
            )
            for row in rows
        }
        ages = {queue: now - unix_seconds_of(head.mid) for queue, head in heads.items()}
        self._heads = heads
        self._waits = {
            queue: ages[queue] / head.pace
            for queue, head in heads.items()
            if queue[1] != MessageKind.MARKETING and looked_at - head.since < STILL_AFTER_SECONDS
        }
        old = {channel_id for (channel_id, _), age in ages.items() if age > COUNT_AFTER_SECONDS}
        self._full = {channel_id for channel_id in old if await self._is_full(channel_id)}

    def _follow(self, channel_id: int, priority: int, mid: int, looked_at: float) -> _Head:
        before = self._heads.get((channel_id, priority))
        if before is None:
            return _Head(mid, looked_at, looked_at, 1.0)
        elapsed = max(looked_at - before.looked_at, 0.001)
        worked_off = (unix_seconds_of(mid) - unix_seconds_of(before.mid)) / elapsed
        pace = min(1.0, max(PACE_MIN, (before.pace + worked_off) / 2))
        return _Head(mid, before.since if mid == before.mid else looked_at, looked_at, pace)

    async def _is_full(self, channel_id: int) -> bool:
        waiting: int = await self._pool.fetchval(_QUERIES["queue_length"], channel_id, WAITING_MAX)
        return waiting >= WAITING_MAX
