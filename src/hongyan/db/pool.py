"""Connections to PostgreSQL: the pool and the question whether an error means "try again later"."""

from typing import Final, TypeAlias

import asyncpg

CONNECT_TIMEOUT_SECONDS: Final = 5.0
COMMAND_TIMEOUT_SECONDS: Final = 30.0
_SESSION_SETTINGS: Final = {"jit": "off", "TimeZone": "UTC"}

_UNAVAILABLE: Final = (
    OSError,  # refused, reset, no such socket, timed out
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # too many clients, disk full, out of memory
    asyncpg.OperatorInterventionError,  # shutting down, starting up, crashed
    asyncpg.ReadOnlySQLTransactionError,  # a standby: the primary is moving
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


async def open_pool(
    url: str,
    *,
    size_min: int = 1,
    size_max: int = 10,
    application_name: str = "hongyan",
    command_timeout_seconds: float = COMMAND_TIMEOUT_SECONDS,
) -> Pool:
    """Open a pool of connections, at least `size_min` of them at once; raises what `is_unavailable` knows.

    Idle connections are kept: the roles' load is steady, and a reconnect is dearer than an idle backend.
    asyncpg itself sets TCP_NODELAY and prepares each statement once a connection.
    """
    return await asyncpg.create_pool(
        url,
        min_size=size_min,
        max_size=size_max,
        timeout=CONNECT_TIMEOUT_SECONDS,
        command_timeout=command_timeout_seconds,
        max_inactive_connection_lifetime=0,
        statement_cache_size=512,
        server_settings={**_SESSION_SETTINGS, "application_name": application_name},
    )


async def connect(url: str, *, application_name: str = "hongyan") -> Connection:
    """Open one connection outside any pool, for LISTEN, migrations and the command line."""
    return await asyncpg.connect(
        url,
        timeout=CONNECT_TIMEOUT_SECONDS,
        server_settings={**_SESSION_SETTINGS, "application_name": application_name},
    )


def is_unavailable(error: BaseException) -> bool:
    """Tell whether the database is away or busy, so that the same call may succeed later.

    Nothing is known about a transaction that was in its commit when this became true.
    """
    if isinstance(error, _UNAVAILABLE):
        return True
    # asyncpg has no class of its own for "connection is closed" and "pool is closing".
    return isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in ("closed", "closing"))
