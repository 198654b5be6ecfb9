"""A customer who speaks SGIP: a link of its own for what it sends, a listener for what it gets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.simulator.config import DialBack, LoginConfig, Speech
from hongyan.wire.session import Limits
from hongyan.wire.sgip.pdus import Bind, Deliver, DeliverResp, Report, ReportResp, Submit
from hongyan.wire.sgip.session import SgipClientSession, SgipServerSession

from .peers import LOGIN, PASSWORD, PATIENCE_SECONDS, Simulator, a_simulator

NODE = 3075512345
STAMP = 1122140126
PHONE = "8613000138000"
LIMITS = Limits(window_size=32)


def stamp(now: float) -> int:
    del now
    return STAMP


class SgipCustomer:
    """Writes down what it is told, answers what comes unless told otherwise."""

    def __init__(self) -> None:
        self.listener = Listener(
            ListenerConfig(name="customer"),
            session=lambda now: SgipServerSession(node=NODE, stamp=stamp, limits=LIMITS, now=now),
            observer=self,
            clock=SystemClock(),
        )
        self.link: LinkClient
        self.binds: list[Bind] = []
        """Those of the gateway that dialled back."""
        self.responses: dict[object, tuple[int, Any]] = {}
        """By the request's own identity: its sequence and the answer."""
        self.heard: list[tuple[object, Struct]] = []
        """Every REPORT and DELIVER with the link that it came over."""
        self.results: list[int] = []
        """What the next of them are answered with; 0 once it is empty."""
        self.gateway_password = PASSWORD
        self._bound = asyncio.Event()
        self._changed = asyncio.Event()

    @property
    def reports(self) -> list[Report]:
        return [pdu for _, pdu in self.heard if isinstance(pdu, Report)]

    @property
    def replies(self) -> list[Deliver]:
        return [pdu for _, pdu in self.heard if isinstance(pdu, Deliver)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what came in makes it true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def ask(self, *pdus: Struct) -> list[tuple[int, Any]]:
        """Send and return sequence and response of each, in the order sent."""
        for pdu in pdus:
            self.link.send(pdu, id(pdu))
        await self.until(lambda: all(id(pdu) in self.responses for pdu in pdus))
        return [self.responses[id(pdu)] for pdu in pdus]

    async def has_reports(self, count: int) -> list[Report]:
        await self.until(lambda: len(self.reports) >= count)
        return self.reports

    @asynccontextmanager
    async def connected(self, port: int, **login: Any) -> AsyncIterator["SgipCustomer"]:
        """Be bound to the gateway."""
        self.link = new_link(port, self, **login)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.link.run())
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._bound.wait()
            try:
                yield self
            finally:
                await self.link.stop(0)

    # What links call ---------------------------------------------------------------------------------

    def link_bound(self, link: LinkClient) -> None:
        self._bound.set()

    def link_lost(self, link: object, unanswered: list[object], reason: str) -> None:
        self._changed.set()

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        assert isinstance(request, Bind)
        self.binds.append(request)
        if request.login_password == self.gateway_password:
            link.accept_bind("")
        else:
            link.refuse_bind(1)
        self._changed.set()

    def response_received(self, link: object, sequence: int, token: object, pdu: Struct) -> None:
        self.responses[token] = (sequence, pdu)
        self._changed.set()

    def response_missing(self, link: object, sequence: int, token: object) -> None:
        raise AssertionError("a request was not answered")

    def request_received(self, link: LinkClient | ServerLink, sequence: int, pdu: Struct) -> None:
        self.heard.append((link, pdu))
        result = self.results.pop(0) if self.results else 0
        link.answer(sequence, ReportResp(result) if isinstance(pdu, Report) else DeliverResp(result))
        self._changed.set()


def new_link(
    port: int, observer: Any, *, login: str = LOGIN, password: str = PASSWORD, login_type: int = 1
) -> LinkClient:
    """Return a link to a gateway."""
    return LinkClient(
        LinkConfig(host="127.0.0.1", port=port, backoff_min_seconds=0.01),
        session=lambda: SgipClientSession(
            login, password, node=NODE, stamp=stamp, login_type=login_type, limits=LIMITS
        ),
        observer=observer,
        clock=SystemClock(),
        index=0,
    )


@asynccontextmanager
async def a_gateway_and_a_customer(**changes: Any) -> AsyncIterator[tuple[Simulator, SgipCustomer]]:
    """Run a gateway with a customer who listens and is bound; changes are of the login."""
    customer = SgipCustomer()
    async with customer.listener:
        back = {"dial_back": DialBack(host="127.0.0.1", port=customer.listener.port)}
        login = LoginConfig(login=LOGIN, password=PASSWORD, **{**back, **changes})
        async with (
            a_simulator(protocol=Speech.SGIP, logins=(login,)) as simulator,
            customer.connected(simulator.port),
        ):
            yield simulator, customer


def a_submit(text: str = "hello", *numbers: str, **changes: Any) -> Submit:
    """Return a submit with a text in UCS-2."""
    fields: dict[str, Any] = {
        "sp_number": "106900001",
        "user_number": numbers or (PHONE,),
        "corp_id": "12345",
        "message_content": text.encode("utf-16-be"),
    }
    return Submit(**{**fields, **changes})
