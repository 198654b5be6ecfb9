"""The servers as the gateway role runs them, in this process, on a platform in a test's database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg

from hongyan.accounts import login_service
from hongyan.accounts.protocol_login import Family, LoginInfo
from hongyan.db.listen import NotifyBus
from hongyan.db.pool import LOOKUP_PLANS, open_pool
from hongyan.downstream.assembly import PARTS_WAIT
from hongyan.downstream.opening import open_downstream
from hongyan.downstream.server import LIMITS, DownstreamServer
from hongyan.kit.clock import SystemClock
from hongyan.link.listener import ListenerConfig
from hongyan.pipeline.snapshot import SnapshotKeeper
from hongyan.wire.session import Limits
from tests.integration.pipeline.world import World

from .faces import FACES, PASSWORD, Face

FAMILIES = sorted({face.family for face in FACES})
ANY_PORT = {family: ListenerConfig() for family in FAMILIES}
STOP_SECONDS_MAX = 15.0


class House:
    """A platform, a login for each protocol, and how to look into the database."""

    def __init__(self, world: World, url: str) -> None:
        self.world = world
        self.url = url

    async def login(self, face: Face, *, account_id: int | None = None, **draft: Any) -> LoginInfo:
        """Make a login for a protocol."""
        settings = {**face.settings, **draft.pop("settings", {})}
        draft = {"links_max": 4, "window_size": 64, "speed_per_second": 10_000, "settings": settings, **draft}
        async with self.world.pool.acquire() as connection:
            made = await login_service.add_login(
                connection,
                self.world.vault,
                account_id=account_id or self.world.account_id,
                family=Family(face.family),
                name=face.login,
                password=PASSWORD,
                draft=login_service.LoginDraft(**draft),
                actor="test",
            )
        return made.info

    async def messages(self) -> Sequence[asyncpg.Record]:
        """Return all messages, the oldest first."""
        rows: Sequence[asyncpg.Record] = await self.world.pool.fetch("SELECT * FROM messages ORDER BY mid")
        return rows

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        count: int = await self.world.pool.fetchval(f"SELECT count(*) FROM {table}")
        return count

    @asynccontextmanager
    async def open(
        self,
        *,
        crashes: bool = False,
        owner: str = "gateway-1",
        parts_wait: timedelta = PARTS_WAIT,
        port: int = 0,
        limits: Limits = LIMITS,
    ) -> AsyncIterator[DownstreamServer]:
        """Run the servers for the time of the block, and stop them gracefully or as `kill -9` does."""
        clock = SystemClock()
        stop = asyncio.Event()
        listeners = {"cmpp": ListenerConfig(port=port)} if port else ANY_PORT
        async with await open_pool(self.url, size_min=2, session_settings=LOOKUP_PLANS) as pool:
            bus = NotifyBus(self.url, clock)
            snapshots = SnapshotKeeper(pool, self.world.vault, bus)
            await snapshots.load()
            async with (
                open_downstream(
                    listeners,
                    pool,
                    bus,
                    snapshots=snapshots,
                    owner=owner,
                    clock=clock,
                    parts_wait=parts_wait,
                    limits=limits,
                ) as server,
                asyncio.TaskGroup() as tasks,
            ):
                helpers = [tasks.create_task(bus.run()), tasks.create_task(snapshots.run())]
                running = tasks.create_task(server.run(stop, drain_seconds=1.0))
                try:
                    await bus.wait_listening()
                    yield server
                finally:
                    if crashes:
                        running.cancel()
                    stop.set()
                    async with asyncio.timeout(STOP_SECONDS_MAX):
                        await asyncio.wait([running])
                    for helper in helpers:
                        helper.cancel()
