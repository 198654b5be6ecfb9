"""Leases: a channel has one owner, and a new one as soon as the old is gone."""

import asyncio

import asyncpg
import pytest

from hongyan.db.pool import is_unavailable
from hongyan.kit.clock import SystemClock
from hongyan.pipeline.lease import LeaseHolder

from .world import World


def a_holder(url: str, owner: str, *, lease_seconds: float = 10.0) -> LeaseHolder:
    return LeaseHolder(url, owner, SystemClock(), lease_seconds=lease_seconds)


async def test_only_one_of_two_holders_owns_a_channel(world: World, database_url: str) -> None:
    first, second = a_holder(database_url, "first"), a_holder(database_url, "second")
    await first.renew()
    await second.renew()
    await first.renew()

    assert (first.fences, second.fences) == ({world.channel_id: 1}, {})
    assert first.holds(world.channel_id, 1)
    assert not second.holds(world.channel_id, 1)
    await first.release()
    await second.release()


async def test_a_race_for_a_channel_has_one_winner(world: World, database_url: str) -> None:
    holders = [a_holder(database_url, f"gateway-{n}") for n in range(6)]
    await asyncio.gather(*(holder.renew() for holder in holders))

    assert sorted(len(holder.fences) for holder in holders) == [0, 0, 0, 0, 0, 1]
    for holder in holders:
        await holder.release()


async def test_a_released_channel_is_free_at_once(world: World, database_url: str) -> None:
    first, second = a_holder(database_url, "first"), a_holder(database_url, "second")
    await first.renew()
    await first.release()
    await second.renew()

    assert not first.is_valid
    assert second.fences == {world.channel_id: 2}
    await second.release()


async def test_a_successor_takes_over_at_once_when_the_owners_session_dies(world: World, database_url: str) -> None:
    first, second = a_holder(database_url, "first"), a_holder(database_url, "second")
    await first.renew()
    lost = asyncio.Event()
    first.on_loss(lost.set)
    await end_sessions(world)
    async with asyncio.timeout(5):
        await lost.wait()

    assert not first.is_valid  # it stops before a successor can have begun
    await second.renew()
    assert second.fences == {world.channel_id: 2}
    await first.renew()
    assert first.fences == {}
    await first.release()
    await second.release()


async def test_an_owner_keeps_its_channel_with_a_new_session_when_nobody_was_quicker(
    world: World, database_url: str
) -> None:
    first, second = a_holder(database_url, "first"), a_holder(database_url, "second")
    await first.renew()
    await end_sessions(world)
    await asyncio.sleep(0.05)
    await first.renew()
    await second.renew()

    assert (first.fences, second.fences) == ({world.channel_id: 1}, {})
    assert first.is_valid
    await first.release()
    await second.release()


async def test_the_channel_of_a_frozen_owner_is_taken_after_its_lease_and_the_owner_knows(
    world: World, database_url: str
) -> None:
    frozen, second = a_holder(database_url, "frozen", lease_seconds=0.5), a_holder(database_url, "second")
    await frozen.renew()
    await second.renew()
    assert second.fences == {}

    await asyncio.sleep(0.45)
    assert not frozen.is_valid  # it stops a little before anyone can take over
    await second.renew()
    assert second.fences == {}
    await asyncio.sleep(0.1)
    await second.renew()
    assert second.fences == {world.channel_id: 2}
    await frozen.renew()
    assert frozen.fences == {}
    await frozen.release()
    await second.release()


async def test_a_stopped_channel_is_nobodys(world: World, database_url: str) -> None:
    holder = a_holder(database_url, "first")
    await holder.renew()
    await world.pool.execute("UPDATE channels SET state = 'stopped'")
    await holder.renew()

    assert holder.fences == {}
    await holder.release()


async def test_a_database_that_hangs_is_given_up_in_time_and_the_old_lock_is_not_waited_for(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hongyan.pipeline.lease.RENEW_TIMEOUT_SECONDS", 0.3)
    holder = a_holder(database_url, "first")
    await holder.renew()
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE channel_leases IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TimeoutError) as hung:
            await holder.renew()
        assert is_unavailable(hung.value)
        assert not holder.is_valid
    await holder.renew()

    assert holder.holds(world.channel_id, 1)
    await holder.release()


async def end_sessions(world: World) -> None:
    """End the sessions of all lease holders, as the death of their processes does."""
    await world.pool.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'hongyan lease' AND datname = current_database()"
    )


async def test_renewing_says_when_the_database_is_away(world: World, database_url: str) -> None:
    holder = a_holder(database_url.replace("/test_", "/nowhere_"), "first")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await holder.renew()

    assert not holder.is_valid
