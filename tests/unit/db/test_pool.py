"""What counts as "try again later"."""

import asyncpg
import pytest

from hongyan.db.pool import is_unavailable

AWAY = [
    ConnectionRefusedError(),
    FileNotFoundError(),
    TimeoutError(),
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    asyncpg.CannotConnectNowError("the database system is starting up"),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    asyncpg.CrashShutdownError("terminating connection because of crash"),
    asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    asyncpg.DiskFullError("could not extend file"),
    asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InterfaceError("pool is closing"),
    asyncpg.InterfaceError("cannot call Connection.fetch(): connection has been released back to the pool"),
]
WRONG = [
    asyncpg.UniqueViolationError("duplicate key"),
    asyncpg.UndefinedTableError("no such table"),
    asyncpg.DeadlockDetectedError("deadlock"),
    asyncpg.InvalidPasswordError("password authentication failed"),
    asyncpg.InvalidCatalogNameError("no such database"),
    asyncpg.InterfaceError("the server expects 1 argument for this query"),
    ValueError(),
]


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_database_that_is_away_or_busy_is_unavailable(error: Exception) -> None:
    assert is_unavailable(error)


@pytest.mark.parametrize("error", WRONG, ids=repr)
def test_a_mistake_is_not_worth_another_try(error: Exception) -> None:
    assert not is_unavailable(error)
