"""Putting the downstream servers together: what a gateway process runs so that customers can come in."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from hongyan.accounts.usage import login_usage
from hongyan.carriers.downstream.ids import PartIds
from hongyan.db.listen import NotifyBus
from hongyan.db.pool import Pool
from hongyan.kit.clock import Clock
from hongyan.link.listener import ListenerConfig
from hongyan.pipeline.opening import open_intake_on
from hongyan.pipeline.snapshot import SnapshotKeeper
from hongyan.wire.session import Limits

from .assembly import PARTS_WAIT, Assembly
from .counts import DayCounts
from .pushes import Pusher
from .reports import RefusedReports
from .roster import Roster
from .server import LIMITS, DownstreamServer
from .submits import SubmitDesk
from .texts import TextSender


@asynccontextmanager
async def open_downstream(
    listeners: Mapping[str, ListenerConfig],
    pool: Pool,
    bus: NotifyBus,
    *,
    snapshots: SnapshotKeeper,
    owner: str,
    clock: Clock,
    parts_wait: timedelta = PARTS_WAIT,
    limits: Limits = LIMITS,
) -> AsyncIterator[DownstreamServer]:
    """Make the servers, with an intake of their own, for the time of the block; the caller runs them.

    `bus` and `snapshots` are run by the caller too, after they got their subscribers here; `owner` is a name that no other
    process has.
    """
    async with open_intake_on(snapshots, pool, clock) as opened, asyncio.TaskGroup() as tasks:
        roster = Roster(clock)
        assembly = Assembly(pool, wait=parts_wait)
        desk = SubmitDesk(
            opened.intake,
            assembly,
            DayCounts(pool, clock),
            RefusedReports(pool),
            roster=roster,
            ids=PartIds(clock, opened.node),
            snapshot=lambda: snapshots.current,
            clock=clock,
        )
        server = DownstreamServer(
            listeners,
            snapshot=lambda: snapshots.current,
            roster=roster,
            desk=desk,
            pusher=Pusher(pool, bus, roster, owner=owner, clock=clock),
            sender=TextSender(assembly, opened.intake, lambda: snapshots.current),
            usage=login_usage(pool, clock),
            clock=clock,
            limits=limits,
        )
        snapshots.on_change(server.changed)
        keeper = tasks.create_task(assembly.run(), name="parts")
        try:
            yield server
        finally:
            keeper.cancel()
