"""The gateway role: carrier links, dispatch and settlement."""

import asyncio
import os
import platform
import secrets

from hongyan.db.listen import NotifyBus
from hongyan.db.pool import LOOKUP_PLANS, open_pool
from hongyan.kit.clock import SystemClock
from hongyan.kit.secrets import Vault
from hongyan.link.listener import ListenerConfig
from hongyan.pipeline.gateway import Gateway
from hongyan.pipeline.lease import LeaseHolder
from hongyan.pipeline.snapshot import SnapshotKeeper
from hongyan.runtime.heartbeat import Heartbeat
from hongyan.runtime.settings import GatewaySettings, Settings


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Hold channels until `stop` is set, then drain."""
    clock = SystemClock()
    vault = Vault.load_or_create(settings.master_key_path)
    url = settings.database.url
    pool = await open_pool(
        url,
        size_min=3,
        size_max=settings.database.pool_size,
        application_name="hongyan gateway",
        session_settings=LOOKUP_PLANS,
    )
    bus = NotifyBus(url, clock)
    snapshots = SnapshotKeeper(pool, vault, bus)
    await snapshots.load()
    owner = f"gateway@{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"
    gateway = Gateway(
        pool,
        bus,
        LeaseHolder(url, owner, clock, lease_seconds=settings.gateway.lease),
        routes=lambda: snapshots.current.routes,
        clock=clock,
        drain_seconds=settings.gateway.drain,
        sgip_listen=_sgip_listen_of(settings.gateway),
    )
    snapshots.on_change(gateway.routes_changed)
    heartbeat = Heartbeat(pool, role="gateway", clock=clock, detail=gateway.status)
    async with pool, asyncio.TaskGroup() as tasks:
        workers = [
            tasks.create_task(bus.run(), name="notify"),
            tasks.create_task(snapshots.run(), name="snapshots"),
            tasks.create_task(heartbeat.run(), name="heartbeat"),
        ]
        await gateway.run(stop)
        for worker in workers:
            worker.cancel()


def _sgip_listen_of(settings: GatewaySettings) -> ListenerConfig | None:
    """Return where carriers' own connections come in; the gateways of one machine share the port."""
    if not settings.sgip_port:
        return None
    return ListenerConfig(host=settings.sgip_host, port=settings.sgip_port, name="sgip", reuse_port=True)
