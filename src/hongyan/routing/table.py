"""Which channel a message takes: all active channels and routes in memory, as of one moment.

Of the routes of a carrier that are active and lead to an active channel, those with the lowest priority
number share the messages by weight; the others get none. The share is drawn by a hash of the message's id, so that
the same message always takes the same channel. A table never changes; a process loads a new one.
"""

from collections.abc import Iterable
from math import gcd
from typing import Final

import msgspec
import structlog

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.secrets import InvalidSeal, Vault
from hongyan.numbers.model import Carrier

from .model import Channel, Route, RouteState
from .rows import channel_info_of, open_settings, route_of, seal_context

_QUERIES: Final = Queries.of(__package__)
_log = structlog.get_logger()

# 2^64 over the golden ratio, odd: the product's upper bits mix all bits of an id whose lower ones change slowly.
_MIX: Final = 0x9E3779B97F4A7C15
_MASK: Final = (1 << 64) - 1
_DRAW_BITS: Final = 32


class Choice(msgspec.Struct, frozen=True):
    """The channel of a message, and why it is that one."""

    channel: Channel
    route_id: int
    reason: str


class Option(msgspec.Struct, frozen=True):
    """One route of a carrier as people see it: what share of the messages it gets, and why."""

    route: Route
    channel: Channel | None
    share: float
    """Of the carrier's messages, 0 to 1."""
    reason: str


class RouteTable:
    """Channels by id, and for each carrier the routes that share its messages."""

    def __init__(self, channels: Iterable[Channel], routes: Iterable[Route]) -> None:
        self._channels = {channel.channel_id: channel for channel in channels}
        self._routes = sorted(routes, key=lambda route: (route.carrier, route.priority, route.route_id))
        self._draws = {carrier: draw for carrier in Carrier if (draw := self._draw(carrier))}

    @property
    def channels(self) -> list[Channel]:
        """Every channel, stopped ones too."""
        return list(self._channels.values())

    def channel(self, channel_id: int) -> Channel | None:
        """Return the channel, active or stopped."""
        return self._channels.get(channel_id)

    def choose(self, carrier: Carrier, mid: int) -> Choice | None:
        """Return the channel that this message takes; None when no route of its carrier is usable."""
        draw = self._draws.get(carrier)
        if draw is None:
            return None
        return draw[(((mid * _MIX) & _MASK) >> _DRAW_BITS) % len(draw)]

    def explain(self, carrier: Carrier) -> list[Option]:
        """Return all routes of a carrier with their shares, the preferred ones first."""
        draw = self._draws.get(carrier, ())
        options: list[Option] = []
        for route in self._of(carrier):
            chosen = [choice for choice in draw if choice.route_id == route.route_id]
            share = len(chosen) / len(draw) if draw else 0.0
            reason = chosen[0].reason if chosen else self._why_not(route)
            options.append(Option(route, self._channels.get(route.channel_id), share, reason))
        return options

    def _of(self, carrier: Carrier) -> list[Route]:
        return [route for route in self._routes if route.carrier is carrier]

    def _draw(self, carrier: Carrier) -> list[Choice]:
        """Return the choices of a carrier, each as often as its weight says."""
        usable = [route for route in self._of(carrier) if self._usable_channel(route)]
        sharing = [route for route in usable if route.priority == usable[0].priority]
        divisor = gcd(*(route.weight for route in sharing))
        total = sum(route.weight for route in sharing)
        draw: list[Choice] = []
        for route in sharing:
            reason = f"{carrier.name.lower()} route {route.route_id}: priority {route.priority}"
            if len(sharing) > 1:
                reason += f", weight {route.weight} of {total}"
            choice = Choice(self._channels[route.channel_id], route.route_id, reason)
            draw += [choice] * (route.weight // divisor)
        return draw

    def _usable_channel(self, route: Route) -> bool:
        channel = self._channels.get(route.channel_id)
        return route.state is RouteState.ACTIVE and channel is not None and channel.is_active

    def _why_not(self, route: Route) -> str:
        channel = self._channels.get(route.channel_id)
        if route.state is not RouteState.ACTIVE:
            return "the route is stopped"
        if channel is None:
            return "the channel's password does not open"
        if not channel.is_active:
            return f"channel {channel.name} is stopped"
        return "a route with a lower priority number goes first"


async def load_route_table(connection: AnyConnection, vault: Vault) -> RouteTable:
    """Read all channels and routes as of one moment.

    A channel whose password does not open is left out and logged, so that the others go on.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        channel_rows = await connection.fetch(_QUERIES["all_channels"])
        route_rows = await connection.fetch(_QUERIES["all_routes"])
    channels: list[Channel] = []
    for row in channel_rows:
        info = channel_info_of(row)
        try:
            password = vault.open(row["password_sealed"], seal_context(info.name)).decode()
            settings = open_settings(vault, info.name, row["settings"])
        except InvalidSeal:
            _log.error("channel.seal_invalid", channel_id=info.channel_id)
            continue
        shown = msgspec.structs.asdict(info)
        channels.append(Channel(**{**shown, "password": password, "settings": settings}))
    return RouteTable(channels, map(route_of, route_rows))
