"""A running simulator, and a customer that talks to it over a real link."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.simulator.behaviour import Span
from hongyan.simulator.config import CarrierConfig, LoginConfig, PhoneConfig, SimulatorConfig
from hongyan.simulator.server import Started, run_simulator
from hongyan.wire.cmpp.pdus import V30, Deliver, DeliverResp, Submit, SubmitResp
from hongyan.wire.cmpp.report import Report, decode_report
from hongyan.wire.cmpp.session import CmppClientSession
from hongyan.wire.session import Limits

LOGIN = "910001"
PASSWORD = "secret"
ANNA = "13800138000"
PATIENCE_SECONDS = 10.0

CARRIER = CarrierConfig(
    name="mobile",
    port=0,
    logins=(LoginConfig(login=LOGIN, password=PASSWORD), LoginConfig(login="910002", password="other")),
    delivery_delay=Span(min_seconds=0.0, max_seconds=0.02),
)


class Simulator:
    """A simulator that runs, and its phone API."""

    def __init__(self, started: Started, http: httpx.AsyncClient) -> None:
        self.http = http
        self.url = started.phone_url
        self.port = started.carrier_ports["mobile"]

    async def get(self, path: str, **query: Any) -> Any:
        """Return the JSON at a path."""
        response = await self.http.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def login(self, name: str = LOGIN) -> Any:
        """Return what the carrier counted for a login."""
        (carrier,) = (await self.get("/stats"))["carriers"]
        (found,) = [login for login in carrier["logins"] if login["login"] == name]
        return found

    async def texts(self, number: str = ANNA) -> list[str]:
        """Return the texts on a phone, newest first."""
        return [message["text"] for message in (await self.get(f"/phones/{number}/messages"))["messages"]]


@asynccontextmanager
async def a_simulator(config: SimulatorConfig | None = None, **changes: Any) -> AsyncIterator[Simulator]:
    """Run a simulator with one carrier; changes are of that carrier."""
    carrier = msgspec.structs.replace(CARRIER, **changes)
    config = config or SimulatorConfig(carriers=(carrier,), phones=PhoneConfig(port=0), seed=7)
    stop = asyncio.Event()
    started: asyncio.Future[Started] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        group.create_task(run_simulator(config, clock=SystemClock(), stop=stop, ready=started.set_result))
        where = await started
        try:
            async with httpx.AsyncClient(base_url=where.phone_url, timeout=PATIENCE_SECONDS) as http:
                yield Simulator(where, http)
        finally:
            stop.set()


class Customer:
    """One end of a link, which writes down what it is told and answers reports unless told otherwise."""

    def __init__(self, port: int, **config: Any) -> None:
        settings = {"login": LOGIN, "password": PASSWORD, "version": V30, **config}
        limits = Limits(window_size=settings.pop("window_size", 64), **settings.pop("limits", {}))
        login, password, version = settings.pop("login"), settings.pop("password"), settings.pop("version")
        self.link = LinkClient(
            LinkConfig(host="127.0.0.1", port=port, backoff_min_seconds=0.01, **settings),
            session=lambda: CmppClientSession(login, password, version=version, limits=limits),
            observer=self,
            clock=SystemClock(),
            index=0,
        )
        self.heard: list[str] = []
        """What came in, in order: "response" and "report"."""
        self.responses: list[tuple[object, SubmitResp]] = []
        self.delivers: list[Deliver] = []
        self.report_results: list[int] = []
        """What the next reports are answered with; 0 once it is empty."""
        self.missing = 0
        """Submits that were not answered in time."""
        self.answers_reports = True
        self.unanswered: list[tuple[int, Deliver]] = []
        self._bound = asyncio.Event()
        self._changed = asyncio.Event()

    @property
    def reports(self) -> list[Report]:
        """The reports that came in."""
        return [decode_report(deliver.msg_content) for deliver in self.delivers]

    def answer_reports(self) -> None:
        """Answer those that wait and all that come."""
        self.answers_reports = True
        for sequence, deliver in self.unanswered:
            self.link.answer(sequence, DeliverResp(deliver.msg_id))
        self.unanswered.clear()

    async def bound(self) -> None:
        """Wait until the link is bound."""
        await self._bound.wait()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what came in makes it true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def submit(self, *pdus: Submit) -> list[SubmitResp]:
        """Send and return the responses, in the order sent."""
        before = len(self.responses)
        for pdu in pdus:
            self.link.send(pdu, pdu)
        await self.until(lambda: len(self.responses) == before + len(pdus))
        answered = {id(token): response for token, response in self.responses[before:]}
        return [answered[id(pdu)] for pdu in pdus]

    async def has_reports(self, count: int) -> list[Report]:
        """Wait for so many reports in all and return them."""
        await self.until(lambda: len(self.delivers) >= count)
        return self.reports

    def link_bound(self, link: LinkClient) -> None:
        self._bound.set()

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        self._bound.clear()
        self._changed.set()

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        assert isinstance(pdu, SubmitResp)
        self.heard.append("response")
        self.responses.append((token, pdu))
        self._changed.set()

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        self.missing += 1
        self._changed.set()

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        assert isinstance(pdu, Deliver)
        self.heard.append("report")
        self.delivers.append(pdu)
        if self.answers_reports:
            result = self.report_results.pop(0) if self.report_results else 0
            link.answer(sequence, DeliverResp(pdu.msg_id, result))
        else:
            self.unanswered.append((sequence, pdu))
        self._changed.set()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Customer"]:
        """Be bound."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.link.run())
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._bound.wait()
            try:
                yield self
            finally:
                await self.link.stop(0)


def a_customer(simulator: Simulator, **config: Any) -> Any:
    """Return a bound customer of the simulator, as an async context manager."""
    return Customer(simulator.port, **config).connected()


def a_submit(text: str = "hello", number: str = ANNA, **changes: Any) -> Submit:
    """Return a submit with a text in UCS-2."""
    fields: dict[str, Any] = {
        "msg_src": LOGIN,
        "src_id": "106900001",
        "dest_terminal_id": (number,),
        "msg_content": text.encode("utf-16-be"),
    }
    return Submit(**{**fields, **changes})


def submits_of_parts(text: str, *, reference: int = 7) -> list[Submit]:
    """Return the submits of a long text with 8-bit references."""
    data = text.encode("utf-16-be")
    bodies = [data[at : at + 134] for at in range(0, len(data), 134)]
    return [
        a_submit(
            tp_udhi=1,
            pk_total=len(bodies),
            pk_number=number,
            msg_content=bytes((5, 0, 3, reference, len(bodies), number)) + body,
        )
        for number, body in enumerate(bodies, start=1)
    ]
