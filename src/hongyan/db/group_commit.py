"""Group commit: what arrives while one transaction commits goes into the next.

One commit costs a disk sync, however many rows it carries. So a single writer takes all that is
waiting, commits it, answers everyone, and takes what has arrived meanwhile. Under light load an item
is written at once; under heavy load batches grow by themselves. There is no timer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

from hongyan.kit.errors import Error, ErrorKind

Item = TypeVar("Item")
Result = TypeVar("Result")


class CommitQueueFull(Error):
    """More is waiting to be committed than the process may hold."""

    code = "store.queue_full"
    kind = ErrorKind.EXHAUSTED


class CommitsStopped(Error):
    """The process is stopping; what was being committed may be durable or not."""

    code = "store.stopped"
    kind = ErrorKind.UNAVAILABLE


class GroupCommit(Generic[Item, Result]):
    """Collects items and hands them to `write` in batches; every caller waits for its own result.

    `write` gets the items in order of arrival and returns one result or exception for each. When
    `write` itself raises, every item of that batch gets that exception.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        batch_max: int,
        waiting_max: int,
        weigh: Callable[[Item], int] = lambda _: 1,
    ) -> None:
        self._write = write
        self._batch_max = batch_max
        self._waiting_max = waiting_max
        self._weigh = weigh
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._weight = 0
        self._arrived = asyncio.Event()
        self._has_stopped = False

    def __len__(self) -> int:
        return len(self._waiting)

    async def commit(self, item: Item) -> Result:
        """Wait until the item is durable and return its result; CommitQueueFull at the bound, CommitsStopped."""
        if self._has_stopped:
            raise CommitsStopped
        if self._weight >= self._waiting_max:
            raise CommitQueueFull
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._weight += self._weigh(item)
        self._arrived.set()
        return await future

    async def run(self) -> None:
        """Write batches until cancelled; whoever still waits then gets CommitsStopped."""
        try:
            while True:
                await self._arrived.wait()
                await self._write_batch(self._take())
                if not self._waiting:
                    self._arrived.clear()
        finally:
            self._has_stopped = True
            _stop(self._waiting)
            self._waiting.clear()

    def _take(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        batch = []
        weight = 0
        while self._waiting and weight < self._batch_max:
            item, future = self._waiting.popleft()
            weight += self._weigh(item)
            if not future.cancelled():  # the caller has gone: nothing of it is written
                batch.append((item, future))
        self._weight -= weight
        return batch

    async def _write_batch(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        if not batch:
            return
        try:
            results = await self._write([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - tidy: allow-broad-except, whoever waits gets it
            results = [error] * len(batch)
        except BaseException:
            _stop(batch)
            raise
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)


def _stop(waiting: Iterable[tuple[Item, asyncio.Future[Result]]]) -> None:
    for _, future in waiting:
        if not future.done():
            future.set_exception(CommitsStopped())
