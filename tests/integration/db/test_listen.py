"""Notifications: they arrive, and after a lost connection everyone is told to look again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hongyan.db.listen import NotifyBus
from hongyan.db.pool import Pool
from hongyan.kit.clock import SystemClock


@asynccontextmanager
async def running(bus: NotifyBus) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(bus.run())
        await bus.wait_listening()
        yield
        task.cancel()


async def test_each_payload_comes_to_the_subscribers_of_its_channel(database_url: str, pool: Pool) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    bus = NotifyBus(database_url, SystemClock())
    bus.subscribe("colours", lambda payload: heard.put_nowait(f"colours {payload}"))
    bus.subscribe("shapes", lambda payload: heard.put_nowait(f"shapes {payload}"))

    async with running(bus):
        await pool.execute("SELECT pg_notify('colours', 'red'), pg_notify('sounds', 'loud'), pg_notify('shapes', '')")
        assert [await heard.get(), await heard.get()] == ["colours red", "shapes "]


async def test_after_a_lost_connection_it_listens_again_and_says_so(database_url: str, pool: Pool) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    starts: asyncio.Queue[None] = asyncio.Queue()
    bus = NotifyBus(database_url, SystemClock())
    bus.subscribe("colours", heard.put_nowait)
    bus.on_reconnect(lambda: starts.put_nowait(None))

    async with running(bus):
        await starts.get()
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hongyan notify' AND datname = current_database()"
        )
        await starts.get()
        await pool.execute("SELECT pg_notify('colours', 'blue')")
        assert await heard.get() == "blue"


async def test_canceled_it_leaves_no_connection(database_url: str, pool: Pool) -> None:
    async with running(NotifyBus(database_url, SystemClock())):
        pass
    remaining = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hongyan notify' AND datname = current_database()"
    async with asyncio.timeout(5):
        while await pool.fetchval(remaining):
            await asyncio.sleep(0.01)
