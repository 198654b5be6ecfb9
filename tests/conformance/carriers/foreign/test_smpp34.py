"""PyPI's smpp34 on either side: as a customer of our simulated SMSC, and as the SMSC of our own client.

Our client is the link that channels use, fed and read by `carriers.smpp`.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
import smpp34
from msgspec import Struct

from hongyan.carriers.protocol import Disposition, Outgoing, ReplyFields, ReportFields, Terms
from hongyan.carriers.reading import text_of
from hongyan.carriers.settings import ChannelSettings
from hongyan.carriers.smpp import SMPP_34
from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.wire.session import Limits
from tests.integration.simulator.peers import LOGIN, PASSWORD, Simulator
from tests.integration.simulator.peers_smpp import ANNA, SENDER, a_centre

PATIENCE_SECONDS = 10.0
EXPIRES_AT = datetime(2036, 11, 22, 13, 55, 18, tzinfo=UTC)
RECEIPTED_MESSAGE_ID, MESSAGE_PAYLOAD, MESSAGE_STATE = 0x001E, 0x0424, 0x0427
SAR_MSG_REF_NUM, SAR_TOTAL_SEGMENTS, SAR_SEGMENT_SEQNUM = 0x020C, 0x020E, 0x020F
T = TypeVar("T")

# As a customer of ours ------------------------------------------------------------------------------


@asynccontextmanager
async def bound(simulator: Simulator, mode: str = "TRX") -> AsyncIterator[smpp34.Smsc]:
    """Have smpp34 bind to the simulator, and unbind at the end."""
    client = smpp34.Client("127.0.0.1", simulator.port, LOGIN, PASSWORD, bind_type=mode)
    async with asyncio.timeout(PATIENCE_SECONDS):
        session = await client.connect()
        try:
            yield session
            await session.unbind()
        finally:
            await client.stop()


async def submit(session: smpp34.Smsc, content: bytes, **differences: Any) -> smpp34.SubmitSmResp:
    fields = {"source_addr": SENDER, "dest_addr_ton": 1, "dest_addr_npi": 1, "registered_delivery": 1}
    return await session.submit_sm(ANNA, content, **{**fields, **differences})


async def delivered(session: smpp34.Smsc) -> smpp34.DeliverSmEvent:
    event = await session.next()
    assert isinstance(event, smpp34.DeliverSmEvent)
    return event


@pytest.mark.parametrize("mode,sends,receives", [("TX", True, False), ("RX", False, True), ("TRX", True, True)])
async def test_it_binds_in_each_mode_and_unbinds(mode: str, *, sends: bool, receives: bool) -> None:
    async with a_centre() as simulator:
        async with bound(simulator, mode) as session:
            assert session.system_id == LOGIN
            (link,) = (await simulator.login())["links"]
            assert (link["sends"], link["receives"]) == (sends, receives)
        assert (await simulator.login())["links"] == []


async def test_a_wrong_password_keeps_it_out() -> None:
    async with a_centre() as simulator:
        client = smpp34.Client("127.0.0.1", simulator.port, LOGIN, "wrong")
        with pytest.raises(TimeoutError):  # it goes on trying and tells nobody
            await asyncio.wait_for(client.connect(), 1.0)
        await client.stop()

        login = await simulator.login()
        assert login["counts"]["binds"] == 0
        assert login["counts"]["binds_refused"] > 0


@pytest.mark.parametrize(
    "text,coding,content",
    [("hello", 0, b"hello"), ("你好", 8, "你好".encode("utf-16-be")), ("长" * 200, 8, None)],
    ids=["short", "ucs2", "payload"],
)
async def test_its_texts_are_shown_and_receipted(text: str, coding: int, content: bytes | None) -> None:
    payload = [smpp34.Tlv(MESSAGE_PAYLOAD, text.encode("utf-16-be"))] if content is None else []
    async with a_centre() as simulator, bound(simulator) as session:
        response = await submit(session, content or b"", data_coding=coding, tlvs=payload)
        receipt = await delivered(session)

        values = {tlv.tag: tlv.value for tlv in receipt.tlvs}
        assert response.is_success
        assert response.message_id
        assert (receipt.esm_class, receipt.source_addr, receipt.destination_addr) == (4, ANNA, SENDER)
        assert values[RECEIPTED_MESSAGE_ID] == response.message_id.encode() + b"\0"
        assert values[MESSAGE_STATE] == b"\x02"
        assert receipt.short_message.startswith(f"id:{response.message_id} ".encode())
        assert await simulator.texts(ANNA) == [text]


async def test_its_parts_with_sixteen_bit_headers_are_put_together() -> None:
    parts = ["第一段", "第二段"]
    async with a_centre() as simulator, bound(simulator) as session:
        for number, part in enumerate(parts, start=1):
            header = bytes((6, 8, 4, 1, 44, 2, number))
            response = await submit(session, header + part.encode("utf-16-be"), esm_class=0x40, data_coding=8)
            assert response.is_success
        await delivered(session)
        await delivered(session)

        assert await simulator.texts(ANNA) == ["第一段第二段"]


async def test_a_refusal_is_told_by_its_code() -> None:
    async with a_centre() as simulator, bound(simulator) as session:
        response = await session.submit_sm("8613800139007", b"hello", source_addr=SENDER)

        assert (response.is_success, response.command_status) == (False, 0x58)


async def test_a_reply_reaches_it() -> None:
    async with a_centre() as simulator, bound(simulator) as session:
        await submit(session, b"hello")
        await delivered(session)
        answer = await simulator.http.post(f"/phones/{ANNA}/replies", json={"text": "退订", "to": SENDER})
        assert answer.is_success
        reply = await delivered(session)

        assert (reply.source_addr, reply.destination_addr, reply.data_coding) == (ANNA, SENDER, 8)
        assert reply.short_message.decode("utf-16-be") == "退订"


# As the SMSC of our client --------------------------------------------------------------------------


class Channel:
    """What a channel does with a link, less everything around it: it writes down what the carrier says."""

    def __init__(self, port: int, **settings: Any) -> None:
        self.terms = Terms("901234", SENDER, "", ChannelSettings(**settings), "pass123")
        self.link = LinkClient(
            LinkConfig(host="127.0.0.1", port=port),
            session=lambda: SMPP_34.session(self.terms, Limits(), lambda _: 0),
            observer=self,
            clock=SystemClock(),
            index=1,
        )
        self.told: asyncio.Queue[Any] = asyncio.Queue(100)

    async def say(self, content: str, extension: str = "") -> int:
        """Send a text in as many PDUs as it takes; return how many."""
        submits = SMPP_34.submits(self.terms, Outgoing(int(ANNA), content, 0xABCD, EXPIRES_AT, extension))
        for submit_sm in submits:
            self.link.send(submit_sm, None)
        return len(submits)

    def link_bound(self, link: LinkClient) -> None:
        self.told.put_nowait("bound")

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        self.told.put_nowait(reason)

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        self.told.put_nowait(SMPP_34.judge(sequence, pdu, self.terms))

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        raise AssertionError("a submit was not answered")

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        self.told.put_nowait(SMPP_34.read(pdu, self.terms))
        answer = SMPP_34.acknowledgement(pdu)
        assert answer is not None
        link.answer(sequence, answer)


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[tuple[smpp34.Server, smpp34.Esme, Channel]]:
    """Have our client bound to smpp34's server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = smpp34.Server("127.0.0.1", port, system_id="SMSC34")
    await server.start()
    channel = Channel(port, **settings)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tasks:
            tasks.create_task(channel.link.run())
            esme = await server.next()
            assert isinstance(esme, smpp34.Esme)
            assert await channel.told.get() == "bound"
            try:
                yield server, esme, channel
            finally:
                await channel.link.stop(1.0)
    finally:
        await server.stop()


