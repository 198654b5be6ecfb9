"""Metrics that the processes of one machine share, so that any api process can show them all.

`prometheus_client` decides at its import whether values are shared through files. So the supervisor
names the directory in the environment of its children, and clears it before the first of them.
"""

import shutil
from pathlib import Path
from typing import Final

from prometheus_client.multiprocess import mark_process_dead

DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def prepare_metrics_dir(directory: Path) -> None:
    """Make the directory, empty: what lies there is of processes that ended."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700, parents=True)


def forget_process(pid: int, directory: Path) -> None:
    """Drop the gauges of a process that ended; its counters stay in the sums."""
    mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]
