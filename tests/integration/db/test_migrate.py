"""Migrations on a real database."""

import asyncio

from hongyan.db.pool import Pool


async def test_a(pool: Pool) -> None:
    assert await pool.fetchval("select count(*) from messages") == 0

async def test_b(pool: Pool) -> None:
    assert await pool.fetchval("select count(*) from messages") == 0

async def test_c(pool: Pool) -> None:
    assert await pool.fetchval("select count(*) from messages") == 0
