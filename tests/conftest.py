"""What every test can ask for: a database of its own.

One embedded server runs for the whole session; `database_url` is a fresh copy of a migrated template.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from hongyan.cli.context import CommonOptions, common_options
from hongyan.db.embedded import DATABASE, EmbeddedPostgres
from hongyan.db.migrate import migrate
from hongyan.db.pool import Pool, connect, open_pool

# The tests that ask what survives a crash start servers of their own, with fsync on.
_QUICK = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": "200"}
_TEMPLATE = "template_migrated"


def with_database(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return url.replace(f"/{DATABASE}?", f"/{name}?")


@pytest.fixture(autouse=True)
def options_of_no_command() -> Iterator[None]:
    """Forget what a command of the test was given: in its own process it would end with it."""
    yield
    common_options.set(CommonOptions())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_url() -> AsyncIterator[str]:
    """The session's server, with a migrated template database in it."""
    directory = Path(tempfile.mkdtemp(prefix="hongyan-test-"))
    directory.chmod(0o711)  # started by root, the server runs as another user, who must get in
    server = EmbeddedPostgres(directory, settings=_QUICK)
    try:
        url = await server.start()
        await _execute(url, f"CREATE DATABASE {_TEMPLATE}")
        await migrate(with_database(url, _TEMPLATE))
        yield url
    finally:
        await server.stop()
        shutil.rmtree(directory)


@asynccontextmanager
async def a_database(postgres_url: str, *, template: str = "template1") -> AsyncIterator[str]:
    """Give the URL of a fresh database, empty unless a template is named."""
    name = f"test_{uuid4().hex}"
    await _execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield with_database(postgres_url, name)
    finally:
        await _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database_url(postgres_url: str) -> AsyncIterator[str]:
    """The URL of a fresh, migrated database."""
    async with a_database(postgres_url, template=_TEMPLATE) as url:
        yield url


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool of connections to `database_url`."""
    async with await open_pool(database_url, size_max=8) as opened:
        yield opened


async def _execute(url: str, statement: str) -> None:
    connection: asyncpg.Connection[asyncpg.Record] = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
