"""The whole road over each protocol: to a simulated carrier, to the phone, and back with reports and replies."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest

from hongyan.carriers import limits_of
from hongyan.carriers.settings import ChannelSettings, LongText
from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.numbers.model import Carrier
from hongyan.pipeline.gateway import Gateway
from hongyan.routing import service as routing
from hongyan.simulator.behaviour import Span
from hongyan.simulator.config import (
    CarrierConfig,
    DialBack,
    LoginConfig,
    PhoneConfig,
    SimulatorConfig,
    Speech,
    TlsConfig,
)
from hongyan.text.segments import count
from tests.integration.simulator.certificates import a_certificate
from tests.integration.simulator.peers import Simulator, a_simulator

from .running import eventually, running_gateway
from .world import ACTOR, PASSWORD, TEXT, World, long_text

LOGIN: Final = "901234"
PHONE: Final = "13800138000"
NODE: Final = 3_010_012_345
NAMES: Final = {
    "cmpp20": Speech.CMPP,
    "cmpp30": Speech.CMPP,
    "sgip12": Speech.SGIP,
    "smgp30": Speech.SMGP,
    "smpp34": Speech.SMPP,
}
PROTOCOLS: Final = list(NAMES)


class Road(NamedTuple):
    """What a test has in hand."""

    world: World
    gateway: Gateway
    simulator: Simulator
    channel: str

    def status(self) -> dict[str, int]:
        """Return what the gateway says of the channel."""
        channels: Any = self.gateway.status()["channels"]
        return dict(channels.get(self.channel, {}))

    async def bound(self, links: int) -> None:
        """Wait until so many links are bound."""
        async with asyncio.timeout(10):
            while self.status().get("bound") != links:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def a_road(
    world: World,
    url: str,
    protocol: str,
    *,
    settings: dict[str, object] | None = None,
    scenario: str = "",
    tls: TlsConfig | None = None,
    **channel: Any,
) -> AsyncIterator[Road]:
    """Run a carrier of that protocol, and a gateway with a channel to it."""
    speech = NAMES[protocol]
    sgip_port = free_port() if speech is Speech.SGIP else None
    login = LoginConfig(
        login=LOGIN,
        password=PASSWORD,
        dial_back=None if sgip_port is None else DialBack(host="127.0.0.1", port=sgip_port),
    )
    quick = Span(min_seconds=0.0, max_seconds=0.02)
    carrier = CarrierConfig(name="mobile", port=0, logins=(login,), protocol=speech, delivery_delay=quick, tls=tls)
    config = SimulatorConfig(carriers=(carrier,), phones=PhoneConfig(port=0), seed=7, scenario=scenario)
    if speech is Speech.SGIP:
        settings = {"node": NODE, **(settings or {})}
    async with a_simulator(config) as simulator:
        async with world.pool.acquire() as connection:
            await routing.stop_channel(connection, "mobile-1", actor=ACTOR)
        made = await world.channel(
            protocol, port=simulator.port, carrier=Carrier.MOBILE, protocol=protocol, settings=settings, **channel
        )
        world.channel_id = made.channel_id
        async with running_gateway(world, url, sgip_port=sgip_port) as gateway:
            yield Road(world, gateway, simulator, protocol)


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        return int(opened.getsockname()[1])


async def reply(http: httpx.AsyncClient, text: str) -> None:
    """Let the phone answer whoever wrote last."""
    response = await http.post(f"/phones/{PHONE}/replies", json={"text": text})
    assert response.status_code < 300, response.text


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_text_rings_and_its_report_ends_it(world: World, database_url: str, protocol: str) -> None:
    async with a_road(world, database_url, protocol) as road:
        (mid,) = await world.accept(world.row())
        await world.reaches(State.DELIVERED, mid)

        assert await road.simulator.texts() == [TEXT]
    assert await world.word(mid) == (State.DELIVERED, "DELIVRD")
    assert await world.money(mid) == [0, 1]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("long", ["udh8", "udh16"])
async def test_a_long_text_comes_together_on_the_phone(
    world: World, database_url: str, protocol: str, long: LongText
) -> None:
    text = long_text(200)
    async with a_road(world, database_url, protocol, settings={"long_text": long}) as road:
        segments = count(text, limits_of(protocol, ChannelSettings(long_text=long)))
        (mid,) = await world.accept(world.row(text=text, segments=segments, kind=MessageKind.NOTIFICATION))
        await world.reaches(State.DELIVERED, mid)

        assert await road.simulator.texts() == [text]
    assert len(await world.pool.fetch("SELECT FROM segments WHERE stat = 'DELIVRD'")) == segments


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_phone_answers_and_the_account_gets_it(world: World, database_url: str, protocol: str) -> None:
    async with a_road(world, database_url, protocol) as road:
        (mid,) = await world.accept(world.row())
        await world.reaches(State.DELIVERED, mid)
        await reply(road.simulator.http, "好的，收到")

        async def has_come() -> bool:
            return bool(await world.count("replies"))

        await eventually(has_come)
        row = await world.pool.fetchrow("SELECT * FROM replies")
    assert row is not None
    assert (row["content"], row["from_number"], row["mid"]) == ("好的，收到", 8613800138000, mid)
    assert row["account_id"] == world.account_id


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_slower_carrier_gets_what_it_can_take(world: World, database_url: str, protocol: str) -> None:
    slowest = 1000
    async with a_road(world, database_url, protocol, scenario="throttled", speed_per_second=100) as road:
        await road.bound(1)
        mids = await world.accept(*(world.row(recipient=8613800138000 + n) for n in range(30)))
        async with asyncio.timeout(20):
            while {await world.state(mid) for mid in mids} != {State.DELIVERED}:
                slowest = min(slowest, road.status().get("speed_now", 1000))
                await asyncio.sleep(0.05)

    assert slowest < 100
    events = {event for mid in mids for event in await world.events(mid)}
    assert events == {"deferred"}
    assert {(await world.message(mid))["attempts"] for mid in mids} == {1}


async def test_a_carrier_may_be_spoken_to_behind_tls(world: World, database_url: str, tmp_path: Path) -> None:
    settings: dict[str, object] = {"tls": True, "tls_verify": False}
    async with a_road(world, database_url, "smpp34", settings=settings, tls=a_certificate(tmp_path)) as road:
        (mid,) = await world.accept(world.row())
        await world.reaches(State.DELIVERED, mid)

        assert await road.simulator.texts() == [TEXT]


async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    world: World, database_url: str, tmp_path: Path
) -> None:
    async with a_road(world, database_url, "smpp34", settings={"tls": True}, tls=a_certificate(tmp_path)) as road:

        async def is_told() -> bool:
            runners = road.gateway._dispatcher.runners.values()
            return any(runner.links[0].trouble.startswith("TLS: ") for runner in runners)

        await eventually(is_told)
        assert road.status()["bound"] == 0


@pytest.mark.parametrize("how", ["sar", "payload"])
async def test_a_long_text_goes_in_the_ways_of_smpp(world: World, database_url: str, how: LongText) -> None:
    text = long_text(200)
    async with a_road(world, database_url, "smpp34", settings={"long_text": how}) as road:
        segments = count(text, limits_of("smpp34", ChannelSettings(long_text=how)))
        (mid,) = await world.accept(world.row(text=text, segments=segments, kind=MessageKind.NOTIFICATION))
        await world.reaches(State.DELIVERED, mid)

        assert await road.simulator.texts() == [text]
    assert (await world.message(mid))["segments"] == 3  # what is paid for
    assert await world.count("segments") == (1 if how == "payload" else 3)


@pytest.mark.parametrize(
    "protocol, settings",
    [("smgp30", {"login_mode": "each"}), ("smpp34", {"bind_mode": "transmitter_receiver"})],
)
async def test_a_connection_for_each_way(
    world: World, database_url: str, protocol: str, settings: dict[str, object]
) -> None:
    async with a_road(world, database_url, protocol, settings=settings, links=2) as road:
        await road.bound(4)
        mids = await world.accept(*(world.row(recipient=8613800138000 + n) for n in range(20)))
        await world.reaches(State.DELIVERED, *mids)

        assert road.status()["links"] == 4
