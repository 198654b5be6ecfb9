"""Our side as SP against the simulated carrier: two that were written apart understand each other."""

from typing import Any

import pytest

from hongyan.simulator.config import SmppSettings

from .behaviours import Role
from .peers.customer import Customer
from .peers.ours import our_side
from .peers.subjects import simulated
from .proofs import proves
from .speech import ANNA, SOURCE, SPEECHES, Speech, code_text, notification

LONG = notification(*("一二三四五",) * 28)
EMOJI = notification(*("😀😀😀",) * 14)


@proves("bind", "submit-short", "submit-long", "submit-emoji", "report-forms", role=Role.CLIENT)
async def test_our_texts_ring_and_every_part_is_reported(speech: Speech) -> None:
    async with (
        simulated(speech, Customer(speech), same_connection=True) as subject,
        our_side(speech, subject.port) as ours,
    ):
        sent = sum(len(ours.send(words)) for words in (code_text(), LONG, EMOJI))
        await ours.has("verdict", sent)
        await ours.has("read", sent)

        assert sorted(await subject.texts(ANNA)) == sorted([code_text(), LONG, EMOJI])
        ids = {verdict.carrier_message_id for verdict in ours.verdicts}
        assert len(ids) == sent > 5
        assert {report.carrier_message_id for report in ours.reports} == ids
        assert {(report.stat, report.recipient) for report in ours.reports} == {("DELIVRD", ANNA)}


@proves("reply-short", "reply-long", role=Role.CLIENT)
async def test_what_phones_reply_is_read(speech: Speech) -> None:
    words = "我想说的话很多，" * 15
    async with (
        simulated(speech, Customer(speech), same_connection=True) as subject,
        our_side(speech, subject.port) as ours,
    ):
        await subject.reply(ANNA, SOURCE, "TD")
        await subject.reply(ANNA, SOURCE, words)
        await ours.has("read", 3)

        short, first, second = ours.replies
        assert short.content == b"TD"
        assert (first.content + second.content).decode("utf-16-be") == words
        assert {(reply.from_number, reply.destination) for reply in ours.replies} == {(ANNA, SOURCE)}


@pytest.mark.parametrize(
    "ids, id_form",
    [("hex", "same"), ("hex_in_responses", "hex_to_decimal"), ("hex_in_receipts", "decimal_to_hex")],
)
async def test_ids_that_a_centre_writes_in_two_ways_are_one(ids: Any, id_form: str) -> None:
    speech = SPEECHES["smpp34"]
    async with (
        simulated(speech, Customer(speech), smpp=SmppSettings(ids=ids)) as subject,
        our_side(speech, subject.port, id_form=id_form) as ours,
    ):
        ours.send(code_text())
        await ours.has("verdict")
        await ours.has("read")

        assert ours.reports[0].carrier_message_id == ours.verdicts[0].carrier_message_id
