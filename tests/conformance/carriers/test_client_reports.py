"""Our side as SP: reports and replies, in every form and at every time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from .behaviours import Role
from .peers.carrier import Got, HandMadeCarrier, dialled_back, hand_made_carrier
from .peers.ours import OurSide, our_side
from .proofs import proves
from .speech import ANNA, SOURCE, Receipt, Speech, Text

UNKNOWN = {
    "cmpp20": "7",
    "cmpp30": "7",
    "sgip12": "b75133790000000000000007",
    "smgp30": "00000000000000000007",
    "smpp34": "7",
}
"""Ids that no submit has."""
REPLY = "收到，谢谢"


@asynccontextmanager
async def connected(speech: Speech) -> AsyncIterator[tuple[HandMadeCarrier, OurSide]]:
    """Give a carrier and our side, with every connection that the protocol makes."""
    async with (
        hand_made_carrier(speech) as carrier,
        our_side(speech, carrier.port) as ours,
        dialled_back(carrier, ours.reverse_port),
    ):
        yield carrier, ours


@proves("report-forms", role=Role.CLIENT)
async def test_a_report_of_every_form_names_its_submit(speech: Speech) -> None:
    async with connected(speech) as (carrier, ours):
        for form in speech.report_forms:
            ours.notes.clear()
            ours.send("hello")
            ((_, verdict),) = await ours.has("verdict")
            for stat in ("DELIVRD", "UNDELIV"):
                carrier.report(carrier.submits[-1], form=form, stat=stat)

            await ours.has("read", 2)
            assert {report.carrier_message_id for report in ours.reports} == {verdict.carrier_message_id}, form
            assert ours.reports[0].stat == "DELIVRD"
            assert ours.reports[1].stat not in {"DELIVRD", "ENROUTE", "ACCEPTD", ""}
            assert {report.recipient for report in ours.reports} == {ANNA}
        await carrier.has("pushed", 2 * len(speech.report_forms))


@proves("report-early", role=Role.CLIENT)
async def test_a_report_that_overtakes_the_response_names_the_same_id(speech: Speech) -> None:
    async with hand_made_carrier(speech) as carrier, our_side(speech, carrier.port) as ours:

        def report_first(got: Got) -> None:
            carrier.report(got, form="same connection" if speech.name == "sgip12" else None)
            carrier.take(got)

        carrier.on_submit = report_first
        ours.send("hello")
        ((_, verdict),) = await ours.has("verdict")

        assert [kind for kind, *_ in ours.notes] == ["bound", "read", "verdict"]
        assert ours.reports[0].carrier_message_id == verdict.carrier_message_id
        await carrier.has("pushed")


@proves("report-double", role=Role.CLIENT)
async def test_a_report_that_comes_twice_is_acknowledged_twice(speech: Speech) -> None:
    async with connected(speech) as (carrier, ours):
        ours.send("hello")
        await ours.has("verdict")
        carrier.report(carrier.submits[0])
        carrier.report(carrier.submits[0])

        await carrier.has("pushed", 2)
        assert ours.reports[0] == ours.reports[1]


@proves("report-unknown", role=Role.CLIENT)
async def test_a_report_about_nothing_we_know_is_acknowledged_and_passed_on(speech: Speech) -> None:
    async with connected(speech) as (carrier, ours):
        ours.send("hello")
        ((_, verdict),) = await ours.has("verdict")
        unknown = speech.report(speech.report_forms[0], Receipt(UNKNOWN[speech.name], "DELIVRD", ANNA))
        carrier.push(unknown, carrier.submits[0].link)

        await carrier.has("pushed")
        (report,) = ours.reports
        assert report.carrier_message_id != verdict.carrier_message_id
        assert ours.link.is_bound


@proves("reply-short", role=Role.CLIENT)
@pytest.mark.parametrize("coding, codec", [("ascii", "ascii"), ("ucs2", "utf-16-be")])
async def test_a_reply_arrives_with_both_numbers(speech: Speech, coding: str, codec: str) -> None:
    words = "TD" if coding == "ascii" else REPLY
    async with connected(speech) as (carrier, ours):
        ((link, _),) = carrier.of("bind")
        carrier.push(speech.reply(Text(ANNA, coding, words.encode(codec), source=f"{SOURCE}88")), link)

        await carrier.has("pushed")
        (reply,) = ours.replies
        assert (reply.from_number, reply.destination) == (ANNA, f"{SOURCE}88")
        assert reply.concatenation is None
        assert reply.content.decode(codec) == words
        assert reply.alphabet is not None
        assert reply.alphabet.value == coding


@proves("reply-long", role=Role.CLIENT)
async def test_the_parts_of_a_long_reply_say_which_they_are(speech: Speech) -> None:
    halves = ["前半" * 30, "后半" * 30]
    async with connected(speech) as (carrier, ours):
        ((link, _),) = carrier.of("bind")
        for number in (2, 1):
            header = bytes((5, 0, 3, 0x77, 2, number))
            content = halves[number - 1].encode("utf-16-be")
            carrier.push(speech.reply(Text(ANNA, "ucs2", content, header)), link)

        await carrier.has("pushed", 2)
        second, first = ours.replies
        assert first.concatenation is not None
        assert second.concatenation is not None
        assert (first.concatenation.reference, first.concatenation.total) == (0x77, 2)
        assert (first.concatenation.number, second.concatenation.number) == (1, 2)
        assert (first.content + second.content).decode("utf-16-be") == "".join(halves)


@proves("parts-missing", role=Role.CLIENT)
async def test_a_part_whose_others_never_come_is_acknowledged_at_once(speech: Speech) -> None:
    async with connected(speech) as (carrier, ours):
        ((link, _),) = carrier.of("bind")
        header = bytes((5, 0, 3, 0x78, 3, 2))
        carrier.push(speech.reply(Text(ANNA, "ucs2", "中间".encode("utf-16-be"), header)), link)

        await carrier.has("pushed")
        (reply,) = ours.replies
        assert reply.concatenation is not None
        assert (reply.concatenation.total, reply.concatenation.number) == (3, 2)


@proves("bad-header", role=Role.CLIENT)
@pytest.mark.parametrize("header", ["05", "050003", "050003770200", "0a0003", "ff"])
async def test_a_reply_with_a_broken_header_is_acknowledged_and_harms_nothing(speech: Speech, header: str) -> None:
    async with connected(speech) as (carrier, ours):
        ((link, _),) = carrier.of("bind")
        carrier.push(speech.reply(Text(ANNA, "ucs2", b"", bytes.fromhex(header))), link)
        carrier.push(speech.reply(Text(ANNA, "ascii", b"well")), link)

        await carrier.has("pushed", 2)
        *_, last = ours.replies
        assert last.content == b"well"
        assert ours.link.is_bound
