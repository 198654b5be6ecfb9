"""Who is tried in the roles of a carrier: the simulator's face, and our own server for customers."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Protocol

from hongyan.simulator import config as simulator
from hongyan.simulator.answering import Answering, ReplyDraft
from hongyan.simulator.behaviour import Span
from hongyan.simulator.carrier import Carrier
from hongyan.simulator.face import Face
from hongyan.simulator.faces import FACES
from hongyan.simulator.login import Counts
from hongyan.simulator.phones import Phones
from hongyan.simulator.scenario import Scenario
from hongyan.simulator.views import message_view
from tests.conformance.carriers.behaviours import Role
from tests.conformance.carriers.speech import LOGIN, PASSWORD, Speech
from tests.integration.downstream.house import House

from .customer import Customer, calling, listening
from .house import our_server
from .record import CLOCK, PATIENCE_SECONDS

SHORT: Final = {
    "heartbeat_idle_seconds": 0.05,
    "heartbeat_timeout_seconds": 0.15,
    "heartbeat_tries": 2,
    "response_timeout_seconds": 0.2,
}
OTHER: Final = ("900001", "other123")
"""A second login and its password."""


class Subject(Protocol):
    """A carrier's end of a protocol, ours or the simulator's."""

    @property
    def port(self) -> int:
        """Where it listens."""
        ...

    async def texts(self, number: int) -> list[str]:
        """Return the texts taken for a phone, whole, in no order."""
        ...

    async def has_texts(self, number: int, count: int) -> list[str]:
        """Wait until so many whole texts were taken for a phone; return them."""
        ...

    async def taken(self) -> int:
        """Return how many submits were taken, parts counted one by one."""
        ...

    async def reply(self, number: int, to: str, words: str) -> None:
        """Let a phone send something to the customer."""
        ...


class SimulatedCarrier:
    """The simulator's carrier and its phones."""

    def __init__(self, face: Face, phones: Phones) -> None:
        self.face = face
        self._phones = phones
        self._answering = Answering(phones, [face], clock=CLOCK)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.face.port

    @property
    def counts(self) -> Counts:
        """Return what was counted for the customer."""
        return self.face.carrier.logins[LOGIN].counts

    async def texts(self, number: int) -> list[str]:
        """Return what rang."""
        return [message_view(message).text for message in self._phones.messages(number)]

    async def has_texts(self, number: int, count: int) -> list[str]:
        """Wait until so many texts rang."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(texts := await self.texts(number)) < count:
                await asyncio.sleep(0.002)
        return texts

    async def taken(self) -> int:
        """Return how many were taken."""
        return self.counts.texts

    async def reply(self, number: int, to: str, words: str) -> None:
        """Let a phone reply."""
        self._answering.reply(number, ReplyDraft(text=words, to=to, carrier=self.face.config.name, login=LOGIN))

    def play(self, scenario: Scenario) -> None:
        """Behave by a scenario from now on."""
        self.face.carrier.play(scenario, "conformance")


@asynccontextmanager
async def simulated(speech: Speech, customer: Customer, **changes: Any) -> AsyncIterator[SimulatedCarrier]:
    """Run a simulated carrier of that protocol; changes are of its settings, `same_connection` of the login."""
    if (patch := changes.pop("patience", None)) is not None:
        patch.setattr(Face, "limits", lambda face: speech.limits(**SHORT))
    settings = {**settings_of(speech, customer, same_connection=changes.pop("same_connection", False)), **changes}
    phones = Phones(CLOCK)
    carrier = Carrier(
        simulator.CarrierConfig(name="mobile", port=0, **settings),
        clock=CLOCK,
        random=random.Random(7),
        phones=phones,
        journal=None,
    )
    stop = asyncio.Event()
    async with FACES[simulator.Speech(speech.family)](carrier) as face, asyncio.TaskGroup() as tasks:
        tasks.create_task(face.run(stop))
        try:
            yield SimulatedCarrier(face, phones)
        finally:
            stop.set()


def settings_of(speech: Speech, customer: Customer, *, same_connection: bool) -> dict[str, Any]:
    """Return the settings of a carrier that knows the customer, and another."""
    door = customer.listener_port
    login = simulator.LoginConfig(
        login=LOGIN,
        password=PASSWORD,
        links_max=1000,
        dial_back=simulator.DialBack(host="127.0.0.1", port=door) if door and not same_connection else None,
        same_connection=same_connection,
    )
    settings: dict[str, Any] = {
        "protocol": simulator.Speech(speech.family),
        "logins": (login, simulator.LoginConfig(login=OTHER[0], password=OTHER[1])),
        "delivery_delay": Span(min_seconds=0.0, max_seconds=0.01),
        "report_retry_seconds": 0.05,
    }
    if speech.family == "cmpp":
        version = simulator.Version.CMPP_2_0 if speech.name == "cmpp20" else simulator.Version.CMPP_3_0
        settings["cmpp"] = simulator.CmppSettings(versions=(version,))
    return settings


class Stage:
    """Sets up whoever is tried; `house` is the platform with its database, where our own server is."""

    def __init__(self, house: House | None) -> None:
        self.house = house

    def subject_of(
        self, role: Role, speech: Speech, customer: Customer, **changes: Any
    ) -> AbstractAsyncContextManager[Subject]:
        """Return who is tried in a role."""
        if role is Role.SIMULATOR:
            return simulated(speech, customer, **changes)
        assert self.house is not None
        if changes.pop("patience", None) is not None:
            changes["limits"] = speech.limits(**SHORT)
        return our_server(self.house, speech, customer, **changes)

    @asynccontextmanager
    async def served(
        self, role: Role, speech: Speech, *, customer: Customer | None = None, **changes: Any
    ) -> AsyncIterator[tuple[Subject, Customer]]:
        """Give a carrier and a customer of it that is bound, by every connection that the protocol has."""
        customer = customer or Customer(speech)
        async with (
            listening(customer),
            self.subject_of(role, speech, customer, **changes) as subject,
            calling(customer, subject.port),
        ):
            if customer.listener is not None and not changes.get("same_connection"):
                await customer.has("dialled")
            yield subject, customer

    @asynccontextmanager
    async def simulator(self, speech: Speech, **changes: Any) -> AsyncIterator[tuple[SimulatedCarrier, Customer]]:
        """Give the simulator and a customer of it."""
        async with self.served(Role.SIMULATOR, speech, **changes) as (subject, customer):
            assert isinstance(subject, SimulatedCarrier)
            yield subject, customer
