"""The simulator role: the demonstration's carriers and the sandbox phones."""

import asyncio

from hongyan.kit.clock import SystemClock
from hongyan.runtime.demo import simulator_config
from hongyan.runtime.private_files import make_data_dir
from hongyan.runtime.settings import Settings
from hongyan.simulator.server import run_simulator


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Take texts and report on them until `stop` is set."""
    make_data_dir(settings.data_dir)
    await run_simulator(simulator_config(settings), clock=SystemClock(), stop=stop)
