"""Embedded servers of a test's own, and a look at their processes."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from hongyan.db.embedded import EmbeddedPostgres
from hongyan.db.server_files import SYSTEM_DIR

SMALL = {"shared_buffers": "32MB", "max_connections": "20"}


@contextmanager
def a_directory(*, name: str = "data", mode: int = 0o711) -> Iterator[Path]:
    """Give a fresh directory that the server's user can pass through (unless the mode says otherwise)."""
    outer = Path(tempfile.mkdtemp(prefix="hongyan-test-"))
    outer.chmod(0o711)
    directory = outer / name
    directory.mkdir(parents=True)
    directory.chmod(mode)
    try:
        yield directory
    finally:
        shutil.rmtree(outer)


def a_server(directory: Path, *, system_dir: Path = SYSTEM_DIR) -> EmbeddedPostgres:
    """Return a small server on a data directory."""
    return EmbeddedPostgres(directory, settings=SMALL, system_dir=system_dir)


def process_of(server: EmbeddedPostgres) -> psutil.Process:
    """Return the postmaster."""
    assert server.pid is not None
    return psutil.Process(server.pid)
