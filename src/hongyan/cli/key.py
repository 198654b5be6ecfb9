"""`hongyan key`: the pairs that sign API requests."""

from typing import Annotated

import msgspec
import typer

from hongyan.accounts import service
from hongyan.accounts.model import ApiKeyInfo

from .arguments import AccountOption, actor
from .console import say, shell_word, show, show_table
from .context import Platform
from .group import Group

app = Group("API keys, which sign requests.")

SecretIdArgument = Annotated[str, typer.Argument(metavar="SECRET_ID", help="The key's public half, AKID….")]
_ALLOW_HELP = "An address or network that the key may be used from, such as 203.0.113.9 or 10.0.0.0/8"


class NewKeyView(msgspec.Struct, frozen=True):
    """A key just made, with its secret."""

    secret_id: str
    secret_key: str
    key: ApiKeyInfo


@app.verb("create")
async def create(
    platform: Platform,
    *,
    account: AccountOption,
    label: Annotated[
        str, typer.Option("--label", metavar="TEXT", help="What the key is for.", show_default=False)
    ] = "",
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="ADDRESS", help=f"{_ALLOW_HELP}; may be repeated.", show_default=False),
    ] = None,
) -> None:
    """Make a key for an account.

    Its secret is shown this once.
    """
    async with platform.pool.acquire() as connection:
        owner = await service.find_account(connection, account)
        made = await service.create_key(
            connection, platform.vault, account_id=owner.account_id, label=label, ip_allow=allow or (), actor=actor()
        )
    show(
        NewKeyView(made.info.secret_id, made.secret_key, made.info),
        {
            "secret_id": lambda view: view.secret_id,
            "secret_key": lambda view: view.secret_key,
            "label": lambda view: view.key.label,
            "allowed from": lambda view: view.key.ip_allow or "everywhere",
        },
    )
    say("keep the secret_key now: it is not shown again")


@app.verb("list")
async def list_all(platform: Platform, *, account: AccountOption) -> None:
    """List the keys of an account."""
    async with platform.pool.acquire() as connection:
        owner = await service.find_account(connection, account)
        keys = await service.list_keys(connection, owner.account_id)
    show_table(
        keys,
        {
            "secret_id": lambda key: key.secret_id,
            "label": lambda key: key.label,
            "state": lambda key: key.state,
            "allowed from": lambda key: key.ip_allow or "everywhere",
            "created": lambda key: key.created_at,
            "last used": lambda key: key.last_used_at,
        },
        empty=f"no keys; make one: hongyan key create --account {shell_word(account)}",
    )


@app.verb("disable")
async def disable(platform: Platform, secret_id: SecretIdArgument) -> None:
    """Stop a key from signing requests, at once and everywhere."""
    async with platform.pool.acquire() as connection:
        _show(await service.disable_key(connection, secret_id, actor=actor()))


@app.verb("enable")
async def enable(platform: Platform, secret_id: SecretIdArgument) -> None:
    """Let a key sign requests again."""
    async with platform.pool.acquire() as connection:
        _show(await service.enable_key(connection, secret_id, actor=actor()))


@app.verb("allow")
async def allow(
    platform: Platform,
    secret_id: SecretIdArgument,
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="[ADDRESS]...", help=f"{_ALLOW_HELP}; none allows every address.")
    ] = None,
) -> None:
    """Say where a key may be used from.

    Replaces what was allowed before.
    """
    async with platform.pool.acquire() as connection:
        _show(await service.allow_addresses(connection, secret_id, addresses or (), actor=actor()))


def _show(key: ApiKeyInfo) -> None:
    show(
        key,
        {
            "secret_id": lambda key: key.secret_id,
            "label": lambda key: key.label,
            "state": lambda key: key.state,
            "allowed from": lambda key: key.ip_allow or "everywhere",
            "last used": lambda key: key.last_used_at,
        },
    )
