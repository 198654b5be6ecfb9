"""Changing channels and routes.

Every change is one transaction that also tells all processes to read the area anew: gateways then open,
close or adjust links, and intake routes by the new table. A channel keeps its name for life: its password is
sealed to it.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
import structlog

from hongyan.carriers.settings import DEFAULTS, ChannelSettings
from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.secrets import InvalidSeal, Vault
from hongyan.numbers.model import Carrier

from .errors import ChannelNameTaken, ChannelNotFound, RouteExists, RouteNotFound
from .model import ChannelInfo, ChannelState, Route, RouteState
from .rows import channel_info_of, open_settings, route_of, seal_context, seal_settings
from .rules import ChannelDraft, check_channel, check_route

_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()


class ChannelChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change about a channel, its password left out; None leaves a field as it is."""

    protocol: str | None = None
    host: str | None = None
    port: int | None = None
    login: str | None = None
    src_id: str | None = None
    service_id: str | None = None
    links: int | None = None
    window_size: int | None = None
    speed_per_second: int | None = None
    settings: Mapping[str, object] | None = None
    """Those to change by name, with None for what shall be as by default again."""


async def add_channel(
    connection: AnyConnection, vault: Vault, *, name: str, draft: ChannelDraft, password: str, actor: str
) -> ChannelInfo:
    """Add a channel, active at once; ChannelInvalid names all wrong fields, or ChannelNameTaken."""
    settings = check_channel(name, draft, password)
    sealed = vault.seal(password.encode(), seal_context(name))
    async with connection.transaction():
        row = await connection.fetchrow(
            _QUERIES["insert_channel"],
            name,
            draft.protocol,
            draft.host,
            draft.port,
            draft.login,
            sealed,
            draft.src_id,
            draft.service_id,
            draft.links,
            draft.window_size,
            draft.speed_per_second,
            seal_settings(vault, name, settings),
        )
        if row is None:
            raise ChannelNameTaken(f"There is a channel named {name} already.", name=name)
        await connection.execute(_QUERIES["announce"])
    channel = channel_info_of(row)
    _log.info("channel.added", channel_id=channel.channel_id, actor=actor)
    return channel


async def change_channel(
    connection: AnyConnection,
    vault: Vault,
    *,
    name: str,
    changes: ChannelChanges,
    password: str | None = None,
    actor: str,
) -> ChannelInfo:
    """Change what is given; ChannelNotFound or ChannelInvalid."""
    given = {field: value for field, value in msgspec.structs.asdict(changes).items() if value is not None}
    changed = sorted(given)
    async with connection.transaction():
        current = await connection.fetchrow(_QUERIES["lock_channel"], name)
        if current is None:
            raise ChannelNotFound(f"There is no channel named {name}.", name=name)
        kept = msgspec.to_builtins(_current_settings(vault, name, current["settings"]))
        given["settings"] = {**kept, **given.get("settings", {})}
        draft = ChannelDraft(**{field: given.get(field, current[field]) for field in ChannelDraft.__struct_fields__})
        settings = check_channel(name, draft, password)
        row = await connection.fetchrow(
            _QUERIES["update_channel"],
            name,
            draft.protocol,
            draft.host,
            draft.port,
            draft.login,
            vault.seal(password.encode(), seal_context(name)) if password is not None else None,
            draft.src_id,
            draft.service_id,
            draft.links,
            draft.window_size,
            draft.speed_per_second,
            seal_settings(vault, name, settings),
        )
        assert row is not None, "the row is locked"
        await connection.execute(_QUERIES["announce"])
    channel = channel_info_of(row)
    _log.info("channel.changed", channel_id=channel.channel_id, fields=changed, actor=actor)
    return channel


async def stop_channel(connection: AnyConnection, name: str, *, actor: str) -> ChannelInfo:
    """Take a channel out of service: its links drain and close, its routes are passed over."""
    return await _set_state(connection, name, ChannelState.STOPPED, actor=actor)


async def start_channel(connection: AnyConnection, name: str, *, actor: str) -> ChannelInfo:
    """Put a channel into service."""
    return await _set_state(connection, name, ChannelState.ACTIVE, actor=actor)


async def list_channels(connection: AnyConnection) -> list[ChannelInfo]:
    """Return all channels, the oldest first."""
    return [channel_info_of(row) for row in await connection.fetch(_QUERIES["list_channels"])]


async def find_channel(connection: AnyConnection, name: str) -> ChannelInfo:
    """Return the channel of this name; ChannelNotFound."""
    row = await connection.fetchrow(_QUERIES["channel_by_name"], name)
    if row is None:
        raise ChannelNotFound(f"There is no channel named {name}.", name=name)
    return channel_info_of(row)


async def add_route(
    connection: AnyConnection, *, carrier: Carrier, channel: str, priority: int = 1, weight: int = 1, actor: str
) -> Route:
    """Let messages of a carrier take a channel; RouteInvalid, ChannelNotFound or RouteExists."""
    check_route(priority, weight)
    async with connection.transaction():
        channel_id = (await find_channel(connection, channel)).channel_id
        row = await connection.fetchrow(_QUERIES["insert_route"], carrier, channel_id, priority, weight)
        if row is None:
            raise RouteExists(carrier=carrier.name.lower(), channel=channel)
        await connection.execute(_QUERIES["announce"])
    route = route_of(row)
    _log.info("route.added", route_id=route.route_id, actor=actor)
    return route


async def change_route(
    connection: AnyConnection,
    route_id: int,
    *,
    priority: int | None = None,
    weight: int | None = None,
    state: RouteState | None = None,
    actor: str,
) -> Route:
    """Change what is given; RouteNotFound or RouteInvalid."""
    check_route(priority, weight)
    async with connection.transaction():
        row = await connection.fetchrow(_QUERIES["update_route"], route_id, priority, weight, state)
        if row is None:
            raise RouteNotFound(f"There is no route {route_id}.", route_id=route_id)
        await connection.execute(_QUERIES["announce"])
    _log.info("route.changed", route_id=route_id, actor=actor)
    return route_of(row)


async def remove_route(connection: AnyConnection, route_id: int, *, actor: str) -> Route:
    """Remove a route and return what it was; messages it was chosen for still take it."""
    async with connection.transaction():
        row = await connection.fetchrow(_QUERIES["delete_route"], route_id)
        if row is None:
            raise RouteNotFound(f"There is no route {route_id}.", route_id=route_id)
        await connection.execute(_QUERIES["announce"])
    _log.info("route.removed", route_id=route_id, actor=actor)
    return route_of(row)


async def list_routes(connection: AnyConnection) -> list[Route]:
    """Return all routes, by carrier and priority."""
    return [route_of(row) for row in await connection.fetch(_QUERIES["all_routes"])]


async def _set_state(connection: AnyConnection, name: str, state: ChannelState, *, actor: str) -> ChannelInfo:
    async with connection.transaction():
        row = await connection.fetchrow(_QUERIES["set_channel_state"], name, state)
        if row is None:
            raise ChannelNotFound(f"There is no channel named {name}.", name=name)
        await connection.execute(_QUERIES["announce"])
    channel = channel_info_of(row)
    _log.info("channel.state_changed", channel_id=channel.channel_id, state=state.value, actor=actor)
    return channel


def _current_settings(vault: Vault, name: str, stored: str) -> ChannelSettings:
    """Return the settings that a channel has; none, where their secrets do not open and have to be given anew."""
    try:
        return open_settings(vault, name, stored)
    except InvalidSeal:
        return DEFAULTS
