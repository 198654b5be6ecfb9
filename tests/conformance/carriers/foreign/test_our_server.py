"""PyPI's smpplib and smpp34 as customers of our own server; what they do with the simulator stands in their own files."""

import asyncio
from typing import Any

import pytest
import smpp34
from smpplib.client import Client
from smpplib.gsm import make_parts

from tests.conformance.carriers.behaviours import Role
from tests.conformance.carriers.peers.customer import Customer
from tests.conformance.carriers.peers.subjects import Stage
from tests.conformance.carriers.speech import ANNA, LOGIN, PASSWORD, SOURCE, SPEECHES, code_text, notification
from tests.conformance.carriers.test_server_pushes import road

SMPP = SPEECHES["smpp34"]
LONG = notification(*("一二三四五",) * 20)
PATIENCE_SECONDS = 8
UCS2 = 8

on_our_server = pytest.mark.parametrize("role", [Role.SERVER], ids=lambda role: role.value)


@on_our_server
async def test_smpplibs_long_text_is_put_together_and_each_part_is_receipted(stage: Stage, role: Role) -> None:
    async with road(stage, SMPP) as (subject, customer, carrier):
        carrier.on_submit = carrier.take_and_report
        await customer.link.stop(0)  # what is reported is for the peer alone
        ids, receipts = await asyncio.to_thread(send_by_smpplib, subject.port, LONG)

        assert await subject.has_texts(ANNA, 1) == [LONG]
        assert sorted(ids) == sorted(receipts)
        assert len(ids) == len(set(ids)) > 1


def send_by_smpplib(port: int, text: str) -> tuple[list[str], list[str]]:
    """Submit a text in its parts; return the ids that they got and those that were receipted. It blocks."""
    ids: list[str] = []
    receipts: list[str] = []
    client = Client("127.0.0.1", port, timeout=PATIENCE_SECONDS, allow_unknown_opt_params=True)
    client.set_message_sent_handler(lambda pdu: ids.append(pdu.message_id.decode()))
    client.set_message_received_handler(lambda pdu: receipts.append(pdu.receipted_message_id.decode()))
    client.connect()
    try:
        client.bind_transceiver(system_id=LOGIN, password=PASSWORD)
        parts, coding, esm_class = make_parts(text, UCS2)
        for part in parts:
            client.send_message(
                source_addr=SOURCE,
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=str(ANNA),
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=True,
            )
        while len(receipts) < len(parts):
            client.read_once(auto_send_enquire_link=False)
        client.unbind()
    finally:
        client.disconnect()
    return ids, receipts


@on_our_server
async def test_smpp34_sends_a_text_and_hears_a_reply(stage: Stage, role: Role) -> None:
    async with stage.subject_of(role, SMPP, Customer(SMPP)) as subject:
        client = smpp34.Client("127.0.0.1", subject.port, LOGIN, PASSWORD, bind_type="TRX")
        async with asyncio.timeout(PATIENCE_SECONDS):
            session = await client.connect()
            try:
                addresses: dict[str, Any] = {"source_addr": SOURCE, "dest_addr_ton": 1, "dest_addr_npi": 1}
                content = code_text().encode("utf-16-be")
                answer = await session.submit_sm(str(ANNA), content, data_coding=UCS2, **addresses)
                assert answer.message_id
                assert await subject.has_texts(ANNA, 1) == [code_text()]

                await subject.reply(ANNA, SOURCE, "TD")
                event = await session.next()
                assert isinstance(event, smpp34.DeliverSmEvent)
                assert event.short_message == b"TD"
                await session.unbind()
            finally:
                await client.stop()
