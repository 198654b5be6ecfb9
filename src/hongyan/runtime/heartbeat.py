"""Heartbeats: each role's process says every two seconds that it lives, and how it does."""

import asyncio
import os
import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock

BEAT_SECONDS: Final = 2.0
_FIRST_BEAT_SECONDS: Final = 0.1
"""The first pauses are short and grow, so that a platform that starts is seen to be ready when it is."""
SILENCE_SECONDS_MAX: Final = 7.0
"""After three missed beats a process counts as gone."""
_TIMEOUT_SECONDS: Final = 5.0
_QUERIES = Queries.of(__package__)
_log = structlog.get_logger(__name__)

Detail = Mapping[str, object]


class LiveRole(msgspec.Struct, frozen=True):
    """One process that was seen lately."""

    instance: str
    role: str
    pid: int
    started_at: datetime
    seen_at: datetime
    detail: dict[str, object]


class Heartbeat:
    """The heartbeat of this process; it outlives a database that is away."""

    def __init__(self, pool: Pool, *, role: str, clock: Clock, detail: Callable[[], Detail] = dict) -> None:
        self._pool = pool
        self._role = role
        self._detail = detail
        self._started_at = datetime.fromtimestamp(clock.now(), UTC)
        self.instance = f"{role}@{platform.node()}:{os.getpid()}"

    async def run(self) -> None:
        """Beat until canceled, then take the row away if the database can be asked."""
        is_silent = False
        pause_seconds = _FIRST_BEAT_SECONDS
        try:
            while True:
                try:
                    async with asyncio.timeout(_TIMEOUT_SECONDS):
                        await self.beat()
                    is_silent = False
                except Exception as error:  # a supervised border: told apart in the next line
                    if not is_unavailable(error):
                        raise
                    if not is_silent:
                        _log.warning("heartbeat.missed", error=type(error).__name__)
                    is_silent = True
                await asyncio.sleep(pause_seconds)
                pause_seconds = min(pause_seconds * 1.5, BEAT_SECONDS)
        finally:
            await self._leave()

    async def beat(self) -> None:
        """Write the heartbeat once."""
        detail = msgspec.json.encode(self._detail()).decode()
        await self._pool.execute(_QUERIES["beat"], self.instance, self._role, os.getpid(), self._started_at, detail)

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(1):
                await self._pool.execute(_QUERIES["leave"], self.instance)
        except Exception as error:  # a supervised border: told apart in the next line
            if not is_unavailable(error):
                raise


async def live_roles(connection: "AnyConnection | Pool") -> list[LiveRole]:
    """Return the processes that were seen lately."""
    rows = await connection.fetch(_QUERIES["list_live"], SILENCE_SECONDS_MAX)
    return [
        LiveRole(
            instance=row["instance"],
            role=row["role"],
            pid=row["pid"],
            started_at=row["started_at"],
            seen_at=row["seen_at"],
            detail=msgspec.json.decode(row["detail"], type=dict[str, object]),
        )
        for row in rows
    ]


async def forget_this_machine(connection: "AnyConnection | Pool") -> None:
    """Delete the heartbeats of this machine, when none of its processes is left, so that none counts as ready."""
    await connection.execute(_QUERIES["forget_node"], platform.node())
