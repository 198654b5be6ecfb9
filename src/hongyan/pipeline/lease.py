"""Leases: each channel has one owner at a time, and a fence number that grows with each change of hands.

The owner renews while it lives. Its database session also holds an advisory lock; when the process
dies, that session ends and the lock with it, so a successor need not wait for the lease to run out.
A paused owner that wakes up late finds its fence outdated: it can claim nothing any more, and it
stops using what it holds as soon as its own clock says that the lease is over, or its session ends.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from hongyan.db.pool import Connection, connect
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock

_QUERIES = Queries.of(__package__)
_log = structlog.get_logger()

LEASE_SECONDS: Final = 10.0
RENEW_SECONDS: Final = 2.0
RENEW_TIMEOUT_SECONDS: Final = 4.0
"""A session that does not answer for this long is replaced, while there is still time to renew by another."""
LOCK_CLASS: Final = 0x4859
"""The advisory locks of owners: "HY"."""


class LeaseHolder:
    """Takes, renews and gives up the leases of one gateway process."""

    def __init__(self, url: str, owner: str, clock: Clock, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self.owner = owner
        self._lease = timedelta(seconds=lease_seconds)
        self._url = url
        self._clock = clock
        self._connection: Connection | None = None
        self._lock_number = 0
        self._valid_until = float("-inf")
        self._tell_loss: Callable[[], None] = lambda: None
        self.fences: dict[int, int] = {}
        """channel_id → fence, of what is held."""

    def on_loss(self, tell: Callable[[], None]) -> None:
        """Have it told when the session ended, so that it can be renewed soon."""
        self._tell_loss = tell

    @property
    def is_valid(self) -> bool:
        """Tell whether this process may still act for what it holds."""
        return self._clock.monotonic() < self._valid_until

    def holds(self, channel_id: int, fence: int) -> bool:
        """Tell whether this process may still act for a channel, under the fence that it got it with."""
        return self.is_valid and self.fences.get(channel_id) == fence

    async def renew(self) -> None:
        """Renew what is held and take what is free; raises what `is_unavailable` knows."""
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(RENEW_TIMEOUT_SECONDS):
                fences = await self._renew(await self._session())
        except BaseException:
            self._drop_session()
            raise
        self.fences = fences
        # A margin, so that we stop before anyone else can start.
        self._valid_until = started + self._lease.total_seconds() * 0.8

    async def _renew(self, connection: Connection) -> dict[int, int]:
        rows = await connection.fetch(_QUERIES["renew_leases"], self.owner, self._lease, self._lock_number)
        taken = await connection.fetch(
            _QUERIES["acquire_leases"], self.owner, self._lock_number, self._lease, LOCK_CLASS
        )
        for row in taken:
            _log.info("lease.taken", channel=row["channel_id"], fence=row["fence"])
        return {row["channel_id"]: row["fence"] for row in (*rows, *taken)}

    async def release(self) -> None:
        """Give everything up, so that a successor starts at once."""
        if self._connection is not None and self.fences:
            await self._connection.execute(_QUERIES["release_leases"], self.owner, list(self.fences))
        self.fences = {}
        self._drop_session()

    async def _session(self) -> Connection:
        """Return a session that holds a lock of its own; a new one gets a new lock, since the old may still be held."""
        if self._connection is None or self._connection.is_closed():
            connection = await connect(self._url, application_name="hongyan lease")
            try:
                self._lock_number = await connection.fetchval(_QUERIES["next_owner_lock"])
                await connection.execute(_QUERIES["hold_owner_lock"], LOCK_CLASS, self._lock_number)
            except BaseException:
                connection.terminate()
                raise
            connection.add_termination_listener(self._session_ended)
            self._connection = connection
        return self._connection

    def _session_ended(self, connection: object) -> None:
        """Stop at once: a successor may start as soon as the session's lock is gone."""
        if connection is self._connection:
            self._valid_until = float("-inf")
            self._tell_loss()

    def _drop_session(self) -> None:
        connection, self._connection = self._connection, None
        self._valid_until = float("-inf")
        if connection is not None:
            connection.terminate()
