"""The courier's timers: what is due, reports that found their segment late, partitions for tomorrow.

Nothing stays live for ever: each live message has a `due_at`, and whoever finds it passed decides.
Several couriers may run; they skip each other's rows.
"""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import asyncpg
import structlog

from hongyan.content.model import MessageKind
from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock
from hongyan.kit.ids import first_id_at
from hongyan.messages.model import State

from .doubt import RESEND_ATTEMPTS_MAX
from .reports import Refusal, add_events, event_detail, refuse, reports_of, settle_reports
from .validity import ORPHAN_FRESH, ORPHAN_KEPT, REPORT_LOOKBACK

_QUERIES = Queries.of(__package__)
_log = structlog.get_logger()

SWEEP_SECONDS = 1.0
SWEEP_REST = 20
"""A sweep reads all that is live; with a million waiting for reports it takes 0.1 s, and rests 20 times as long."""
DUE_BATCH = 2000
PARTITION_SECONDS = 3600.0
PARTITION_DAYS_AHEAD = 7
SENDING_GRACE = timedelta(seconds=90)
"""How long past its validity a message may be `sending`: an answer takes up to a minute, and has to be written."""

_CHINA = timezone(timedelta(hours=8))


class Courier:
    """Runs the timers of the message life cycle until cancelled."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._partitions_made = float("-inf")

    async def run(self) -> None:
        """Sweep once a second; a database that is away is tried again at the next turn."""
        while True:
            started = self._clock.monotonic()
            try:
                await self.sweep()
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not (is_unavailable(error) or isinstance(error, asyncpg.TransactionRollbackError)):
                    raise
                _log.warning("courier.sweep_failed", error=type(error).__name__)
            took = self._clock.monotonic() - started
            await asyncio.sleep(max(SWEEP_SECONDS, took * SWEEP_REST))

    async def sweep(self) -> None:
        """Do everything that is due now."""
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        async with self._pool.acquire() as connection:
            while await self._settle_due(connection, now) == DUE_BATCH:
                pass
            await self._match_orphans(connection, now)
            if self._clock.monotonic() - self._partitions_made >= PARTITION_SECONDS:
                await self._look_ahead(connection, now)
                self._partitions_made = self._clock.monotonic()

    async def _settle_due(self, connection: AnyConnection, now: datetime) -> int:
        async with connection.transaction():
            rows = await connection.fetch(_QUERIES["due_messages"], now, now - SENDING_GRACE, DUE_BATCH)
            again = [row["mid"] for row in rows if _goes_again(row, now)]
            over = [
                Refusal(row["mid"], row["attempt"], State.EXPIRED, "EXPIRED", now)
                for row in rows
                if not _goes_again(row, now)
            ]
            await refuse(connection, over)
            if again:
                await connection.execute(_QUERIES["requeue_doubtful"], again)
                detail = event_detail(reason="no report came")
                await add_events(connection, [(mid, now, "resend", detail) for mid in again])
        return len(rows)

    async def _match_orphans(self, connection: AnyConnection, now: datetime) -> None:
        oldest = first_id_at((now - REPORT_LOOKBACK).timestamp())
        async with connection.transaction():
            rows = await connection.fetch(_QUERIES["take_orphans"], now - ORPHAN_FRESH, oldest)
            rows += await connection.fetch(_QUERIES["take_orphans_of_doubts"], now - ORPHAN_FRESH)
            await settle_reports(connection, reports_of(rows))

    async def _look_ahead(self, connection: AnyConnection, now: datetime) -> None:
        today = now.astimezone(_CHINA).date()
        made = await connection.fetchval(_QUERIES["ensure_partitions"], today, PARTITION_DAYS_AHEAD)
        if made:
            _log.info("partitions.made", partitions=made)
        await connection.execute(_QUERIES["drop_old_orphans"], now - ORPHAN_KEPT)
        await connection.execute(_QUERIES["drop_settled_doubts"])


def _goes_again(row: asyncpg.Record, now: datetime) -> bool:
    return bool(
        row["state"] == State.IN_DOUBT
        and row["claimed"]
        and row["priority"] == MessageKind.NOTIFICATION
        and row["attempt"] < RESEND_ATTEMPTS_MAX
        and now < row["expires_at"]
    )
