"""Putting intake together: what an API process runs so that its surfaces can submit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from hongyan.accounts.usage import key_usage
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
    node: int
    """The number that no other live intake has; it is in every id that this one gives."""


@asynccontextmanager
async def open_intake(pool: Pool, bus: NotifyBus, *, vault: Vault, clock: Clock) -> AsyncIterator[OpenIntake]:
    """Run intake and its own snapshot for the time of the block.

    `bus` is run by the caller, after it got its subscribers here. Raises what `is_unavailable` knows when the database
    is away at the start.
    """
    snapshots = SnapshotKeeper(pool, vault, bus)
    await snapshots.load()
    async with open_intake_on(snapshots, pool, clock) as opened, asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(snapshots.run(), name="snapshots")
        try:
            yield opened
        finally:
            keeper.cancel()


@asynccontextmanager
async def open_intake_on(snapshots: SnapshotKeeper, pool: Pool, clock: Clock) -> AsyncIterator[OpenIntake]:
    """Run intake for the time of the block by a snapshot that the caller keeps."""
    node = await pool.fetchval(_QUERIES["next_node"])
    store = IntakeStore(pool, clock)
    usage = key_usage(pool, clock)
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
            tasks.create_task(store.run(), name="group commit"),
            tasks.create_task(admission.run(), name="admission"),
            tasks.create_task(usage.run(), name="key usage"),
        ]
        try:
            yield OpenIntake(intake, snapshots, node)
        finally:
            for worker in workers:
                worker.cancel()
