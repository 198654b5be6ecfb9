"""Wall time for wires that carry it in their sequences."""

from collections.abc import Callable
from datetime import UTC, datetime

from hongyan.carriers.downstream.times import CHINA
from hongyan.kit.clock import Clock


def china_stamp(clock: Clock) -> Callable[[float], int]:
    """Return what tells MMDDhhmmss, in Chinese time, of a monotonic moment."""

    def stamp(moment: float) -> int:
        wall = datetime.fromtimestamp(clock.now() + (moment - clock.monotonic()), UTC).astimezone(CHINA)
        return int(wall.strftime("%m%d%H%M%S"))

    return stamp
