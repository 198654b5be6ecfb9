"""The carrier's side: what it tells its customers about their texts, and what phones send them."""

from typing import Any

import pytest

from hongyan.simulator.config import CmppSettings, SmppSettings, Version

from .behaviours import BOTH_SERVERS, Role
from .peers.subjects import Stage
from .proofs import proves
from .speech import ANNA, SOURCE, Speech, Text

CODECS = {"ascii": "ascii", "ucs2": "utf-16-be", "gbk": "gbk", "gsm7": "ascii"}


def forms_of(speech: Speech) -> list[dict[str, Any]]:
    """Return the settings of the simulator under which it reports in each form that it has."""
    match speech.name:
        case "cmpp30":
            return [{"cmpp": CmppSettings(versions=(Version.CMPP_3_0,), report_size=size)} for size in (60, 71)]
        case "sgip12":
            return [{}, {"same_connection": True}]
        case "smpp34":
            return [{"smpp": SmppSettings(receipts=form)} for form in ("text", "tlvs", "both")]
        case _:
            return [{}]


@proves("report-forms", role=Role.SIMULATOR)
async def test_a_report_names_its_submit_in_every_form_that_the_simulator_has(stage: Stage, speech: Speech) -> None:
    for settings in forms_of(speech):
        async with stage.simulator(speech, **settings) as (_, customer):
            _, delivered = await customer.say()
            _, failed = await customer.say(number=8613800139001)
            await customer.has("receipt", 2)

            by_key = {receipt.key: receipt for receipt in customer.receipts}
            assert by_key[delivered].stat == "DELIVRD"
            assert by_key[delivered].number == ANNA
            assert by_key[failed].stat == "UNDELIV"
            assert by_key[failed].number == 8613800139001


@proves("report-early", role=Role.SIMULATOR)
async def test_a_report_can_overtake_the_response(stage: Stage, speech: Speech) -> None:
    async with stage.simulator(speech) as (_, customer):
        _, key = await customer.say(number=8613800139004)
        await customer.has("receipt")

        heard = [kind for kind, *_ in customer.notes if kind in {"receipt", "answer"}]
        assert heard == ["receipt", "answer"]
        assert customer.receipts[0].key == key


@proves("report-double", role=Role.SIMULATOR)
async def test_a_report_can_come_twice(stage: Stage, speech: Speech) -> None:
    async with stage.simulator(speech) as (subject, customer):
        _, key = await customer.say(number=8613800139005)
        await customer.has("receipt", 2)

        assert customer.receipts[0] == customer.receipts[1]
        assert customer.receipts[0].key == key
        assert subject.counts.texts == 1


@proves("report-unknown", role=Role.SIMULATOR)
async def test_a_report_that_the_customer_does_not_know_is_repeated_and_then_given_up(
    stage: Stage, speech: Speech
) -> None:
    async with stage.simulator(speech, report_tries_max=3) as (subject, customer):
        customer.push_codes = [9, 9, 9]
        await customer.say()
        await customer.has("receipt", 3)
        _, key = await customer.say()
        await customer.has("receipt", 4)

        assert customer.receipts[3].key == key
        assert (subject.counts.reports_refused, subject.counts.reports_given_up) == (3, 1)


@proves("reply-short", role=BOTH_SERVERS)
@pytest.mark.parametrize("words", ["TD", "收到，谢谢"])
async def test_a_reply_reaches_the_customer_with_both_numbers(
    stage: Stage, speech: Speech, role: Role, words: str
) -> None:
    async with stage.served(role, speech) as (subject, customer):
        await subject.reply(ANNA, f"{SOURCE}88", words)

        ((text,),) = await customer.has("reply")
        assert (text.number, text.source, text.header) == (ANNA, f"{SOURCE}88", b"")
        assert text.content.decode(CODECS[text.coding]) == words


@proves("reply-long", role=BOTH_SERVERS)
async def test_a_long_reply_reaches_the_customer_in_numbered_parts(stage: Stage, speech: Speech, role: Role) -> None:
    words = "我想说的话很多，" * 15
    async with stage.served(role, speech) as (subject, customer):
        await subject.reply(ANNA, SOURCE, words)

        texts: list[Text] = [text for (text,) in await customer.has("reply", 2)]
        texts.sort(key=lambda text: text.header[-1])
        assert len({text.header[3:-1] for text in texts}) == 1
        assert [text.header[-2:] for text in texts] == [b"\x02\x01", b"\x02\x02"]
        assert b"".join(text.content for text in texts).decode("utf-16-be") == words
