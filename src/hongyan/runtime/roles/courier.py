"""The courier role: the timers of the message life cycle."""

import asyncio

from hongyan.db.pool import LOOKUP_PLANS, open_pool
from hongyan.kit.clock import SystemClock
from hongyan.pipeline.courier import Courier
from hongyan.runtime.heartbeat import Heartbeat
from hongyan.runtime.settings import Settings


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Do what is due, until `stop` is set; whatever is then left is due again at the next start."""
    clock = SystemClock()
    pool = await open_pool(
        settings.database.url,
        size_max=settings.database.pool_size,
        application_name="hongyan courier",
        session_settings=LOOKUP_PLANS,
    )
    heartbeat = Heartbeat(pool, role="courier", clock=clock)
    async with pool, asyncio.TaskGroup() as tasks:
        workers = [
            tasks.create_task(Courier(pool, clock).run(), name="courier"),
            tasks.create_task(heartbeat.run(), name="heartbeat"),
        ]
        await stop.wait()
        for worker in workers:
            worker.cancel()
