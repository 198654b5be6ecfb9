"""`hongyan channel`: carrier accesses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hongyan.carriers import PROTOCOLS
from hongyan.http.ops.readiness import ChannelCheck, check_readiness
from hongyan.routing import service
from hongyan.routing.model import ChannelInfo
from hongyan.routing.rules import ChannelDraft
from hongyan.routing.settings import settings_for

from .arguments import actor, read_password
from .console import as_text, say, shell_word, show, show_table
from .context import Platform
from .group import Group

app = Group("Channels: carrier accesses.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The channel's name.")]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        "--password", metavar="TEXT", help="As agreed with the carrier; others can see it here.", show_default=False
    ),
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

SettingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--setting",
        metavar="NAME=VALUE",
        help="What this carrier wants; may be given again. NAME= takes the default. See: hongyan channel settings.",
        show_default=False,
    ),
]

_PROTOCOL_HELP = f"One of {', '.join(sorted(PROTOCOLS))}."
_LOGIN_HELP = "The name that the carrier gave you: SP_Id, ClientID, system_id."
_SRC_ID_HELP = "The sender number that phones show."
_LINKS_HELP = "Connections."
_WINDOW_HELP = "Requests without answer on a connection."
_SPEED_HELP = "Segments a second, over all connections."


class ChannelView(ChannelInfo, frozen=True, kw_only=True):
    """A channel, and how many of its links a gateway says are bound."""

    links_bound: int
    speed_now: int | None = None
    """Segments a second, while the carrier holds the channel below its speed."""


class SettingView(msgspec.Struct, frozen=True):
    """What can be set about a channel."""

    name: str
    default: str
    values: str
    chinese: str
    english: str


@app.verb("add")
async def add(
    platform: Platform,
    name: NameArgument,
    *,
    protocol: Annotated[str, typer.Option("--protocol", metavar="NAME", help=_PROTOCOL_HELP)],
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="The carrier's gateway.")],
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", help="CMPP's own is 7890, SGIP's 8801, SMGP's 8890, SMPP's 2775.")
    ],
    login: Annotated[str, typer.Option("--login", metavar="CODE", help=_LOGIN_HELP)],
    src_id: Annotated[str, typer.Option("--src-id", metavar="DIGITS", help=_SRC_ID_HELP)],
    password: PasswordOption = None,
    password_file: PasswordFileOption = None,
    service_id: Annotated[
        str,
        typer.Option("--service-id", metavar="CODE", help="The carrier's code for the service.", show_default=False),
    ] = "",
    links: Annotated[int, typer.Option("--links", metavar="N", help=_LINKS_HELP)] = 1,
    window: Annotated[int, typer.Option("--window", metavar="N", help=_WINDOW_HELP)] = 16,
    speed: Annotated[int, typer.Option("--speed", metavar="N", help=_SPEED_HELP)] = 100,
    setting: SettingOption = None,
) -> None:
    """Add a channel.

    It connects at once and carries messages as soon as a route leads to it.
    """
    draft = ChannelDraft(
        protocol=protocol,
        host=host,
        port=port,
        login=login,
        src_id=src_id,
        service_id=service_id,
        links=links,
        window_size=window,
        speed_per_second=speed,
        settings=_read_settings(setting),
    )
    secret = read_password(password, password_file, ask=True) or ""
    async with platform.pool.acquire() as connection:
        channel = await service.add_channel(
            connection, platform.vault, name=name, draft=draft, password=secret, actor=actor()
        )
    await _show(platform, channel)
    say(f"lead messages to it with: hongyan route add --carrier CARRIER --channel {shell_word(name)}")


@app.verb("list")
async def list_all(platform: Platform) -> None:
    """List the channels."""
    async with platform.pool.acquire() as connection:
        channels = await service.list_channels(connection)
    checks = (await check_readiness(platform.pool, platform.clock)).channels
    show_table(
        [_view_of(channel, checks) for channel in channels],
        {
            "name": lambda channel: channel.name,
            "id": lambda channel: channel.channel_id,
            "state": lambda channel: channel.state,
            "protocol": lambda channel: channel.protocol,
            "address": _address,
            "login": lambda channel: channel.login,
            "src_id": lambda channel: channel.src_id,
            "bound": _bound,
            "window": lambda channel: channel.window_size,
            "speed/s": _speed,
        },
        empty="no channels; add one: hongyan channel add NAME …",
    )


@app.verb("show")
async def show_one(platform: Platform, name: NameArgument) -> None:
    """Show a channel and how many of its links are bound."""
    async with platform.pool.acquire() as connection:
        channel = await service.find_channel(connection, name)
    await _show(platform, channel)


@app.verb("set")
async def change(
    platform: Platform,
    name: NameArgument,
    *,
    protocol: Annotated[
        str | None, typer.Option("--protocol", metavar="NAME", help=_PROTOCOL_HELP, show_default=False)
    ] = None,
    host: Annotated[str | None, typer.Option("--host", metavar="HOST", show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", metavar="PORT", show_default=False)] = None,
    login: Annotated[str | None, typer.Option("--login", metavar="CODE", help=_LOGIN_HELP, show_default=False)] = None,
    src_id: Annotated[
        str | None, typer.Option("--src-id", metavar="DIGITS", help=_SRC_ID_HELP, show_default=False)
    ] = None,
    password: PasswordOption = None,
    password_file: PasswordFileOption = None,
    service_id: Annotated[str | None, typer.Option("--service-id", metavar="CODE", show_default=False)] = None,
    links: Annotated[int | None, typer.Option("--links", metavar="N", help=_LINKS_HELP, show_default=False)] = None,
    window: Annotated[int | None, typer.Option("--window", metavar="N", help=_WINDOW_HELP, show_default=False)] = None,
    speed: Annotated[int | None, typer.Option("--speed", metavar="N", help=_SPEED_HELP, show_default=False)] = None,
    setting: SettingOption = None,
) -> None:
    """Change a channel; what is not given stays.

    A running gateway follows at once.
    """
    changes = service.ChannelChanges(
        protocol=protocol,
        host=host,
        port=port,
        login=login,
        src_id=src_id,
        service_id=service_id,
        links=links,
        window_size=window,
        speed_per_second=speed,
        settings=_read_settings(setting) or None,
    )
    secret = read_password(password, password_file, ask=False)
    if changes == service.ChannelChanges() and secret is None:
        raise typer.BadParameter("give what is to change, such as --speed 200")
    async with platform.pool.acquire() as connection:
        channel = await service.change_channel(
            connection, platform.vault, name=name, changes=changes, password=secret, actor=actor()
        )
    await _show(platform, channel)


@app.verb("stop")
async def stop(platform: Platform, name: NameArgument) -> None:
    """Take a channel out of service.

    What is on the wire is finished; new messages take other routes, and those that wait for this one go on waiting.
    """
    async with platform.pool.acquire() as connection:
        channel = await service.stop_channel(connection, name, actor=actor())
    await _show(platform, channel)


@app.verb("start")
async def start(platform: Platform, name: NameArgument) -> None:
    """Put a channel into service."""
    async with platform.pool.acquire() as connection:
        channel = await service.start_channel(connection, name, actor=actor())
    await _show(platform, channel)


@app.verb("settings")
def list_settings(*, protocol: Annotated[str, typer.Option("--protocol", metavar="NAME", help=_PROTOCOL_HELP)]) -> None:
    """List the settings of a protocol's channels.

    Each with its default, what it may hold, and its meaning.
    """
    known = settings_for(protocol)
    if not known:
        raise typer.BadParameter(f"{protocol} is not a protocol; these are: {', '.join(sorted(PROTOCOLS))}")
    show_table(
        [
            SettingView(setting.name, setting.default_words, setting.demand.words, setting.chinese, setting.english)
            for setting in known.values()
        ],
        {
            "name": lambda setting: setting.name,
            "default": lambda setting: setting.default,
            "values": lambda setting: setting.values,
            "meaning": lambda setting: f"{setting.chinese} · {setting.english}",
        },
    )


def _read_settings(given: list[str] | None) -> dict[str, object]:
    """Return `NAME=VALUE` as names and values; None where the value is empty."""
    settings: dict[str, object] = {}
    for written in given or ():
        name, equals, value = written.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"{written} is not NAME=VALUE", param_hint="--setting")
        settings[name] = value or None
    return settings


def _settings(channel: ChannelInfo) -> str:
    given = msgspec.to_builtins(channel.settings)
    values = ((name, f"{value:g}" if isinstance(value, float) else as_text(value)) for name, value in given.items())
    return ", ".join(f"{name}={value}" for name, value in values)


def _speed(channel: ChannelView, unit: str = "") -> str:
    if channel.speed_now is None:
        return f"{channel.speed_per_second}{unit}"
    return f"{channel.speed_now}/{channel.speed_per_second}{unit} 限速中"


def _address(channel: ChannelInfo) -> str:
    host = f"[{channel.host}]" if ":" in channel.host else channel.host
    return f"{host}:{channel.port}"


def _bound(channel: ChannelView) -> str:
    return f"{channel.links_bound} of {channel.links}"


def _view_of(channel: ChannelInfo, checks: Mapping[str, ChannelCheck]) -> ChannelView:
    check = checks.get(channel.name)
    bound, speed_now = (check.bound, check.speed_now) if check else (0, None)
    return ChannelView(**msgspec.structs.asdict(channel), links_bound=bound, speed_now=speed_now)


async def _show(platform: Platform, channel: ChannelInfo) -> None:
    checks = (await check_readiness(platform.pool, platform.clock)).channels
    show(
        _view_of(channel, checks),
        {
            "name": lambda channel: channel.name,
            "id": lambda channel: channel.channel_id,
            "state": lambda channel: channel.state,
            "protocol": lambda channel: channel.protocol,
            "address": _address,
            "login": lambda channel: channel.login,
            "src_id": lambda channel: channel.src_id,
            "service_id": lambda channel: channel.service_id,
            "links bound": _bound,
            "window": lambda channel: channel.window_size,
            "speed": lambda channel: _speed(channel, " segments a second"),
            "settings": _settings,
            "created": lambda channel: channel.created_at,
        },
    )
