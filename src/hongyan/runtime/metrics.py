"""Metrics of all the processes of one machine, as one page for Prometheus.

`prometheus_client` decides at its import whether values are shared through files. So the supervisor
names the directory in the environment of its children, and clears it before the first of them.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
METRICS_CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def prepare_metrics_dir(directory: Path) -> None:
    """Make the directory, empty: what lies there is of processes that ended."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700, parents=True)


def forget_process(pid: int, directory: Path) -> None:
    """Drop the gauges of a process that ended; its counters stay in the sums."""
    mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]


def render_metrics() -> bytes:
    """Return the metrics of all processes that share a directory, or of this one alone."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get(DIRECTORY_VARIABLE):  # tidy: allow-environment
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
