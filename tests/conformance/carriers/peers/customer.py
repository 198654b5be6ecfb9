"""A customer written by hand: logs in, submits, and notes what it is told; answers reports and replies unless told not to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from hongyan.link.client import LinkClient, LinkConfig
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.wire.ends import ClientSession
from hongyan.wire.session import Limits
from tests.conformance.carriers.speech import ANNA, LOGIN, PASSWORD, STAMP, Receipt, Speech, Text, code_text

from .record import CLOCK, PATIENCE_SECONDS, Record, ShortPauses

Link = LinkClient | ServerLink


class Customer(Record):
    """One link to a carrier, and in SGIP a listener for the carrier's own."""

    def __init__(
        self, speech: Speech, *, login: str = LOGIN, password: str = PASSWORD, limits: Limits | None = None
    ) -> None:
        super().__init__()
        self.speech = speech
        self.login = login
        self.limits = limits or speech.limits(window_size=300, heartbeat_idle_seconds=60.0)
        self.new_session: Callable[[], ClientSession] = lambda: speech.client_session(login, password, self.limits)
        self.answers_pushes = True
        self._waiting: list[tuple[Link, int, Struct]] = []
        self.push_codes: list[int] = []
        """What the next reports and replies are answered with; 0 once it is empty."""
        self.link: LinkClient
        self.listener: Listener | None = None
        if speech.name == "sgip12":
            self.listener = Listener(
                ListenerConfig(),
                session=lambda now: speech.server_session(self.limits, now),
                observer=self,
                clock=CLOCK,
            )

    @property
    def listener_port(self) -> int:
        """Where a gateway of SGIP connects to; 0 for other protocols."""
        return self.listener.port if self.listener else 0

    @property
    def receipts(self) -> list[Receipt]:
        """What was reported."""
        return [receipt for (receipt,) in self.of("receipt")]

    @property
    def replies(self) -> list[Text]:
        """What phones sent."""
        return [text for (text,) in self.of("reply")]

    def answer_pushes(self) -> None:
        """Answer those that wait and all that come."""
        self.answers_pushes = True
        for link, sequence, pdu in self._waiting:
            link.answer(sequence, self.speech.taken_push(pdu))
        self._waiting.clear()

    def bind_frame(self) -> bytes:
        """Return the octets by which this customer asks to be let in."""
        session = self.new_session()
        session.bind(STAMP, 0.0)
        return session.data_to_send()

    def send(self, pdu: Struct, token: object = None) -> int:
        """Send a submit."""
        return self.link.send(pdu, pdu if token is None else token)

    async def submit(self, *pdus: Struct) -> list[tuple[int, str]]:
        """Send, and return code and id of each answer in the order sent."""
        before = len(self.of("answer"))
        for pdu in pdus:
            self.send(pdu)
        await self.has("answer", before + len(pdus))
        answers = {id(token): (code, key) for token, code, key in self.of("answer")[before:]}
        return [answers[id(pdu)] for pdu in pdus]

    async def say(self, code: str = "482913", number: int = ANNA) -> tuple[int, str]:
        """Submit a verification text; return result and id."""
        text = Text(number, "ucs2", code_text(code).encode("utf-16-be"))
        (answer,) = await self.submit(self.speech.submit(text))
        return answer

    async def until_trouble(self) -> None:
        """Wait until the link cannot come up."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.link.trouble:
                await asyncio.sleep(0.002)

    # What links tell ---------------------------------------------------------------------------------

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        code = self.speech.bind_code(request)
        if code:
            link.refuse_bind(code)
        else:
            link.accept_bind(PASSWORD)
            self.note("dialled", link)

    def link_bound(self, link: LinkClient) -> None:
        self.note("bound")

    def link_lost(self, link: Link, unanswered: list[object], reason: str) -> None:
        if link is self.link:
            self.note("lost", unanswered, reason)
        else:
            self.note("hung up", reason)

    def response_received(self, link: Link, sequence: int, token: object, pdu: Struct) -> None:
        self.note("answer", token, self.speech.result(pdu), self.speech.key(sequence, pdu))

    def response_missing(self, link: Link, sequence: int, token: object) -> None:
        self.note("missing", token)

    def request_received(self, link: Link, sequence: int, pdu: Struct) -> None:
        receipt = self.speech.receipt_of(pdu)
        if receipt is None:
            self.note("reply", self.speech.reply_of(pdu))
        else:
            self.note("receipt", receipt)
        if not self.answers_pushes:
            self._waiting.append((link, sequence, pdu))
        else:
            code = self.push_codes.pop(0) if self.push_codes else 0
            link.answer(sequence, self.speech.taken_push(pdu, code))


@asynccontextmanager
async def listening(customer: Customer) -> AsyncIterator[Customer]:
    """Open the customer's own door, where the protocol has one."""
    async with AsyncExitStack() as stack:
        if customer.listener is not None:
            await stack.enter_async_context(customer.listener)
        yield customer


@asynccontextmanager
async def calling(customer: Customer, port: int, *, is_bound: bool = True) -> AsyncIterator[Customer]:
    """Keep the customer's link up for the time of the block."""
    customer.link = LinkClient(
        LinkConfig(host="127.0.0.1", port=port, name="customer"),
        session=customer.new_session,
        observer=customer,
        clock=CLOCK,
        index=1,
        randomness=ShortPauses(),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(customer.link.run())
        try:
            if is_bound:
                await customer.has("bound")
            yield customer
        finally:
            await customer.link.stop(0)
