"""A road for each test that asks."""

from collections.abc import AsyncIterator

import pytest_asyncio

from hongyan.db.pool import Pool

from .road import Road, open_road


@pytest_asyncio.fixture
async def road(pool: Pool) -> AsyncIterator[Road]:
    """A road on a fresh database."""
    async with open_road(pool) as opened:
        yield opened
