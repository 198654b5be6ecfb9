"""Replies over a real link, from the DELIVER to the DELIVER_RESP and what follows."""

from hongyan.content.model import MessageKind
from hongyan.text.headers import Concatenation, concatenation_header
from hongyan.wire.cmpp.pdus import Deliver

from .carrier import FakeCarrier, serve, text_of
from .locks import lock_waiter
from .phone import NUMBER, Phone
from .running import running_gateway
from .world import World

MOBILE = "13800138000"


def a_deliver(text: str, msg_id: int, *, to: str = NUMBER, part: Concatenation | None = None) -> Deliver:
    """Return what a phone's text is on the wire: Msg_Fmt 8, a header where it is a part."""
    header = concatenation_header(part) if part else b""
    return Deliver(
        msg_id=msg_id,
        dest_id=to,
        msg_fmt=8,
        tp_udhi=int(part is not None),
        src_terminal_id=MOBILE,
        msg_content=header + text.encode("utf-16-be"),
    )


async def test_a_text_from_a_phone_is_kept_when_the_carrier_is_answered(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    async with running_gateway(world, database_url):
        (mid,) = await world.accept(world.row())
        await carrier.got(1)
        carrier.hand_over(a_deliver("好的", 77))
        await carrier.until(lambda: len(carrier.acknowledged) == 1)

        (reply,) = await Phone(world).replies()
    assert (reply.content, reply.to_number, reply.carrier_message_id) == ("好的", NUMBER, "77")
    assert (reply.account, reply.mid, reply.channel) == ("acme", mid, "cmcc")


async def test_the_parts_of_a_long_text_come_in_any_order_and_each_is_answered(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    async with running_gateway(world, database_url):
        await carrier.until(lambda: bool(carrier.links))
        for number, text in ((3, "见"), (1, "明天"), (1, "明天"), (2, "下午")):
            carrier.hand_over(a_deliver(text, 80 + number, part=Concatenation(5, 3, number)))
        await carrier.until(lambda: len(carrier.acknowledged) == 4)

        assert await Phone(world).contents() == ["明天下午见"]


async def test_an_opt_out_is_confirmed_over_the_same_channel_from_the_number_dialled(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    await world.pool.execute("UPDATE accounts SET extension = '12'")
    async with running_gateway(world, database_url):
        await world.accept(world.row(kind=MessageKind.MARKETING))
        await carrier.got(1)
        carrier.hand_over(a_deliver("ＴＤ", 91, to=NUMBER + "12"))
        _, confirmation = await carrier.got(2)

    assert text_of(confirmation) == "【鸿雁】您已退订，我们不会再向您发送营销短信。"
    assert confirmation.pdu.src_id == NUMBER + "12"
    assert confirmation.pdu.dest_terminal_id == (MOBILE,)


async def test_what_was_committed_and_not_acknowledged_is_not_doubled_when_it_comes_again(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    deliver = a_deliver("好的", 77)
    async with running_gateway(world, database_url):
        await carrier.until(lambda: bool(carrier.links))
        async with world.pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE replies IN SHARE MODE")
            carrier.hand_over(deliver)
            await lock_waiter(world)
            carrier.cut()
            await carrier.until(lambda: not carrier.links)
        await carrier.until(lambda: bool(carrier.links))  # by now it is committed, and nobody was there to hear of it
        assert carrier.acknowledged == []

        carrier.hand_over(deliver)
        await carrier.until(lambda: len(carrier.acknowledged) == 1)
        assert await Phone(world).contents() == ["好的"]


async def test_what_a_killed_gateway_had_in_hand_is_taken_by_the_next(
    world: World, database_url: str, carrier: FakeCarrier
) -> None:
    await serve(world, carrier)
    deliver = a_deliver("好的", 77)
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE replies IN SHARE MODE")
        async with running_gateway(world, database_url, crashes=True):
            await carrier.until(lambda: bool(carrier.links))
            carrier.hand_over(deliver)
            await lock_waiter(world)
    carrier.cut()
    assert carrier.acknowledged == []

    async with running_gateway(world, database_url, owner="gateway-2"):
        await carrier.until(lambda: bool(carrier.links))
        carrier.hand_over(deliver)
        await carrier.until(lambda: len(carrier.acknowledged) == 1)
    assert await Phone(world).contents() == ["好的"]
