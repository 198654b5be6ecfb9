"""A customer on a real socket: submits, waits for answers, and keeps what it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.text.headers import Concatenation

from .faces import PASSWORD, Answer, Face, Heard, Told

WAIT_SECONDS = 10.0


class Customer:
    """One link of a customer."""

    def __init__(self, face: Face, port: int, *, password: str = PASSWORD, **limits: Any) -> None:
        self.face = face
        self.told: list[Told] = []
        self.heard: list[Heard] = []
        self.answers: dict[int, Answer] = {}
        self.responses: dict[int, Struct] = {}
        self.sent: list[int] = []
        self.lost: list[str] = []
        self.held_back: list[tuple[int, Struct]] = []
        """Pushes that are not acknowledged, while `acknowledges` is False."""
        self.missing: list[object] = []
        self.acknowledges = True
        self._changed = asyncio.Event()
        config = LinkConfig(host="127.0.0.1", port=port, backoff_min_seconds=0.01, backoff_max_seconds=0.1)
        self.link = LinkClient(
            config, session=face.session(password, **limits), observer=self, clock=SystemClock(), index=1
        )

    def send(self, text: str | bytes, *numbers: str, part: Concatenation | None = None, **differences: Any) -> int:
        """Send a submit and return what its answer is found by."""
        return self.send_pdu(self.face.submit(text, *numbers, part=part, **differences))

    def send_pdu(self, pdu: Struct) -> int:
        """Send a request and return what its answer is found by."""
        token = len(self.sent)
        self.sent.append(self.link.send(pdu, token))
        return token

    async def submit(
        self, text: str | bytes, *numbers: str, part: Concatenation | None = None, **differences: Any
    ) -> Answer:
        """Send a submit and wait for its answer."""
        return await self.answer_to(self.send(text, *numbers, part=part, **differences))

    async def answer_to(self, token: int) -> Answer:
        """Wait for an answer."""
        await self.until(lambda: token in self.answers)
        return self.answers[token]

    async def response_to(self, pdu: Struct) -> Struct:
        """Send a request and return the response as it is."""
        token = self.send_pdu(pdu)
        await self.until(lambda: token in self.responses)
        return self.responses[token]

    async def reports(self, count: int) -> Sequence[Told]:
        """Wait for so many reports and return all."""
        await self.until(lambda: len(self.told) >= count)
        return self.told

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that a PDU or the link brings about."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # What the link tells.

    def link_bound(self, link: LinkClient) -> None:
        self._changed.set()

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        self.lost.append(reason)
        self._changed.set()

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        assert isinstance(token, int)
        self.responses[token] = pdu
        if self.face.is_answer(pdu):
            self.answers[token] = self.face.answer(sequence, pdu)
        self._changed.set()

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        self.missing.append(token)

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        said = self.face.read(pdu)
        if isinstance(said, Told):
            self.told.append(said)
        else:
            self.heard.append(said)
        if self.acknowledges:
            link.answer(sequence, self.face.acknowledge(pdu))
        else:
            self.held_back.append((sequence, pdu))
        self._changed.set()


@asynccontextmanager
async def a_customer(face: Face, port: int, **settings: Any) -> AsyncIterator[Customer]:
    """Log a customer in for the time of the block."""
    customer = Customer(face, port, **settings)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(customer.link.run())
        try:
            await customer.until(lambda: customer.link.is_bound)
            yield customer
        finally:
            await customer.link.stop(0)
