"""Files of the data directory that only their owner may read."""

import os
import secrets
from pathlib import Path
from typing import Final, TextIO

from .errors import ConfigurationInvalid

_LOG_BYTES_MAX: Final = 8 * 1024 * 1024


def make_data_dir(directory: Path) -> None:
    """Make the data directory if it is missing.

    Root's can be passed through by the user that runs PostgreSQL, who is not root; what is private in
    it is private by its own mode.
    """
    if not directory.exists():
        try:
            directory.mkdir(parents=True, mode=0o700)
            directory.chmod(0o711 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise _unusable(directory, error.strerror) from error
    require_writable(directory)


def require_writable(directory: Path) -> None:
    """Raise ConfigurationInvalid unless files can be made in the directory, or it can itself be made."""
    found = directory
    while not found.exists():
        found = found.parent
    if not found.is_dir():
        raise _unusable(directory, f"{found} is not a directory")
    if not os.access(found, os.W_OK | os.X_OK):
        raise _unusable(directory, f"no permission to write in {found}")


def _unusable(directory: Path, reason: str | None) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"data_dir: cannot use {directory}: {reason}; give another with --data")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; readers see the old text or the new, never half."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def open_log(path: Path) -> TextIO:
    """Open a log to append to; one that has grown large becomes `….1` first, in the place of the one before."""
    if path.exists() and path.stat().st_size > _LOG_BYTES_MAX:
        path.replace(path.with_name(path.name + ".1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8", buffering=1)
