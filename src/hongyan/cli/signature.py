"""`hongyan signature`: sender names in 【】, registered and decided on."""

from typing import Annotated

import typer

from hongyan.accounts.service import find_account, list_accounts
from hongyan.content import service
from hongyan.content.model import ReviewState, Signature

from .arguments import AccountOption, AnyAccountOption, ReasonOption, actor
from .console import say, show, show_table
from .context import Platform
from .group import Group

app = Group("Signatures: sender names in 【】.")

IdArgument = Annotated[int, typer.Argument(metavar="ID", help="The signature's number, as in the list.")]


@app.verb("register")
async def register(
    platform: Platform,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The name, 2 to 12 characters, without its 【】.")],
    *,
    account: AccountOption,
) -> None:
    """Ask for a signature.

    It has to be approved before texts go out under it.
    """
    async with platform.pool.acquire() as connection:
        owner = await find_account(connection, account)
        signature = await service.register_signature(connection, account_id=owner.account_id, text=text, actor=actor())
    _show(signature)
    say(f"approve it with: hongyan signature approve {signature.signature_id}")


@app.verb("list")
async def list_page(
    platform: Platform,
    *,
    account: AnyAccountOption = None,
    state: Annotated[
        ReviewState | None, typer.Option("--state", help="Only in this state.", show_default=False)
    ] = None,
    after: Annotated[int, typer.Option("--after", metavar="ID", help="Only later ones.", show_default=False)] = 0,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=service.PAGE_SIZE_MAX)] = 100,
) -> None:
    """List signatures."""
    async with platform.pool.acquire() as connection:
        account_id = (await find_account(connection, account)).account_id if account else None
        signatures = await service.list_signatures(
            connection, account_id=account_id, state=state, after=after, limit=limit
        )
        names = {owner.account_id: owner.name for owner in await list_accounts(connection)}
    show_table(
        signatures,
        {
            "id": lambda signature: signature.signature_id,
            "account": lambda signature: names[signature.account_id],
            "signature": lambda signature: f"【{signature.text}】",
            "state": lambda signature: signature.state,
            "reason": lambda signature: signature.reason,
            "registered": lambda signature: signature.created_at,
            "decided": lambda signature: signature.decided_at,
        },
        empty="no signatures",
    )
    if len(signatures) == limit:
        say(f"there may be more: --after {signatures[-1].signature_id}")


@app.verb("approve")
async def approve(platform: Platform, signature_id: IdArgument) -> None:
    """Let texts go out under a signature."""
    async with platform.pool.acquire() as connection:
        _show(await service.approve_signature(connection, signature_id, actor=actor()))


@app.verb("reject")
async def reject(platform: Platform, signature_id: IdArgument, *, reason: ReasonOption) -> None:
    """Refuse a signature, or withdraw one that was approved."""
    async with platform.pool.acquire() as connection:
        _show(await service.reject_signature(connection, signature_id, reason=reason, actor=actor()))


def _show(signature: Signature) -> None:
    show(
        signature,
        {
            "id": lambda signature: signature.signature_id,
            "signature": lambda signature: f"【{signature.text}】",
            "state": lambda signature: signature.state,
            "reason": lambda signature: signature.reason,
        },
    )
