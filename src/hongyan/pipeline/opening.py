"""Putting intake together: what an API process runs so that its surfaces can submit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from hongyan.accounts.usage import KeyUsage
from hongyan.db.listen import NotifyBus
from hongyan.db.pool import Pool
from hongyan.db.queries import Queries
from hongyan.kit.clock import Clock
from hongyan.kit.ids import IdGenerator
from hongyan.kit.secrets import Vault

from .admission import Admission
from .intake import Intake
from .snapshot import SnapshotKeeper
from .store import IntakeStore

_QUERIES = Queries.of(__package__)


class OpenIntake(msgspec.Struct, frozen=True):
    """A running intake and the snapshot it decides by."""

    intake: Intake
    snapshots: SnapshotKeeper


@asynccontextmanager
async def open_intake(pool: Pool, bus: NotifyBus, *, vault: Vault, clock: Clock) -> AsyncIterator[OpenIntake]:
    """Run intake for the time of the block; `bus` is run by the caller, after it got its subscribers here.

    Raises what `is_unavailable` knows when the database is away at the start.
    """
    snapshots = SnapshotKeeper(pool, vault, bus)
    await snapshots.load()
    node = await pool.fetchval(_QUERIES["next_node"])
    store = IntakeStore(pool, clock)
    usage = KeyUsage(pool, clock)
    admission = Admission(pool, clock)
    intake = Intake(
        lambda: snapshots.current,
        store,
        admission=admission,
        used=usage.note,
        ids=IdGenerator(clock, node),
        clock=clock,
    )
    async with asyncio.TaskGroup() as tasks:
        workers = [
            tasks.create_task(snapshots.run(), name="snapshots"),
            tasks.create_task(store.run(), name="group commit"),
            tasks.create_task(admission.run(), name="admission"),
            tasks.create_task(usage.run(), name="key usage"),
        ]
        try:
            yield OpenIntake(intake, snapshots)
        finally:
            for worker in workers:
                worker.cancel()
