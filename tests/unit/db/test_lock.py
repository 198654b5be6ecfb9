"""The lock on a data directory."""

import os
from pathlib import Path

import pytest

from hongyan.db.errors import DataDirectoryLocked
from hongyan.db.lock import FileLock


def test_it_is_held_by_one_and_names_its_owner(tmp_path: Path) -> None:
    FileLock(tmp_path / "lock").acquire()
    with pytest.raises(DataDirectoryLocked, match=rf"{tmp_path} is in use by process {os.getpid()};"):
        FileLock(tmp_path / "lock").acquire()


def test_it_can_be_taken_again_after_its_release(tmp_path: Path) -> None:
    first = FileLock(tmp_path / "lock")
    first.acquire()
    first.release()
    first.release()
    FileLock(tmp_path / "lock").acquire()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="lock"):
        FileLock(tmp_path / "lock").acquire()
    assert not (tmp_path / "elsewhere").exists()