async def event_of(server: smpp34.Server, kind: type[T]) -> T:
    event = await server.next()
    assert isinstance(event, kind)
    return event


async def test_our_client_binds_to_it_and_unbinds() -> None:
    async with served() as (server, esme, channel):
        assert (esme.system_id, esme.can_receive) == ("901234", True)

        await channel.link.stop(1.0)

        assert (await event_of(server, smpp34.Unbound)).session_id == esme.session_id
        assert await channel.told.get() in {"unbound", "peer_closed"}  # it may hang up instead of answering


@pytest.mark.parametrize(
    "content,settings,coding,octets",
    [
        ("hello @€{GSM}", {}, 0, bytes.fromhex("68656c6c6f20001b651b2847534d1b29")),
        ("hello", {"plain_coding": "ascii"}, 1, b"hello"),
        ("你好😀", {}, 8, "你好😀".encode("utf-16-be")),
        ("你好", {"text_coding": "gbk"}, 15, "你好".encode("gbk")),
    ],
)
async def test_it_reads_our_texts_as_they_were_meant(
    content: str, settings: dict[str, Any], coding: int, octets: bytes
) -> None:
    async with served(**settings) as (server, _, channel):
        await channel.say(content, extension="88")
        submit_sm = await event_of(server, smpp34.SubmitSmEvent)
        submit_sm.accept("abc-1")
        verdict = await channel.told.get()

        assert (submit_sm.data_coding, submit_sm.short_message) == (coding, octets)
        assert (submit_sm.source_addr, submit_sm.destination_addr) == (f"{SENDER}88", ANNA)
        assert (submit_sm.dest_addr_ton, submit_sm.dest_addr_npi, submit_sm.registered_delivery) == (1, 1, 1)
        assert (verdict.disposition, verdict.carrier_message_id) == (Disposition.TAKEN, "abc-1")


