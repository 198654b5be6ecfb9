"""The gateway role: carrier links, dispatch and settlement; and the servers that customers log in to."""

import asyncio
import os
import platform
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from hongyan.db.listen import NotifyBus
from hongyan.db.pool import LOOKUP_PLANS, open_pool
from hongyan.downstream.opening import open_downstream
from hongyan.downstream.server import DownstreamServer
from hongyan.kit.clock import Clock, SystemClock
from hongyan.kit.secrets import Vault
from hongyan.link.listener import ListenerConfig
from hongyan.pipeline.gateway import Gateway
from hongyan.pipeline.lease import LeaseHolder
from hongyan.pipeline.snapshot import SnapshotKeeper
from hongyan.runtime.errors import ConfigurationInvalid
from hongyan.runtime.heartbeat import Heartbeat
from hongyan.runtime.settings import DownstreamSettings, GatewaySettings, Settings


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
        reply_window=timedelta(seconds=settings.gateway.reply_window),
        sgip_listen=_sgip_listen_of(settings.gateway),
    )
    snapshots.on_change(gateway.routes_changed)
    async with (
        pool,
        _downstream(settings, bus, snapshots, owner=owner, clock=clock) as servers,
        asyncio.TaskGroup() as tasks,
    ):
        heartbeat = Heartbeat(
            pool, role="gateway", clock=clock, detail=lambda: gateway.status() | (servers.status() if servers else {})
        )
        workers = [
            tasks.create_task(bus.run(), name="notify"),
            tasks.create_task(snapshots.run(), name="snapshots"),
            tasks.create_task(heartbeat.run(), name="heartbeat"),
        ]
        async with asyncio.TaskGroup() as serving:
            serving.create_task(gateway.run(stop), name="channels")
            if servers is not None:
                serving.create_task(servers.run(stop, drain_seconds=settings.gateway.drain), name="customers")
        for worker in workers:
            worker.cancel()


@asynccontextmanager
async def _downstream(
    settings: Settings, bus: NotifyBus, snapshots: SnapshotKeeper, *, owner: str, clock: Clock
) -> AsyncIterator[DownstreamServer | None]:
    """Give the servers that customers log in to, with connections of their own; None when no protocol has a port."""
    listeners = _listeners_of(settings.downstream)
    if not listeners:
        yield None
        return
    pool = await open_pool(
        settings.database.url,
        size_min=2,
        size_max=settings.database.pool_size,
        application_name="hongyan downstream",
        session_settings=LOOKUP_PLANS,
    )
    async with pool, open_downstream(listeners, pool, bus, snapshots=snapshots, owner=owner, clock=clock) as servers:
        yield servers


def _listeners_of(settings: DownstreamSettings) -> dict[str, ListenerConfig]:
    """Return where customers of each protocol come in; the gateways of one machine share the ports."""
    tls = None
    if settings.smpp_port and settings.smpp_certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            tls.load_cert_chain(settings.smpp_certificate, settings.smpp_key or None)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationInvalid(f"downstream.smpp_certificate: cannot be used: {error}") from error
    ports = {
        "cmpp": settings.cmpp_port,
        "sgip": settings.sgip_port,
        "smgp": settings.smgp_port,
        "smpp": settings.smpp_port,
    }
    return {
        family: ListenerConfig(
            host=settings.host,
            port=port,
            name=f"downstream {family}",
            tls=tls if family == "smpp" else None,
            reuse_port=True,
            links_max=settings.links,
            unbound_max=settings.unbound_links,
        )
        for family, port in ports.items()
        if port
    }


def _sgip_listen_of(settings: GatewaySettings) -> ListenerConfig | None:
    """Return where carriers' own connections come in; the gateways of one machine share the port."""
    if not settings.sgip_port:
        return None
    return ListenerConfig(host=settings.sgip_host, port=settings.sgip_port, name="sgip", reuse_port=True)
