"""Migrations on a real database."""

import asyncio

import asyncpg
import pytest

from hongyan.db.errors import DatabaseUnavailable, MigrationChanged, SchemaTooNew
from hongyan.db.migrate import Migration, load_migrations, migrate
from hongyan.db.pool import Pool
from hongyan.kit.clock import ManualClock
from tests.conftest import a_database

ONE = Migration(
    1,
    "one",
    "CREATE TABLE things (thing integer); CREATE FUNCTION ensure_partitions(d date, n integer) RETURNS integer LANGUAGE sql AS 'SELECT 0'",
)
TWO = Migration(2, "two", "ALTER TABLE things ADD COLUMN colour text NOT NULL DEFAULT 'red'")
BROKEN = Migration(2, "two", "ALTER TABLE things ADD COLUMN colour text; SELECT 1 / 0")
JANUARY_31_23_00_SHANGHAI = 1_769_871_600.0


async def names_of(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row["name"] for row in await connection.fetch("SELECT name FROM schema_migrations ORDER BY number")]
    finally:
        await connection.close()


async def test_an_empty_database_gets_every_migration_and_a_second_run_nothing(postgres_url: str) -> None:
    async with a_database(postgres_url) as url:
        assert await migrate(url) == [f"{m.number:04}_{m.name}" for m in load_migrations()]
        assert await migrate(url) == []


async def test_of_several_at_once_one_migrates_and_the_others_wait(postgres_url: str) -> None:
    async with a_database(postgres_url) as url:
        results = await asyncio.gather(*(migrate(url, migrations=[ONE, TWO]) for _ in range(4)))
        assert sorted(results) == [[], [], [], ["0001_one", "0002_two"]]


async def test_a_migration_keeps_the_rows_that_are_there(postgres_url: str) -> None:
    async with a_database(postgres_url) as url:
        await migrate(url, migrations=[ONE])
        connection = await asyncpg.connect(url)
        await connection.execute("INSERT INTO things VALUES (7)")

        assert await migrate(url, migrations=[ONE, TWO]) == ["0002_two"]
        assert [tuple(row) for row in await connection.fetch("SELECT * FROM things")] == [(7, "red")]
        await connection.close()


async def test_a_broken_migration_leaves_no_trace(postgres_url: str) -> None:
    async with a_database(postgres_url) as url:
        await migrate(url, migrations=[ONE])
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(url, migrations=[ONE, BROKEN])

        assert await names_of(url) == ["one"]
        assert await migrate(url, migrations=[ONE, TWO]) == ["0002_two"]


async def test_a_changed_file_is_refused(postgres_url: str) -> None:
    async with a_database(postgres_url) as url:
        await migrate(url, migrations=[ONE])
        edited = Migration(1, "one", ONE.sql + " -- harmless")
        with pytest.raises(MigrationChanged) as refusal:
            await migrate(url, migrations=[edited])
        assert refusal.value.details == {"number": 1, "name": "one"}


async def test_an_older_program_refuses_a_newer_schema(postgres_url: str) -> None:
    async with a_database(postgres_url) as url:
        await migrate(url, migrations=[ONE, TWO])
        with pytest.raises(SchemaTooNew):
            await migrate(url, migrations=[ONE])


async def test_partitions_run_from_yesterday_to_a_week_ahead_by_the_day_in_shanghai(postgres_url: str) -> None:
    async with a_database(postgres_url) as url:
        await migrate(url, clock=ManualClock(JANUARY_31_23_00_SHANGHAI))
        connection = await asyncpg.connect(url)
        children = await connection.fetchval(
            "SELECT array_agg(inhrelid::regclass::text ORDER BY 1) FROM pg_inherits WHERE inhparent = 'messages'::regclass"
        )
        await connection.close()
    assert children[0] == "messages_20260130"
    assert children[-1] == "messages_20260207"
    assert len(children) == 9


async def test_a_database_that_is_away_is_told_as_such() -> None:
    with pytest.raises(DatabaseUnavailable):
        await migrate("postgresql://nobody@127.0.0.1:1/nothing")


async def test_each_test_gets_a_fresh_database(pool: Pool) -> None:
    assert await pool.fetchval("SELECT count(*) FROM accounts") == 0
    await pool.execute("INSERT INTO accounts (name, price_per_segment) VALUES ('left behind', 45)")


async def test_each_test_gets_a_fresh_database_again(pool: Pool) -> None:
    assert await pool.fetchval("SELECT count(*) FROM accounts") == 0
    await pool.execute("INSERT INTO accounts (name, price_per_segment) VALUES ('left behind', 45)")
