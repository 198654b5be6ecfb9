"""The connections that SGIP gateways make to us: who is let in, what is kept of what they say, when they are ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.messages.model import State
from hongyan.pipeline.links import stamp_by
from hongyan.routing import service as routing
from hongyan.routing.service import ChannelChanges
from hongyan.wire.sgip.dialect import LoginType
from hongyan.wire.sgip.pdus import Deliver, Report, ReportResp, UserRpt
from hongyan.wire.sgip.sequences import compose, octets_of, text_of
from hongyan.wire.sgip.session import SgipClientSession

from .running import eventually, running_gateway
from .test_four_protocols import NODE, free_port
from .world import ACTOR, PASSWORD, PHONE, World

SMG = 101_000
SUBMIT = compose(NODE, 1122193000, 7)


class Smg:
    """A gateway's end of a connection that it made; it remembers what it was answered."""

    def __init__(self, port: int, *, login: str, password: str, login_type: int) -> None:
        clock = SystemClock()
        self.answers: list[Struct] = []
        self.losses: list[str] = []
        self.link = LinkClient(
            LinkConfig(host="127.0.0.1", port=port, name="smg", backoff_min_seconds=0.05, backoff_max_seconds=0.1),
            session=lambda: SgipClientSession(login, password, node=SMG, stamp=stamp_by(clock), login_type=login_type),
            observer=self,
            clock=clock,
            index=1,
        )
        self._changed = asyncio.Event()

    def link_bound(self, link: LinkClient) -> None:
        self._changed.set()

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        self.losses.append(reason)
        self._changed.set()

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        self.answers.append(pdu)
        self._changed.set()

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        raise AssertionError("everything is answered")

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        raise AssertionError("a customer asks nothing here")

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def an_smg(
    port: int, *, login: str = "901234", password: str = PASSWORD, login_type: int = LoginType.SMG_TO_SP
) -> AsyncIterator[Smg]:
    smg = Smg(port, login=login, password=password, login_type=login_type)
    running = asyncio.ensure_future(smg.link.run())
    try:
        yield smg
    finally:
        await smg.link.stop(0)
        await running


async def a_channel(world: World, **settings: object) -> None:
    """Make an SGIP channel whose carrier is not there: only what it says matters."""
    made = await world.channel("unicom", port=9, protocol="sgip12", settings={"node": NODE, **settings})
    world.channel_id = made.channel_id


async def a_submitted_message(world: World) -> int:
    """Return a message that the carrier has taken under the id SUBMIT."""
    (mid,) = await world.accept(world.row())
    now = world.now()
    await world.pool.execute(
        "UPDATE live_messages SET state = 2, claimed = true, attempt = 1, sending_at = $2, submitted_at = $2 WHERE mid = $1",
        mid,
        now,
    )
    await world.pool.execute(
        "INSERT INTO segments (mid, attempt, part, channel_id, link, sequence, result, carrier_message_id, sent_at,"
        " answered_at) VALUES ($1, 1, 1, $2, 1, 7, 0, $3, $4, $4)",
        mid,
        world.channel_id,
        text_of(SUBMIT),
        now,
    )
    await world.pool.execute(
        "INSERT INTO ledger_entries (subject_id, entry, account_id, available_change, held_change)"
        " SELECT mid, 1, account_id, 0, -charge FROM live_messages WHERE mid = $1",
        mid,
    )
    await world.pool.execute("UPDATE settlements SET posted_total = posted_total + 50")
    return mid


def a_report(state: int = 0, error: int = 0) -> Report:
    return Report(
        submit_sequence_number=octets_of(SUBMIT), report_type=0, user_number=str(PHONE), state=state, error_code=error
    )


async def test_a_report_over_the_carriers_own_connection_ends_its_message(world: World, database_url: str) -> None:
    port = free_port()
    await a_channel(world)
    mid = await a_submitted_message(world)
    async with running_gateway(world, database_url, sgip_port=port), an_smg(port) as smg:
        await smg.until(lambda: smg.link.is_bound)
        smg.link.send(a_report(), "report")
        await smg.until(lambda: smg.answers)

        assert await world.word(mid) == (State.DELIVERED, "DELIVRD")  # it is answered after it is written
    assert smg.answers == [ReportResp()]


async def test_a_text_from_a_phone_is_kept(world: World, database_url: str) -> None:
    port = free_port()
    await a_channel(world)
    async with running_gateway(world, database_url, sgip_port=port), an_smg(port) as smg:
        await smg.until(lambda: smg.link.is_bound)
        deliver = Deliver(user_number=str(PHONE), sp_number="10690001", message_coding=0, message_content=b"TD")
        smg.link.send(deliver, "reply")
        smg.link.send(UserRpt(sp_number="10690001", user_number=str(PHONE), user_condition=0), "condition")
        await smg.until(lambda: len(smg.answers) == 2)

        row = await world.pool.fetchrow("SELECT content, from_number, to_number FROM replies")
    assert row is not None
    assert tuple(row) == ("TD", PHONE, "10690001")


async def test_a_login_that_is_no_channels_is_refused(world: World, database_url: str) -> None:
    port = free_port()
    await a_channel(world)
    async with (
        running_gateway(world, database_url, sgip_port=port),
        an_smg(port, password="wrong") as wrong,
        an_smg(port, login_type=LoginType.SP_TO_SMG) as sp,
        an_smg(port) as right,
    ):
        await right.until(lambda: right.link.is_bound)

        async def are_told() -> bool:
            return bool(wrong.link.trouble) and bool(sp.link.trouble)

        await eventually(are_told)
        assert not wrong.link.is_bound
        assert not sp.link.is_bound


async def test_a_carrier_may_have_a_login_of_its_own(world: World, database_url: str) -> None:
    port = free_port()
    await a_channel(world, reverse_login="unicom", reverse_password="from-unicom")
    async with (
        running_gateway(world, database_url, sgip_port=port),
        an_smg(port, login="unicom", password="from-unicom") as own,
        an_smg(port) as ours,
    ):
        await own.until(lambda: own.link.is_bound)

        async def is_told() -> bool:
            return bool(ours.link.trouble)

        await eventually(is_told)
        assert not ours.link.is_bound


async def test_a_connection_ends_when_its_login_is_no_longer_right(world: World, database_url: str) -> None:
    port = free_port()
    await a_channel(world)
    async with running_gateway(world, database_url, sgip_port=port), an_smg(port) as smg:
        await smg.until(lambda: smg.link.is_bound)
        async with world.pool.acquire() as connection:
            changes = ChannelChanges(speed_per_second=7)
            await routing.change_channel(connection, world.vault, name="unicom", changes=changes, actor=ACTOR)
            changes = ChannelChanges(settings={"reverse_password": "another"})
            await routing.change_channel(connection, world.vault, name="unicom", changes=changes, actor=ACTOR)
        await smg.until(lambda: smg.losses)

    assert len(smg.losses) == 1


async def test_an_address_that_is_taken_is_tried_again_and_stops_nothing(world: World, database_url: str) -> None:
    port = free_port()
    await a_channel(world)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port)
    async with server, running_gateway(world, database_url, sgip_port=port) as gateway:

        async def works() -> bool:
            return bool(gateway.status()["channels"])

        await eventually(works)
        assert gateway._reverse is not None
        assert gateway._reverse.bound(world.channel_id) == 0
