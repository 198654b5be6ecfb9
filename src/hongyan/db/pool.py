"""Connections to PostgreSQL: the pool and the question whether an error means "try again later"."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import asyncpg

CONNECT_TIMEOUT_SECONDS: Final = 5.0
COMMAND_TIMEOUT_SECONDS: Final = 30.0
_SESSION_SETTINGS: Final = {"jit": "off", "TimeZone": "UTC"}

LOOKUP_PLANS: Final = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""For the hot path, whose statements all look a few hundred rows up by key.

A prepared statement keeps the plan that looked best when the tables were empty, and at start-up they are: then it
reads whole tables, which is 50 times dearer a minute later. With these there is only one plan, by index.
"""

_UNAVAILABLE: Final = (
    OSError,  # refused, reset, no such socket, timed out
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # too many clients, disk full, out of memory
    asyncpg.OperatorInterventionError,  # shutting down, starting up, crashed
    asyncpg.ReadOnlySQLTransactionError,  # a standby: the primary is moving
)

# asyncpg has no class of its own for these: "connection is closed", "pool is closing", and what it says of a connection
# that was lost in the hands of who had acquired it: "… has been released back to the pool".
_CLOSED: Final = ("closed", "closing", "released back to the pool")
_DYING: Final = "cannot switch to state"
"""What asyncpg says of a connection whose server was killed while it was idle: it has the last words of the backend,
and not yet the end of the stream."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


async def open_pool(
    url: str,
    *,
    size_min: int = 1,
    size_max: int = 10,
    application_name: str = "hongyan",
    command_timeout_seconds: float = COMMAND_TIMEOUT_SECONDS,
    session_settings: Mapping[str, str] = MappingProxyType({}),
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
        server_settings={**_SESSION_SETTINGS, **session_settings, "application_name": application_name},
        reset=_leave_as_it_is,
    )


async def _leave_as_it_is(_connection: object) -> None:
    """Save the round trip of asyncpg's reset: nobody here changes a session's settings or leaves locks in it."""


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
    if isinstance(error, asyncpg.InternalClientError):
        return _DYING in str(error)
    return isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in _CLOSED)
