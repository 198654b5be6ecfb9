"""Whether the platform can take and send messages now, with the reason when it cannot."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, Protocol

import asyncpg
import msgspec

from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock

ROLES: Final = ("api", "gateway", "courier")
DATABASE_TIMEOUT_SECONDS: Final = 1.0
HEARTBEAT_AGE_SECONDS_MAX: Final = 7.0
_queries: Final = Queries.of(__package__)


class Row(Protocol):
    """A row: its values by name."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - whatever the column holds
        """Return a value."""
        ...


class Database(Protocol):
    """What readiness needs of the database: an asyncpg pool has it."""

    async def fetchrow(self, query: str, *args: object, timeout: float | None = None) -> Row | None:  # noqa: ASYNC109 - asyncpg's
        """Run a query and return its first row."""
        ...


class LinkCount(msgspec.Struct, frozen=True):
    """How many links of a channel are bound, of how many it should have."""

    bound: int = 0
    links: int = 0
    speed_now: int | None = None
    """Segments a second, while the carrier holds the channel below its speed."""


class HeartbeatDetail(msgspec.Struct, frozen=True):
    """What a gateway tells with its heartbeat; other roles tell nothing of this."""

    channels: dict[str, LinkCount] = {}


class Heartbeat(msgspec.Struct, frozen=True):
    """A process that was heard of lately."""

    role: str
    age_seconds: float
    detail: HeartbeatDetail = HeartbeatDetail()


class DatabaseCheck(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the database answered."""

    ok: bool
    milliseconds: float | None = None
    reason: str | None = None


class RoleCheck(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a role lives: its instances, and the age of the freshest word from one."""

    ok: bool
    instances: int
    age_seconds: float | None = None


class ChannelCheck(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether an active channel has a bound link."""

    ok: bool
    bound: int
    links: int
    speed_now: int | None = None


class Readiness(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole answer; roles and channels are known only while the database answers."""

    ready: bool
    """Texts are taken, and go out over one channel at least."""
    database: DatabaseCheck
    roles: dict[str, RoleCheck] = {}
    channels: dict[str, ChannelCheck] = {}
    degraded: bool = False
    """Ready, but some active channel has no bound link: what waits for it is not going out."""


async def check_readiness(
    database: Database, clock: Clock, *, heartbeat_age_seconds_max: float = HEARTBEAT_AGE_SECONDS_MAX
) -> Readiness:
    """Ask the database, which knows of every process and channel."""
    started_at = clock.monotonic()
    try:
        async with asyncio.timeout(DATABASE_TIMEOUT_SECONDS):
            row = await database.fetchrow(_queries["readiness"], timedelta(seconds=heartbeat_age_seconds_max))
    except TimeoutError:
        return Readiness(ready=False, database=DatabaseCheck(ok=False, reason="no answer within 1 s"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        return Readiness(ready=False, database=DatabaseCheck(ok=False, reason=type(error).__name__))
    assert row is not None
    milliseconds = round((clock.monotonic() - started_at) * 1000, 1)
    heartbeats = [msgspec.json.decode(text, type=Heartbeat) for text in row["heartbeats"]]
    return judge(heartbeats, row["channels"], database=DatabaseCheck(ok=True, milliseconds=milliseconds))


def judge(heartbeats: Iterable[Heartbeat], channels: Iterable[str], *, database: DatabaseCheck) -> Readiness:
    """Say whether every role lives and some active channel, if there is any, has a bound link."""
    ages: dict[str, list[float]] = {role: [] for role in ROLES}
    links: dict[str, LinkCount] = {name: LinkCount() for name in channels}
    for heartbeat in heartbeats:
        ages.setdefault(heartbeat.role, []).append(heartbeat.age_seconds)
        for name, told in heartbeat.detail.channels.items():
            if name in links:
                links[name] = _together(links[name], told)
    roles = {
        role: RoleCheck(bool(seen), len(seen), min(seen, default=None)) for role, seen in ages.items() if role in ROLES
    }
    checks = {
        name: ChannelCheck(count.bound > 0, count.bound, count.links, count.speed_now) for name, count in links.items()
    }
    going = [check.ok for check in checks.values()]
    ready = all(role.ok for role in roles.values()) and (any(going) or not going)
    return Readiness(ready, database, roles, checks, degraded=ready and not all(going))


def _together(one: LinkCount, other: LinkCount) -> LinkCount:
    """Add what two gateways say of a channel, of which one is about to hand it to the other."""
    speed_now = other.speed_now if one.speed_now is None else one.speed_now
    return LinkCount(one.bound + other.bound, one.links + other.links, speed_now)
