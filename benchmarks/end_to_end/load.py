"""The load generator, a process of its own: `python -m benchmarks.end_to_end.load JOB SAMPLES`, two JSON files."""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop

from .client import MAINLAND, Connection, Sample, SignedHead, Target, mobiles_from


class Job(msgspec.Struct, frozen=True):
    """What to send."""

    target: Target
    seconds: float
    connections: int
    first_number: int
    numbers_per_request: int = 1
    requests_per_second: float | None = None
    """None: closed loop, each connection sends as soon as it was answered."""
    prefixes: tuple[str, ...] = MAINLAND


class Load:
    """Drives the connections of one job."""

    def __init__(self, job: Job) -> None:
        self.samples: list[Sample] = []
        self._job = job
        self._head = SignedHead(job.target)
        self._next_mobile = mobiles_from(job.first_number, job.prefixes)
        self._connections: list[Connection] = []
        self._idle: list[Connection] = []
        self._stop_at = 0.0
        self._all_sent = False
        self._quiet = asyncio.Event()

    async def run(self) -> None:
        """Send for the job's time and wait for the last answers."""
        loop = asyncio.get_running_loop()
        target = self._job.target
        for _ in range(self._job.connections):
            _, connection = await loop.create_connection(lambda: Connection(self._done), target.host, target.port)
            self._connections.append(connection)
        self._stop_at = time.monotonic() + self._job.seconds
        if self._job.requests_per_second is None:
            for connection in self._connections:
                self._send(connection, time.monotonic(), time.time())
        else:
            await self._open_loop(self._job.requests_per_second)
            self._all_sent = True
        self._check_quiet()
        async with asyncio.timeout(30):
            await self._quiet.wait()
        for connection in self._connections:
            connection.close()

    async def _open_loop(self, rate: float) -> None:
        self._idle = list(self._connections)
        start, wall = time.monotonic(), time.time()
        count = 0
        while (due := start + count / rate) < self._stop_at:
            pause = due - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            if self._idle:
                self._send(self._idle.pop(), due, wall + count / rate)
            else:
                self.samples.append(Sample("", wall + count / rate, 0.0, -1, 0))
            count += 1

    def _send(self, connection: Connection, at: float, wall: float) -> None:
        mobiles = ",".join(self._next_mobile() for _ in range(self._job.numbers_per_request))
        connection.context = (mobiles if self._job.numbers_per_request == 1 else "", at, wall)
        connection.send(self._head.request(mobiles))

    def _done(self, connection: Connection, status: int, body: bytes) -> None:
        now = time.monotonic()
        mobile, at, wall = connection.context
        accepted = body.count(b'"result":0') if status == 200 else 0
        self.samples.append(Sample(mobile, wall, now - at, status, accepted))
        if self._job.requests_per_second is not None:
            self._idle.append(connection)
        elif now < self._stop_at and status:
            self._send(connection, now, time.time())
        if self._all_sent or now >= self._stop_at:
            self._check_quiet()

    def _check_quiet(self) -> None:
        if not any(connection.is_busy for connection in self._connections):
            self._quiet.set()


def main() -> None:
    """Run the job in the first file, write its samples to the second."""
    job, samples = map(Path, sys.argv[1:])
    load = Load(msgspec.json.decode(job.read_bytes(), type=Job))
    uvloop.run(load.run())
    samples.write_bytes(msgspec.json.encode(load.samples))


def run_load(job: Job) -> list[Sample]:
    """Run a job in a process of its own and return its samples."""
    with tempfile.TemporaryDirectory(prefix="hongyan-load-") as directory:
        files = [Path(directory, name) for name in ("job", "samples")]
        files[0].write_bytes(msgspec.json.encode(job))
        subprocess.run([sys.executable, "-m", __spec__.name, *map(str, files)], check=True)
        return msgspec.json.decode(files[1].read_bytes(), type=list[Sample])


if __name__ == "__main__":
    main()
