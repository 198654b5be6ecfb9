"""Metrics of one process and of several."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hongyan.http.ops.exposition import MEDIA_TYPE, expose

COUNT = """
from hongyan.http.market.metrics import requests
requests("accepted", "0").inc(3)
"""
SHOW = """
from hongyan.http.ops.exposition import expose
print(expose().decode())
"""


def run(program: str, directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return done.stdout


def test_one_process_shows_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)

    assert b"# TYPE hongyan_market_accept_duration_seconds histogram" in expose()
    assert MEDIA_TYPE.startswith("text/plain")


def test_several_processes_add_up(tmp_path: Path) -> None:
    run(COUNT, tmp_path)
    run(COUNT, tmp_path)

    assert 'hongyan_market_requests_total{code="0",outcome="accepted"} 6.0' in run(SHOW, tmp_path)
