"""The store side of intake: the group commit that accepts, and the balances it leaves.

A caller waits COMMIT_TIMEOUT_SECONDS and no longer, whatever the database does. Whoever has gone by then and was not
yet being written is left out; for the others the outcome is unknown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, TypeVar

import asyncpg
import msgspec
import structlog

from hongyan.db.connection import AnyConnection
from hongyan.db.group_commit import CommitsStopped, GroupCommit
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock
from hongyan.limits import service as limits

from .metrics import ACCEPTED, STORE_SECONDS
from .submission import BalanceInsufficient, StoreUnavailable, SubmissionRefused

Result = TypeVar("Result")

_QUERIES = Queries.of(__package__)
_log = structlog.get_logger()

BATCH_MESSAGES_MAX = 1000
WAITING_MESSAGES_MAX = 20_000
COMMIT_TIMEOUT_SECONDS = 2.0
WRITE_TIMEOUT_SECONDS = 1.5
"""Shorter, so that a commit which hangs is withdrawn before its callers are told that it failed."""
CONFLICT_TRIES_MAX = 5
"""How often a commit is tried that lost against another process (a deadlock): the loser's trying again ends it."""
BALANCE_FRESH_SECONDS = 2.0


class RowOrigin(NamedTuple):
    """How a message came by a protocol login; the last parameters of `store_batch`, in its order."""

    login_id: int
    told_login_id: int | None
    """The same where its customer wants to be told how it ends."""
    part_id: int | None
    """Of a message that came whole; one that came in parts has a text_id."""
    report: int
    source: str
    destination: str
    reference: bytes | None
    text_id: int | None


class MessageRow(NamedTuple):
    """One message to accept; the parameters of `store_batch`, in its order."""

    mid: int
    batch_id: int
    account_id: int
    api_key_id: int | None
    recipient: int
    carrier: int
    kind: int
    signature_id: int | None
    template_id: int | None
    segments: int
    charge: int
    channel_id: int
    route_id: int
    expires_at: datetime
    content: str
    extension: str = ""
    origin: RowOrigin | None = None
    """None of what came by an API key."""


_NO_ORIGIN = (None,) * len(RowOrigin._fields)
_NO_ORIGINS: Sequence[Sequence[object]] = ((),) * len(RowOrigin._fields)


class UnregisteredBatch(msgspec.Struct, frozen=True):
    """A batch to keep with its final report decided, never to be sent."""

    account_id: int
    api_key_id: int | None
    recipients: Sequence[tuple[int, int, int]]
    """(mid, recipient, carrier) of each."""
    segments: int
    at: datetime
    stat: str
    content: str
    origins: Sequence[RowOrigin] = ()
    """One for each recipient, where they came by a protocol login."""


