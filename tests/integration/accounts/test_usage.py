"""When keys were last used."""

from datetime import UTC, datetime

import asyncpg
import pytest

from hongyan.accounts import service
from hongyan.accounts.usage import key_usage
from hongyan.db.pool import Pool, is_unavailable, open_pool
from hongyan.kit.clock import ManualClock
from hongyan.kit.secrets import Vault

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def two_keys(pool: Pool) -> list[int]:
    async with pool.acquire() as connection:
        account = await service.create_account(connection, name="demo", price_per_segment=45, actor="test")
        made = [
            await service.create_key(connection, Vault(b"k" * 32), account_id=account.account_id, actor="test")
            for _ in range(2)
        ]
    return [key.info.api_key_id for key in made]


async def last_uses(pool: Pool) -> list[datetime | None]:
    return [row[0] for row in await pool.fetch("SELECT last_used_at FROM api_keys ORDER BY api_key_id")]


async def test_the_keys_noted_are_written_and_no_others(pool: Pool) -> None:
    used, _ = await two_keys(pool)
    usage = key_usage(pool, ManualClock(now=NOON.timestamp()))
    usage.note(used)
    usage.note(used)

    before = await last_uses(pool)
    await usage.flush()

    assert before == [None, None]
    assert await last_uses(pool) == [NOON, None]


async def test_what_was_written_is_not_written_again(pool: Pool) -> None:
    used, _ = await two_keys(pool)
    clock = ManualClock(now=NOON.timestamp())
    usage = key_usage(pool, clock)
    usage.note(used)
    await usage.flush()
    clock.advance(60)
    await usage.flush()

    assert await last_uses(pool) == [NOON, None]


async def test_keys_stay_noted_while_the_database_is_away(pool: Pool, database_url: str) -> None:
    used, _ = await two_keys(pool)
    away = await open_pool(database_url)
    usage = key_usage(away, ManualClock(now=NOON.timestamp()))
    usage.note(used)
    await away.close()
    with pytest.raises(asyncpg.InterfaceError) as caught:
        await usage.flush()
    usage._pool = pool
    await usage.flush()

    assert is_unavailable(caught.value)
    assert await last_uses(pool) == [NOON, None]
