"""A channel's connections to its carrier: how many, which way each is for, how patient, under which certificate.

What of a channel's settings a connection is made with, and what it can take over while it is up, stands here; the rest a
`ChannelRunner` reads anew for each submit.
"""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from hongyan.carriers import PROTOCOLS
from hongyan.carriers.protocol import Stamp
from hongyan.carriers.settings import ChannelSettings, Direction
from hongyan.kit.clock import Clock
from hongyan.link.client import CHINA, LinkClient, LinkConfig, LinkObserver
from hongyan.routing.model import Channel
from hongyan.routing.settings import family_of
from hongyan.wire.ends import ClientSession
from hongyan.wire.session import Limits

from .inbox import terms_of

_OF_THE_CONNECTION: Final = ("protocol", "host", "port", "login", "password", "links")
_OF_THE_SESSION: Final = ("node", "login_mode", "bind_mode", "system_type", "tls", "tls_verify")
"""Settings that a connection is made with."""


def needs_new_links(running: Channel, wanted: Channel) -> bool:
    """Tell whether the difference cannot be had on the connections that are up."""
    return any(getattr(running, name) != getattr(wanted, name) for name in _OF_THE_CONNECTION) or any(
        getattr(running.settings, name) != getattr(wanted.settings, name) for name in _OF_THE_SESSION
    )


def directions_of(channel: Channel) -> tuple[Direction, ...]:
    """Return what each link's connections are for; two, where the carrier wants one for each way."""
    settings = channel.settings
    family = family_of(channel.protocol)
    if family == "smpp" and settings.bind_mode == "transmitter_receiver":
        return ("send", "receive")
    if family == "smgp" and settings.login_mode == "each":
        return ("send", "receive")
    return (settings.login_mode,) if family == "smgp" and settings.login_mode != "each" else ("both",)


def limits_of(channel: Channel) -> Limits:
    """Return window and times of a channel's connections."""
    settings = channel.settings
    return Limits(
        window_size=channel.window_size,
        bind_timeout_seconds=settings.bind_timeout_seconds,
        response_timeout_seconds=settings.response_timeout_seconds,
        heartbeat_idle_seconds=settings.heartbeat_idle_seconds,
        heartbeat_timeout_seconds=settings.heartbeat_timeout_seconds,
        heartbeat_tries=settings.heartbeat_tries,
    )


def make_links(channel: Channel, observer: LinkObserver, clock: Clock) -> tuple[list[LinkClient], list[LinkClient]]:
    """Return the links that submits go over, and those over which the carrier only tells."""
    config = LinkConfig(host=channel.host, port=channel.port, name=channel.name, tls=tls_context_of(channel.settings))
    stamp = stamp_by(clock)
    senders: list[LinkClient] = []
    receivers: list[LinkClient] = []
    for direction in directions_of(channel):
        for _ in range(channel.links):
            index = len(senders) + len(receivers) + 1
            make = _session_maker(channel, direction, stamp)
            link = LinkClient(config, session=make, observer=observer, clock=clock, index=index)
            (receivers if direction == "receive" else senders).append(link)
    return senders, receivers


def stamp_by(clock: Clock) -> Stamp:
    """Return what turns monotonic seconds into MMDDhhmmss in China, as carriers number requests by."""
    last_second, last_stamp = -1, 0

    def stamp(now: float) -> int:
        nonlocal last_second, last_stamp
        second = int(clock.now() + (now - clock.monotonic()))
        if second != last_second:
            wall = datetime.fromtimestamp(second, UTC).astimezone(CHINA)
            last_second, last_stamp = second, int(wall.strftime("%m%d%H%M%S"))
        return last_stamp

    return stamp


def tls_context_of(settings: ChannelSettings) -> ssl.SSLContext | None:
    """Return how connections are encrypted; None where they are not."""
    return _tls_context(is_verified=settings.tls_verify) if settings.tls else None


@lru_cache(maxsize=2)
def _tls_context(*, is_verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _session_maker(channel: Channel, direction: Direction, stamp: Stamp) -> Callable[[], ClientSession]:
    terms = msgspec.structs.replace(terms_of(channel), direction=direction)
    if terms.settings.login_mode == "each":
        settings = msgspec.structs.replace(terms.settings, login_mode=direction)
        terms = msgspec.structs.replace(terms, settings=settings)
    protocol, limits = PROTOCOLS[channel.protocol], limits_of(channel)
    return lambda: protocol.session(terms, limits, stamp)
