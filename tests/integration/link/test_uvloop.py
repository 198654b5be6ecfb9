"""Everything that links do on asyncio's own loop, once more on uvloop, which production runs on."""

import asyncio
from collections.abc import Callable, Coroutine
from inspect import iscoroutinefunction
from typing import Any

import pytest
import uvloop

from . import test_client, test_listener

Test = Callable[[], Coroutine[Any, Any, None]]

EVERY: list[Test] = [
    test
    for module in (test_client, test_listener)
    for name, test in vars(module).items()
    if name.startswith("test_") and iscoroutinefunction(test)
]


@pytest.mark.parametrize("test", EVERY, ids=lambda test: test.__name__.removeprefix("test_"))
def test_on_uvloop(test: Test) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(test())
