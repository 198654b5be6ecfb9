"""A platform on a fresh database; whatever a test does to it, the books add up afterwards."""

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hongyan.db.pool import LOOKUP_PLANS, Pool, open_pool
from hongyan.kit.clock import ManualClock

from .books import assert_books_add_up
from .world import World


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections that plan as those of the roles do."""
    async with await open_pool(database_url, size_max=8, session_settings=LOOKUP_PLANS) as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at the present, where the partitions are."""
    return ManualClock(now=float(int(time.time())))


@pytest_asyncio.fixture
async def world(pool: Pool, clock: ManualClock) -> AsyncIterator[World]:
    """One account, its texts and a channel."""
    world = World(pool, clock)
    await world.settle_in()
    yield world
    await assert_books_add_up(pool)
