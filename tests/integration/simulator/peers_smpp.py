"""A customer who speaks SMPP over a real link, with or without TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.simulator.config import SmppSettings, Speech
from hongyan.wire.session import Limits
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX
from hongyan.wire.smpp.pdus import DeliverSm, DeliverSmResp, SubmitSm
from hongyan.wire.smpp.receipt import Receipt, receipt_of
from hongyan.wire.smpp.session import BindMode, SmppClientSession

from .peers import LOGIN, PASSWORD, PATIENCE_SECONDS, Simulator, a_simulator

ANNA = "8613800138000"
SENDER = "106900001"


class SmppCustomer:
    """Writes down what it is told and answers what comes."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None, **config: Any) -> None:
        login = {"system_id": LOGIN, "password": PASSWORD, "bind": BindMode.TRANSCEIVER, **config}
        limits = Limits(window_size=64, frame_size_max=FRAME_SIZE_MAX)
        self.link = LinkClient(
            LinkConfig(host="127.0.0.1", port=port, backoff_min_seconds=0.01, tls=tls, tls_host="smsc.test"),
            session=lambda: SmppClientSession(limits=limits, **login),
            observer=self,
            clock=SystemClock(),
            index=0,
        )
        self.heard: list[str] = []
        """What came in, in order: "response", "report" and "reply"."""
        self.responses: dict[object, Any] = {}
        """By the number of the request."""
        self._tokens = 0
        self.delivers: list[DeliverSm] = []
        self.statuses: list[int] = []
        """What the next deliver_sms are answered with; 0 once it is empty."""
        self._bound = asyncio.Event()
        self._changed = asyncio.Event()

    @property
    def receipts(self) -> list[Receipt]:
        """The receipts that came in."""
        found = [receipt_of(deliver) for deliver in self.delivers]
        return [receipt for receipt in found if receipt is not None]

    @property
    def replies(self) -> list[DeliverSm]:
        """The texts of phones that came in."""
        return [deliver for deliver in self.delivers if receipt_of(deliver) is None]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what came in makes it true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def ask(self, *pdus: Struct) -> list[Any]:
        """Send and return the responses, in the order sent."""
        tokens = [self._tokens + place for place in range(len(pdus))]
        self._tokens += len(pdus)
        for token, pdu in zip(tokens, pdus, strict=True):
            self.link.send(pdu, token)
        await self.until(lambda: all(token in self.responses for token in tokens))
        return [self.responses[token] for token in tokens]

    async def has_receipts(self, count: int) -> list[Receipt]:
        """Wait for so many receipts in all and return them."""
        await self.until(lambda: len(self.receipts) >= count)
        return self.receipts

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["SmppCustomer"]:
        """Be bound."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.link.run())
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._bound.wait()
            try:
                yield self
            finally:
                await self.link.stop(0)

    # What the link calls -----------------------------------------------------------------------------

    def link_bound(self, link: LinkClient) -> None:
        self._bound.set()

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        self._changed.set()

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        self.heard.append("response")
        self.responses[token] = pdu
        self._changed.set()

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        raise AssertionError("a request was not answered")

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        assert isinstance(pdu, DeliverSm)
        self.heard.append("reply" if receipt_of(pdu) is None else "report")
        self.delivers.append(pdu)
        link.answer(sequence, DeliverSmResp(self.statuses.pop(0) if self.statuses else 0))
        self._changed.set()


@asynccontextmanager
async def a_centre(*, smpp: SmppSettings | None = None, **changes: Any) -> AsyncIterator[Simulator]:
    """Run a message centre; changes are of the carrier."""
    async with a_simulator(protocol=Speech.SMPP, smpp=smpp or SmppSettings(), **changes) as simulator:
        yield simulator


@asynccontextmanager
async def a_centre_and_a_customer(**changes: Any) -> AsyncIterator[tuple[Simulator, SmppCustomer]]:
    """Run a message centre with a customer who is bound; changes are of the carrier."""
    async with a_centre(**changes) as simulator, SmppCustomer(simulator.port).connected() as customer:
        yield simulator, customer


def a_submit(text: str = "hello", number: str = ANNA, **changes: Any) -> SubmitSm:
    """Return a submit_sm with a text in UCS-2 that asks for a report."""
    fields: dict[str, Any] = {
        "source_addr": SENDER,
        "destination_addr": number,
        "registered_delivery": 1,
        "data_coding": 8,
        "short_message": text.encode("utf-16-be"),
    }
    return SubmitSm(**{**fields, **changes})
