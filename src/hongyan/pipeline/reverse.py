"""The connections that carriers make to us: an SGIP gateway brings reports and replies over one of its own (SGIP 1.2 §3.1).

One listener a process, for all channels: who is calling is known by the login. What comes is kept like what comes over our
own connections, and it may come to any gateway process, since keeping it needs no lease. What we know of a channel
may change while its carrier is connected: a connection whose login is no longer right is ended.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from msgspec import Struct, structs

from hongyan.carriers.sgip import SGIP_12, reverse_refusal
from hongyan.kit.clock import Clock
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.routing.model import Channel
from hongyan.routing.table import RouteTable
from hongyan.wire.ends import ServerSession
from hongyan.wire.session import Limits
from hongyan.wire.sgip.pdus import Bind
from hongyan.wire.sgip.statuses import Result

from .inbox import Inbox, ReplySink, terms_of
from .links import stamp_by
from .settle import Settler

_log = structlog.get_logger()

RETRY_SECONDS: Final = 5.0
"""The pause before the address is tried again, while somebody else has it."""
GOODBYE_SECONDS: Final = 0.5
IDLE_SECONDS: Final = 600.0
"""SGIP has no heartbeat: a connection over which nothing comes for so long is ended, and made again when there is need."""
_LIMITS: Final = Limits(window_size=32, bind_timeout_seconds=10.0)


class ReverseListener:
    """Takes carriers' own connections."""

    def __init__(
        self,
        config: ListenerConfig,
        *,
        routes: Callable[[], RouteTable],
        settler: Settler,
        replies: ReplySink,
        clock: Clock,
    ) -> None:
        self._routes = routes
        self._settler = settler
        self._replies = replies
        self._clock = clock
        self._stamp = stamp_by(clock)
        self._callers: dict[ServerLink, tuple[Channel, Inbox]] = {}
        config = structs.replace(config, logs_refusals=False)
        self._listener = Listener(config, session=self._session, observer=self, clock=clock)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.port

    def bound(self, channel_id: int) -> int:
        """Return how many connections a channel's carrier has made."""
        return sum(channel.channel_id == channel_id for channel, _ in self._callers.values())

    async def run(self) -> None:
        """Listen until cancelled, then say goodbye."""
        try:
            while True:
                try:
                    await self._listener.start()
                except OSError as error:
                    _log.error("reverse.listen_failed", port=self._listener.config.port, problem=error.strerror)
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    await asyncio.Event().wait()
        finally:
            await self._listener.stop(GOODBYE_SECONDS)

    def routes_changed(self) -> None:
        """Channels may have changed: go on with those whose login is still right, and end the others."""
        for link, (known, inbox) in list(self._callers.items()):
            channel = self._routes().channel(known.channel_id)
            assert isinstance(link.bind_request, Bind)
            if channel is None or _refusal_by(channel, link.bind_request) is not None:
                _log.info("reverse.ended", channel=known.name, link=link.index)
                link.abort()
            elif channel is not known:
                inbox.adopt(channel)
                self._callers[link] = (channel, inbox)

    # What the listener tells (link.listener.ListenerObserver).

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        """Let a carrier in that knows the login of one of our channels."""
        assert isinstance(request, Bind)
        refusal = Result.ILLEGAL_LOGIN
        for channel in self._routes().channels:
            reason = _refusal_by(channel, request)
            if reason is None:
                inbox = Inbox(channel, self._settler, self._replies, self._clock)
                self._callers[link] = (channel, inbox)
                _log.info("reverse.bound", channel=channel.name, link=link.index, peer=link.peer)
                link.accept_bind("")
                return
            if reason is not Result.ILLEGAL_LOGIN:
                refusal = reason
        _log.warning("reverse.bind_refused", link=link.index, peer=link.peer, reason=refusal.name.lower())
        link.refuse_bind(refusal)

    def link_lost(self, link: ServerLink, unanswered: list[object], reason: str) -> None:
        """Forget a connection."""
        del unanswered
        known = self._callers.pop(link, None)
        if known is not None:
            _log.info("reverse.lost", channel=known[0].name, link=link.index, reason=reason)

    def request_received(self, link: ServerLink, sequence: int, pdu: Struct) -> None:
        """Keep what a carrier says, and answer."""
        _, inbox = self._callers[link]
        inbox.take(link, sequence, pdu)

    def response_received(self, link: ServerLink, sequence: int, token: object, pdu: Struct) -> None:
        """We ask nothing here."""

    def response_missing(self, link: ServerLink, sequence: int, token: object) -> None:
        """We ask nothing here."""

    def _session(self, now: float) -> ServerSession:
        """Return the session of a new connection; what node we are to it shows only when we end it."""
        nodes = [channel.settings.node for channel in self._routes().channels if channel.protocol == SGIP_12.name]
        node = nodes[0] if nodes else 0
        return SGIP_12.reverse_session(node, _LIMITS, self._stamp, now=now, idle_seconds=IDLE_SECONDS)


def _refusal_by(channel: Channel, bind: Bind) -> Result | None:
    if not channel.is_active or channel.protocol != SGIP_12.name:
        return Result.ILLEGAL_LOGIN
    return reverse_refusal(bind, terms_of(channel))
