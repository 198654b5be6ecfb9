"""A customer who speaks SMGP over a real link."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.simulator.config import Speech
from hongyan.wire.session import Limits
from hongyan.wire.smgp.pdus import Deliver, DeliverResp, Submit
from hongyan.wire.smgp.report import Report, decode_report
from hongyan.wire.smgp.session import LoginMode, SmgpClientSession
from hongyan.wire.smgp.tlvs import SmgpTlvs

from .peers import LOGIN, PASSWORD, PATIENCE_SECONDS, Simulator, a_simulator

ANNA = "13300138000"


class SmgpCustomer:
    """Writes down what it is told and answers what comes."""

    def __init__(self, port: int, **config: Any) -> None:
        login = {"login": LOGIN, "password": PASSWORD, "login_mode": LoginMode.BOTH, "window_size": 64, **config}
        self.link = LinkClient(
            LinkConfig(host="127.0.0.1", port=port, backoff_min_seconds=0.01),
            session=lambda: SmgpClientSession(
                login["login"],
                login["password"],
                login_mode=login["login_mode"],
                limits=Limits(window_size=login["window_size"]),
            ),
            observer=self,
            clock=SystemClock(),
            index=0,
        )
        self.heard: list[str] = []
        """What came in, in order: "response", "report" and "reply"."""
        self.responses: dict[object, Any] = {}
        """By the request's own identity."""
        self.delivers: list[Deliver] = []
        self.statuses: list[int] = []
        """What the next Delivers are answered with; 0 once it is empty."""
        self._bound = asyncio.Event()
        self._changed = asyncio.Event()

    @property
    def reports(self) -> list[Report]:
        """The reports that came in."""
        return [decode_report(deliver.msg_content, frozenset()) for deliver in self.delivers if deliver.is_report]

    @property
    def replies(self) -> list[Deliver]:
        """The texts of phones that came in."""
        return [deliver for deliver in self.delivers if not deliver.is_report]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what came in makes it true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def ask(self, *pdus: Struct) -> list[Any]:
        """Send and return the responses, in the order sent."""
        for pdu in pdus:
            self.link.send(pdu, id(pdu))
        await self.until(lambda: all(id(pdu) in self.responses for pdu in pdus))
        return [self.responses[id(pdu)] for pdu in pdus]

    async def has_reports(self, count: int) -> list[Report]:
        """Wait for so many reports in all and return them."""
        await self.until(lambda: len(self.reports) >= count)
        return self.reports

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["SmgpCustomer"]:
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
        assert isinstance(pdu, Deliver)
        self.heard.append("report" if pdu.is_report else "reply")
        self.delivers.append(pdu)
        link.answer(sequence, DeliverResp(pdu.msg_id, self.statuses.pop(0) if self.statuses else 0))
        self._changed.set()


@asynccontextmanager
async def a_gateway(**changes: Any) -> AsyncIterator[Simulator]:
    """Run a gateway that speaks SMGP; changes are of the carrier."""
    async with a_simulator(protocol=Speech.SMGP, **changes) as simulator:
        yield simulator


@asynccontextmanager
async def a_gateway_and_a_customer(**changes: Any) -> AsyncIterator[tuple[Simulator, SmgpCustomer]]:
    """Run a gateway with a customer who is bound; changes are of the carrier."""
    async with a_gateway(**changes) as simulator, SmgpCustomer(simulator.port).connected() as customer:
        yield simulator, customer


def a_submit(text: str = "hello", number: str = ANNA, **changes: Any) -> Submit:
    """Return a Submit with a text in UCS-2."""
    fields: dict[str, Any] = {
        "src_term_id": "106900001",
        "dest_term_id": (number,),
        "msg_content": text.encode("utf-16-be"),
    }
    return Submit(**{**fields, **changes})


def submits_of_parts(text: str, *, reference: int = 7) -> list[Submit]:
    """Return the Submits of a long text with 8-bit references."""
    data = text.encode("utf-16-be")
    bodies = [data[at : at + 134] for at in range(0, len(data), 134)]
    return [
        a_submit(
            msg_content=bytes((5, 0, 3, reference, len(bodies), number)) + body,
            tlvs=SmgpTlvs(tp_udhi=1, pk_total=len(bodies), pk_number=number),
        )
        for number, body in enumerate(bodies, start=1)
    ]
