"""Claims: the most urgent first, each message to one claimer, and nothing for an owner who lost its lease."""

import asyncio
from datetime import timedelta

from hongyan.content.model import MessageKind
from hongyan.messages.model import State

from .desk import Desk
from .locks import lock_waiter
from .world import PIPELINE, TEXT, World


async def test_codes_go_before_notices_before_marketing_and_older_before_younger(world: World, desk: Desk) -> None:
    kinds = [MessageKind.MARKETING, MessageKind.NOTIFICATION, MessageKind.VERIFICATION, MessageKind.NOTIFICATION]
    marketing, notice, code, later_notice = await world.accept(*(world.row(kind=kind) for kind in kinds))

    assert await desk.claim(room=3) == [code, notice, later_notice]
    assert await desk.claim(room=3) == [marketing]


async def test_a_claim_says_all_that_sending_takes(world: World, desk: Desk) -> None:
    row = world.row(segments=2)
    await world.accept(row)
    (claimed,) = await desk.claim_rows(1)

    assert dict(claimed) == {
        "mid": row.mid,
        "channel_id": world.channel_id,
        "attempt": 1,
        "segments": 2,
        "expires_at": row.expires_at,
        "avoid_link": None,
        "priority": 0,
        "recipient": row.recipient,
        "content": TEXT,
        "extension": "",
    }


async def test_a_claimed_message_is_being_sent(world: World, desk: Desk) -> None:
    mid = await desk.sent()

    live = await world.live(mid)
    assert live is not None
    assert (live["state"], live["claimed"], live["attempt"]) == (State.SENDING, True, 1)
    assert (live["fence"], live["sending_at"]) == (desk.fence, world.now())
    assert await desk.claim() == []


async def test_an_owner_whose_channel_changed_hands_claims_nothing(world: World, desk: Desk) -> None:
    await world.accept(world.row())
    stale = desk.fence
    await desk.take_lease("another")

    assert await desk.claim(fence=stale) == []
    assert await desk.claim(fence=desk.fence) == []  # the fence of another owner is no use either
    assert len(await desk.claim(owner="another")) == 1


async def test_two_claimers_never_get_the_same_message(world: World, desk: Desk) -> None:
    mids = await world.accept(*(world.row() for _ in range(60)))

    claims = await asyncio.gather(*(desk.claim_rows(20) for _ in range(6)))

    taken = [row["mid"] for rows in claims for row in rows]
    taken += [row["mid"] for row in await desk.claim_rows(60)]
    assert sorted(taken) == mids


async def test_what_has_expired_is_not_claimed(world: World, desk: Desk) -> None:
    expired, fresh = await world.accept(world.row(validity=timedelta(seconds=5)), world.row())
    world.clock.advance(5)

    assert await desk.claim() == [fresh]
    await desk.sweep()  # nothing is due before its time has passed
    world.clock.advance(0.001)
    await desk.sweep()
    assert await world.state(expired) is State.EXPIRED


async def test_a_claim_under_way_is_found_by_whoever_takes_over(world: World, desk: Desk) -> None:
    mid = (await world.accept(world.row()))[0]
    async with world.pool.acquire() as connection:
        claim = connection.transaction()
        await claim.start()
        wanted = [world.channel_id], [desk.fence], [10]
        await connection.fetch(PIPELINE["claim_ready"], *wanted, "desk", world.now())
        async with asyncio.TaskGroup() as tasks:
            taking = tasks.create_task(desk.take_lease("another"))
            await lock_waiter(world)
            assert not taking.done()  # it waits for the claim, which it would miss otherwise
            await claim.commit()

    rows = await world.pool.fetch(PIPELINE["abandoned_claims"], world.channel_id, desk.fence)
    assert [row["mid"] for row in rows] == [mid]


async def test_what_goes_back_to_the_queue_is_as_it_was(world: World, desk: Desk) -> None:
    fresh, resent = [await desk.sent() for _ in range(2)]
    desk.lose(resent)
    await desk.written()
    assert await desk.claim() == [resent]
    before = await world.live(fresh)
    await world.pool.execute(PIPELINE["unclaim"], [fresh, resent], [world.channel_id], [desk.fence])

    first, second = await world.live(fresh), await world.live(resent)
    assert first is not None
    assert second is not None
    assert before is not None
    assert (first["state"], first["claimed"], first["attempt"]) == (State.ACCEPTED, False, 0)
    assert (second["state"], second["claimed"], second["attempt"]) == (State.IN_DOUBT, False, 1)
    assert await desk.claim() == [fresh, resent]
    assert await world.live(fresh) == before


async def test_another_channels_fence_puts_nothing_back(world: World, desk: Desk) -> None:
    mid = await desk.sent()
    await world.pool.execute(PIPELINE["unclaim"], [mid], [world.channel_id + 1, world.channel_id], [desk.fence, 99])

    assert await world.state(mid) is State.SENDING
    rows = await world.pool.fetch(PIPELINE["claimed_under"], [world.channel_id + 1, world.channel_id], [desk.fence, 99])
    assert rows == []
