"""What tests of concurrent writers wait for."""

import asyncio

from .world import POLL_SECONDS, World


async def lock_waiter(world: World) -> None:
    """Wait until somebody waits for a lock."""
    waiting = (
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(5):
        while not await world.pool.fetchval(waiting):
            await asyncio.sleep(POLL_SECONDS)
