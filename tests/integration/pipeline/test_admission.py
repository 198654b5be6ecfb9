"""Admission: new messages are slowed down and refused before a queue becomes worthless."""

import asyncio

import pytest

from hongyan.content.model import MessageKind
from hongyan.db.pool import open_pool
from hongyan.pipeline import admission as admission_module
from hongyan.pipeline.admission import DELAY_SECONDS_MAX, STILL_AFTER_SECONDS, WATCH_SECONDS, Admission
from hongyan.pipeline.submission import IntakeOverloaded

from .desk import Desk
from .world import World

CODE, NOTICE, MARKETING = MessageKind


class Watch:
    """An admission that looks whenever time passes."""

    def __init__(self, world: World, desk: Desk) -> None:
        self.world = world
        self.desk = desk
        self.admission = Admission(world.pool, world.clock)
        self.naps: list[float] = []

    async def go_on(self, seconds: float, *, accepted: int = 0, claimed: int = 0, kind: MessageKind = CODE) -> None:
        """Let time pass, look by look, with so many messages accepted and claimed in each."""
        for _ in range(round(seconds / WATCH_SECONDS)):
            self.world.clock.advance(WATCH_SECONDS)
            if accepted:
                await self.world.accept(*(self.world.row(kind=kind) for _ in range(accepted)))
            if claimed:
                await self.desk.claim(room=claimed)
            await self.admission.look()

    async def admits(self, kind: MessageKind = CODE, channel_id: int | None = None) -> bool:
        try:
            await self.admission.admit(kind, {channel_id or self.world.channel_id})
        except IntakeOverloaded:
            return False
        return True


@pytest.fixture
def watch(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch(world, desk)

    async def nap(seconds: float) -> None:
        watch.naps.append(seconds)

    monkeypatch.setattr(admission_module, "asyncio", type("Napping", (), {"sleep": staticmethod(nap)}))
    return watch


async def test_an_empty_queue_and_a_short_one_cost_nothing(watch: Watch) -> None:
    await watch.go_on(1.0, accepted=2, claimed=2)

    assert await watch.admits()
    assert watch.naps == []


async def test_a_queue_that_falls_behind_slows_intake_down_more_and_more(watch: Watch) -> None:
    await watch.go_on(1.0, accepted=4, claimed=3)
    assert await watch.admits()
    await watch.go_on(2.0, accepted=4, claimed=3)
    assert await watch.admits()

    first, second = watch.naps
    assert 0 < first < second <= DELAY_SECONDS_MAX


async def test_codes_are_refused_when_they_would_come_too_late_and_notices_wait(watch: Watch) -> None:
    await watch.go_on(5.0, accepted=8, claimed=2)

    assert not await watch.admits()
    assert await watch.admits(NOTICE)
    assert await watch.admits(CODE, channel_id=watch.world.channel_id + 1)


async def test_intake_opens_again_when_the_queue_has_been_worked_off(watch: Watch) -> None:
    await watch.go_on(5.0, accepted=8, claimed=2)
    await watch.go_on(5.0, claimed=20)

    assert await watch.admits()
    assert watch.naps == []


async def test_a_queue_that_stands_still_is_admitted_to_for_its_carrier_is_away(watch: Watch) -> None:
    await watch.world.accept(watch.world.row())
    await watch.go_on(STILL_AFTER_SECONDS + 1.0)

    assert await watch.admits()
    assert watch.naps == []


async def test_a_code_that_is_to_be_sent_again_makes_nobody_wait(watch: Watch) -> None:
    mid = await watch.desk.sent()
    await watch.go_on(60.0, accepted=1, claimed=1)
    watch.desk.lose(mid)
    await watch.desk.written()
    await watch.go_on(WATCH_SECONDS)

    assert await watch.admits()
    assert watch.naps == []


@pytest.mark.parametrize("kind", MessageKind)
async def test_a_full_queue_takes_nothing_whatever_it_is_full_of(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, kind: MessageKind
) -> None:
    monkeypatch.setattr(admission_module, "WAITING_MAX", 5)
    await watch.world.accept(*(watch.world.row(kind=kind) for _ in range(5)))
    await watch.go_on(STILL_AFTER_SECONDS + 1.0)

    assert not await watch.admits()


async def test_marketing_is_never_late(watch: Watch) -> None:
    await watch.go_on(10.0, accepted=2, claimed=1, kind=MARKETING)

    assert await watch.admits(MARKETING)
    assert watch.naps == []


async def test_a_database_that_is_away_blinds_it_and_ends_nothing(world: World, database_url: str) -> None:
    pool = await open_pool(database_url)
    await pool.close()
    admission = Admission(pool, world.clock)
    async with asyncio.TaskGroup() as tasks:
        looking = tasks.create_task(admission.run())
        await asyncio.sleep(0.05)
        assert not looking.done()
        looking.cancel()

    await admission.admit(CODE, {world.channel_id})
