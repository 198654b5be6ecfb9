"""The carrier's own book."""

import asyncio
import errno
from pathlib import Path

import pytest

from hongyan.simulator.journal import Acknowledged, Journal, Received, Reported, content_hash, read_journal

_RECEIVED = Received(1_795_000_000_000_001, "mobile", "910001", 1, 7, 2**63 + 5, "13800138000", 12, 1, 1, 0)
_REPORTED = Reported(1_795_000_000_200_000, "mobile", "910001", 1, 3, 2**63 + 5, "DELIVRD")
_ACKNOWLEDGED = Acknowledged(1_795_000_000_201_000, "mobile", "910001", 1, 3, 2**63 + 5, 0)


def _never(error: OSError) -> None:
    raise AssertionError(error)


async def test_what_was_written_can_be_read_after_the_turn(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path, on_failure=_never) as journal:
        for line in (_RECEIVED, _REPORTED, _ACKNOWLEDGED):
            journal.write(line)
        await asyncio.sleep(0)

        assert list(read_journal(path)) == [_RECEIVED, _REPORTED, _ACKNOWLEDGED]


async def test_a_journal_is_only_ever_added_to(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    for line in (_RECEIVED, _REPORTED):
        with Journal(path, on_failure=_never) as journal:
            journal.write(line)

    assert list(read_journal(path)) == [_RECEIVED, _REPORTED]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path, on_failure=_never) as journal:
        journal.write(_RECEIVED)
    with path.open("ab") as file:
        file.write(b'{"event":"rece')

    assert list(read_journal(path)) == [_RECEIVED]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"nonsense\n")

    with pytest.raises(ValueError, match="line 1"):
        list(read_journal(path))


async def test_a_full_disk_is_told() -> None:
    failures: list[OSError] = []
    with Journal("/dev/full", on_failure=failures.append) as journal:
        journal.write(_RECEIVED)
        await asyncio.sleep(0)

    assert [failure.errno for failure in failures] == [errno.ENOSPC]


def test_the_hash_is_the_same_in_every_process() -> None:
    assert content_hash(b"123456789") == 0xCBF43926
