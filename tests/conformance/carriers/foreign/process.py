"""A foreign peer as a child process that says on its standard output what it saw, a JSON object a line."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import pytest

from tests.docs.markdown import ROOT

PEERS: Final = ROOT / "build" / "peers"
NPM_SCRIPTS: Final = ROOT / "tests" / "conformance" / "carriers" / "foreign" / "npm"
PATIENCE_SECONDS: Final = 8.0
Event = dict[str, Any]


class Child:
    """A running peer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.events: list[Event] = []
        self._process = process

    def of(self, event: str) -> list[Event]:
        """Return what it said of a kind."""
        return [said for said in self.events if said["event"] == event]

    async def has(self, event: str, count: int = 1) -> list[Event]:
        """Wait until it said so many of a kind."""
        await self.until(lambda: len(self.of(event)) >= count)
        return self.of(event)

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Read what it says until something is true."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (found := condition()):
                    line = await self._process.stdout.readline()
                    assert line, f"it ended; it had said {self.events}"
                    self.events.append(json.loads(line))
        except TimeoutError as error:
            raise TimeoutError(f"it said {self.events}") from error
        return found

    async def end(self) -> None:
        """Let it say goodbye: its standard input ends."""
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            self._process.stdin.close()
            await self._process.stdin.wait_closed()


@asynccontextmanager
async def npm_peer(script: str, *arguments: str) -> AsyncIterator[Child]:
    """Run a script of the npm peer for the time of the block."""
    modules = PEERS / "npm" / "node_modules"
    node = shutil.which("node")
    if node is None or not modules.is_dir():
        pytest.skip("npm's smpp is not here: `make peers` fetches it where there are node and npm")
    process = await asyncio.create_subprocess_exec(
        node,
        str(NPM_SCRIPTS / script),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "NODE_PATH": str(modules)},
    )
    child = Child(process)
    try:
        yield child
    finally:
        await child.end()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
