"""The simulator as a whole: its carriers, the phones, and the small HTTP server that shows them."""

import asyncio
import secrets
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from random import Random

import msgspec
import structlog

from hongyan.kit.clock import Clock

from .answering import Answering
from .application import Application
from .carrier import Carrier, CarrierView
from .config import CarrierConfig, SimulatorConfig
from .face import Face
from .faces import FACES
from .http_server import http_server, listen_at
from .journal import Journal
from .phone_api import PhoneApi
from .phones import Phones
from .stage import Stage
from .stage_api import StageApi

_PARTIAL_TEXTS_CHECK_SECONDS = 5.0

_log = structlog.get_logger("hongyan.simulator")


class Started(msgspec.Struct, frozen=True):
    """Where everything listens once it does."""

    phone_url: str
    carrier_ports: dict[str, int]


class PhonesView(msgspec.Struct, frozen=True):
    """The phones, as `/stats` shows them."""

    numbers: int
    messages: int
    messages_total: int
    watches: int


class StatsView(msgspec.Struct, frozen=True):
    """What `/stats` shows."""

    carriers: list[CarrierView]
    phones: PhonesView


class _Statistics:
    """Gathers what `/stats` shows."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones
        self.carriers: list[Carrier] = []
        self.faces: list[Face] = []

    def snapshot(self) -> StatsView:
        """Return all figures of this moment."""
        phones = self._phones
        shown = PhonesView(phones.number_count(), len(phones), phones.messages_total, phones.watch_count)
        return StatsView([face.view() for face in self.faces], shown)

    def forget_maxima(self) -> None:
        """Start the measured maxima anew."""
        for carrier in self.carriers:
            for login in carrier.logins.values():
                login.forget_maxima()


async def run_simulator(
    config: SimulatorConfig,
    *,
    clock: Clock,
    stop: asyncio.Event,
    ready: Callable[[Started], None] | None = None,
) -> None:
    """Run until `stop` is set. OSError when a port is taken or the journal can't be opened.

    `ready` is called once everything listens. A journal that can't be written any more ends the simulator
    with its OSError, in an exception group: a ledger with holes is worse than none.
    """
    phones = Phones(clock, messages_max=config.phones.messages_max)
    statistics = _Statistics(phones)
    journal_failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with AsyncExitStack() as stack:
        journal: Journal | None = None
        if config.journal is not None:
            journal = stack.enter_context(Journal(config.journal, on_failure=journal_failure.set_exception))
        seed = secrets.randbits(64) if config.seed is None else config.seed
        for carrier_config in config.carriers:
            carrier = _carrier(carrier_config, clock=clock, seed=seed, phones=phones, journal=journal)
            statistics.carriers.append(carrier)
            statistics.faces.append(await stack.enter_async_context(FACES[carrier_config.protocol](carrier)))
        listening = stack.enter_context(listen_at(config.phones.host, config.phones.port))
        stage = Stage(statistics.carriers, config.scenarios)
        answering = Answering(phones, statistics.faces, clock=clock)
        api = PhoneApi(phones, statistics, answering)
        server = http_server(Application(api.routes(), StageApi(stage).routes(), host_names=config.phones.host_names))
        if config.scenario:
            for carrier in statistics.carriers:
                stage.play(config.scenario, stage.scenario(config.scenario), carrier.config.name)
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve([listening]), name="phone api")
            others = [
                tasks.create_task(_give_up_waiting(phones), name="partial texts"),
                tasks.create_task(_fail_with(journal_failure), name="journal"),
            ]
            dialling = [tasks.create_task(face.run(stop), name="dialled links") for face in statistics.faces]
            _tell(config, statistics, listening, ready)
            await stop.wait()
            phones.end_watches()
            server.should_exit = True
            await serving
            for task in dialling:
                await task
            for task in others:
                task.cancel()
    _log.info("simulator.stopped")


def _carrier(config: CarrierConfig, *, clock: Clock, seed: int, phones: Phones, journal: Journal | None) -> Carrier:
    """Return a carrier whose delays depend on nothing but the seed, its name and its own texts."""
    chance = Random(f"{seed} {config.name}")  # noqa: S311 - delays, not secrets
    return Carrier(config, clock=clock, random=chance, phones=phones, journal=journal)


def _tell(
    config: SimulatorConfig,
    statistics: _Statistics,
    listening: socket.socket,
    ready: Callable[[Started], None] | None,
) -> None:
    host = f"[{config.phones.host}]" if ":" in config.phones.host else config.phones.host
    started = Started(
        phone_url=f"http://{host}:{listening.getsockname()[1]}/",
        carrier_ports={face.config.name: face.port for face in statistics.faces},
    )
    _log.info("simulator.started", phone_url=started.phone_url, carrier_ports=started.carrier_ports)
    if ready is not None:
        ready(started)


async def _give_up_waiting(phones: Phones) -> None:
    """Show long texts with parts that never came."""
    while True:
        await asyncio.sleep(_PARTIAL_TEXTS_CHECK_SECONDS)
        phones.give_up_waiting()


async def _fail_with(failure: asyncio.Future[None]) -> None:
    await failure
