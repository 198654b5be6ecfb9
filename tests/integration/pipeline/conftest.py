"""A platform on a fresh database; whatever a test does to it, the books add up afterwards."""

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hongyan.db.migrate import migrate
from hongyan.db.pool import LOOKUP_PLANS, Pool, connect, open_pool
from hongyan.kit.clock import ManualClock
from tests.conftest import a_database

from .books import assert_books_add_up
from .carrier import FakeCarrier, running_carrier
from .desk import Desk, open_desk
from .world import World

EMPTY = """
DELETE FROM live_messages; DELETE FROM messages; DELETE FROM segments; DELETE FROM message_events;
DELETE FROM orphan_reports; DELETE FROM doubts; DELETE FROM ledger_entries; DELETE FROM balances; DELETE FROM settlements;
DELETE FROM reply_arrivals; DELETE FROM reply_parts; DELETE FROM replies; DELETE FROM opt_outs;
DELETE FROM pushes; DELETE FROM submit_parts; DELETE FROM long_text_parts; DELETE FROM long_texts; DELETE FROM protocol_logins;
DELETE FROM channel_leases; DELETE FROM routes; DELETE FROM channels;
DELETE FROM templates; DELETE FROM signatures; DELETE FROM api_keys; DELETE FROM accounts;
"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pipeline_database_url(postgres_url: str) -> AsyncIterator[str]:
    """One database for all of these tests: to empty it is quicker than to make another."""
    async with a_database(postgres_url) as url:
        await migrate(url)
        yield url


@pytest_asyncio.fixture
async def database_url(pipeline_database_url: str) -> AsyncIterator[str]:
    """The URL of a database with nothing in its tables."""
    yield pipeline_database_url
    connection = await connect(pipeline_database_url)
    try:
        await connection.execute(EMPTY)
    finally:
        await connection.close()


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


@pytest_asyncio.fixture
async def carrier() -> AsyncIterator[FakeCarrier]:
    """A carrier that answers yes to everything, until the test says otherwise."""
    async with running_carrier() as running:
        yield running


@pytest_asyncio.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    """A desk that holds the world's channel."""
    async with open_desk(world) as opened:
        yield opened
