"""The embedded PostgreSQL: made, started, watched and stopped by us, reachable over its socket alone.

Files. The server's home is `DATA/postgres`, or, when its user cannot get there (`server_files`), a
directory under /var/lib/hongyan/clusters that the file `DATA/postgres.home` names. In it are `data/`
(the cluster), `run/` (the socket) and `postgres.log`. A lock on `DATA/postgres.lock` makes sure of one
owner. postgresql.conf is written at each start; what an operator adds goes into postgresql.local.conf.

Life. The server is our child and is told by the kernel to shut down when we are gone, however we go.
After a `kill -9` of the postmaster its backends end by themselves; until they have, a new postmaster
refuses to start, so starting is tried again, a little slower each time, up to a deadline.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil

from hongyan.kit.children import ending_with_parent
from hongyan.kit.clock import Clock, SystemClock

from .errors import ServerFailed
from .lock import FileLock
from .pool import connect
from .queries import Queries
from .server_files import SYSTEM_DIR, ServerUser, make_system_dir, server_environment, server_programs, server_user

DATABASE: Final = "hongyan"
START_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 8.0
_QUERIES: Final = Queries.of(__package__)
_SOCKET_NAME: Final = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES_MAX: Final = 107  # sun_path of Linux, less its final NUL
_LOG_BYTES_MAX: Final = 8 * 1024 * 1024
_POLL_SECONDS: Final = 0.01
_RETRY_SECONDS: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0)
# What a new postmaster says while the backends of a killed one are still ending.
_STILL_ENDING: Final = ("pre-existing shared memory block", "lock file", "could not bind Unix address")

_SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    # An accepted message is never lost: these three are what that promise rests on.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # One server without standbys or archive: the least WAL. Replication is for a PostgreSQL of one's own.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "TimeZone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    # Statements, their parameters and their errors can hold phone numbers and texts, and the client that sent a bad
    # statement is told anyway: the log gets what the server says about itself (LOG, FATAL, PANIC).
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_error_verbosity": "terse",
    "log_line_prefix": "'%m [%p] '",
}
_HBA: Final = "# Only the socket, in a directory that only the owner of the server can enter.\nlocal all all trust\n"


class EmbeddedPostgres:
    """One PostgreSQL server for one data directory; start and stop it from a thread that lives as long as the process."""

    def __init__(
        self,
        data_dir: Path,
        *,
        clock: Clock | None = None,
        settings: Mapping[str, str] | None = None,
        system_dir: Path = SYSTEM_DIR,
    ) -> None:
        self._data_dir = data_dir.absolute()
        self._clock = clock or SystemClock()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._system_dir = system_dir
        self._lock = FileLock(self._data_dir / "postgres.lock")
        self._process: subprocess.Popen[bytes] | None = None
        self._user = ServerUser(0, 0)
        self._programs = Path()
        self._home = Path()
        self._url = ""

    @property
    def url(self) -> str:
        """The address of our database; empty before the first start."""
        return self._url

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while we have one."""
        return self._process.pid if self._process else None

    @property
    def log_path(self) -> Path:
        """Where the server logs; known after the first start."""
        return self._home / "postgres.log"

    def is_alive(self) -> bool:
        """Tell whether the postmaster that we started is there."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> str:
        """Start the server, made at the first time, and return its URL once it answers.

        Starting what runs is allowed; after a death this is how it comes back. DataDirectoryLocked
        when another process has this data directory, ServerFailed with the server's own words else.
        """
        if self.is_alive():
            return self._url
        is_first = not self._url
        if is_first:
            self._prepare()
        try:
            await self._end_orphan()
            await self._start_until_ready()
            await self._create_database()
        except BaseException:
            await self._end_process(STOP_SECONDS_MAX)
            if is_first:
                self._forget()
            raise
        return self._url

    async def stop(self, seconds_max: float = STOP_SECONDS_MAX) -> None:
        """Stop the server: connections are cut, work in progress rolls back; returns when it is gone.

        What takes longer than `seconds_max` is cut short; the next start then recovers from the log.
        """
        await self._end_process(seconds_max)
        self._forget()

    def _forget(self) -> None:
        if self._url:
            with contextlib.suppress(OSError):
                self._socket_dir().rmdir()  # PostgreSQL took its socket away; a place in /tmp is not left behind
        self._url = ""
        self._lock.release()

    # ── before the start ────────────────────────────────────────────────────────────────────────────────────────

    def _prepare(self) -> None:
        """Take the lock, find who runs the server from where, and make the cluster if there is none."""
        self._user = server_user()
        self._lock.acquire()
        try:
            self._programs = server_programs(self._user, self._system_dir)
            self._home = self._find_home()
            self._user.make_private(self._home)
            if not (self._home / "data" / "PG_VERSION").exists():
                self._create_cluster()
            self._write_configuration()
            socket_dir = self._socket_dir()
            if not self._user.is_ourselves and socket_dir.is_relative_to(self._system_dir):
                make_system_dir(self._system_dir / "run")
            self._user.make_private(socket_dir)
        except BaseException:
            self._lock.release()
            raise
        self._url = f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(socket_dir))}"

    def _find_home(self) -> Path:
        pointer = self._data_dir / "postgres.home"
        if pointer.exists():
            return Path(pointer.read_text(encoding="utf-8").strip())
        if (self._data_dir / "postgres").exists() or self._user.can_enter(self._data_dir):
            return self._data_dir / "postgres"
        clusters = self._system_dir / "clusters"
        make_system_dir(clusters)
        home = clusters / secrets.token_hex(8)
        pointer.write_text(f"{home}\n", encoding="utf-8")
        # For people who find the cluster: whose it is. Nobody reads it; the pointer decides.
        home.with_suffix(".data-dir").write_text(f"{self._data_dir}\n", encoding="utf-8")
        return home

    def _socket_dir(self) -> Path:
        """Return where the socket goes: beside the cluster, elsewhere when the path is too long or has a comma."""
        name = sha256(os.fsencode(self._home)).hexdigest()[:16]
        runtime_dir = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()  # tidy: allow-environment
        beside = self._home / "run"
        elsewhere = Path(runtime_dir, f"hongyan-{name}") if self._user.is_ourselves else self._system_dir / "run" / name
        for directory in (beside, elsewhere, Path("/tmp", f"hongyan-{name}")):  # noqa: S108 - it must be ours, mode 700
            is_short = len(os.fsencode(directory / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES_MAX
            if is_short and "," not in str(directory):  # a comma parts the hosts of a URL
                return directory
        raise ServerFailed(f"no directory for the socket of {self._home} has a short enough path")

    def _create_cluster(self) -> None:
        cluster = self._home / "data"
        draft = (
            self._home / f"data.{secrets.token_hex(4)}"
        )  # renamed when whole: an interrupted initdb leaves no cluster
        made = self._user.run(
            [
                self._programs / "initdb",
                *("--pgdata", str(draft), "--username", DATABASE, "--encoding", "UTF8"),
                *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *("--auth-local", "trust", "--auth-host", "reject"),
            ],
            timeout_seconds=300,
        )
        if made.returncode != 0:
            raise ServerFailed(f"initdb failed: {_last_line(made.stderr)}")
        draft.rename(cluster)

    def _write_configuration(self) -> None:
        cluster = self._home / "data"
        socket_dir = str(self._socket_dir()).replace("'", "''")
        settings = {**self._settings, "unix_socket_directories": f"'{socket_dir}'"}
        built_with = self._user.run([self._programs / "pg_config", "--configure"]).stdout
        settings.setdefault("wal_compression", "lz4" if "--with-lz4" in built_with else "off")
        lines = [
            "# Written by hongyan at each start. Put settings of your own into postgresql.local.conf beside this file.",
            *(f"{name} = {value}" for name, value in settings.items()),
            "include_if_exists 'postgresql.local.conf'",
        ]
        for name, text in (("postgresql.conf", "\n".join(lines) + "\n"), ("pg_hba.conf", _HBA)):
            self._write_file(cluster / name, text)

    def _write_file(self, path: Path, text: str) -> None:
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if not self._user.is_ourselves:
            os.chown(draft, self._user.uid, self._user.gid)
        draft.replace(path)

    # ── start ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _start_until_ready(self) -> None:
        deadline = self._clock.monotonic() + START_SECONDS_MAX
        attempt = 0
        while True:
            log_size = self._open_process()
            if await self._wait_until_ready(deadline):
                return
            said = self._log_since(log_size)
            if self._clock.monotonic() >= deadline or not any(mark in said for mark in _STILL_ENDING):
                raise ServerFailed(f"PostgreSQL did not start: {_last_words(said)} (log: {self.log_path})")
            await asyncio.sleep(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])
            attempt += 1

    def _open_process(self) -> int:
        """Start a postmaster and return how long its log was before."""
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_BYTES_MAX:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        descriptor = os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            log_size = os.fstat(descriptor).st_size
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._home / "data"],
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd="/",
                env=server_environment(),
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops us last
                preexec_fn=ending_with_parent(signal.SIGINT),  # noqa: PLW1509 - it takes no lock
                **self._user.credentials(),
            )
        finally:
            os.close(descriptor)
        return log_size

    async def _wait_until_ready(self, deadline: float) -> bool:
        """Wait for the word that pg_ctl waits for too; False when the postmaster ended or takes too long."""
        while self._clock.monotonic() < deadline:
            if not self.is_alive():
                return False
            status = self._postmaster_file()
            if len(status) >= 8 and status[0] == str(self.pid) and status[7].strip() == "ready":
                return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    async def _create_database(self) -> None:
        connection = await connect(self._url.replace(f"/{DATABASE}?", "/postgres?"))
        try:
            if not await connection.fetchval(_QUERIES["database_exists"]):
                await connection.execute(_QUERIES["create_database"])
        finally:
            await connection.close()

    # ── ends ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _end_orphan(self) -> None:
        """End a postmaster that outlived its supervisor, and clear a pid file that names some other program.

        We hold the lock, so whoever runs on this cluster is nobody's. A reused process id of another
        program would make PostgreSQL refuse to start for ever (after a reboot, or in a new container).
        """
        status = self._postmaster_file()
        if not status or not status[0].strip().lstrip("-").isdigit():
            return
        cluster = self._home / "data"
        try:
            process = psutil.Process(abs(int(status[0])))
            is_postmaster = process.name().startswith("postgres") and Path(process.cwd()) == cluster.resolve()
        except psutil.Error:
            self._end_backends()
            return  # it is gone: PostgreSQL itself clears the file
        if not is_postmaster:
            (cluster / "postmaster.pid").unlink(missing_ok=True)
            return
        for death, seconds in _death(STOP_SECONDS_MAX):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(death)
            if await self._wait_until(lambda: not _is_running(process), seconds):
                break
        self._end_backends()

    async def _end_process(self, seconds_max: float) -> None:
        process = self._process
        if process is None:
            return
        for death, seconds in _death(seconds_max):
            if process.poll() is None:
                process.send_signal(death)
            if await self._wait_until(lambda: process.poll() is not None, seconds):
                break
        if process.returncode == -signal.SIGKILL:
            self._end_backends()
        self._process = None

    def _end_backends(self) -> None:
        """End backends that outlived their postmaster: one that is stopped or stuck holds the cluster for ever.

        Safe, since no postmaster of this cluster runs: the next start recovers from its log in any case.
        """
        cluster = (self._home / "data").resolve()
        for process in psutil.process_iter(["name"]):
            with contextlib.suppress(psutil.Error):
                if process.info["name"].startswith("postgres") and Path(process.cwd()) == cluster:
                    process.kill()

    async def _wait_until(self, is_over: Callable[[], bool], seconds: float) -> bool:
        deadline = self._clock.monotonic() + seconds
        while not is_over():
            if self._clock.monotonic() >= deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

    # ── what the server says ────────────────────────────────────────────────────────────────────────────────────

    def _postmaster_file(self) -> list[str]:
        try:
            return (self._home / "data" / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def _log_since(self, size: int) -> str:
        with self.log_path.open("rb") as file:
            file.seek(size)
            return file.read(65536).decode("utf-8", "replace")


def _death(seconds_max: float) -> list[tuple[signal.Signals, float]]:
    """Return how a postmaster is ended, and how long each way may take: fast, at once, by force."""
    return [(signal.SIGINT, seconds_max), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 5.0)]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]


def _last_words(said: str) -> str:
    """Return what the server said at its end, without times: FATAL often only refers to the line before."""
    lines = [line.split("] ", 1)[-1] for line in said.strip().splitlines()]
    return "; ".join(lines[-2:]) or "it said nothing"


def _is_running(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
