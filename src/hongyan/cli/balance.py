"""`hongyan balance`: money, and the ledger that proves it."""

from datetime import datetime
from typing import Annotated

import msgspec
import typer

from hongyan.accounts.service import find_account, list_accounts
from hongyan.billing import service
from hongyan.billing.model import Balance, LedgerEntry
from hongyan.kit.ids import format_id, parse_id
from hongyan.kit.money import format_yuan

from .arguments import actor, new_subject_id, read_yuan
from .console import print_json, say, show, show_table
from .context import Platform, common_options
from .group import Group

app = Group("Balances and the ledger.")

AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")]
YuanOption = Annotated[int, typer.Option("--yuan", metavar="AMOUNT", parser=read_yuan, help="Such as 100 or 0.045.")]
NoteOption = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="Kept with the ledger entry.", show_default=False)
]


class BalanceView(msgspec.Struct, frozen=True):
    """An account's money in 厘."""

    account: str
    available: int
    held: int
    overdraft_limit: int


class EntryView(msgspec.Struct, frozen=True):
    """A ledger entry, amounts in 厘."""

    subject: str
    entry: str
    available_change: int
    held_change: int
    at: datetime
    note: str | None


class StatementView(msgspec.Struct, frozen=True):
    """A page of the ledger."""

    entries: list[EntryView]
    next_before: str | None


class DiscrepancyView(msgspec.Struct, frozen=True):
    """What does not add up, amounts in 厘."""

    account: str
    what: str
    expected: int
    found: int


@app.verb("show")
async def show_one(platform: Platform, account: AccountArgument) -> None:
    """Show what an account can spend.

    Also what is held for messages on their way, and how far the account may overdraw.
    """
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id
        _show(account, await service.balance(connection, account_id))


@app.verb("recharge")
async def recharge(platform: Platform, account: AccountArgument, *, yuan: YuanOption, note: NoteOption = "") -> None:
    """Add money that was paid in."""
    subject_id = new_subject_id(platform.clock)
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id
        balance = await service.recharge(connection, account_id, yuan, subject_id=subject_id, note=note, actor=actor())
    _show(account, balance)


@app.verb("trial")
async def trial(platform: Platform, account: AccountArgument, *, yuan: YuanOption, note: NoteOption = "") -> None:
    """Grant an account the credit that it gets once.

    It is for trying the platform.
    """
    subject_id = new_subject_id(platform.clock)
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id
        balance = await service.grant_trial(
            connection, account_id, yuan, subject_id=subject_id, note=note, actor=actor()
        )
    _show(account, balance)


@app.verb("adjust")
async def adjust(
    platform: Platform,
    account: AccountArgument,
    *,
    yuan: Annotated[int, typer.Option("--yuan", metavar="AMOUNT", parser=read_yuan, help="Such as 100 or -0.045.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept with the ledger entry.")],
) -> None:
    """Correct a balance in either direction."""
    subject_id = new_subject_id(platform.clock)
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id
        balance = await service.adjust(connection, account_id, yuan, subject_id=subject_id, note=note, actor=actor())
    _show(account, balance)


@app.verb("statement")
async def statement(
    platform: Platform,
    account: AccountArgument,
    *,
    before: Annotated[
        str | None, typer.Option("--before", metavar="ID", help="Only older than this.", show_default=False)
    ] = None,
    limit: Annotated[
        int,
        typer.Option("--limit", metavar="N", min=1, max=service.STATEMENT_SUBJECTS_MAX, help="Messages and payments."),
    ] = 50,
) -> None:
    """List every change of an account's money, newest first."""
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id
        page = await service.statement(connection, account_id, before=parse_id(before) if before else None, limit=limit)
    next_before = format_id(page.next_before) if page.next_before is not None else None
    entries = list(map(_entry_view_of, page.entries))
    if common_options.get().as_json:
        print_json(StatementView(entries, next_before))
        return
    show_table(
        entries,
        {
            "at": lambda entry: entry.at,
            "subject": lambda entry: entry.subject,
            "entry": lambda entry: entry.entry,
            "available": lambda entry: format_yuan(entry.available_change),
            "held": lambda entry: format_yuan(entry.held_change),
            "note": lambda entry: entry.note,
        },
        empty="no entries",
    )
    if next_before is not None:
        say(f"there are older ones: --before {next_before}")


@app.verb("verify")
async def verify(platform: Platform) -> None:
    """Prove that balances, ledger and messages agree.

    Reads the whole ledger. Exit code 0: they do, else 1.
    """
    async with platform.pool.acquire() as connection:
        names = {account.account_id: account.name for account in await list_accounts(connection)}
        found = await service.verify(connection)
    show_table(
        [
            DiscrepancyView(names.get(item.account_id, f"#{item.account_id}"), item.what, item.expected, item.found)
            for item in found
        ],
        {
            "account": lambda item: item.account,
            "compared": lambda item: item.what,
            "expected": lambda item: format_yuan(item.expected),
            "found": lambda item: format_yuan(item.found),
        },
        empty="the money adds up",
    )
    if found:
        raise typer.Exit(1)


def _entry_view_of(entry: LedgerEntry) -> EntryView:
    return EntryView(
        format_id(entry.subject_id),
        entry.kind.name.lower(),
        entry.available_change,
        entry.held_change,
        entry.at,
        entry.note,
    )


def _show(account: str, balance: Balance) -> None:
    show(
        BalanceView(account, balance.available, balance.held, balance.overdraft_limit),
        {
            "account": lambda view: view.account,
            "available": lambda view: f"{format_yuan(view.available)} yuan",
            "held": lambda view: f"{format_yuan(view.held)} yuan",
            "overdraft": lambda view: f"{format_yuan(view.overdraft_limit)} yuan",
        },
    )
