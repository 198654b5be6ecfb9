"""Which signals end a process, and how."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hongyan.runtime.signals import on_stop_signals

TERM, INT, HUP = signal.SIGTERM, signal.SIGINT, signal.SIGHUP


async def told(*numbers: signal.Signals) -> list[str]:
    """Send ourselves signals and return what they caused."""
    happened: list[str] = []
    on_stop_signals(lambda: happened.append("drain"), lambda: happened.append("end"))
    for number in numbers:
        os.kill(os.getpid(), number)
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)  # the handler's octet comes by a socket
    return happened


@contextmanager
def hangup(handler: signal.Handlers) -> Iterator[None]:
    before = signal.signal(HUP, handler)
    try:
        yield
    finally:
        signal.signal(HUP, before)


@pytest.mark.parametrize("number", [TERM, INT, HUP], ids=lambda number: number.name)
async def test_the_first_signal_drains(number: signal.Signals) -> None:
    assert await told(number) == ["drain"]


@pytest.mark.parametrize("numbers", [(TERM, TERM), (INT, TERM), (HUP, INT)])
async def test_a_second_one_ends_everything(numbers: tuple[signal.Signals, ...]) -> None:
    assert await told(*numbers) == ["drain", "end"]


@pytest.mark.parametrize("numbers", [(HUP, HUP), (TERM, HUP, HUP)])
async def test_a_terminal_that_goes_away_only_drains(numbers: tuple[signal.Signals, ...]) -> None:
    assert await told(*numbers) == ["drain"]


async def test_what_nohup_ignores_stays_ignored() -> None:
    with hangup(signal.SIG_IGN):
        assert await told(HUP) == []
