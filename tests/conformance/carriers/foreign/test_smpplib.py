"""PyPI's smpplib as a customer of our simulated SMSC. It blocks, so that it talks in a thread of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from smpplib import consts
from smpplib.client import Client
from smpplib.exceptions import PDUError
from smpplib.gsm import make_parts
from smpplib.smpp import make_pdu

from hongyan.simulator.config import SmppSettings
from tests.integration.simulator.peers import LOGIN, PASSWORD, Simulator
from tests.integration.simulator.peers_smpp import ANNA, SENDER, a_centre

PATIENCE_SECONDS = 5
T = TypeVar("T")


class Esme:
    """A bound smpplib client, and what it heard."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.responses: dict[int, Any] = {}
        self.delivers: list[Any] = []
        self.errors: list[Any] = []
        client.set_message_sent_handler(lambda pdu: self.responses.update({pdu.sequence: pdu}))
        client.set_message_received_handler(self._deliver)
        client.set_error_pdu_handler(self.errors.append)

    def _deliver(self, *, pdu: Any) -> None:  # it calls by keyword
        self.delivers.append(pdu)

    def submit(self, content: bytes, **differences: Any) -> int:
        """Send a text; return its sequence."""
        fields = {
            "source_addr_ton": consts.SMPP_TON_UNK,
            "source_addr": SENDER,
            "dest_addr_ton": consts.SMPP_TON_INTL,
            "dest_addr_npi": consts.SMPP_NPI_ISDN,
            "destination_addr": ANNA,
            "short_message": content,
            "registered_delivery": True,
        }
        return int(self.client.send_message(**{**fields, **differences}).sequence)

    def submit_text(self, text: str, coding: int) -> list[int]:
        """Cut a text as smpplib does and send its parts."""
        parts, coding, esm_class = make_parts(text, coding)
        return [self.submit(part, data_coding=coding, esm_class=esm_class) for part in parts]

    def read_until(self, condition: Callable[[], bool]) -> None:
        """Take what comes until it makes it true."""
        while not condition():
            self.client.read_once(auto_send_enquire_link=False)


def talk(port: int, mode: str, script: Callable[[Esme], T], password: str = PASSWORD) -> T:
    """Bind, do as told, unbind; all of it blocks."""
    client = Client("127.0.0.1", port, timeout=PATIENCE_SECONDS, allow_unknown_opt_params=True)
    client.connect()
    try:
        getattr(client, f"bind_{mode}")(system_id=LOGIN, password=password)
        done = script(Esme(client))
        assert client.unbind().command == "unbind_resp"
        return done
    finally:
        client.state = consts.SMPP_CLIENT_STATE_OPEN
        client.disconnect()


@asynccontextmanager
async def a_centre_for(**settings: Any) -> AsyncIterator[Simulator]:
    async with a_centre(smpp=SmppSettings(**settings)) as simulator:
        yield simulator


@pytest.mark.parametrize("mode", ["transmitter", "receiver", "transceiver"])
async def test_it_binds_in_each_mode_and_unbinds(mode: str) -> None:
    async with a_centre_for() as simulator:
        await asyncio.to_thread(talk, simulator.port, mode, lambda _: None)

        login = await simulator.login()
        assert (login["counts"]["binds"], login["links"]) == (1, [])


async def test_a_wrong_password_is_told_by_its_code() -> None:
    async with a_centre_for() as simulator:
        with pytest.raises(PDUError) as refused:
            await asyncio.to_thread(talk, simulator.port, "transceiver", lambda _: None, "wrong")

        assert refused.value.args[1] == consts.SMPP_ESME_RINVPASWD


@pytest.mark.parametrize(
    "text,coding,parts",
    [
        ("hello @€{GSM}", consts.SMPP_ENCODING_DEFAULT, 1),
        ("a" * 161, consts.SMPP_ENCODING_DEFAULT, 2),
        ("你好，世界", consts.SMPP_ENCODING_ISO10646, 1),
        ("长短信测试" * 40, consts.SMPP_ENCODING_ISO10646, 3),
        ("déjà vu", consts.SMPP_ENCODING_ISO88591, 1),
    ],
)
async def test_its_texts_are_shown_and_each_part_is_receipted(text: str, coding: int, parts: int) -> None:
    def script(esme: Esme) -> Esme:
        sequences = esme.submit_text(text, coding)
        esme.read_until(lambda: len(esme.responses) == len(esme.delivers) == parts)
        assert set(esme.responses) == set(sequences)
        return esme

    async with a_centre_for() as simulator:
        esme = await asyncio.to_thread(talk, simulator.port, "transceiver", script)

        ids = {response.message_id for response in esme.responses.values()}
        assert {deliver.receipted_message_id for deliver in esme.delivers} == ids
        assert [deliver.message_state for deliver in esme.delivers] == [consts.SMPP_MESSAGE_STATE_DELIVERED] * parts
        assert {deliver.esm_class for deliver in esme.delivers} == {0x04}
        assert await simulator.texts(ANNA) == [text]


