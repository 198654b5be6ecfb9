"""Migrations: numbered SQL files, applied forward only, each in a transaction, all under one lock.

`0001_initial.sql` is number 1. A file that was applied never changes: its checksum is kept. After
the files come the partitions of the days ahead, which the courier keeps making later.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from importlib import resources

import msgspec

from hongyan.kit.clock import Clock, SystemClock

from .errors import DatabaseUnavailable, MigrationChanged, SchemaTooNew
from .pool import Connection, connect, is_unavailable
from .queries import Queries

PARTITION_DAYS_AHEAD = 7
# The platform's day. China has had no daylight saving since 1991, and a minimal system has no time zone files.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_QUERIES = Queries.of(__package__)


class Migration(msgspec.Struct, frozen=True):
    """One file of migrations/."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What tells whether the file changed."""
        return sha256(self.sql.encode()).hexdigest()


def load_migrations() -> list[Migration]:
    """Return the migrations of this installation in order; ValueError for a gap or a bad file name."""
    migrations = []
    for file in resources.files(__package__).joinpath("migrations").iterdir():
        if file.name.endswith(".sql"):
            match = _FILE_NAME.fullmatch(file.name)
            if match is None:
                raise ValueError(f"bad migration name: {file.name}")
            migrations.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    migrations.sort(key=lambda migration: migration.number)
    if [migration.number for migration in migrations] != list(range(1, len(migrations) + 1)):
        raise ValueError("migration numbers must run from 1 without a gap")
    return migrations


async def migrate(url: str, *, clock: Clock | None = None, migrations: list[Migration] | None = None) -> list[str]:
    """Bring the schema up to date and return the names of the migrations applied now.

    Several may call this at once: one works, the others wait and find nothing to do. DatabaseUnavailable,
    MigrationChanged or SchemaTooNew say why not.
    """
    migrations = load_migrations() if migrations is None else migrations
    today = datetime.fromtimestamp((clock or SystemClock()).now(), UTC).astimezone(SHANGHAI).date()
    try:
        connection = await connect(url, application_name="hongyan migrate")
        try:
            await connection.execute(_QUERIES["lock"])  # ends with the connection
            applied = await _apply(connection, migrations)
            await connection.fetchval(_QUERIES["ensure_partitions"], today, PARTITION_DAYS_AHEAD)
        finally:
            await connection.close()
    except Exception as error:
        if is_unavailable(error):
            raise DatabaseUnavailable(f"the database cannot be migrated now: {error}") from error
        raise
    return applied


async def _apply(connection: Connection, migrations: list[Migration]) -> list[str]:
    await connection.execute(_QUERIES["create_table"])
    known = {row["number"]: row["checksum"] for row in await connection.fetch(_QUERIES["list_applied"])}
    if known and max(known) > len(migrations):
        raise SchemaTooNew
    applied = []
    for migration in migrations:
        if migration.number not in known:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(_QUERIES["record"], migration.number, migration.name, migration.checksum)
            applied.append(f"{migration.number:04}_{migration.name}")
        elif known[migration.number] != migration.checksum:
            raise MigrationChanged(number=migration.number, name=migration.name)
    return applied
