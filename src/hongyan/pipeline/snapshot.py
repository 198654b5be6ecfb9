"""What intake decides by: accounts, content and routes, in memory, refreshed within a second.

Each area's part is loaded whole and swapped in; whoever holds the old one finishes with it. A change
in any process arrives by NOTIFY; after a lost connection everything is loaded again.
"""

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from hongyan.accounts.directory import Directory, load_directory
from hongyan.content.book import ContentBook, load_book
from hongyan.db.listen import NotifyBus
from hongyan.db.pool import Pool, is_unavailable
from hongyan.kit.secrets import Vault
from hongyan.routing.table import RouteTable, load_route_table

_log = structlog.get_logger()

CONFIG_CHANNEL = "hongyan_config"
AREAS = frozenset({"accounts", "content", "routing"})
RETRY_SECONDS = 0.5


class Snapshot(msgspec.Struct, frozen=True):
    """One consistent-enough view; parts change one by one."""

    directory: Directory
    book: ContentBook
    routes: RouteTable


class SnapshotKeeper:
    """Holds the current snapshot and keeps it current."""

    def __init__(self, pool: Pool, vault: Vault, bus: NotifyBus) -> None:
        self._pool = pool
        self._vault = vault
        self._current: Snapshot | None = None
        self._stale: set[str] = set()
        self._marked = asyncio.Event()
        self._observers: list[Callable[[], None]] = []
        bus.subscribe(CONFIG_CHANNEL, self._changed)
        bus.on_reconnect(lambda: self._changed(""))

    @property
    def current(self) -> Snapshot:
        """The snapshot to decide by; `load` comes first."""
        assert self._current is not None, "the snapshot is used before it was loaded"
        return self._current

    def on_change(self, observer: Callable[[], None]) -> None:
        """Have the observer called after each refresh."""
        self._observers.append(observer)

    async def load(self) -> None:
        """Load everything; raises what `is_unavailable` knows while the database is away."""
        async with self._pool.acquire() as connection:
            self._current = Snapshot(
                await load_directory(connection, self._vault),
                await load_book(connection),
                await load_route_table(connection, self._vault),
            )

    async def run(self) -> None:
        """Refresh what changed until cancelled."""
        while True:
            await self._marked.wait()
            self._marked.clear()
            stale, self._stale = self._stale, set()
            try:
                await self._refresh(stale)
            except Exception as error:  # tidy: allow-broad-except, told apart in the next line
                if not is_unavailable(error):
                    raise
                _log.warning("snapshot.refresh_postponed", error=type(error).__name__)
                self._stale |= stale
                self._marked.set()
                await asyncio.sleep(RETRY_SECONDS)
            else:
                for observer in self._observers:
                    observer()

    async def _refresh(self, stale: set[str]) -> None:
        current = self.current
        directory, book, routes = current.directory, current.book, current.routes
        async with self._pool.acquire() as connection:
            if "accounts" in stale:
                directory = await load_directory(connection, self._vault)
            if "content" in stale:
                book = await load_book(connection)
            if "routing" in stale:
                routes = await load_route_table(connection, self._vault)
        self._current = Snapshot(directory, book, routes)

    def _changed(self, area: str) -> None:
        self._stale |= {area} if area in AREAS else AREAS
        self._marked.set()
