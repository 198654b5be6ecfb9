"""A platform of our own for the time of a benchmark: `hongyan up --demo` in a temporary place."""

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
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

READY_SECONDS = 60.0
ROLES = ("up", "api", "gateway", "courier", "simulator")


class Platform:
    """The processes of one running platform."""

    def __init__(self, directory: Path, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.directory = directory
        self.port = port
        self._process = process

    @property
    def journal(self) -> Path:
        """The simulator's journal."""
        return self.directory / "journal"

    def demo(self) -> dict[str, str]:
        """Return what demo.json says."""
        answer: dict[str, str] = json.loads((self.directory / "data" / "demo.json").read_text())
        return answer

    def hongyan(self, *arguments: str) -> Any:
        """Run a command of the command line against this platform and return its JSON."""
        command = [sys.executable, "-m", "hongyan", *arguments, "--json"]
        done = subprocess.run(command, env=self.environment(), check=True, capture_output=True)
        return json.loads(done.stdout)

    def environment(self) -> dict[str, str]:
        """Return the environment that leads a command here."""
        return {**os.environ, "HONGYAN_DATA_DIR": str(self.directory / "data")}

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Return the processes by role; PostgreSQL's count as one."""
        top = psutil.Process(self._process.pid)
        ours = {process.pid: process for process in (top, *top.children(recursive=True))}
        for process in psutil.process_iter(["name", "cmdline"]):
            if process.info["name"] == "postgres" and self._is_ours(process):  # as root it is nobody's child
                ours |= {process.pid: process, **{child.pid: child for child in process.children()}}
        found: dict[str, list[psutil.Process]] = {role: [] for role in (*ROLES, "postgres")}
        for process in ours.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                found[_role_of(process)].append(process)
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        line = " ".join(process.info["cmdline"] or ())
        return "-D" in line and process.create_time() >= psutil.Process(self._process.pid).create_time() - 1

    def stop(self) -> float:
        """Stop it as an operator would; returns the seconds that took."""
        started = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(25)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        return time.monotonic() - started


def cpu_seconds(processes: dict[str, list[psutil.Process]]) -> dict[str, float]:
    """Return user and system time by role."""
    answer = dict.fromkeys(processes, 0.0)
    for role, members in processes.items():
        for process in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                answer[role] += times.user + times.system
    return answer


def resident_bytes(processes: dict[str, list[psutil.Process]]) -> dict[str, int]:
    """Return resident memory by role; PostgreSQL's shared pages are counted once, as PSS."""
    answer = dict.fromkeys(processes, 0)
    for role, members in processes.items():
        for process in members:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                answer[role] += process.memory_full_info().pss if role == "postgres" else process.memory_info().rss
    return answer


@contextlib.contextmanager
def running_platform() -> Iterator[Platform]:
    """Start a platform and take it down again."""
    directory = Path(tempfile.mkdtemp(prefix="hongyan-bench-"))
    directory.chmod(0o755)
    api, phone, carrier = _free_ports()
    environment = {
        **os.environ,
        "HONGYAN_HTTP__KEEP_ALIVE": "75s",
        "HONGYAN_SIMULATOR__CARRIER_PORT": str(carrier),
        "HONGYAN_SIMULATOR__PHONE_PORT": str(phone),
        "HONGYAN_SIMULATOR__JOURNAL": str(directory / "journal"),
    }
    command = [sys.executable, "-m", "hongyan", "up", "--demo", "--data", str(directory / "data")]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--http", f"127.0.0.1:{api}"], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    platform = Platform(directory, process, api)
    try:
        _wait_ready(platform, process)
        yield platform
    finally:
        platform.stop()
        if os.environ.get("HONGYAN_BENCH_KEEP"):
            print(f"kept: {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)


def _wait_ready(platform: Platform, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"hongyan up ended:\n{(platform.directory / 'log').read_text()[-4000:]}")
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{platform.port}/readyz", timeout=2)
            return
        time.sleep(0.1)
    raise SystemExit(f"hongyan up did not get ready:\n{(platform.directory / 'log').read_text()[-4000:]}")


def _free_ports() -> tuple[int, int, int]:
    """Return free ports for the API, the phones and the first of the carriers."""
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(3):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            ports.append(listener.getsockname()[1])
    return ports[0], ports[1], min(ports[2], 65000)


def _role_of(process: psutil.Process) -> str:
    if process.name() == "postgres":
        return "postgres"
    words = process.cmdline()
    return next((word for word in words if word in ROLES), "up")
