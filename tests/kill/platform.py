"""The platform under test: the real `hongyan up --demo`, whose processes can be killed one by one.

The supervisor and the simulator are never killed: the one is what brings the others back, the other
keeps the carriers' ledger.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Final, Self

import psutil

from hongyan.kit.children import ending_with_parent

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 25.0
VICTIMS: Final = ("api", "gateway", "postgres")
MUTANTS_DIR: Final = Path(__file__).parent / "mutants"
_POLL_SECONDS: Final = 0.05
_CARRIERS: Final = 5
_LOG_LINES: Final = 60


class PlatformBroken(Exception):
    """The platform did not start, did not come back, or ended by itself."""


class Platform:
    """One `hongyan up` in a directory of its own. An async context manager: ready inside it."""

    def __init__(self, directory: Path | None = None, *, mutant: str | None = None) -> None:
        self._is_kept = directory is not None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="hongyan-kill-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o711)  # started by root, PostgreSQL runs as another user, who must get in
        self.port = 0
        self.cmpp_port = 0
        """Where customers log in by CMPP."""
        self._mutant = mutant
        self._process: asyncio.subprocess.Process | None = None

    @property
    def data_dir(self) -> Path:
        """What `--data` says."""
        return self.directory / "data"

    @property
    def journal(self) -> Path:
        """The simulator's journal."""
        return self.directory / "journal.jsonl"

    @property
    def log(self) -> Path:
        """What the supervisor and the roles said."""
        return self.directory / "platform.log"

    def demo(self) -> dict[str, str]:
        """Return what demo.json says."""
        answer: dict[str, str] = json.loads((self.data_dir / "demo.json").read_text(encoding="utf-8"))
        return answer

    async def __aenter__(self) -> Self:
        """Start it and wait until it is ready."""
        self.port, phone_port, carrier_port = free_ports()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HONGYAN_")}
        self.cmpp_port = carrier_port + _CARRIERS
        environment |= {
            "HONGYAN_DOWNSTREAM__CMPP_PORT": str(self.cmpp_port),
            "HONGYAN_SIMULATOR__CARRIER_PORT": str(carrier_port),
            "HONGYAN_SIMULATOR__PHONE_PORT": str(phone_port),
            "HONGYAN_SIMULATOR__JOURNAL": str(self.journal),
        }
        if self._mutant:
            paths = [str(MUTANTS_DIR / self._mutant), environment.get("PYTHONPATH", "")]
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        command = (sys.executable, "-P", "-m", "hongyan", "up", "--demo", "--data", str(self.data_dir))
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                *("--http", f"127.0.0.1:{self.port}"),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=ending_with_parent(signal.SIGTERM),
            )
        try:
            await self.wait_ready()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it as an operator would, and take its files away unless they are to be kept."""
        await self._stop()
        if not self._is_kept:
            self.remove()

    def remove(self) -> None:
        """Delete everything, also a cluster that had to go elsewhere."""
        pointer = self.data_dir / "postgres.home"
        if pointer.exists():
            shutil.rmtree(pointer.read_text(encoding="utf-8").strip(), ignore_errors=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    # What can be killed.

    def victims(self) -> dict[str, psutil.Process]:
        """Return the processes that may be killed, those that live now."""
        assert self._process is not None
        found = {}
        for child in psutil.Process(self._process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.status() == psutil.STATUS_ZOMBIE:
                    continue
                name = "postgres" if child.name() == "postgres" else "".join(child.cmdline()[-1:])
                if name in VICTIMS:
                    found[name] = child
        return found

    def kill(self, name: str) -> bool:
        """Kill -9 a victim; False when it is dead already."""
        victim = self.victims().get(name)
        if victim is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
        return True

    # Whether it works.

    async def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return once every victim lives and `/readyz` says yes."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._check_alive()
            if len(self.victims()) == len(VICTIMS) and await self._is_ready():
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise PlatformBroken(f"not ready within {seconds:.0f} s; {sorted(self.victims())} live\n{self.log_end()}")

    def log_end(self) -> str:
        """Return the last lines of the log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_LINES:])

    def _check_alive(self) -> None:
        assert self._process is not None
        if self._process.returncode is not None:
            raise PlatformBroken(f"hongyan up ended with {self._process.returncode}\n{self.log_end()}")

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(3):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    return b" 200 " in await reader.readline()
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5.0)):
            process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await process.wait()
                return


def free_ports() -> tuple[int, int, int]:
    """Return ports for the API, the phones, and four carriers with our listeners behind them.

    They lie below those that the kernel gives to outgoing connections, which come and go while we run.
    """
    random = Random(os.getpid() ^ time.time_ns())
    while True:
        first = random.randrange(20_000, 32_000)
        if all(_is_free(first + offset) for offset in range(3 + _CARRIERS)):
            return first, first + 1, first + 2


def _is_free(port: int) -> bool:
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
