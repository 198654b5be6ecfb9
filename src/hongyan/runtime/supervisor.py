"""The supervisor: starts PostgreSQL and the roles, restarts what dies, and ends everything in time.

    lock ─▶ port ─▶ PostgreSQL ─▶ migrations ─▶ demo seed ─▶ roles ─▶ ready
    stop:  roles drain (15 s) ─▶ simulator (1 s) ─▶ PostgreSQL (3 s)

Each role is an operating-system process in a session of its own, so that Ctrl-C reaches only us and
we decide the order. The kernel ends all of them when we are killed. A first SIGTERM, SIGINT or SIGHUP drains,
a second one ends everything at once: what was accepted is in the database, and survives that.
"""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Coroutine, Mapping
from typing import Any, Final, Protocol, TextIO, TypeVar

import msgspec
import structlog

from hongyan.db.embedded import EmbeddedPostgres
from hongyan.db.errors import ServerFailed
from hongyan.db.lock import FileLock
from hongyan.db.migrate import migrate
from hongyan.db.pool import connect
from hongyan.kit.children import ending_with_parent
from hongyan.kit.clock import Clock
from hongyan.kit.secrets import Vault

from .backoff import Backoff
from .configuration import child_environment
from .demo import Demo, seed_demo
from .heartbeat import forget_this_machine
from .metrics import DIRECTORY_VARIABLE, forget_process, prepare_metrics_dir
from .ports import answers_ok, gateway_ports, local_url, require_demo_free, reserve
from .private_files import make_data_dir, write_private
from .settings import Settings
from .signals import on_stop_signals

ROLES_GRACE_SECONDS: Final = 13.0
SIMULATOR_GRACE_SECONDS: Final = 1.0
DATABASE_GRACE_SECONDS: Final = 3.0
_WATCH_SECONDS: Final = 0.1
_READY_POLL_SECONDS: Final = 0.05

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Ready(msgspec.Struct, frozen=True):
    """What people need to know of a platform that runs."""

    api_url: str
    seconds: float
    """From the start until everything was ready."""
    demo: Demo | None


class Announcer(Protocol):
    """Tells people what happens."""

    def starting(self, what: str) -> None:
        """Something that may take a moment begins."""
        ...

    def ready(self, platform: Ready) -> None:
        """All roles are ready."""
        ...

    def restarting(self, what: str, reason: str, pause_seconds: float) -> None:
        """A role or the database died and will be started again."""
        ...

    def stopping(self) -> None:
        """The first signal came."""
        ...


