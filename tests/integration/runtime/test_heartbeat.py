"""Heartbeats on a real database, also on one that goes away."""

import asyncio
import os

from hongyan.db.pool import Pool, open_pool
from hongyan.kit.clock import SystemClock
from hongyan.runtime.heartbeat import Heartbeat, forget_this_machine, live_roles
from tests.integration.db.servers import a_directory, a_server


async def test_a_role_is_seen_with_what_it_tells_of_itself(pool: Pool) -> None:
    heartbeat = Heartbeat(pool, role="gateway", clock=SystemClock(), detail=lambda: {"links": 2})
    await heartbeat.beat()
    await heartbeat.beat()
    (role,) = await live_roles(pool)
    assert (role.role, role.pid, role.detail) == ("gateway", os.getpid(), {"links": 2})


async def test_who_was_not_seen_for_a_while_is_gone(pool: Pool) -> None:
    await Heartbeat(pool, role="api", clock=SystemClock()).beat()
    await pool.execute("UPDATE role_heartbeats SET seen_at = now() - interval '8 seconds'")
    assert await live_roles(pool) == []


async def test_a_role_that_ends_takes_its_row_away(pool: Pool) -> None:
    heartbeat = Heartbeat(pool, role="courier", clock=SystemClock())
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(heartbeat.run())
        async with asyncio.timeout(5):
            while not await live_roles(pool):
                await asyncio.sleep(0.01)
        running.cancel()
    assert await pool.fetchval("SELECT count(*) FROM role_heartbeats") == 0


async def test_only_this_machines_dead_are_forgotten(pool: Pool) -> None:
    heartbeat = Heartbeat(pool, role="api", clock=SystemClock())
    await heartbeat.beat()
    await pool.execute(
        "INSERT INTO role_heartbeats SELECT 'api@elsewhere:1', role, pid, started_at, seen_at FROM role_heartbeats"
    )
    await forget_this_machine(pool)
    assert [role.instance for role in await live_roles(pool)] == ["api@elsewhere:1"]


async def test_a_database_that_is_away_for_a_while_does_not_end_it() -> None:
    with a_directory() as directory:
        server = a_server(directory)
        pool = await open_pool(await server.start())
        await pool.execute(
            "CREATE TABLE role_heartbeats (instance text PRIMARY KEY, role text, pid integer, "
            "started_at timestamptz, seen_at timestamptz, detail jsonb)"
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(Heartbeat(pool, role="api", clock=SystemClock()).run())
            await asyncio.sleep(0.05)
            await server.stop(0)
            await asyncio.sleep(0.3)
            await server.start()
            async with asyncio.timeout(20):
                before = await pool.fetchval("SELECT now()")
                while not await pool.fetchval("SELECT count(*) FROM role_heartbeats WHERE seen_at > $1", before):
                    await asyncio.sleep(0.05)
            running.cancel()
        pool.terminate()
        await server.stop()
