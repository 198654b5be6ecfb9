"""Connections that we make to customers who wait for them: SGIP pushes over a connection of the carrier's own.

A login with a `reverse_host` gets one link, which is kept up as long as the login is active.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from msgspec import Struct

from hongyan.accounts.directory import Directory
from hongyan.accounts.protocol_login import ProtocolLogin
from hongyan.carriers.downstream.protocol import Refusal, ReverseTerms, ServerProtocol
from hongyan.kit.clock import Clock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.wire.session import Limits

from .pushes import Push, Pusher
from .roster import CustomerLink, Roster
from .stamps import china_stamp

_log = structlog.get_logger()

STOP_SECONDS: Final = 1.0
BACKOFF_SECONDS_MAX: Final = 60.0


class ReverseLink:
    """Our connection to one customer."""

    def __init__(
        self, roster: Roster, pusher: Pusher, protocol: ServerProtocol, login: ProtocolLogin, clock: Clock
    ) -> None:
        self.login = login
        self._roster = roster
        self._pusher = pusher
        self._protocol = protocol
        self._customer: CustomerLink | None = None
        self.client = _client_for(self, protocol, login, clock)

    def link_bound(self, link: LinkClient) -> None:
        """Note that the customer can be pushed to."""
        del link
        self._customer = CustomerLink(self.client, self._protocol, self.login, sends=False, receives=True)
        self._roster.join(self._customer, self.login)
        self._pusher.bound(self._customer)

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        """Take back what was not answered."""
        del link, reason
        if self._customer is not None:
            self._roster.leave(self._customer)
            self._customer = None
        self._pusher.lost(unanswered)

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        """Hand an answer to the pusher."""
        del link, sequence
        if self._customer is not None and isinstance(token, Push):
            self._pusher.answered(self._customer, token, pdu)

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        """Tell the pusher."""
        del link, sequence
        assert isinstance(token, Push)
        self._pusher.missing(token)

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        """Refuse: submits come over the customer's own connection."""
        if self._customer is not None:
            link.answer(sequence, self._protocol.refused(pdu, Refusal.NOT_ALLOWED_HERE, self._customer.terms))


class ReverseLinks:
    """All connections that we make."""

    def __init__(
        self,
        roster: Roster,
        pusher: Pusher,
        protocols: Sequence[ServerProtocol],
        *,
        directory: Callable[[], Directory],
        clock: Clock,
    ) -> None:
        self._roster = roster
        self._pusher = pusher
        self._directory = directory
        self._clock = clock
        self._protocols = {protocol.family: protocol for protocol in protocols}
        self._links: dict[int, ReverseLink] = {}
        self._changed = asyncio.Event()
        self._is_stopping = False

    def follow(self) -> None:
        """Look again at who wants a connection."""
        self._changed.set()

    async def run(self) -> None:
        """Keep the connections up until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while not self._is_stopping:
                wanted = self._wanted()
                for login_id, link in list(self._links.items()):
                    if _address(wanted.get(login_id)) != _address(link.login):
                        del self._links[login_id]
                        tasks.create_task(link.client.stop(STOP_SECONDS), name="reverse link stop")
                for login_id, login in wanted.items():
                    if login_id not in self._links:
                        link = ReverseLink(
                            self._roster, self._pusher, self._protocols[login.family], login, self._clock
                        )
                        self._links[login_id] = link
                        tasks.create_task(link.client.run(), name=f"reverse link {login_id}")
                await self._changed.wait()
                self._changed.clear()

    async def stop(self) -> None:
        """Close all connections."""
        self._is_stopping = True
        self._changed.set()
        for link in self._links.values():
            await link.client.stop(STOP_SECONDS)

    def _wanted(self) -> dict[int, ProtocolLogin]:
        return {
            login.login_id: login
            for login in self._directory().logins()
            if login.family in self._protocols
            and login.is_active
            and login.settings.reverse_host
            and not login.settings.same_connection
        }


def _address(login: ProtocolLogin | None) -> tuple[object, ...] | None:
    """Return what makes a connection another one when it changes."""
    if login is None:
        return None
    settings = login.settings
    return (settings.reverse_host, settings.reverse_port, settings.reverse_login, settings.node, login.reverse_password)


def _client_for(observer: ReverseLink, protocol: ServerProtocol, login: ProtocolLogin, clock: Clock) -> LinkClient:
    settings = login.settings
    terms = ReverseTerms(
        settings.reverse_host,
        settings.reverse_port,
        settings.reverse_login or login.name,
        login.reverse_password,
        settings.node,
    )
    limits = Limits(window_size=login.window_size, response_timeout_seconds=20.0)
    stamp = china_stamp(clock)
    config = LinkConfig(
        host=terms.host,
        port=terms.port,
        name=f"{protocol.family}:{login.name}",
        backoff_max_seconds=BACKOFF_SECONDS_MAX,
    )
    return LinkClient(
        config,
        session=lambda: protocol.reverse_session(terms, limits, stamp),
        observer=observer,
        clock=clock,
        index=0,
    )
