"""The pool, and what counts as "try again later" on a real server."""

import asyncpg
import pytest

from hongyan.db.pool import Pool, is_unavailable, open_pool

from .servers import a_directory, a_server


async def test_a_session_has_utc_and_no_jit(pool: Pool) -> None:
    assert await pool.fetchval("SHOW TimeZone") == "UTC"
    assert await pool.fetchval("SHOW jit") == "off"


async def test_what_a_statement_got_wrong_is_not_unavailability(pool: Pool) -> None:
    with pytest.raises(asyncpg.UndefinedTableError) as refused:
        await pool.execute("SELECT * FROM nowhere")
    assert not is_unavailable(refused.value)


async def test_a_cut_connection_and_a_stopped_server_are_unavailability() -> None:
    with a_directory() as directory:
        server = a_server(directory)
        pool = await open_pool(await server.start())
        async with pool.acquire() as connection:
            await server.stop(0)
            with pytest.raises(Exception) as cut:  # noqa: PT011 - any of several; the next line judges
                await connection.fetchval("SELECT 1")
        with pytest.raises(Exception) as refused:  # noqa: PT011
            await pool.fetchval("SELECT 1")
        pool.terminate()
    assert is_unavailable(cut.value)
    assert is_unavailable(refused.value)
