"""The store of parts: any order, any repetition, any grouping into commits gives the text, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hongyan.carriers.downstream.protocol import Coding, ReportWish
from hongyan.db.pool import Pool
from hongyan.downstream.assembly import Assembly, IncomingPart

TEXTS = {1: "一二三四", 2: "甲乙丙", 3: "天地玄黄宇"}


def a_part(reference: int, number: int, part_id: int) -> IncomingPart:
    text = TEXTS[reference]
    content = text[number - 1].encode("utf-16-be")
    return IncomingPart(
        7,
        "1069",
        "13800138000",
        reference,
        len(text),
        0,
        number,
        part_id,
        ReportWish.ALWAYS,
        None,
        Coding.UCS2,
        content,
        None,
    )


@asynccontextmanager
async def running(pool: Pool) -> AsyncIterator[Assembly]:
    """Run a store of parts."""
    assembly = Assembly(pool)
    writing = asyncio.create_task(assembly.run())
    try:
        yield assembly
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing


# Every part of every text, in any order, each perhaps again before its text is whole, in commits of any size.
arrivals = st.permutations(
    [(reference, number) for reference, text in TEXTS.items() for number in range(1, len(text) + 1)]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals, st.lists(st.booleans(), min_size=12, max_size=12), st.lists(st.booleans(), min_size=24, max_size=24))
async def test_parts_in_any_order_give_each_text_once(
    pool: Pool, order: list[tuple[int, int]], again: list[bool], pauses: list[bool]
) -> None:
    left = Counter(reference for reference, _ in order)
    ids: dict[tuple[int, int], set[int]] = {}
    async with running(pool) as assembly:
        pending: list[tuple[tuple[int, int], asyncio.Task[list[int]]]] = []
        serial = 0
        for position, (reference, number) in enumerate(order):
            left[reference] -= 1
            repeats = 2 if again[position] and left[reference] else 1
            for _ in range(repeats):
                serial += 1
                part = a_part(reference, number, serial)
                pending.append(((reference, number), asyncio.create_task(assembly.keep([part]))))
                await asyncio.sleep(0)
            if pauses[position]:
                await asyncio.gather(*(task for _, task in pending))
        for place, task in pending:
            ids.setdefault(place, set()).update(await task)
        whole = [assembly.whole.get_nowait() for _ in range(assembly.whole.qsize())]
        texts = [await assembly.read(text_id) for text_id in whole]
        await assembly.fail(whole, "EXPIRED")
        await pool.execute("DELETE FROM pushes")

    assert sorted(text.content for text in texts if text is not None) == sorted(TEXTS.values())
    assert all(len(found) == 1 for found in ids.values()), "a part that comes twice keeps its id"
    assert await pool.fetchval("SELECT count(*) FROM long_texts") == 0