class Supervisor:
    """Runs the whole platform on one machine."""

    def __init__(
        self,
        settings: Settings,
        *,
        with_demo: bool,
        clock: Clock,
        announcer: Announcer,
        log: TextIO | None = None,
    ) -> None:
        """`log` is where the roles log to; None: standard error."""
        self._settings = settings
        self._log = log
        self._with_demo = with_demo
        self._clock = clock
        self._announcer = announcer
        self._stop = asyncio.Event()
        self._abort = asyncio.Event()
        self._server: EmbeddedPostgres | None = None
        self._demo: Demo | None = None

    async def run(self) -> None:
        """Run until a signal; raises the errors of configuration, database and migration at the start."""
        started = self._clock.monotonic()
        data_dir = self._settings.data_dir
        make_data_dir(data_dir)
        lock = FileLock(data_dir / "hongyan.lock")
        lock.acquire()
        on_stop_signals(self._drain, self._abort.set)
        try:
            with contextlib.ExitStack() as reserved:
                port = self._reserve_port(reserved)
                overrides = await _unless(self._stop, self._prepare(port))
                if overrides is not None:
                    await self._run_roles(overrides, port, started)
        finally:
            await self._stop_database()
            self._settings.database_url_path.unlink(missing_ok=True)
            lock.release()

    def _drain(self) -> None:
        self._stop.set()
        self._announcer.stopping()

    def _reserve_port(self, reserved: contextlib.ExitStack) -> int:
        """Keep the ports of the API and the gateways while we run; the simulator's only have to be free."""
        http = self._settings.http
        sockets = reserve(http.host, http.port, key="http.port")
        for opened in sockets:
            reserved.enter_context(opened)
        if self._with_demo:
            require_demo_free(self._settings)
        for key, (host, port) in gateway_ports(self._settings).items():
            for opened in reserve(host, port, key=key):
                reserved.enter_context(opened)
        return _port_of(sockets)

    async def _prepare(self, port: int) -> dict[str, str]:
        """Bring up what the roles stand on and return the settings that they are handed, by dotted key."""
        settings = self._settings
        vault = Vault.load_or_create(settings.master_key_path)
        url = settings.database.url
        if not url:
            self._announcer.starting("PostgreSQL")
            self._server = EmbeddedPostgres(settings.data_dir, clock=self._clock)
            url = await self._server.start()
        applied = await migrate(url, clock=self._clock)
        _log.info("schema.migrated", applied=applied)
        await self._forget_our_dead(url)
        write_private(settings.database_url_path, url)
        if self._with_demo:
            api_url = local_url(settings.http.host, port)
            self._demo = await seed_demo(settings, database_url=url, api_url=api_url, vault=vault, clock=self._clock)
        prepare_metrics_dir(settings.metrics_dir)
        overrides = {"data_dir": str(settings.data_dir), "database.url": url, "http.port": str(port)}
        return overrides | {"gateway.sgip_port": str(settings.demo_sgip_port)} if self._with_demo else overrides

    async def _forget_our_dead(self, url: str) -> None:
        connection = await connect(url)
        try:
            await forget_this_machine(connection)
        finally:
            await connection.close()

    async def _run_roles(self, overrides: Mapping[str, str], port: int, started: float) -> None:
        roles_stop, simulator_stop = asyncio.Event(), asyncio.Event()
        self._announcer.starting("roles")
        names = ["gateway", "courier", *["api"] * self._settings.http.api_workers]
        environment = child_environment(overrides, {DIRECTORY_VARIABLE: str(self._settings.metrics_dir)})

        def process(name: str, grace_seconds: float) -> RoleProcess:
            return RoleProcess(name, environment, log=self._log, grace_seconds=grace_seconds, supervisor=self)

        async with asyncio.TaskGroup() as tasks:
            simulator = []
            if self._with_demo:
                simulator = [tasks.create_task(process("simulator", SIMULATOR_GRACE_SECONDS).run(simulator_stop))]
            roles = [tasks.create_task(process(name, ROLES_GRACE_SECONDS).run(roles_stop)) for name in names]
            watchers = [
                tasks.create_task(self._watch_database()),
                tasks.create_task(self._announce_ready(port, started)),
            ]
            await self._stop.wait()
            watchers[1].cancel()
            roles_stop.set()
            await asyncio.wait(roles)
            simulator_stop.set()
            if simulator:
                await asyncio.wait(simulator)
            watchers[0].cancel()

    async def _announce_ready(self, port: int, started: float) -> None:
        while not await answers_ok(self._settings.http.host, port, "/readyz"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(_READY_POLL_SECONDS)
        seconds = self._clock.monotonic() - started
        _log.info("platform.ready", seconds=round(seconds, 2))
        self._announcer.ready(Ready(local_url(self._settings.http.host, port), seconds, self._demo))

    async def _watch_database(self) -> None:
        """Start the embedded server again whenever it is dead; roles wait and reconnect by themselves."""
        server, backoff = self._server, Backoff(self._clock)
        while server is not None:
            await asyncio.sleep(_WATCH_SECONDS)
            if server.is_alive():
                continue
            pause_seconds = backoff.next_pause()
            _log.warning("database.died", restart_seconds=pause_seconds)
            self._announcer.restarting("PostgreSQL", "it ended unexpectedly", pause_seconds)
            await asyncio.sleep(pause_seconds)
            try:
                await server.start()
            except ServerFailed as error:
                _log.error("database.start_failed", reason=error.message)
            else:
                backoff.started()

    async def _stop_database(self) -> None:
        if self._server is not None:
            await _unless(self._abort, self._server.stop(DATABASE_GRACE_SECONDS))
            await self._server.stop(0)  # nothing is left to do unless a second signal came

    # ── what a role's process needs of us ───────────────────────────────────────────────────────────────────────

    @property
    def abort(self) -> asyncio.Event:
        """Set when everything shall end at once."""
        return self._abort

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self._clock

    def role_ended(self, name: str, pid: int, status: int, pause_seconds: float) -> None:
        """A role's process ended although nobody asked it to."""
        with contextlib.suppress(OSError):
            forget_process(pid, self._settings.metrics_dir)
        reason = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        _log.warning("role.ended", ended=name, pid=pid, reason=reason, restart_seconds=pause_seconds)
        self._announcer.restarting(name, reason, pause_seconds)


class RoleOwner(Protocol):
    """What a role's process needs of its supervisor."""

    @property
    def abort(self) -> asyncio.Event:
        """Set when everything shall end at once."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    def role_ended(self, name: str, pid: int, status: int, pause_seconds: float) -> None:
        """A role's process ended although nobody asked it to; it is started again after the pause."""
        ...


class RoleProcess:
    """One role's process, started again whenever it ends unasked."""

    def __init__(
        self,
        name: str,
        environment: Mapping[str, str],
        *,
        log: TextIO | None,
        grace_seconds: float,
        supervisor: RoleOwner,
    ) -> None:
        self._name = name
        self._log = log
        self._environment = environment
        self._grace_seconds = grace_seconds
        self._supervisor = supervisor
        self._backoff = Backoff(supervisor.clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the process running until `stop`; then let it drain, and kill it when its time is over."""
        while not stop.is_set():
            process = await self._spawn()
            self._backoff.started()
            try:
                status = await _unless(stop, process.wait())
                if status is None:
                    await self._end(process)
                    return
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            pause_seconds = self._backoff.next_pause()
            self._supervisor.role_ended(self._name, process.pid, status, pause_seconds)
            await _unless(stop, asyncio.sleep(pause_seconds))

    async def _spawn(self) -> asyncio.subprocess.Process:
        # -P: what lies in the working directory is never imported.
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "hongyan", self._name),
            stdin=subprocess.DEVNULL,
            stderr=self._log,
            env=dict(self._environment),
            start_new_session=True,
            preexec_fn=ending_with_parent(signal.SIGKILL),
        )

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            process.terminate()
            async with asyncio.timeout(self._grace_seconds):
                await _unless(self._supervisor.abort, process.wait())
        if process.returncode is None:
            _log.warning("role.killed", killed=self._name, pid=process.pid)


async def _unless(event: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what the work returns, or None, with the work canceled, when the event is set before it is done."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        waiting.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _port_of(sockets: list[socket.socket]) -> int:
    port: int = sockets[0].getsockname()[1]
    return port
