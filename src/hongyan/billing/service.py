"""Opening balances, moving money by hand, and proving that it adds up. All amounts are 厘.

What messages cost is held, posted and voided by the pipeline; here is everything else. Each change of a balance
and its ledger entry are one transaction, so that the balance is the sum of the ledger at every commit.
`subject_id` is a fresh id of the platform's kind: it gives the entry its place in time.
"""

from typing import Final

import structlog

from hongyan.accounts import service as accounts
from hongyan.accounts.model import Account, Payment
from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.ids import format_id

from .errors import BalanceNotFound, OverdraftNotAllowed, TrialGranted
from .model import Balance, Discrepancy, EntryKind, LedgerEntry, Statement
from .rules import check_overdraft_limit, check_payment

STATEMENT_SUBJECTS_MAX: Final = 500
DISCREPANCIES_MAX: Final = 100
"""How many single messages `verify` names; more of them tell nothing new."""

_NEWEST: Final = (1 << 63) - 1
_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()


async def open_account(connection: AnyConnection, account_id: int, *, overdraft_limit: int = 0) -> None:
    """Give an account its balance, zero to begin with; nothing happens if it has one.

    AccountNotFound, OverdraftNotAllowed or PaymentInvalid.
    """
    check_overdraft_limit(overdraft_limit)
    async with connection.transaction():
        await _check_overdraft(connection, account_id, overdraft_limit)
        await connection.execute(_QUERIES["open_balance"], account_id, overdraft_limit)
        await connection.execute(_QUERIES["open_settlement"], account_id)


async def balance(connection: AnyConnection, account_id: int) -> Balance:
    """Return what an account has; BalanceNotFound."""
    row = await connection.fetchrow(_QUERIES["balance"], account_id)
    if row is None:
        raise BalanceNotFound(account_id=account_id)
    return Balance(row["available"], row["held"], row["overdraft_limit"])


async def recharge(
    connection: AnyConnection, account_id: int, amount: int, *, subject_id: int, note: str = "", actor: str
) -> Balance:
    """Add money that was paid in and return the new balance."""
    return await _move(
        connection, EntryKind.RECHARGE, account_id, amount, subject_id=subject_id, note=note, actor=actor
    )


async def adjust(
    connection: AnyConnection, account_id: int, amount: int, *, subject_id: int, note: str, actor: str
) -> Balance:
    """Correct a balance in either direction, for a reason, and return it."""
    return await _move(
        connection, EntryKind.ADJUSTMENT, account_id, amount, subject_id=subject_id, note=note, actor=actor
    )


async def grant_trial(
    connection: AnyConnection, account_id: int, amount: int, *, subject_id: int, note: str = "", actor: str
) -> Balance:
    """Add the credit that an account gets to try the platform; TrialGranted if it had it."""
    return await _move(connection, EntryKind.TRIAL, account_id, amount, subject_id=subject_id, note=note, actor=actor)


async def set_overdraft(connection: AnyConnection, account_id: int, limit: int, *, actor: str) -> Balance:
    """Set how far below zero a post-paid account may go; OverdraftNotAllowed for another."""
    check_overdraft_limit(limit)
    async with connection.transaction():
        await _check_overdraft(connection, account_id, limit)
        if await connection.fetchval(_QUERIES["set_overdraft_limit"], account_id, limit) is None:
            raise BalanceNotFound(account_id=account_id)
        changed = await balance(connection, account_id)
    _log.info("balance.overdraft_set", account_id=account_id, actor=actor)
    return changed


async def set_payment(
    connection: AnyConnection, account_id: int, payment: Payment, *, overdraft_limit: int | None = None, actor: str
) -> Account:
    """Make an account prepaid, which ends its overdraft, or post-paid; what it owes stays as it is.

    Without an `overdraft_limit` a post-paid account keeps the one it has.
    """
    if overdraft_limit is None and payment is Payment.PREPAID:
        overdraft_limit = 0
    async with connection.transaction():
        account = await accounts.change_account(connection, account_id, payment=payment, actor=actor)
        if overdraft_limit is not None:
            await set_overdraft(connection, account_id, overdraft_limit, actor=actor)
    return account


async def statement(
    connection: AnyConnection, account_id: int, *, before: int | None = None, limit: int = 50
) -> Statement:
    """Return a page of the ledger, newest first: the entries of up to `limit` messages and payments.

    For the next page, give `next_before` as `before`.
    """
    limit = max(1, min(limit, STATEMENT_SUBJECTS_MAX))
    rows = await connection.fetch(_QUERIES["statement"], account_id, before or _NEWEST, limit)
    subjects = {row["subject_id"] for row in rows}
    entries = [
        LedgerEntry(
            subject_id=row["subject_id"],
            kind=EntryKind(row["entry"]),
            available_change=row["available_change"],
            held_change=row["held_change"],
            at=row["at"],
            note=row["note"],
        )
        for row in rows
        if row["entry"] is not None  # a message that cost nothing because it was refused
    ]
    return Statement(entries, min(subjects) if len(subjects) == limit else None)


async def verify(connection: AnyConnection) -> list[Discrepancy]:
    """Compare balances, ledger and messages of every account as of one moment; an empty list is the good answer.

    Reads the whole ledger: for the night, not for a request.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        per_account = await connection.fetch(_QUERIES["verify_accounts"])
        per_subject = await connection.fetch(_QUERIES["verify_subjects"], DISCREPANCIES_MAX)
        per_message = await connection.fetch(_QUERIES["verify_messages"], DISCREPANCIES_MAX)
    found: list[Discrepancy] = []
    for row in per_account:
        compared = [
            ("the balance against the ledger", row["available_by_ledger"], row["available"]),
            ("all that was held against the ledger", row["held_total_by_ledger"], row["held_total"]),
            ("all that was posted against the ledger", row["posted_total_by_ledger"], row["posted_total"]),
            ("all that was voided against the ledger", row["voided_total_by_ledger"], row["voided_total"]),
            ("what is held against the messages on their way", row["held_by_messages"], row["held_by_ledger"]),
        ]
        found += [
            Discrepancy(row["account_id"], *comparison) for comparison in compared if comparison[1] != comparison[2]
        ]
    found += [
        Discrepancy(row["account_id"], f"the hold of {format_id(row['subject_id'])}", row["held"], row["settled"])
        for row in per_subject
    ]
    found += [
        Discrepancy(row["account_id"], f"the charge of {format_id(row['mid'])}", row["charge"], row["held"])
        for row in per_message
    ]
    return found


async def _move(
    connection: AnyConnection,
    kind: EntryKind,
    account_id: int,
    amount: int,
    *,
    subject_id: int,
    note: str,
    actor: str,
) -> Balance:
    check_payment(kind, amount, note)
    async with connection.transaction():
        # The balance's row is locked from here on, so that of two trial credits one sees the other.
        if await connection.fetchval(_QUERIES["change_available"], account_id, amount) is None:
            raise BalanceNotFound(account_id=account_id)
        if kind is EntryKind.TRIAL and await connection.fetchval(_QUERIES["had_trial"], account_id):
            raise TrialGranted(account_id=account_id)
        await connection.execute(_QUERIES["enter"], subject_id, kind, account_id, amount, note.strip() or None)
        changed = await balance(connection, account_id)
    _log.info("balance.moved", account_id=account_id, entry=kind.name.lower(), actor=actor)
    return changed


async def _check_overdraft(connection: AnyConnection, account_id: int, limit: int) -> None:
    account = await accounts.get_account(connection, account_id)
    if limit and account.payment is not Payment.POSTPAID:
        raise OverdraftNotAllowed(account_id=account_id)
