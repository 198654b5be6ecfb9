"""A client and a listener in one process, with the window always full."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.wire.cmpp.pdus import SubmitResp
from hongyan.wire.cmpp.session import CmppClientSession, CmppServerSession
from hongyan.wire.session import Limits

WINDOW_SIZE = 64
_SECRET = "loopback"


class _Answering:
    """The carrier: takes everything."""

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        link.accept_bind(_SECRET)

    def link_lost(self, link: ServerLink, unanswered: list[object], reason: str) -> None:
        pass

    def request_received(self, link: ServerLink, sequence: int, pdu: Struct) -> None:
        link.answer(sequence, SubmitResp(sequence))

    def response_received(self, link: ServerLink, sequence: int, token: object, pdu: Struct) -> None:
        pass

    def response_missing(self, link: ServerLink, sequence: int, token: object) -> None:
        pass


class _Sending:
    """Our side: sends as long as there is credit."""

    def __init__(self, pdu: Struct, count: int) -> None:
        self.bound = asyncio.Event()
        self.finished = asyncio.Event()
        self._pdu = pdu
        self._left = count
        self._unanswered = count

    def fill(self, link: LinkClient) -> None:
        """Send what the window has room for."""
        count = min(link.credit, self._left)
        self._left -= count
        for _ in range(count):
            link.send(self._pdu, None)

    def link_bound(self, link: LinkClient) -> None:
        self.bound.set()

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        pass

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        self._unanswered -= 1
        if not self._unanswered:
            self.finished.set()
        self.fill(link)

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        pass

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        pass


@asynccontextmanager
async def run_loopback(pdu: Struct, count: int) -> AsyncIterator[asyncio.Event]:
    """Send a PDU so many times; the event is set when all are answered."""
    clock = SystemClock()
    ours = _Sending(pdu, count)
    limits = Limits(window_size=WINDOW_SIZE)
    serving = Listener(
        ListenerConfig(), session=lambda now: CmppServerSession(now=now), observer=_Answering(), clock=clock
    )
    async with serving as listener, asyncio.TaskGroup() as tasks:
        link = LinkClient(
            LinkConfig(host="127.0.0.1", port=listener.port),
            session=lambda: CmppClientSession("901234", _SECRET, limits=limits),
            observer=ours,
            clock=clock,
            index=1,
        )
        tasks.create_task(link.run())
        await ours.bound.wait()
        ours.fill(link)
        yield ours.finished
        await link.stop(0)
