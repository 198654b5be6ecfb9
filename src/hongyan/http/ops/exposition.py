"""Metrics in Prometheus' text format, of this process or of all processes of this machine."""

import os
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

# prometheus-client's own switch: with it, every process writes its values to files in this directory.
_DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE: Final = CONTENT_TYPE_LATEST


def expose() -> bytes:
    """Return all metrics."""
    directory = os.environ.get(_DIRECTORY_VARIABLE)  # tidy: allow-environment, the switch is the library's
    if not directory:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
