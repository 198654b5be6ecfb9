"""The database is killed or freezes under traffic: clients are told, links stay bound, and all goes on afterwards."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest_asyncio

from hongyan.db.embedded import EmbeddedPostgres
from hongyan.db.listen import NotifyBus
from hongyan.db.migrate import migrate
from hongyan.db.pool import LOOKUP_PLANS, open_pool
from hongyan.kit.clock import ManualClock, SystemClock
from hongyan.messages.model import State
from hongyan.pipeline.courier import Courier
from hongyan.pipeline.opening import open_intake
from hongyan.pipeline.submission import StoreUnavailable, Submission

from .books import assert_books_add_up
from .carrier import FakeCarrier, serve
from .phone import Phone
from .running import running_gateway
from .test_gateway_replies import a_deliver
from .world import TEXT, World

SETTINGS = {"shared_buffers": "32MB", "max_connections": "60", "fsync": "off", "full_page_writes": "off"}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[EmbeddedPostgres]:
    """A server that this test may hurt."""
    directory = Path(tempfile.mkdtemp(prefix="hongyan-test-"))
    directory.chmod(0o711)
    server = EmbeddedPostgres(directory, settings=SETTINGS)
    try:
        await migrate(await server.start())
        yield server
    finally:
        await server.stop()
        shutil.rmtree(directory)


@pytest_asyncio.fixture
async def world(server: EmbeddedPostgres, clock: ManualClock) -> AsyncIterator[World]:
    """A platform on that server."""
    async with await open_pool(server.url, size_max=8, session_settings=LOOKUP_PLANS) as pool:
        world = World(pool, clock)
        await world.settle_in()
        yield world
        await assert_books_add_up(pool)


def processes_of(server: EmbeddedPostgres) -> list[psutil.Process]:
    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    return [postmaster, *postmaster.children()]


async def kill_and_restart(server: EmbeddedPostgres) -> None:
    processes = processes_of(server)
    for process in processes:
        process.kill()
    await asyncio.to_thread(psutil.wait_procs, processes)
    await server.start()


@contextmanager
def frozen(server: EmbeddedPostgres) -> Iterator[None]:
    processes = processes_of(server)
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGCONT)


async def test_a_killed_database_cuts_no_link_and_loses_nothing(
    world: World, server: EmbeddedPostgres, carrier: FakeCarrier
) -> None:
    await serve(world, carrier, speed_per_second=200)
    carrier.on_submit = carrier.take_and_report
    mids = await world.accept(*(world.row(recipient=8613800138000 + n) for n in range(100)))
    async with running_gateway(world, server.url):
        await carrier.got(30)
        links = list(carrier.links)
        await kill_and_restart(server)
        (after,) = await world.accept(world.row())

        await world.reaches(State.DELIVERED, *mids, after, seconds=20)
        assert carrier.links == links
    assert len(carrier.submits) == 101
    assert await world.count("message_events") == 0


async def test_a_frozen_database_is_answered_for_in_time_and_goes_on_where_it_stood(
    world: World, server: EmbeddedPostgres, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    bus = NotifyBus(server.url, SystemClock())
    submission = Submission(
        account_id=world.account_id, api_key_id=world.api_key_id, content=TEXT, mobiles=["13800138000"]
    )
    async with (
        open_intake(world.pool, bus, vault=world.vault, clock=world.clock) as opened,
        running_gateway(world, server.url),
    ):
        (mid,) = await world.accept(world.row())
        (got,) = await carrier.got(1)
        await world.reaches(State.SUBMITTED, mid)
        with frozen(server):
            carrier.report(got)
            started = time.monotonic()
            answers = await asyncio.gather(
                *(opened.intake.submit(submission) for _ in range(5)), return_exceptions=True
            )
            waited = time.monotonic() - started
            assert carrier.acknowledged == []
        assert [type(answer) for answer in answers] == [StoreUnavailable] * 5
        assert waited < 2.5

        await world.reaches(State.DELIVERED, mid)
        receipt = await opened.intake.submit(submission)
        assert receipt.entries[0].mid is not None
        await world.reaches(State.SUBMITTED, receipt.entries[0].mid)
    assert len(carrier.links) == 0


async def test_texts_from_phones_are_answered_when_the_database_is_back(
    world: World, server: EmbeddedPostgres, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    async with running_gateway(world, server.url):
        await carrier.until(lambda: bool(carrier.links))
        links = list(carrier.links)
        with frozen(server):
            for number in range(10):
                carrier.hand_over(a_deliver(f"第{number}条", number + 1))
            await asyncio.sleep(0.2)  # however long: nothing can have been written
            assert carrier.acknowledged == []
        await kill_and_restart(server)

        await carrier.until(lambda: len(carrier.acknowledged) == 10, seconds=20)
        assert carrier.links == links
    assert sorted(await Phone(world).contents()) == [f"第{number}条" for number in range(10)]


async def test_a_courier_sweeps_on_after_its_database_was_killed(
    world: World, server: EmbeddedPostgres, clock: ManualClock
) -> None:
    (mid,) = await world.accept(world.row())
    async with asyncio.TaskGroup() as tasks:
        sweeping = tasks.create_task(Courier(world.pool, clock).run())
        await kill_and_restart(server)
        clock.advance(301)
        await world.reaches(State.EXPIRED, mid)
        sweeping.cancel()
