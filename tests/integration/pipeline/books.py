"""The checker: after each test, and inside some, all accounts and messages must still add up."""

from hongyan.billing.service import verify
from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool
from hongyan.db.queries import Queries

_RULES = Queries.of(__package__)


async def assert_books_add_up(pool: Pool) -> None:
    """Fail with every row that breaks a rule, as of one moment."""
    async with pool.acquire() as connection:
        # What a test cancelled between preparing and running a statement leaves a transaction half begun.
        await connection.execute("SELECT 1")
        broken = await _broken_rules(connection)
    assert not broken, broken


async def _broken_rules(connection: AnyConnection) -> dict[str, object]:
    broken: dict[str, object] = {}
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on")
        for rule in _RULES.names():
            rows = await connection.fetch(_RULES[rule])
            if rows:
                broken[rule] = [dict(row) for row in rows]
        if discrepancies := await verify(connection):
            broken["verify"] = discrepancies
    return broken
