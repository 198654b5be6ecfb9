"""The api role: intake behind the HTTP surfaces."""

import asyncio
from typing import cast

from hongyan.accounts.model import ApiKey
from hongyan.db.listen import NotifyBus
from hongyan.db.pool import LOOKUP_PLANS, open_pool
from hongyan.http.addresses import LOOPBACK
from hongyan.http.app import HttpServices, build_app
from hongyan.http.limits import ServerLimits
from hongyan.http.market.authorization import Rules
from hongyan.http.market.send import MarketSettings
from hongyan.http.ops.readiness import Database
from hongyan.http.server import HttpServer, listen
from hongyan.kit.clock import SystemClock
from hongyan.kit.secrets import Vault
from hongyan.pipeline.opening import open_intake
from hongyan.pipeline.snapshot import SnapshotKeeper
from hongyan.runtime.heartbeat import Heartbeat
from hongyan.runtime.settings import HttpSettings, Settings


class CurrentKeys:
    """Looks keys up in the directory of the moment."""

    def __init__(self, snapshots: SnapshotKeeper) -> None:
        self._snapshots = snapshots

    def key(self, secret_id: str) -> ApiKey | None:
        """Return the key with this public half, as of now."""
        return self._snapshots.current.directory.key(secret_id)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve requests until `stop` is set, then answer those in hand."""
    clock = SystemClock()
    vault = Vault.load_or_create(settings.master_key_path)
    url = settings.database.url
    pool = await open_pool(
        url,
        size_min=2,
        size_max=settings.database.pool_size,
        application_name="hongyan api",
        session_settings=LOOKUP_PLANS,
    )
    bus = NotifyBus(url, clock)
    heartbeat = Heartbeat(pool, role="api", clock=clock)
    async with pool, open_intake(pool, bus, vault=vault, clock=clock) as opened, asyncio.TaskGroup() as tasks:
        workers = [
            tasks.create_task(bus.run(), name="notify"),
            tasks.create_task(heartbeat.run(), name="heartbeat"),
        ]
        services = HttpServices(
            keys=CurrentKeys(opened.snapshots),
            intake=opened.intake,
            clock=clock,
            balances=opened.intake,
            market=MarketSettings(
                rules=Rules(date_unchecked=settings.http.date_unchecked),
                trusted_proxies=settings.http.trusted_proxies,
            ),
            metrics_allow=settings.http.metrics_allow,
            database=cast("Database", pool),  # asyncpg's record is a mapping in all but name
        )
        server = HttpServer(
            build_app(services),
            listen(settings.http.host, settings.http.port, reuse_port=True),
            clock=clock,
            limits=limits_of(settings.http),
            trusted=(*LOOPBACK, *settings.http.trusted_proxies),
            drain_seconds=settings.http.drain,
        )
        await server.run(stop)
        for worker in workers:
            worker.cancel()


def limits_of(settings: HttpSettings) -> ServerLimits:
    """Return the server's limits with what the settings say."""
    return ServerLimits(
        header_timeout_seconds=settings.header_timeout,
        keep_alive_seconds=settings.keep_alive,
        body_octets_max=settings.body_size,
        connections_max=settings.connections,
    )