@pytest.mark.parametrize("method,count", [("udh8", 2), ("udh16", 2), ("sar", 2), ("payload", 1)])
async def test_it_gets_our_long_texts_whole_by_any_method(method: str, count: int) -> None:
    text = "长短信" * 25
    async with served(long_text=method) as (server, _, channel):
        assert await channel.say(text) == count
        got: dict[int, bytes] = {}
        for _ in range(count):  # it hands them over in any order
            submit_sm = await event_of(server, smpp34.SubmitSmEvent)
            number, content = part_of(submit_sm)
            submit_sm.accept(f"part-{number}")
            got[number] = content
        verdicts = [await channel.told.get() for _ in range(count)]

        assert b"".join(got[number] for number in sorted(got)).decode("utf-16-be") == text
        assert {verdict.carrier_message_id for verdict in verdicts} == {f"part-{number}" for number in got}
        assert sorted(got) == list(range(1, count + 1))


def part_of(submit_sm: smpp34.SubmitSmEvent) -> tuple[int, bytes]:
    """Return which of two parts it is, however it says so, and its octets."""
    values = {tlv.tag: tlv.value for tlv in submit_sm.tlvs}
    if MESSAGE_PAYLOAD in values:
        return 1, values[MESSAGE_PAYLOAD]
    content = submit_sm.short_message
    if submit_sm.esm_class & 0x40:
        size = content[0] + 1
        assert content[:size].hex() in {f"050003cd020{content[size - 1]}", f"060804abcd020{content[size - 1]}"}
        return content[size - 1], content[size:]
    assert (values[SAR_MSG_REF_NUM], values[SAR_TOTAL_SEGMENTS]) == (b"\xab\xcd", b"\x02")
    return values[SAR_SEGMENT_SEQNUM][0], content


@pytest.mark.parametrize(
    "code,disposition",
    [
        (0x58, Disposition.LATER),
        (0x14, Disposition.LATER),
        (0x0B, Disposition.REFUSED),
    ],
)
async def test_we_understand_its_refusals(code: int, disposition: Disposition) -> None:
    async with served() as (server, _, channel):
        await channel.say("hello")
        (await event_of(server, smpp34.SubmitSmEvent)).reject(code)
        verdict = await channel.told.get()

        assert (verdict.result, verdict.disposition) == (code, disposition)


@pytest.mark.parametrize("form", ["text", "parameters"])
async def test_we_understand_its_receipts(form: str) -> None:
    text = b"id:abc-1 sub:001 dlvrd:001 submit date:2511221200 done date:2511221201 stat:DELIVRD err:000 text:"
    tlvs = [smpp34.Tlv(RECEIPTED_MESSAGE_ID, b"abc-1\0"), smpp34.Tlv(MESSAGE_STATE, b"\x02")]
    content: dict[str, Any] = {"short_message": text} if form == "text" else {"tlvs": tlvs}
    async with served() as (_, esme, channel):
        answer = await esme.deliver_sm(SENDER, source_addr=ANNA, source_addr_ton=1, esm_class=4, **content)

        assert answer.is_success
        assert await channel.told.get() == ReportFields("abc-1", "DELIVRD", int(ANNA))


async def test_we_understand_its_replies() -> None:
    async with served() as (_, esme, channel):
        content = bytes.fromhex("0500032a0201") + "退订".encode("utf-16-be")
        await esme.deliver_sm(f"{SENDER}88", content, source_addr=ANNA, esm_class=0x40, data_coding=8)
        reply = await channel.told.get()

        assert isinstance(reply, ReplyFields)
        assert (reply.from_number, reply.destination) == (int(ANNA), f"{SENDER}88")
        assert reply.concatenation is not None
        assert (reply.concatenation.reference, reply.concatenation.total, reply.concatenation.number) == (42, 2, 1)
        assert text_of(reply.content, reply.alphabet) == "退订"


async def test_we_go_when_it_asks_us_to() -> None:
    async with served() as (_, esme, channel):
        await esme.unbind()

        assert await channel.told.get() == "unbound"
