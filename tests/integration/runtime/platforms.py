"""`hongyan up` as a process of its own, in a place of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

READY_SECONDS = 40.0


class RunningPlatform:
    """A supervisor and its children, as an operator sees them."""

    def __init__(self, process: "subprocess.Popen[bytes]", data_dir: Path, port: int, log: Path) -> None:
        self.process = process
        self.data_dir = data_dir
        self.port = port
        self.log = log

    @property
    def demo(self) -> dict[str, str]:
        """What demo.json says."""
        demo: dict[str, str] = json.loads((self.data_dir / "demo.json").read_text())
        return demo

    def children(self) -> list[psutil.Process]:
        """Return every process below the supervisor, PostgreSQL's too."""
        return list[psutil.Process](psutil.Process(self.process.pid).children(recursive=True))

    def role(self, name: str) -> psutil.Process:
        """Return the process of a role."""
        (found,) = [child for child in self.children() if _arguments(child)[-1:] == [name]]
        return found

    def postmaster(self) -> psutil.Process:
        """Return PostgreSQL's first process."""
        return next(child for child in self.children() if child.name().startswith("postgres"))

    def status_of(self, path: str) -> int:
        """Return how the API answers a GET; 0 when it does not."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def wait_ready(self) -> None:
        """Wait until the platform says that it can take and send messages."""
        wait_until(lambda: self.status_of("/readyz") == 200 or self.process.poll() is not None, READY_SECONDS)
        assert self.process.poll() is None, self.log.read_text()

    def signal(self, number: signal.Signals) -> None:
        """Send the supervisor, and nobody else, a signal."""
        self.process.send_signal(number)


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def free_port(*, in_a_row: int = 1) -> int:
    """Return a port that is free now, and the ones after it too."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        with suppress(OSError, OverflowError):
            for offset in range(in_a_row):
                socket.create_server(("127.0.0.1", port + offset)).close()
            return port


def hongyan(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "hongyan", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=_environment(environment),
    )


@contextmanager
def a_data_dir() -> Iterator[Path]:
    """Give the path of a data directory that is not there yet, with a blank in it."""
    outer = Path(tempfile.mkdtemp(prefix="hongyan-test-"))
    outer.chmod(0o711)
    try:
        yield outer / "my data"
    finally:
        shutil.rmtree(outer)


@contextmanager
def a_platform(data_dir: Path, *options: str, **environment: str) -> Iterator[RunningPlatform]:
    """Start `hongyan up` and wait until it is ready; whatever is left of it at the end is killed."""
    port = free_port()
    carrier_port = free_port(in_a_row=5)
    given = {
        "HONGYAN_SIMULATOR__CARRIER_PORT": str(carrier_port),
        "HONGYAN_SIMULATOR__PHONE_PORT": str(free_port()),
        **environment,
    }
    data_dir.parent.mkdir(exist_ok=True)
    log = data_dir.parent / "up.log"
    command = [sys.executable, "-P", "-m", "hongyan", "up", "--data", str(data_dir), "--http", f"127.0.0.1:{port}"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, *options], stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=_environment(given)
        )
    platform = RunningPlatform(process, data_dir, port, log)
    family = [psutil.Process(process.pid)]
    try:
        platform.wait_ready()
        family += platform.children()
        yield platform
    finally:
        end(family)
        process.wait(10)


def end(family: list[psutil.Process]) -> None:
    """Kill processes and all that they started."""
    for process in family:
        with suppress(psutil.NoSuchProcess):
            for child in process.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            process.kill()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run."""
    running = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                running.append(process)
    return running


def _arguments(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess):
        return list(process.cmdline())
    return []


def _environment(given: dict[str, Any]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("HONGYAN_")}
    return {**ours, **given}
