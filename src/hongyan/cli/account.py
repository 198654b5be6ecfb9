"""`hongyan account`: who pays."""

from typing import Annotated

import msgspec
import typer

from hongyan.accounts import service
from hongyan.accounts.model import Account, Payment, UnregisteredPolicy
from hongyan.billing import service as billing
from hongyan.billing.model import Balance
from hongyan.db.connection import AnyConnection
from hongyan.kit.money import format_yuan

from .arguments import actor, new_subject_id, read_yuan
from .console import say, shell_word, show, show_table
from .context import Platform
from .group import Group

app = Group("Accounts: who pays.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
PriceOption = Annotated[
    int, typer.Option("--price", metavar="LI", help="What a segment costs, in 厘 (1/1000 yuan).", show_default=False)
]
OverdraftOption = Annotated[
    int | None,
    typer.Option(
        "--overdraft",
        metavar="YUAN",
        parser=read_yuan,
        help="How far below zero a post-paid account may go.",
        show_default=False,
    ),
]
_UNREGISTERED_HELP = "What becomes of texts that match no approved template: refused, or accepted and reported MA:0024."

_EXTENSION_HELP = "The digits behind a channel's number by which phones and replies know the account; '' for none."


class AccountView(msgspec.Struct, frozen=True):
    """An account and its money."""

    account: Account
    balance: Balance


@app.verb("create")
async def create(
    platform: Platform,
    name: NameArgument,
    *,
    price: PriceOption,
    payment: Annotated[Payment, typer.Option("--payment", help="When the account pays.")] = Payment.PREPAID,
    overdraft: OverdraftOption = None,
    unregistered: Annotated[
        UnregisteredPolicy, typer.Option("--unregistered", help=_UNREGISTERED_HELP)
    ] = UnregisteredPolicy.REFUSE,
    trial: Annotated[
        int | None,
        typer.Option("--trial", metavar="YUAN", parser=read_yuan, help="Credit to begin with.", show_default=False),
    ] = None,
) -> None:
    """Create an account with a balance.

    It needs a key to send: hongyan key create.
    """
    async with platform.pool.acquire() as connection:
        async with connection.transaction():
            account = await service.create_account(
                connection,
                name=name,
                price_per_segment=price,
                payment=payment,
                unregistered=unregistered,
                actor=actor(),
            )
            await billing.open_account(connection, account.account_id, overdraft_limit=overdraft or 0)
            if trial:
                subject_id = new_subject_id(platform.clock)
                await billing.grant_trial(connection, account.account_id, trial, subject_id=subject_id, actor=actor())
        await _show(connection, account)
    say(f"it sends with a key: hongyan key create --account {shell_word(name)}")


@app.verb("list")
async def list_all(platform: Platform) -> None:
    """List the accounts."""
    async with platform.pool.acquire() as connection:
        accounts = await service.list_accounts(connection)
    show_table(
        accounts,
        {
            "name": lambda account: account.name,
            "id": lambda account: account.account_id,
            "state": lambda account: account.state,
            "payment": lambda account: account.payment,
            "price (厘)": lambda account: account.price_per_segment,
            "unregistered": lambda account: account.unregistered,
            "created": lambda account: account.created_at,
        },
        empty="no accounts; create one: hongyan account create NAME --price 45",
    )


@app.verb("show")
async def show_one(platform: Platform, name: NameArgument) -> None:
    """Show an account and its balance."""
    async with platform.pool.acquire() as connection:
        await _show(connection, await service.find_account(connection, name))


@app.verb("set")
async def change(
    platform: Platform,
    name: NameArgument,
    *,
    price: Annotated[
        int | None, typer.Option("--price", metavar="LI", help="厘 a segment.", show_default=False)
    ] = None,
    payment: Annotated[
        Payment | None, typer.Option("--payment", help="When the account pays.", show_default=False)
    ] = None,
    overdraft: OverdraftOption = None,
    unregistered: Annotated[
        UnregisteredPolicy | None, typer.Option("--unregistered", help=_UNREGISTERED_HELP, show_default=False)
    ] = None,
    extension: Annotated[
        str | None, typer.Option("--extension", metavar="DIGITS", help=_EXTENSION_HELP, show_default=False)
    ] = None,
) -> None:
    """Change an account; what is not given stays. Messages already accepted keep their price."""
    if all(given is None for given in (price, payment, overdraft, unregistered, extension)):
        raise typer.BadParameter("give what is to change: --price, --payment, --overdraft, --unregistered, --extension")
    async with platform.pool.acquire() as connection:
        async with connection.transaction():
            account = await service.find_account(connection, name)
            if price is not None or unregistered is not None or extension is not None:
                account = await service.change_account(
                    connection,
                    account.account_id,
                    price_per_segment=price,
                    unregistered=unregistered,
                    extension=extension,
                    actor=actor(),
                )
            if payment is not None:
                account = await billing.set_payment(
                    connection, account.account_id, payment, overdraft_limit=overdraft, actor=actor()
                )
            elif overdraft is not None:
                await billing.set_overdraft(connection, account.account_id, overdraft, actor=actor())
        await _show(connection, account)


@app.verb("suspend")
async def suspend(platform: Platform, name: NameArgument) -> None:
    """Stop an account from sending; what it has sent goes on."""
    async with platform.pool.acquire() as connection:
        account = await service.find_account(connection, name)
        await _show(connection, await service.suspend_account(connection, account.account_id, actor=actor()))


@app.verb("resume")
async def resume(platform: Platform, name: NameArgument) -> None:
    """Let an account send again."""
    async with platform.pool.acquire() as connection:
        account = await service.find_account(connection, name)
        await _show(connection, await service.resume_account(connection, account.account_id, actor=actor()))


async def _show(connection: AnyConnection, account: Account) -> None:
    balance = await billing.balance(connection, account.account_id)
    show(
        AccountView(account, balance),
        {
            "name": lambda view: view.account.name,
            "id": lambda view: view.account.account_id,
            "state": lambda view: view.account.state,
            "payment": lambda view: view.account.payment,
            "price": lambda view: f"{view.account.price_per_segment} 厘 a segment",
            "unregistered": lambda view: view.account.unregistered,
            "extension": lambda view: view.account.extension,
            "available": lambda view: f"{format_yuan(view.balance.available)} yuan",
            "held": lambda view: f"{format_yuan(view.balance.held)} yuan",
            "overdraft": lambda view: f"{format_yuan(view.balance.overdraft_limit)} yuan",
            "created": lambda view: view.account.created_at,
        },
    )
