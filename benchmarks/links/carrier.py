"""A simulated carrier in a process of its own, for the time of a benchmark."""

import asyncio
import contextlib
import logging
import multiprocessing
import socket
from collections.abc import Iterator
from multiprocessing.connection import Connection

import psutil
import structlog
import uvloop

from hongyan.kit.clock import SystemClock
from hongyan.simulator.behaviour import Span
from hongyan.simulator.config import CarrierConfig, DialBack, LoginConfig, PhoneConfig, SimulatorConfig, Speech
from hongyan.simulator.server import Started, run_simulator

LOGIN = "910001"
PASSWORD = "sesame12"
LINKS_MAX = 256
_READY_SECONDS = 30.0


class RunningCarrier:
    """The carrier's port, and the CPU time that its process has used."""

    def __init__(self, port: int, process: psutil.Process) -> None:
        self.port = port
        self._process = process

    def cpu_seconds(self) -> float:
        """Return user and system time so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)


@contextlib.contextmanager
def running_carrier(speech: Speech, *, window_size: int, dial_port: int) -> Iterator[RunningCarrier]:
    """Run a carrier that answers at once and reports a moment later; SGIP's dials `dial_port` to report."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    dial_back = DialBack(host="127.0.0.1", port=dial_port) if speech is Speech.SGIP else None
    config = CarrierConfig(
        name="benchmark",
        port=0,
        protocol=speech,
        logins=(LoginConfig(login=LOGIN, password=PASSWORD, links_max=LINKS_MAX, dial_back=dial_back),),
        delivery_delay=Span(min_seconds=0.01, max_seconds=0.05),
        window_size=window_size,
        report_window_size=window_size,
    )
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(config, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_READY_SECONDS):
            raise TimeoutError("the simulated carrier did not start")
        yield RunningCarrier(ours.recv(), psutil.Process(process.pid))
    finally:
        process.terminate()
        process.join(10)


def _serve(config: CarrierConfig, pipe: Connection) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    async def serve() -> None:
        simulator = SimulatorConfig(carriers=(config,), phones=PhoneConfig(port=0, messages_max=1000), seed=1)
        await run_simulator(simulator, clock=SystemClock(), stop=asyncio.Event(), ready=tell)

    def tell(started: Started) -> None:
        pipe.send(started.carrier_ports[config.name])

    uvloop.run(serve())


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
