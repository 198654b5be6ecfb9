"""Readiness against a real database."""

from datetime import timedelta

import pytest

from hongyan.db.pool import Pool
from hongyan.http.ops.readiness import ChannelCheck, RoleCheck, check_readiness
from hongyan.kit.clock import SystemClock

HEARTBEAT = """
INSERT INTO role_heartbeats (instance, role, pid, started_at, seen_at, detail)
VALUES ($1, $2, 1, now(), now() - $3::interval, $4::jsonb)
"""
CHANNEL = """
INSERT INTO channels (name, protocol, host, port, login, password_sealed, src_id, state)
VALUES ($1, 'cmpp20', '127.0.0.1', 7890, 'x', '', '106', $2)
"""


async def beat(pool: Pool, role: str, *, age_seconds: float = 1.0, detail: str = "{}") -> None:
    await pool.execute(HEARTBEAT, f"{role}-{age_seconds}", role, timedelta(seconds=age_seconds), detail)


async def test_an_empty_platform_is_not_ready(pool: Pool) -> None:
    readiness = await check_readiness(pool, SystemClock())

    assert not readiness.ready
    assert readiness.database.ok
    assert readiness.roles == {role: RoleCheck(ok=False, instances=0) for role in ("api", "gateway", "courier")}


async def test_fresh_roles_and_bound_channels_are_ready(pool: Pool) -> None:
    await pool.execute(CHANNEL, "移动", "active")
    await pool.execute(CHANNEL, "old", "stopped")
    for role in ("api", "courier"):
        await beat(pool, role)
    await beat(pool, "gateway", detail='{"channels": {"移动": {"bound": 1, "links": 2}}, "more": 1}')

    readiness = await check_readiness(pool, SystemClock())

    assert readiness.ready
    assert readiness.channels == {"移动": ChannelCheck(ok=True, bound=1, links=2)}
    assert readiness.roles["api"].age_seconds == pytest.approx(1.0, abs=2.0)


async def test_a_heartbeat_that_is_too_old_does_not_count(pool: Pool) -> None:
    for role in ("api", "gateway", "courier"):
        await beat(pool, role, age_seconds=60.0 if role == "courier" else 1.0)

    readiness = await check_readiness(pool, SystemClock())

    assert not readiness.ready
    assert not readiness.roles["courier"].ok


async def test_a_closed_pool_is_told_as_such(pool: Pool) -> None:
    await pool.close()

    assert (await check_readiness(pool, SystemClock())).database.reason == "InterfaceError"
