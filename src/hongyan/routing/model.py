"""What channels and routes are."""

from datetime import datetime
from enum import StrEnum

import msgspec

from hongyan.carriers.settings import DEFAULTS, ChannelSettings
from hongyan.numbers.model import Carrier


class ChannelState(StrEnum):
    """Whether a channel carries messages."""

    ACTIVE = "active"
    STOPPED = "stopped"


class RouteState(StrEnum):
    """Whether a route is used."""

    ACTIVE = "active"
    STOPPED = "stopped"


class ChannelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What people may see of a channel: everything but its password."""

    channel_id: int
    name: str
    protocol: str
    """A key of carriers.PROTOCOLS, such as `cmpp20`."""
    host: str
    port: int
    login: str
    src_id: str
    """The sender number that phones show."""
    service_id: str
    links: int
    window_size: int
    speed_per_second: int
    state: ChannelState
    created_at: datetime
    settings: ChannelSettings = DEFAULTS
    """What the carrier wants beyond that; secrets among them are left out here."""

    @property
    def is_active(self) -> bool:
        """Tell whether the channel carries messages."""
        return self.state is ChannelState.ACTIVE


class Channel(ChannelInfo, frozen=True, kw_only=True):
    """One carrier access, with the password that its links log in with, and the secrets among its settings."""

    password: str

    def __repr__(self) -> str:
        return f"Channel({self.channel_id}, {self.name})"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of a carrier may take a channel."""

    route_id: int
    carrier: Carrier
    channel_id: int
    priority: int
    """Lower goes first; only when no route of a lower number is usable does the next get any."""
    weight: int
    """The share among routes of the same priority."""
    state: RouteState
