"""A carrier written by hand: lets in who knows the password, answers what it is told to, reports and replies at will."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NamedTuple

from msgspec import Struct

from hongyan.link.client import LinkClient, LinkConfig
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.wire.session import Limits
from tests.conformance.carriers.speech import LOGIN, PASSWORD, Receipt, Speech, Text
from tests.conformance.carriers.speech.sgip import SMG_NODE, Sgip

from .record import CLOCK, Record, ShortPauses

Link = ServerLink | LinkClient


class Got(NamedTuple):
    """A submit, and where to answer it."""

    link: ServerLink
    sequence: int
    pdu: Struct
    number: int
    """The id that it gets when it is taken."""


class HandMadeCarrier(Record):
    """Takes submits; `on_submit` says what is answered."""

    def __init__(self, speech: Speech, *, limits: Limits | None = None) -> None:
        super().__init__()
        self.speech = speech
        self.limits = limits or speech.limits(heartbeat_idle_seconds=60.0, window_size=100)
        self.submits: list[Got] = []
        self.unanswered = 0
        self.unanswered_max = 0
        self.on_submit: Callable[[Got], None] = self.take
        self.bind_codes: list[int] = []
        """What the next binds are answered with; once it is empty, by login and password."""
        self.listener = Listener(
            ListenerConfig(links_max=4096),
            session=lambda now: speech.server_session(self.limits, now),
            observer=self,
            clock=CLOCK,
        )
        self.dialled: LinkClient | None = None
        """SGIP: the connection that the gateway makes itself."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.listener.port

    @property
    def texts(self) -> list[Text]:
        """What was submitted, in the order it came."""
        return [self.speech.text_of(got.pdu) for got in self.submits]

    def take(self, got: Got) -> None:
        """Answer yes."""
        self.unanswered -= 1
        got.link.answer(got.sequence, self.speech.taken(got.number))

    def refuse(self, got: Got, code: int) -> None:
        """Answer no."""
        self.unanswered -= 1
        got.link.answer(got.sequence, self.speech.refused(code))

    def ignore(self, got: Got) -> None:
        """Say nothing."""

    def key(self, got: Got) -> str:
        """Return what reports call that submit."""
        return self.speech.key(got.sequence, self.speech.taken(got.number))

    def report(self, got: Got, *, stat: str = "DELIVRD", form: str | None = None) -> None:
        """Report on a submit."""
        form = form or self.speech.report_forms[0]
        receipt = Receipt(self.key(got), stat, self.speech.text_of(got.pdu).number)
        self.push(self.speech.report(form, receipt), got.link, same_connection=form == "same connection")

    def push(self, pdu: Struct, link: ServerLink, *, same_connection: bool = False) -> None:
        """Send a report or reply; SGIP's goes over the gateway's own connection, or over the customer's."""
        by: Link = link if self.dialled is None or same_connection else self.dialled
        by.send(pdu, pdu)

    async def got(self, count: int) -> list[Got]:
        """Wait for so many submits and return them."""
        await self.until(lambda: len(self.submits) >= count, f"{count} submits")
        return self.submits

    # What links tell ---------------------------------------------------------------------------------

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        code = self.bind_codes.pop(0) if self.bind_codes else self.speech.bind_code(request)
        self.note("bind", link, code)
        if code:
            link.refuse_bind(code)
        else:
            link.accept_bind(PASSWORD)

    def link_bound(self, link: LinkClient) -> None:
        self.note("dialled")

    def link_lost(self, link: Link, unanswered: list[object], reason: str) -> None:
        self.note("lost", link, reason)

    def request_received(self, link: Link, sequence: int, pdu: Struct) -> None:
        assert isinstance(link, ServerLink)
        got = Got(link, sequence, pdu, 1000 + len(self.submits))
        self.submits.append(got)
        self.unanswered += 1
        self.unanswered_max = max(self.unanswered_max, self.unanswered)
        self.note("submit")
        self.on_submit(got)

    def response_received(self, link: Link, sequence: int, token: object, pdu: Struct) -> None:
        self.note("pushed", token, pdu)

    def response_missing(self, link: Link, sequence: int, token: object) -> None:
        self.note("push unanswered", token)


@asynccontextmanager
async def hand_made_carrier(speech: Speech, *, limits: Limits | None = None) -> AsyncIterator[HandMadeCarrier]:
    """Run a carrier for the time of the block."""
    carrier = HandMadeCarrier(speech, limits=limits)
    async with carrier.listener:
        yield carrier


@asynccontextmanager
async def dialled_back(carrier: HandMadeCarrier, port: int) -> AsyncIterator[None]:
    """Keep up the connection that a gateway of SGIP makes to its customer; other protocols have none."""
    speech = carrier.speech
    async with AsyncExitStack() as stack:
        if isinstance(speech, Sgip):
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            new_session = partial(speech.client_session, LOGIN, PASSWORD, carrier.limits, login_type=2, node=SMG_NODE)
            config = LinkConfig(host="127.0.0.1", port=port, name="own connection")
            link = LinkClient(
                config, session=new_session, observer=carrier, clock=CLOCK, index=2, randomness=ShortPauses()
            )
            tasks.create_task(link.run())
            await carrier.has("dialled")
            carrier.dialled = link
            stack.push_async_callback(link.stop, 0)
        yield
