"""A carrier on a real socket that does as it is told, and remembers what it got."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.routing import service as routing
from hongyan.text.headers import split_header
from hongyan.wire.cmpp.pdus import Deliver, DeliverResp, Submit, SubmitResp
from hongyan.wire.cmpp.report import Report, encode_report
from hongyan.wire.cmpp.session import CmppServerSession
from hongyan.wire.session import Limits

from .world import ACTOR, PASSWORD, World


class Got(NamedTuple):
    """A SUBMIT and where to answer it."""

    link: ServerLink
    sequence: int
    pdu: Submit
    carrier_id: int


class FakeCarrier:
    """Takes binds; what it does with a SUBMIT is for the test to say."""

    def __init__(self) -> None:
        self.submits: list[Got] = []
        self.links: list[ServerLink] = []
        self.acknowledged: list[object] = []
        self.on_submit: Callable[[Got], None] = self.take
        self._listener = Listener(
            ListenerConfig(),
            session=lambda now: CmppServerSession(limits=Limits(window_size=1000), now=now),
            observer=self,
            clock=SystemClock(),
        )
        self._changed = asyncio.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.port

    # What a test says.

    def take(self, got: Got) -> None:
        """Answer yes."""
        got.link.answer(got.sequence, SubmitResp(msg_id=got.carrier_id))

    def take_late(self, got: Got) -> None:
        """Answer yes after a while."""
        asyncio.get_running_loop().call_later(0.2, self.take, got)

    def take_and_report(self, got: Got) -> None:
        """Answer yes and report the delivery at once."""
        self.take(got)
        self.report(got)

    def refuse(self, got: Got, result: int = 13) -> None:
        """Answer with an error."""
        got.link.answer(got.sequence, SubmitResp(msg_id=0, result=result))

    def ignore(self, got: Got) -> None:
        """Say nothing."""

    def report(self, got: Got, stat: str = "DELIVRD", *, over: ServerLink | None = None) -> None:
        """Report on a SUBMIT, over its own link or another."""
        number = got.pdu.dest_terminal_id[0]
        content = encode_report(Report(msg_id=got.carrier_id, stat=stat, dest_terminal_id=number))
        deliver = Deliver(msg_id=got.carrier_id, registered_delivery=1, src_terminal_id=number, msg_content=content)
        link = over or got.link
        if link.is_bound:
            link.send(deliver, token=got)

    def hand_over(self, deliver: Deliver) -> None:
        """Bring a text from a phone, over the last link that was bound."""
        self.links[-1].send(deliver, token=deliver)

    def cut(self) -> None:
        """Reset every connection."""
        for link in list(self.links):
            link.abort()

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait for something that a PDU or a link brings about."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def got(self, count: int) -> list[Got]:
        """Wait until so many SUBMITs have come, and return all."""
        await self.until(lambda: len(self.submits) >= count)
        return self.submits

    # What the listener tells.

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        """Let everyone in."""
        link.accept_bind(PASSWORD)
        self.links.append(link)
        self._changed.set()

    def link_lost(self, link: ServerLink, unanswered: list[object], reason: str) -> None:
        """Forget the link."""
        self.links.remove(link)
        self._changed.set()

    def request_received(self, link: ServerLink, sequence: int, pdu: Struct) -> None:
        """Remember a SUBMIT and do what the test wants."""
        assert isinstance(pdu, Submit)
        got = Got(link, sequence, pdu, 1_000_000 + len(self.submits))
        self.submits.append(got)
        self.on_submit(got)
        self._changed.set()

    def response_received(self, link: ServerLink, sequence: int, token: object, pdu: Struct) -> None:
        """Remember what was acknowledged."""
        assert isinstance(pdu, DeliverResp)
        self.acknowledged.append(token)
        self._changed.set()

    def response_missing(self, link: ServerLink, sequence: int, token: object) -> None:
        """No test waits that long."""


def text_of(got: Got) -> str:
    """Return the text that a SUBMIT carries, without its header."""
    _, payload = split_header(got.pdu.msg_content) if got.pdu.tp_udhi else (None, got.pdu.msg_content)
    return payload.decode("utf-16-be" if got.pdu.msg_fmt == 8 else "ascii")


@asynccontextmanager
async def running_carrier() -> AsyncIterator[FakeCarrier]:
    """Let a carrier listen for the time of the block."""
    carrier = FakeCarrier()
    async with carrier._listener:
        yield carrier


async def serve(
    world: World, carrier: FakeCarrier, *, links: int = 1, window_size: int = 16, speed_per_second: int = 10_000
) -> None:
    """Make the carrier's channel the one that messages take."""
    async with world.pool.acquire() as connection:
        await routing.stop_channel(connection, "mobile-1", actor=ACTOR)
    channel = await world.channel(
        "cmcc", port=carrier.port, links=links, window_size=window_size, speed_per_second=speed_per_second
    )
    world.channel_id = channel.channel_id
