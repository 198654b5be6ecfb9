"""The store side of intake: the group commit that accepts, and the balances it leaves."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from hongyan.db.group_commit import GroupCommit
from hongyan.db.pool import Pool, is_unavailable
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock

from .metrics import ACCEPTED, STORE_SECONDS
from .submission import BalanceInsufficient, StoreUnavailable

_QUERIES = Queries.of(__package__)

BATCH_MESSAGES_MAX = 1000
WAITING_MESSAGES_MAX = 20_000
COMMIT_TIMEOUT_SECONDS = 2.0
BALANCE_FRESH_SECONDS = 2.0


class MessageRow(NamedTuple):
    """One message to accept; the parameters of `store_batch`, in its order."""

    mid: int
    batch_id: int
    account_id: int
    api_key_id: int
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


class UnregisteredBatch(msgspec.Struct, frozen=True):
    """A batch to keep with its final report decided, never to be sent."""

    account_id: int
    api_key_id: int
    recipients: Sequence[tuple[int, int, int]]
    """(mid, recipient, carrier) of each."""
    segments: int
    at: datetime
    stat: str
    content: str


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
        return await self._commits.commit(rows)

    async def run(self) -> None:
        """Write until cancelled."""
        await self._commits.run()

    async def keep_unregistered(self, batch: UnregisteredBatch) -> None:
        """Commit a batch that is refused in its report."""
        recipients = batch.recipients
        try:
            await self._pool.execute(
                _QUERIES["store_unregistered"],
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
                timeout=COMMIT_TIMEOUT_SECONDS,
            )
        except Exception as error:  # tidy: allow-broad-except, named and passed on
            raise _as_refusal(error) from error

    async def balance(self, account_id: int) -> int:
        """Return a balance of the last seconds, in 厘."""
        known = self._balances.get(account_id)
        now = self._clock.monotonic()
        if known is not None and now - known[1] < BALANCE_FRESH_SECONDS:
            return known[0]
        try:
            available = await self._pool.fetchval(_QUERIES["balance_of"], account_id, timeout=COMMIT_TIMEOUT_SECONDS)
        except Exception as error:  # tidy: allow-broad-except, named and passed on
            raise _as_refusal(error) from error
        self._balances[account_id] = (available or 0, now)
        return available or 0

    async def _write(self, batches: Sequence[Sequence[MessageRow]]) -> Sequence[int | Exception]:
        try:
            with STORE_SECONDS.time():
                balances = await self._store([row for batch in batches for row in batch])
            return [
                balances[batch[0].account_id] if batch[0].account_id in balances else await self._write_alone(batch)
                for batch in batches
            ]
        except Exception as error:  # tidy: allow-broad-except, named and passed on
            raise _as_refusal(error) from error

    async def _write_alone(self, batch: Sequence[MessageRow]) -> int | Exception:
        """Commit one batch of an account whose credit did not cover all it sent together."""
        account_id = batch[0].account_id
        try:
            balances = await self._store(batch)
            if account_id in balances:
                return balances[account_id]
            self._balances.pop(account_id, None)
            refusal = BalanceInsufficient()
            refusal.balance = await self.balance(account_id)
        except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, whoever waits gets it
            return _as_refusal(error)
        return refusal

    async def _store(self, rows: Sequence[MessageRow]) -> dict[int, int]:
        """Run one commit; returns what each account that could pay has left."""
        answer = await self._pool.fetch(
            _QUERIES["store_batch"], *zip(*rows, strict=True), timeout=COMMIT_TIMEOUT_SECONDS
        )
        balances = {row["account_id"]: row["available"] for row in answer}
        now = self._clock.monotonic()
        for account_id, available in balances.items():
            self._balances[account_id] = (available, now)
        ACCEPTED.inc(sum(row.account_id in balances for row in rows))
        return balances


def _as_refusal(error: Exception) -> Exception:
    """Name a lost or silent database; anything else is our own mistake and passes as it is."""
    if is_unavailable(error) or isinstance(error, TimeoutError):
        return StoreUnavailable()
    return error