async def test_parts_that_it_numbers_by_sar_parameters_are_put_together() -> None:
    text = "长短信" * 50
    parts, coding, _ = make_parts(text, consts.SMPP_ENCODING_ISO10646, use_udhi=False)

    def script(esme: Esme) -> None:
        for number, part in enumerate(parts, start=1):
            esme.submit(
                part, data_coding=coding, sar_msg_ref_num=300, sar_total_segments=len(parts), sar_segment_seqnum=number
            )
        esme.read_until(lambda: len(esme.delivers) == len(parts))

    async with a_centre_for() as simulator:
        await asyncio.to_thread(talk, simulator.port, "transceiver", script)

        assert await simulator.texts(ANNA) == [text]


async def test_a_payload_is_one_text() -> None:
    text = "短信" * 60

    def script(esme: Esme) -> None:
        payload = text.encode("utf-16-be")
        esme.submit(b"", data_coding=consts.SMPP_ENCODING_ISO10646, message_payload=payload)
        esme.read_until(lambda: len(esme.delivers) == 1)

    async with a_centre_for() as simulator:
        await asyncio.to_thread(talk, simulator.port, "transceiver", script)

        assert await simulator.texts(ANNA) == [text]


@pytest.mark.parametrize("number,code", [("8613800139002", 0x0B), ("8613800139007", 0x58)])
async def test_a_refusal_is_told_by_its_code(number: str, code: int) -> None:
    def script(esme: Esme) -> Esme:
        esme.submit(b"hello", destination_addr=number)
        esme.read_until(lambda: bool(esme.errors))
        return esme

    async with a_centre_for() as simulator:
        esme = await asyncio.to_thread(talk, simulator.port, "transmitter", script)

        assert [error.status for error in esme.errors] == [code]


@pytest.mark.parametrize("form", ["text", "both"])
async def test_a_receipt_is_legible_as_text(form: str) -> None:
    def script(esme: Esme) -> Esme:
        esme.submit(b"hello")
        esme.read_until(lambda: len(esme.delivers) == 1)
        return esme

    async with a_centre_for(receipts=form) as simulator:
        esme = await asyncio.to_thread(talk, simulator.port, "transceiver", script)

        (response,) = esme.responses.values()
        assert esme.delivers[0].short_message.startswith(b"id:" + response.message_id + b" sub:001 dlvrd:001 ")
        assert esme.delivers[0].short_message.endswith(b" stat:DELIVRD err:000 text:hello")


@pytest.mark.parametrize("text,parts", [("TD", 1), ("退订", 1), ("长回复" * 40, 2)])
async def test_a_reply_reaches_it_in_parts_that_it_can_join(text: str, parts: int) -> None:
    async with a_centre_for() as simulator:
        loop = asyncio.get_running_loop()

        def script(esme: Esme) -> Esme:
            esme.submit(b"hello")
            esme.read_until(lambda: len(esme.delivers) == 1)
            esme.delivers.clear()
            body = {"text": text, "to": SENDER}
            sending = asyncio.run_coroutine_threadsafe(simulator.http.post(f"/phones/{ANNA}/replies", json=body), loop)
            esme.read_until(lambda: len(esme.delivers) == parts)
            assert sending.result(PATIENCE_SECONDS).is_success
            return esme

        esme = await asyncio.to_thread(talk, simulator.port, "transceiver", script)

        contents = [deliver.short_message for deliver in esme.delivers]
        if parts > 1:
            assert {deliver.esm_class for deliver in esme.delivers} == {consts.SMPP_GSMFEAT_UDHI}
            assert [content[4:6] for content in contents] == [b"\x02\x01", b"\x02\x02"]
            contents = [content[6:] for content in contents]
        assert b"".join(contents).decode("ascii" if text.isascii() else "utf-16-be") == text


async def test_its_heartbeat_and_its_query_are_answered() -> None:
    def script(esme: Esme) -> list[Any]:
        client = esme.client
        answers: list[Any] = []
        client.send_pdu(make_pdu("enquire_link", client=client))
        assert client.read_pdu().command == "enquire_link_resp"
        sequence = esme.submit(b"hello")
        esme.read_until(lambda: len(esme.delivers) == len(esme.responses) == 1)
        message_id = esme.responses[sequence].message_id.decode()
        client.set_query_resp_handler(answers.append)
        client.query_message(message_id=message_id, source_addr_ton=0, source_addr_npi=0, source_addr=SENDER)
        esme.read_until(lambda: bool(answers))
        return answers

    async with a_centre_for() as simulator:
        (answer,) = await asyncio.to_thread(talk, simulator.port, "transceiver", script)

        assert answer.message_state == consts.SMPP_MESSAGE_STATE_DELIVERED
        assert len(answer.final_date) == 16
