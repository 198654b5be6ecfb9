"""Gateways as the role runs them, in this process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from hongyan.db.listen import NotifyBus
from hongyan.db.pool import LOOKUP_PLANS, open_pool
from hongyan.kit.clock import SystemClock
from hongyan.link.listener import ListenerConfig
from hongyan.pipeline.gateway import Gateway
from hongyan.pipeline.lease import LeaseHolder
from hongyan.pipeline.snapshot import SnapshotKeeper

from .world import World

POLL_SECONDS = 0.01
STOP_SECONDS_MAX = 15.0


@asynccontextmanager
async def running_gateway(
    world: World,
    url: str,
    *,
    owner: str = "gateway-1",
    drain_seconds: float = 3.0,
    crashes: bool = False,
    sgip_port: int | None = None,
) -> AsyncIterator[Gateway]:
    """Run a gateway for the time of the block, and stop it gracefully or as `kill -9` does."""
    clock = SystemClock()
    stop = asyncio.Event()
    async with await open_pool(url, size_min=2, session_settings=LOOKUP_PLANS) as pool:
        bus = NotifyBus(url, clock)
        snapshots = SnapshotKeeper(pool, world.vault, bus)
        await snapshots.load()
        leases = LeaseHolder(url, owner, clock)
        gateway = Gateway(
            pool,
            bus,
            leases,
            routes=lambda: snapshots.current.routes,
            clock=clock,
            drain_seconds=drain_seconds,
            sgip_listen=None if sgip_port is None else ListenerConfig(port=sgip_port, name="sgip", reuse_port=True),
        )
        snapshots.on_change(gateway.routes_changed)
        async with asyncio.TaskGroup() as tasks:
            helpers = [tasks.create_task(bus.run()), tasks.create_task(snapshots.run())]
            running = tasks.create_task(gateway.run(stop))
            try:
                yield gateway
            finally:
                if crashes:
                    running.cancel()
                    leases._drop_session()
                stop.set()
                async with asyncio.timeout(STOP_SECONDS_MAX):
                    await asyncio.wait([running])
                for helper in helpers:
                    helper.cancel()


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Wait for what only the database tells."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(POLL_SECONDS)
