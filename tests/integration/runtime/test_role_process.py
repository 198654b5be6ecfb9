"""A role's process: started again with growing pauses, ended in time."""

import asyncio
import os

from hongyan.kit.clock import Clock, SystemClock
from hongyan.runtime.supervisor import RoleProcess


class Owner:
    """A supervisor that only remembers, and stops after so many deaths."""

    def __init__(self, stop: asyncio.Event, deaths: int) -> None:
        self.abort = asyncio.Event()
        self.clock: Clock = SystemClock()
        self.pauses: list[float] = []
        self.statuses: list[int] = []
        self._stop = stop
        self._deaths = deaths

    def role_ended(self, name: str, pid: int, status: int, pause_seconds: float) -> None:
        self.pauses.append(pause_seconds)
        self.statuses.append(status)
        if len(self.pauses) == self._deaths:
            self._stop.set()


async def test_what_dies_at_once_is_started_again_with_doubling_pauses() -> None:
    stop = asyncio.Event()
    owner = Owner(stop, deaths=4)
    no_such_role = RoleProcess("nothing", os.environ, log=None, grace_seconds=1, supervisor=owner)
    await no_such_role.run(stop)
    assert owner.pauses == [0.1, 0.2, 0.4, 0.8]
    assert owner.statuses == [2, 2, 2, 2]
