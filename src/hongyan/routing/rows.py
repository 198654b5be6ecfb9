"""From database rows to channels and routes, and the names that both readers and writers share."""

from asyncpg import Record

from hongyan.numbers.model import Carrier

from .model import ChannelInfo, ChannelState, Route, RouteState


def seal_context(name: str) -> str:
    """Return what a channel's password is sealed to: the channel's name, which never changes."""
    return f"channel:{name}"


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
