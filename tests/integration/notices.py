"""What other processes hear when an area changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hongyan.db.pool import Pool


@asynccontextmanager
async def notices(pool: Pool) -> AsyncIterator[list[str]]:
    """Collect the areas that are announced during the block; complete when it has ended."""
    heard: list[str] = []
    ended = asyncio.Event()

    def hear(_connection: object, _pid: int, _channel: str, area: object) -> None:
        heard.append(str(area))
        if area == "end":
            ended.set()

    async with pool.acquire() as connection:
        await connection.add_listener("hongyan_config", hear)
        yield heard
        # Notifications come in the order of their commits, so that after our own nothing can follow.
        await pool.execute("SELECT pg_notify('hongyan_config', 'end')")
        async with asyncio.timeout(5):
            await ended.wait()
        await connection.remove_listener("hongyan_config", hear)
    heard.remove("end")
