"""Our own server for customers, on a platform in a test's database."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from hongyan.accounts import login_service
from hongyan.accounts.protocol_login import Family, LoginInfo
from hongyan.db.listen import NotifyBus
from hongyan.db.pool import LOOKUP_PLANS, open_pool
from hongyan.downstream.opening import open_downstream
from hongyan.downstream.server import LIMITS, DownstreamServer
from hongyan.kit.clock import SystemClock
from hongyan.link.listener import ListenerConfig
from hongyan.pipeline.snapshot import SnapshotKeeper
from tests.conformance.carriers.speech import LOGIN, PASSWORD, Speech
from tests.integration.downstream.house import House

from .customer import Customer
from .record import PATIENCE_SECONDS

STOP_SECONDS_MAX: Final = 15.0


class OurServer:
    """The server as a gateway process runs it."""

    def __init__(self, house: House, server: DownstreamServer, family: str, login: LoginInfo) -> None:
        self.house = house
        self.server = server
        self.login = login
        self._family = family

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.ports[self._family]

    async def texts(self, number: int) -> list[str]:
        """Return what intake took."""
        rows = await self.house.world.pool.fetch("SELECT content FROM messages WHERE recipient = $1", number)
        return [row["content"] for row in rows]

    async def has_texts(self, number: int, count: int) -> list[str]:
        """Wait until intake took so many."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(texts := await self.texts(number)) < count:
                await asyncio.sleep(0.005)
        return texts

    async def taken(self) -> int:
        """Return how many submits were taken."""
        return await self.house.count("messages")

    async def nothing_to_push(self) -> None:
        """Wait until no report and no reply waits for the customer."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.house.count("pushes"):
                await asyncio.sleep(0.005)

    async def forget(self) -> None:
        """Take the login away and rename the channel, so that others can have their names."""
        pool = self.house.world.pool
        await pool.execute("DELETE FROM pushes; DELETE FROM submit_parts; DELETE FROM protocol_logins")
        await pool.execute(
            "DELETE FROM routes; UPDATE channels SET name = 'used-' || channel_id, state = 'stopped' WHERE name = 'cmcc'"
        )

    async def reply(self, number: int, to: str, words: str) -> None:
        """Lay down a reply as the replies area does."""
        payload = json.dumps({"from": str(number), "to": to, "content": words})
        pool = self.house.world.pool
        await pool.execute(
            "INSERT INTO pushes (login_id, kind, subject_id, payload) VALUES ($1, 1, 1, $2)",
            self.login.login_id,
            payload,
        )
        await pool.execute("SELECT pg_notify('hongyan_pushes', $1)", str(self.login.login_id))


@asynccontextmanager
async def our_server(house: House, speech: Speech, customer: Customer, **changes: Any) -> AsyncIterator[OurServer]:
    """Run our server for the time of the block, with a login for the customer; changes are of the login, `limits` of the links."""
    limits = changes.pop("limits", LIMITS)
    login = await a_login(house, speech, customer, **changes)
    clock = SystemClock()
    stop = asyncio.Event()
    async with await open_pool(house.url, size_min=2, session_settings=LOOKUP_PLANS) as pool:
        bus = NotifyBus(house.url, clock)
        snapshots = SnapshotKeeper(pool, house.world.vault, bus)
        await snapshots.load()
        async with (
            open_downstream(
                {speech.family: ListenerConfig(links_max=4096)},
                pool,
                bus,
                snapshots=snapshots,
                owner="g",
                clock=clock,
                limits=limits,
            ) as server,
            asyncio.TaskGroup() as tasks,
        ):
            workers = [tasks.create_task(bus.run()), tasks.create_task(snapshots.run())]
            running = tasks.create_task(server.run(stop, drain_seconds=1.0))
            try:
                await bus.wait_listening()
                yield OurServer(house, server, speech.family, login)
            finally:
                stop.set()
                async with asyncio.timeout(STOP_SECONDS_MAX):
                    await asyncio.wait([running])
                for worker in workers:
                    worker.cancel()


async def a_login(house: House, speech: Speech, customer: Customer, **changes: Any) -> LoginInfo:
    """Make the customer's login."""
    settings: dict[str, str] = {}
    if speech.family == "cmpp":
        settings["versions"] = "2.0" if speech.name == "cmpp20" else "3.0"
    if speech.family == "sgip":
        here = {"reverse_host": "127.0.0.1", "reverse_port": str(customer.listener_port)}
        settings |= {"same_connection": "true"} if changes.pop("same_connection", False) else here
    changes.pop("same_connection", None)
    settings |= changes.pop("settings", {})
    draft = {"links_max": 64, "window_size": 300, "speed_per_second": 10_000, "settings": settings, **changes}
    async with house.world.pool.acquire() as connection:
        made = await login_service.add_login(
            connection,
            house.world.vault,
            account_id=house.world.account_id,
            family=Family(speech.family),
            name=LOGIN,
            password=PASSWORD,
            draft=login_service.LoginDraft(**draft),
            actor="test",
        )
    return made.info
