"""`hongyan login`: customers who come in by a carrier protocol."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hongyan.accounts import login_service as service
from hongyan.accounts.login_rules import SETTINGS_OF
from hongyan.accounts.protocol_login import Family, LoginInfo
from hongyan.accounts.service import find_account, list_accounts

from .arguments import AccountOption, AnyAccountOption, actor, read_pairs, read_password
from .console import say, show, show_table
from .context import Platform
from .group import Group

app = Group("Protocol logins: customers by CMPP, SGIP, SMGP, SMPP.")

FamilyArgument = Annotated[Family, typer.Argument(metavar="PROTOCOL", help="cmpp, sgip, smgp or smpp.")]
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="What the customer binds as: SP_Id, Login Name, ClientID, system_id.")
]
PasswordOption = Annotated[
    str | None, typer.Option("--password", metavar="TEXT", help="Others can see it here.", show_default=False)
]
PasswordFileOption = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help="Read the password from a file; - is standard input.",
        show_default=False,
    ),
]
ReversePasswordFileOption = Annotated[
    Path | None,
    typer.Option(
        "--reverse-password-file",
        metavar="FILE",
        help="SGIP: what we bind to the customer with, if it is another one.",
        show_default=False,
    ),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="ADDRESS",
        help="An address or network that it may connect from; may be repeated.",
        show_default=False,
    ),
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="DIGITS",
        help="A number that it may send from, and all that begin with it; may be repeated. None: the channels' numbers "
        "with the account's extension.",
        show_default=False,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A setting of the protocol, such as report_size=60; may be repeated, and empty is the default.",
        show_default=False,
    ),
]
_LINKS_HELP = "Connections at once."
_WINDOW_HELP = "Requests without answer on a connection, each way."
_SPEED_HELP = "Short messages a second, over all connections."


class LoginView(msgspec.Struct, frozen=True):
    """A login, whose it is, and its password where it was just made."""

    login: LoginInfo
    account: str
    password: str | None = None


@app.verb("add")
async def add(
    platform: Platform,
    protocol: FamilyArgument,
    name: NameArgument,
    *,
    account: AccountOption,
    password: PasswordOption = None,
    password_file: PasswordFileOption = None,
    reverse_password_file: ReversePasswordFileOption = None,
    allow: AllowOption = None,
    links: Annotated[int, typer.Option("--links", metavar="N", help=_LINKS_HELP)] = service.DEFAULT_LINKS,
    window: Annotated[int, typer.Option("--window", metavar="N", help=_WINDOW_HELP)] = service.DEFAULT_WINDOW_SIZE,
    speed: Annotated[int, typer.Option("--speed", metavar="N", help=_SPEED_HELP)] = service.DEFAULT_SPEED,
    source: SourceOption = None,
    settings: SetOption = None,
) -> None:
    """Let an account in by a carrier protocol.

    Without a password it gets a random one, which is shown this once.
    """
    draft = service.LoginDraft(
        ip_allow=allow,
        links_max=links,
        window_size=window,
        speed_per_second=speed,
        sources=source,
        settings=read_pairs(settings or ()),
    )
    given = read_password(password, password_file, ask=False)
    async with platform.pool.acquire() as connection:
        owner = await find_account(connection, account)
        made = await service.add_login(
            connection,
            platform.vault,
            account_id=owner.account_id,
            family=protocol,
            name=name,
            password=given,
            reverse_password=read_password(None, reverse_password_file, ask=False),
            draft=draft,
            actor=actor(),
        )
    _show(LoginView(made.info, owner.name, made.password if given is None else None))
    if given is None:
        say("keep the password now: it is not shown again")


@app.verb("list")
async def list_all(platform: Platform, *, account: AnyAccountOption = None) -> None:
    """List the protocol logins."""
    async with platform.pool.acquire() as connection:
        names = {owner.account_id: owner.name for owner in await list_accounts(connection)}
        account_id = None if account is None else (await find_account(connection, account)).account_id
        logins = await service.list_logins(connection, account_id)
    show_table(
        [LoginView(login, names[login.account_id]) for login in logins],
        {
            "protocol": lambda view: view.login.family,
            "name": lambda view: view.login.name,
            "account": lambda view: view.account,
            "state": lambda view: view.login.state,
            "allowed from": lambda view: view.login.ip_allow or "everywhere",
            "links": lambda view: view.login.links_max,
            "window": lambda view: view.login.window_size,
            "speed/s": lambda view: view.login.speed_per_second,
            "last bound": lambda view: view.login.last_bound_at,
        },
        empty="no protocol logins; make one: hongyan login add PROTOCOL NAME --account ACCOUNT",
    )


@app.verb("show")
async def show_one(platform: Platform, protocol: FamilyArgument, name: NameArgument) -> None:
    """Show a protocol login and its settings."""
    async with platform.pool.acquire() as connection:
        login = await service.find_login(connection, protocol, name)
    await _show_of(platform, login)


@app.verb("set")
async def change(
    platform: Platform,
    protocol: FamilyArgument,
    name: NameArgument,
    *,
    allow: AllowOption = None,
    allow_all: Annotated[
        bool, typer.Option("--allow-all", help="Let it connect from everywhere.", show_default=False)
    ] = False,
    links: Annotated[int | None, typer.Option("--links", metavar="N", help=_LINKS_HELP, show_default=False)] = None,
    window: Annotated[int | None, typer.Option("--window", metavar="N", help=_WINDOW_HELP, show_default=False)] = None,
    speed: Annotated[int | None, typer.Option("--speed", metavar="N", help=_SPEED_HELP, show_default=False)] = None,
    source: SourceOption = None,
    sources_by_extension: Annotated[
        bool,
        typer.Option("--sources-by-extension", help="Forget the numbers given by --source.", show_default=False),
    ] = False,
    settings: SetOption = None,
) -> None:
    """Change a protocol login; what is not given stays.

    Links that are bound follow at once.
    """
    draft = service.LoginDraft(
        ip_allow=[] if allow_all else allow,
        links_max=links,
        window_size=window,
        speed_per_second=speed,
        sources=[] if sources_by_extension else source,
        settings=None if settings is None else read_pairs(settings),
    )
    if draft == service.LoginDraft():
        raise typer.BadParameter("give what is to change, such as --speed 200")
    async with platform.pool.acquire() as connection:
        login = await service.change_login(connection, family=protocol, name=name, draft=draft, actor=actor())
    await _show_of(platform, login)


@app.verb("password")
async def password_of(
    platform: Platform,
    protocol: FamilyArgument,
    name: NameArgument,
    *,
    password: PasswordOption = None,
    password_file: PasswordFileOption = None,
    reverse_password_file: ReversePasswordFileOption = None,
) -> None:
    """Give a protocol login another password; a random one, unless it is given.

    Links that are bound stay.
    """
    given = read_password(password, password_file, ask=False)
    reverse = read_password(None, reverse_password_file, ask=False)
    async with platform.pool.acquire() as connection:
        made = await service.set_password(
            connection,
            platform.vault,
            family=protocol,
            name=name,
            password=given,
            reverse_password=reverse,
            actor=actor(),
        )
    is_fresh = given is None and reverse is None
    await _show_of(platform, made.info, made.password if is_fresh else None)
    if is_fresh:
        say("keep the password now: it is not shown again")


@app.verb("disable")
async def disable(platform: Platform, protocol: FamilyArgument, name: NameArgument) -> None:
    """Keep a protocol login out, and cut its links.

    What it has submitted goes on; its reports wait for it.
    """
    async with platform.pool.acquire() as connection:
        login = await service.disable_login(connection, protocol, name, actor=actor())
    await _show_of(platform, login)


@app.verb("enable")
async def enable(platform: Platform, protocol: FamilyArgument, name: NameArgument) -> None:
    """Let a protocol login in again."""
    async with platform.pool.acquire() as connection:
        login = await service.enable_login(connection, protocol, name, actor=actor())
    await _show_of(platform, login)


@app.verb("remove")
async def remove(platform: Platform, protocol: FamilyArgument, name: NameArgument) -> None:
    """Remove a protocol login, and the reports and replies that wait for it.

    Its messages stay.
    """
    async with platform.pool.acquire() as connection:
        await service.remove_login(connection, protocol, name, actor=actor())
    say(f"{protocol} {name} is removed")


async def _show_of(platform: Platform, login: LoginInfo, password: str | None = None) -> None:
    async with platform.pool.acquire() as connection:
        names = {owner.account_id: owner.name for owner in await list_accounts(connection)}
    _show(LoginView(login, names[login.account_id], password))


def _show(view: LoginView) -> None:
    fields = {
        "protocol": lambda view: view.login.family,
        "name": lambda view: view.login.name,
        "account": lambda view: view.account,
        "state": lambda view: view.login.state,
        "allowed from": lambda view: view.login.ip_allow or "everywhere",
        "links": lambda view: view.login.links_max,
        "window": lambda view: view.login.window_size,
        "speed": lambda view: f"{view.login.speed_per_second} short messages a second",
        "sources": lambda view: view.login.sources or "by the account's extension",
        "settings": _settings_of,
        "last bound": lambda view: view.login.last_bound_at,
    }
    if view.password is not None:
        fields = {"password": lambda view: view.password, **fields}
    show(view, fields)


def _settings_of(view: LoginView) -> str:
    names = sorted(SETTINGS_OF[view.login.family])
    return ", ".join(f"{name}={_written(getattr(view.login.settings, name))}" for name in names)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
