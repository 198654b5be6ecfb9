"""Group commit: batches, bounds, failures."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from hongyan.db.group_commit import CommitQueueFull, CommitsStopped, GroupCommit


class Store:
    """Takes batches; each write waits until it is let through."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.started = asyncio.Event()
        self.failure: Exception | None = None

    async def write(self, items: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(items))
        self.started.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return [item * 10 if item >= 0 else ValueError("negative") for item in items]


@asynccontextmanager
async def running(
    store: Store, *, batch_max: int = 100, waiting_max: int = 100
) -> AsyncIterator[GroupCommit[int, int]]:
    commits: GroupCommit[int, int] = GroupCommit(store.write, batch_max=batch_max, waiting_max=waiting_max)
    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(commits.run())
        yield commits
        loop.cancel()


async def test_what_arrives_during_a_commit_goes_into_the_next() -> None:
    store = Store()
    async with running(store) as commits, asyncio.TaskGroup() as callers:
        first = callers.create_task(commits.commit(1))
        await store.started.wait()
        others = [callers.create_task(commits.commit(item)) for item in (2, 3)]
        await asyncio.sleep(0)
        store.gate.set()

    assert store.batches == [[1], [2, 3]]
    assert [first.result(), *(other.result() for other in others)] == [10, 20, 30]


async def test_a_batch_is_bounded() -> None:
    store = Store()
    store.gate.set()
    async with running(store, batch_max=2) as commits, asyncio.TaskGroup() as callers:
        for item in range(5):
            callers.create_task(commits.commit(item))

    assert [len(batch) for batch in store.batches] == [2, 2, 1]


async def test_one_item_can_fail_alone() -> None:
    store = Store()
    store.gate.set()
    async with running(store) as commits:
        results = await asyncio.gather(commits.commit(1), commits.commit(-1), return_exceptions=True)

    assert results[0] == 10
    assert isinstance(results[1], ValueError)


async def test_a_failed_write_is_told_to_everyone_in_it_and_the_next_one_goes_on() -> None:
    store = Store()
    store.gate.set()
    store.failure = ConnectionError("gone")
    async with running(store) as commits:
        results = await asyncio.gather(commits.commit(1), commits.commit(2), return_exceptions=True)
        store.failure = None
        assert await commits.commit(3) == 30

    assert [type(result) for result in results] == [ConnectionError, ConnectionError]


async def test_more_than_may_wait_is_refused_at_once() -> None:
    store = Store()
    async with running(store, waiting_max=1) as commits, asyncio.TaskGroup() as callers:
        callers.create_task(commits.commit(1))
        await store.started.wait()
        callers.create_task(commits.commit(2))
        await asyncio.sleep(0)
        with pytest.raises(CommitQueueFull):
            await commits.commit(3)
        store.gate.set()

    assert store.batches == [[1], [2]]


async def test_nothing_is_written_for_a_caller_that_has_gone() -> None:
    store = Store()
    async with running(store) as commits, asyncio.TaskGroup() as callers:
        callers.create_task(commits.commit(1))
        await store.started.wait()
        gone, stays = callers.create_task(commits.commit(2)), callers.create_task(commits.commit(3))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        store.gate.set()
        await stays

    assert store.batches == [[1], [3]]


async def test_a_caller_that_leaves_during_its_commit_costs_nobody_a_result() -> None:
    store = Store()
    async with running(store) as commits, asyncio.TaskGroup() as callers:
        leaves, stays = callers.create_task(commits.commit(1)), callers.create_task(commits.commit(2))
        await store.started.wait()
        leaves.cancel()
        store.gate.set()

    assert store.batches == [[1, 2]]
    assert stays.result() == 20


async def test_the_bound_is_free_again_when_those_who_waited_have_gone() -> None:
    store = Store()
    async with running(store, waiting_max=2) as commits, asyncio.TaskGroup() as callers:
        callers.create_task(commits.commit(1))
        await store.started.wait()
        gone = [callers.create_task(commits.commit(item)) for item in (2, 3)]
        await asyncio.sleep(0)
        for caller in gone:
            caller.cancel()
        store.gate.set()
        await asyncio.sleep(0.01)

        assert await commits.commit(4) == 40
        assert len(commits) == 0


async def test_items_count_by_their_weight() -> None:
    store = Store()
    store.gate.set()
    commits: GroupCommit[int, int] = GroupCommit(store.write, batch_max=10, waiting_max=18, weigh=lambda item: item)
    async with asyncio.TaskGroup() as callers:
        for item in (6, 6, 6):
            callers.create_task(commits.commit(item))
        await asyncio.sleep(0)
        with pytest.raises(CommitQueueFull):
            await commits.commit(1)
        writer = callers.create_task(commits.run())
        await asyncio.sleep(0.01)
        writer.cancel()

    assert store.batches == [[6, 6], [6]]


async def test_whoever_waits_when_the_writer_stops_is_told_and_so_is_whoever_comes_later() -> None:
    store = Store()
    commits: GroupCommit[int, int] = GroupCommit(store.write, batch_max=1, waiting_max=10)
    async with asyncio.TaskGroup() as tasks:
        writer = tasks.create_task(commits.run())
        callers = asyncio.gather(commits.commit(1), commits.commit(2), return_exceptions=True)
        await store.started.wait()
        writer.cancel()
        answers = await callers

    assert [type(answer) for answer in answers] == [CommitsStopped, CommitsStopped]
    with pytest.raises(CommitsStopped):
        await commits.commit(3)
