"""Whatever is done to money, in whatever order: balances, ledger and messages agree."""

import asyncio
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hongyan.billing.service import verify
from hongyan.db.pool import open_pool
from tests.integration.billing.purse import Purse, open_purse

amounts = st.integers(1, 500)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("recharge"), amounts),
        st.tuples(st.just("adjust"), amounts.flatmap(lambda amount: st.sampled_from([amount, -amount]))),
        st.tuples(st.just("hold"), st.integers(0, 300)),
        st.tuples(st.sampled_from(["post", "void"]), st.integers(0, 20)),
    ),
    max_size=25,
)


@given(moves)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_ledger_always_balances(database_url: str, played: list[tuple[str, int]]) -> None:
    asyncio.run(play(database_url, played))


async def play(database_url: str, played: list[tuple[str, int]]) -> None:
    """Make the moves, with a model beside them that adds up in the simplest way."""
    available = 0
    charges: dict[int, int] = {}  # of the messages accepted
    settled: set[int] = set()
    async with await open_pool(database_url, size_max=1) as pool:
        purse = await open_purse(pool, name=uuid4().hex)
        for move, value in played:
            match move:
                case "recharge" | "adjust":
                    await (purse.recharge(value) if move == "recharge" else purse.adjust(value))
                    available += value
                case "hold":
                    accepted = await purse.hold(value)
                    assert bool(accepted) == (available >= value)
                    charges.update(dict.fromkeys(accepted, value))
                    available -= value if accepted else 0
                case "post" | "void":
                    available += await settle(purse, move, value, charges=charges, settled=settled)
            held = sum(charge for mid, charge in charges.items() if mid not in settled)
            assert await purse.balance() == (available, held)
        async with pool.acquire() as connection:
            assert await verify(connection) == []


async def settle(purse: Purse, move: str, pick: int, *, charges: dict[int, int], settled: set[int]) -> int:
    """Settle one of the messages, perhaps one that is settled; returns what has to come back."""
    if not charges:
        return 0
    mid = sorted(charges)[pick % len(charges)]
    await (purse.post(mid) if move == "post" else purse.void(mid))
    returned = charges[mid] if move == "void" and mid not in settled else 0
    settled.add(mid)
    return returned