class IntakeStore:
    """Commits batches and knows the balances that the last commits left."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._balances: dict[int, tuple[int, float]] = {}
        self._commits: GroupCommit[Sequence[MessageRow], int] = GroupCommit(
            self._write, batch_max=BATCH_MESSAGES_MAX, waiting_max=WAITING_MESSAGES_MAX, weigh=len
        )

    async def accept(self, rows: Sequence[MessageRow]) -> int:
        """Commit the messages of one API call, all of one account, and return its balance in 厘.

        BalanceInsufficient, StoreUnavailable (the outcome is unknown), CommitQueueFull.
        """
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS):
                return await self._commits.commit(rows)
        except (TimeoutError, CommitsStopped):
            raise StoreUnavailable from None

    async def run(self) -> None:
        """Write until cancelled."""
        await self._commits.run()

    async def keep_unregistered(self, batch: UnregisteredBatch) -> None:
        """Commit a batch that is refused in its report."""
        recipients = batch.recipients
        origin = batch.origins[0] if batch.origins else None
        await self._fetch_now(
            "store_unregistered",
            [mid for mid, _, _ in recipients],
            recipients[0][0],
            batch.account_id,
            batch.api_key_id,
            [recipient for _, recipient, _ in recipients],
            [carrier for _, _, carrier in recipients],
            batch.segments,
            batch.at,
            batch.stat,
            batch.content,
            origin.login_id if origin else None,
            [origin.part_id for origin in batch.origins],
            [origin.destination for origin in batch.origins],
            origin.source if origin else None,
            origin.reference if origin else None,
            origin.report if origin else None,
            origin.text_id if origin else None,
        )

    async def opted_out(self, rows: Sequence[MessageRow]) -> set[int]:
        """Return the mids of those whose phone wants no more marketing of their account."""
        asked = {row.mid: limits.Subscription(row.account_id, row.recipient) for row in rows}
        over = await self._now(lambda connection: limits.opted_out(connection, asked.values()))
        return {mid for mid, subscription in asked.items() if subscription in over}

    async def balance(self, account_id: int) -> int:
        """Return a balance of the last seconds, in 厘."""
        known = self._balances.get(account_id)
        now = self._clock.monotonic()
        if known is not None and now - known[1] < BALANCE_FRESH_SECONDS:
            return known[0]
        rows = await self._fetch_now("balance_of", account_id)
        available: int = rows[0]["available"] if rows else 0
        self._balances[account_id] = (available, now)
        return available

    async def _write(self, batches: Sequence[Sequence[MessageRow]]) -> Sequence[int | Exception]:
        try:
            with STORE_SECONDS.time():
                balances = await self._store([row for batch in batches for row in batch])
        except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, whoever waits gets it
            if is_unavailable(error):
                return [StoreUnavailable() for _ in batches]  # one each: what a surface adds is nobody else's business
            _log.error("intake.commit_failed", error=type(error).__name__, batches=len(batches))
            if len(batches) == 1:
                return [error]
            balances = {}  # it lies in one of them: the others shall not pay for it
        return await self._write_the_rest(batches, balances)

    async def _write_the_rest(
        self, batches: Sequence[Sequence[MessageRow]], balances: dict[int, int]
    ) -> Sequence[int | Exception]:
        """Answer batches whose account could pay for all, and commit the others one by one."""
        results: list[int | Exception] = []
        too_dear: dict[int, int] = {}
        is_away = False
        for batch in batches:
            account_id = batch[0].account_id
            charge = sum(row.charge for row in batch)
            result: int | Exception
            if account_id in balances:
                result = balances[account_id]
            elif is_away:
                result = StoreUnavailable()
            elif charge >= too_dear.get(account_id, charge + 1):
                result = await self._refusal_of(account_id)
            else:
                result = await self._write_alone(batch)
                if isinstance(result, BalanceInsufficient):
                    too_dear[account_id] = charge
                is_away = isinstance(result, StoreUnavailable)
            results.append(result)
        return results

    async def _write_alone(self, batch: Sequence[MessageRow]) -> int | Exception:
        """Commit one batch of an account whose credit did not cover all it sent together."""
        account_id = batch[0].account_id
        try:
            balances = await self._store(batch)
        except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, whoever waits gets it
            return StoreUnavailable() if is_unavailable(error) else error
        if account_id in balances:
            return balances[account_id]
        self._balances.pop(account_id, None)
        return await self._refusal_of(account_id)

    async def _refusal_of(self, account_id: int) -> SubmissionRefused:
        refusal = BalanceInsufficient()
        try:
            refusal.balance = await self.balance(account_id)
        except StoreUnavailable as unavailable:
            return unavailable
        return refusal

    async def _store(self, rows: Sequence[MessageRow]) -> dict[int, int]:
        """Run one commit; returns what each account that could pay has left."""
        answer = await self._commit(columns_of(rows))
        balances = {row["account_id"]: row["available"] for row in answer}
        now = self._clock.monotonic()
        for account_id, available in balances.items():
            self._balances[account_id] = (available, now)
        ACCEPTED.inc(sum(row.account_id in balances for row in rows))
        return balances

    async def _commit(self, columns: Sequence[Sequence[object]]) -> list[asyncpg.Record]:
        for _ in range(CONFLICT_TRIES_MAX - 1):
            try:
                return await self._commit_once(columns)
            except asyncpg.TransactionRollbackError as error:
                _log.warning("intake.commit_tried_again", error=type(error).__name__)
        return await self._commit_once(columns)

    async def _commit_once(self, columns: Sequence[Sequence[object]]) -> list[asyncpg.Record]:
        async with self._pool.acquire(timeout=WRITE_TIMEOUT_SECONDS) as connection:
            return await connection.fetch(_QUERIES["store_batch"], *columns, timeout=WRITE_TIMEOUT_SECONDS)

    async def _fetch_now(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        return await self._now(lambda connection: connection.fetch(_QUERIES[query], *arguments))

    async def _now(self, work: Callable[[AnyConnection], Awaitable[Result]]) -> Result:
        """Do a single caller's work; StoreUnavailable when it is not done in time."""
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS), self._pool.acquire() as connection:
                with _given_up_on_failure(connection):
                    return await work(connection)
        except Exception as error:  # tidy: allow-broad-except, told apart in the next line
            if is_unavailable(error):
                raise StoreUnavailable from error
            raise


def columns_of(rows: Sequence[MessageRow]) -> list[Sequence[object]]:
    """Turn rows into one array a column; those of the origins are empty, and so cost nothing, where there are none."""
    *columns, origins = zip(*rows, strict=True)
    if not any(origins):
        return [*columns, *_NO_ORIGINS]
    return [*columns, *zip(*[origin or _NO_ORIGIN for origin in origins], strict=True)]


@contextmanager
def _given_up_on_failure(connection: AnyConnection) -> Iterator[None]:
    """Close the connection when its statement fails: to wait for its cancellation could take for ever."""
    try:
        yield
    except BaseException:
        connection.terminate()
        raise
