"""The process of one role: its loop, its signals, its logs, and how it ends.

A first SIGTERM, SIGINT or SIGHUP asks the role to drain, a second one ends it at once. A database that is away
at the start is waited for; away later, it is the role's own affair.
"""

import asyncio
import gc
import importlib
import os
import sys
from typing import Final

import msgspec
import structlog
import uvloop

from hongyan.db.pool import connect, is_unavailable
from hongyan.kit.errors import Error
from hongyan.kit.failures import describe

from .errors import PlatformNotRunning
from .logging import configure_logging
from .settings import Settings
from .signals import on_stop_signals

ROLES: Final = ("api", "gateway", "courier", "simulator")
_NEEDS_DATABASE: Final = frozenset({"api", "gateway", "courier"})
_RETRY_SECONDS_MIN: Final = 0.05
_RETRY_SECONDS_MAX: Final = 2.0
_SECOND_SIGNAL_STATUS: Final = 1
_CRASHED_STATUS: Final = 1
_GC_THRESHOLDS: Final = (20_000, 20, 50)
_log = structlog.get_logger(__name__)


def run_role(role: str, settings: Settings) -> None:
    """Run one role in this process until it is told to stop; what it raises is for the caller to tell."""
    configure_logging(settings.logs, role=role)
    module = importlib.import_module(f"hongyan.runtime.roles.{role}")
    if role in _NEEDS_DATABASE:
        settings = with_database_url(settings)

    async def main() -> None:
        stop = _stop_on_signals()
        if role not in _NEEDS_DATABASE or await wait_for_database(settings.database.url, stop):
            _log.info("role.started", pid=os.getpid())
            _collect_seldom()
            await module.run(settings, stop)
        _log.info("role.stopped")

    try:
        uvloop.run(main())
    except Error:
        raise
    except Exception as error:  # noqa: BLE001 - a supervised border: told without its message, which may quote a text
        _log.error("role.crashed", **describe(error))
        sys.exit(_CRASHED_STATUS)


def _collect_seldom() -> None:
    """Spare the garbage collector what was made at start, and let it look at the rest less often.

    A message makes some hundred objects and no cycles; at the usual threshold looking for them was 8 % of an api
    process's time under full load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def with_database_url(settings: Settings) -> Settings:
    """Return the settings with the URL of the database, that of the running platform if none is set."""
    if settings.database.url:
        return settings
    try:
        url = settings.database_url_path.read_text(encoding="utf-8").strip()
    except OSError:
        raise PlatformNotRunning(
            f"no platform runs on {settings.data_dir}; start it with `hongyan up --data {settings.data_dir}`, "
            "name another directory with --data, or set database.url"
        ) from None
    return msgspec.structs.replace(settings, database=msgspec.structs.replace(settings.database, url=url))


async def wait_for_database(url: str, stop: asyncio.Event) -> bool:
    """Wait until the database answers; False when `stop` was set first."""
    pause_seconds = _RETRY_SECONDS_MIN
    while not stop.is_set():
        try:
            connection = await connect(url)
        except Exception as error:  # a supervised border: told apart in the next line
            if not is_unavailable(error):
                raise
            if pause_seconds == _RETRY_SECONDS_MIN:
                _log.warning("database.awaited", error=type(error).__name__)
        else:
            await connection.close()
            return True
        try:
            async with asyncio.timeout(pause_seconds):
                await stop.wait()
        except TimeoutError:
            pause_seconds = min(pause_seconds * 2, _RETRY_SECONDS_MAX)
    return False


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    on_stop_signals(stop.set, lambda: os._exit(_SECOND_SIGNAL_STATUS))
    return stop
