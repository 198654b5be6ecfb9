"""From database rows to channels and routes, and the names that both readers and writers share."""

import base64
from typing import Any

import msgspec
from asyncpg import Record

from hongyan.carriers.settings import ChannelSettings
from hongyan.kit.secrets import Vault
from hongyan.numbers.model import Carrier

from .model import ChannelInfo, ChannelState, Route, RouteState
from .settings import SECRETS


def seal_context(name: str) -> str:
    """Return what a channel's password is sealed to: the channel's name, which never changes."""
    return f"channel:{name}"


def seal_settings(vault: Vault, name: str, settings: ChannelSettings) -> str:
    """Return the JSON of a channel's settings: what differs from the defaults, with secrets sealed."""
    values = msgspec.to_builtins(settings)
    for secret in SECRETS & values.keys():
        sealed = vault.seal(values[secret].encode(), seal_context(f"{name}:{secret}"))
        values[secret] = base64.b64encode(sealed).decode()
    return msgspec.json.encode(values).decode()


def open_settings(vault: Vault, name: str, stored: str) -> ChannelSettings:
    """Return the settings that `seal_settings` wrote; InvalidSeal."""
    values: dict[str, Any] = msgspec.json.decode(stored)
    for secret in SECRETS & values.keys():
        sealed = base64.b64decode(values[secret])
        values[secret] = vault.open(sealed, seal_context(f"{name}:{secret}")).decode()
    return msgspec.convert(values, ChannelSettings)


def channel_info_of(row: Record) -> ChannelInfo:
    """Return what people may see of the channel that a row holds."""
    return ChannelInfo(
        channel_id=row["channel_id"],
        name=row["name"],
        protocol=row["protocol"],
        host=row["host"],
        port=row["port"],
        login=row["login"],
        src_id=row["src_id"],
        service_id=row["service_id"],
        links=row["links"],
        window_size=row["window_size"],
        speed_per_second=row["speed_per_second"],
        state=ChannelState(row["state"]),
        created_at=row["created_at"],
        settings=_shown_settings(row["settings"]),
    )


def route_of(row: Record) -> Route:
    """Return the route that a row holds."""
    return Route(
        route_id=row["route_id"],
        carrier=Carrier(row["carrier"]),
        channel_id=row["channel_id"],
        priority=row["priority"],
        weight=row["weight"],
        state=RouteState(row["state"]),
    )


def _shown_settings(stored: str) -> ChannelSettings:
    values: dict[str, Any] = msgspec.json.decode(stored)
    return msgspec.convert({name: value for name, value in values.items() if name not in SECRETS}, ChannelSettings)
