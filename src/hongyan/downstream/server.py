"""The downstream servers: a listener for each protocol that has a port, and what stands behind them all.

Customers bind, submit and get their reports and replies; everything that is theirs is in the database, so that another
gateway process, or this one after a restart, goes on where it stopped.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Final, cast

import structlog
from msgspec import Struct, structs

from hongyan.accounts.usage import Usage
from hongyan.carriers.downstream import SERVERS
from hongyan.carriers.downstream.protocol import BindRefusal, ServerProtocol
from hongyan.kit.clock import Clock
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.pipeline.snapshot import Snapshot
from hongyan.wire.session import Limits

from .binds import BindCheck
from .metrics import BINDS
from .pushes import Push, Pusher
from .reverse import ReverseLinks
from .roster import CustomerLink, Roster, Wire
from .stamps import china_stamp
from .submits import SubmitDesk
from .texts import TextSender

_log = structlog.get_logger()

LIMITS: Final = Limits(
    bind_timeout_seconds=10.0, response_timeout_seconds=20.0, heartbeat_idle_seconds=60.0, heartbeat_tries=3
)
"""A customer answers a push within the gateway's lease of it, and is asked whether it is there after a minute."""
ANSWER_SECONDS: Final = 3.0
"""How long a stopping server waits for the submits in hand; a commit takes 2 s at most."""


class Door:
    """One protocol's listener."""

    def __init__(self, server: "DownstreamServer", protocol: ServerProtocol, config: ListenerConfig) -> None:
        self.protocol = protocol
        self._server = server
        self._links: dict[ServerLink, CustomerLink] = {}
        stamp = china_stamp(server.clock)
        self.listener = Listener(
            structs.replace(config, logs_refusals=False),
            session=lambda now: protocol.session(server.limits, stamp, now),
            observer=self,
            clock=server.clock,
        )

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        """Let a customer in, or say why not."""
        server, protocol = self._server, self.protocol
        facts = protocol.bind(request)
        verdict = server.check.judge(protocol, facts, link.peer, server.snapshot().directory)
        if not isinstance(verdict, BindRefusal):
            if server.is_closing:
                verdict = BindRefusal.BUSY
            elif server.roster.count_own(verdict.login_id) >= verdict.links_max:
                verdict = BindRefusal.LINKS_TOO_MANY
        if isinstance(verdict, BindRefusal):
            server.check.refused(protocol, verdict, facts, link.peer)
            link.refuse_bind(protocol.bind_status(verdict))
            return
        link.window_size = verdict.window_size
        link.accept_bind(verdict.password)
        receives = facts.receives and (verdict.settings.same_connection or not protocol.dials)
        customer = CustomerLink(cast("Wire", link), protocol, verdict, sends=facts.sends, receives=receives)
        self._links[link] = customer
        server.roster.join(customer, verdict)
        server.usage.note(verdict.login_id)
        BINDS.labels(protocol.family, "bound").inc()
        _log.info("downstream.bound", protocol=protocol.family, login=verdict.name, peer=link.peer)
        server.pusher.bound(customer)

    def link_lost(self, link: ServerLink, unanswered: list[object], reason: str) -> None:
        """Forget a link and take back what it left unanswered."""
        customer = self._links.pop(link, None)
        if customer is None:
            return
        self._server.roster.leave(customer)
        self._server.pusher.lost(unanswered)
        _log.info("downstream.left", protocol=self.protocol.family, login=customer.terms.login, reason=reason)

    def request_received(self, link: ServerLink, sequence: int, pdu: Struct) -> None:
        """Hand a request to the desk."""
        self._server.desk.take(self._links[link], sequence, pdu, self._server.tasks)

    def response_received(self, link: ServerLink, sequence: int, token: object, pdu: Struct) -> None:
        """Hand an answer to the pusher."""
        del sequence
        assert isinstance(token, Push)
        self._server.pusher.answered(self._links[link], token, pdu)

    def response_missing(self, link: ServerLink, sequence: int, token: object) -> None:
        """Tell the pusher."""
        del link, sequence
        assert isinstance(token, Push)
        self._server.pusher.missing(token)

    def follow(self, unwanted: set[CustomerLink]) -> None:
        """Take over changed windows, and say goodbye to those who may not be here any longer."""
        for link, customer in list(self._links.items()):
            link.window_size = customer.window_size
            if customer in unwanted and link.is_bound:
                _log.info("downstream.sent_away", protocol=self.protocol.family, login=customer.terms.login)
                link.unbind()


class DownstreamServer:
    """All listeners of a process, and what they share."""

    def __init__(
        self,
        listeners: Mapping[str, ListenerConfig],
        *,
        snapshot: Callable[[], Snapshot],
        roster: Roster,
        desk: SubmitDesk,
        pusher: Pusher,
        sender: TextSender,
        usage: Usage,
        clock: Clock,
        limits: Limits = LIMITS,
    ) -> None:
        self.limits = limits
        self.snapshot = snapshot
        self.roster = roster
        self.desk = desk
        self.pusher = pusher
        self.usage = usage
        self.clock = clock
        self.check = BindCheck(clock)
        self.tasks: asyncio.TaskGroup
        self.is_closing = False
        self._sender = sender
        self._doors = {family: Door(self, SERVERS[family], config) for family, config in listeners.items()}
        self._reverse = ReverseLinks(
            roster,
            pusher,
            [door.protocol for door in self._doors.values() if door.protocol.dials],
            directory=lambda: snapshot().directory,
            clock=clock,
        )

    @property
    def ports(self) -> dict[str, int]:
        """The ports in use, by protocol."""
        return {family: door.listener.port for family, door in self._doors.items()}

    def status(self) -> dict[str, object]:
        """Return what the process tells of itself: ports and bound links by protocol, pushes in hand."""
        links = list(self.roster)
        return {
            "downstream": {
                "ports": self.ports,
                "links": {family: sum(link.protocol.family == family for link in links) for family in self._doors},
                "pushes_in_hand": self.pusher.in_hand,
            }
        }

    def changed(self) -> None:
        """Follow what changed about the logins."""
        unwanted = set(self.roster.follow(self.snapshot().directory))
        for door in self._doors.values():
            door.follow(unwanted)
        self._reverse.follow()

    async def run(self, stop: asyncio.Event, *, drain_seconds: float) -> None:
        """Serve until `stop`, then answer what is in hand, put back what is not pushed, and close."""
        async with asyncio.TaskGroup() as group, asyncio.TaskGroup() as self.tasks:
            workers = [
                group.create_task(self.pusher.run(), name="pushes"),
                group.create_task(self._sender.run(), name="long texts"),
                group.create_task(self.usage.run(), name="login usage"),
                group.create_task(self._reverse.run(), name="reverse links"),
            ]
            try:
                for door in self._doors.values():
                    await door.listener.start()
                await stop.wait()
                await self._drain(drain_seconds)
            finally:
                for door in self._doors.values():
                    await door.listener.stop()
                for worker in workers:
                    worker.cancel()

    async def _drain(self, drain_seconds: float) -> None:
        self.is_closing = self.desk.is_closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(ANSWER_SECONDS, drain_seconds)):
                await self.desk.emptied()
        await self.pusher.stop(min(ANSWER_SECONDS, drain_seconds))
        await self._reverse.stop()
        for door in self._doors.values():
            await door.listener.stop(drain_seconds=1.0)
