"""From a customer's submit to its report, by each protocol."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hongyan.accounts import service as accounts
from hongyan.accounts.model import UnregisteredPolicy
from hongyan.wire.cmpp import pdus as cmpp
from tests.integration.pipeline.carrier import FakeCarrier, serve, text_of
from tests.integration.pipeline.running import running_gateway
from tests.integration.pipeline.world import TEXT

from .customer import a_customer
from .faces import CMPP30, FACES, NAMES, Face, Told
from .house import House

every_protocol = pytest.mark.parametrize("face", FACES, ids=NAMES)


@every_protocol
async def test_a_submit_goes_out_and_its_report_comes_back(face: Face, house: House, carrier: FakeCarrier) -> None:
    await house.login(face)
    await serve(house.world, carrier)
    carrier.on_submit = carrier.take_and_report
    async with (
        running_gateway(house.world, house.url),
        house.open() as server,
        a_customer(face, server.ports[face.family]) as customer,
    ):
        answer = await customer.submit(TEXT, "13800138000")
        (report,) = await customer.reports(1)

    assert answer.code == 0
    assert report == Told(answer.known_as, "DELIVRD", "13800138000")
    (got,) = carrier.submits
    assert (text_of(got), got.pdu.dest_terminal_id) == (TEXT, ("13800138000",))
    (message,) = await house.messages()
    assert (message["api_key_id"], message["state"]) == (None, 10)
    assert await house.count("pushes") == await house.count("submit_parts") == 0


@every_protocol
async def test_each_destination_is_a_message_with_a_report_of_its_own(
    face: Face, house: House, carrier: FakeCarrier
) -> None:
    await house.login(face)
    await serve(house.world, carrier)
    carrier.on_submit = carrier.take_and_report
    numbers = [f"1380013800{n}" for n in range(5)]
    async with (
        running_gateway(house.world, house.url),
        house.open() as server,
        a_customer(face, server.ports[face.family]) as customer,
    ):
        answer = await customer.submit(TEXT, *numbers)
        reports = await customer.reports(5)

    assert answer.code == 0
    assert sorted(report.destination for report in reports) == numbers
    assert {report.known_as for report in reports} == set(face.range_of(answer.known_as, 5))
    assert len(await house.messages()) == 5


@every_protocol
async def test_a_wrong_number_among_good_ones_costs_none_of_them(face: Face, house: House) -> None:
    await house.login(face)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        answer = await customer.submit(TEXT, "13800138000", "12345", "13800138001")

        assert answer.code == 0
        assert len(await house.messages()) == 2
        if not face.says_partial:
            (report,) = await customer.reports(1)
            assert (report.destination, report.stat) == ("12345", face.stat("HY:0013"))


@every_protocol
@pytest.mark.parametrize(
    "why", ["source", "coding", "destination", "unregistered", "class", "length", "header", "text"]
)
async def test_what_cannot_be_taken_gets_the_protocols_own_code(face: Face, house: House, why: str) -> None:
    await house.login(face)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        answer = await customer.answer_to(customer.send_pdu(face.wrong(why)))
        good = await customer.submit(TEXT)

    assert answer.code == face.codes[why]
    assert good.code == 0
    assert len(await house.messages()) == 1


@every_protocol
async def test_a_customer_without_credit_is_told_so(face: Face, house: House) -> None:
    poor = await house.world.account("poor", balance=0)
    await house.login(face, account_id=poor.account_id)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        answer = await customer.submit(TEXT)

    assert answer.code == face.codes["balance"]
    assert not await house.messages()


@every_protocol
async def test_an_account_that_wants_reports_gets_one_for_an_unregistered_text(face: Face, house: House) -> None:
    account = await house.world.account("lenient", unregistered=UnregisteredPolicy.REPORT)
    await house.login(face, account_id=account.account_id)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        answer = await customer.submit("【鸿雁】没有报备的内容")
        (report,) = await customer.reports(1)

    assert answer.code == 0
    assert report == Told(answer.known_as, face.stat("MA:0024"), "13800138000")


@every_protocol
async def test_who_wants_no_report_gets_none(face: Face, house: House, carrier: FakeCarrier) -> None:
    await house.login(face)
    await serve(house.world, carrier)
    carrier.on_submit = carrier.take_and_report
    async with (
        running_gateway(house.world, house.url),
        house.open() as server,
        a_customer(face, server.ports[face.family]) as customer,
    ):
        await customer.answer_to(customer.send_pdu(face.without_report(TEXT)))
        await customer.submit(TEXT, "13800138001")
        reports = await customer.reports(1)

    assert [report.destination for report in reports] == ["13800138001"]
    assert await house.count("pushes") == await house.count("submit_parts") == 0


@every_protocol
async def test_more_unanswered_than_the_window_is_too_much(face: Face, house: House) -> None:
    await house.login(face, window_size=2)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        tokens = [customer.send(TEXT, f"1380013800{n}") for n in range(4)]
        codes = [(await customer.answer_to(token)).code for token in tokens]
        afterwards = await customer.submit(TEXT)

    assert codes == [0, 0, face.codes["flow"], face.codes["flow"]]
    assert afterwards.code == 0


@every_protocol
async def test_faster_than_agreed_is_too_fast(face: Face, house: House) -> None:
    await house.login(face, speed_per_second=3)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        tokens = [customer.send(TEXT, f"1380013800{n}") for n in range(8)]
        codes = [(await customer.answer_to(token)).code for token in tokens]

    assert codes == [0] * 3 + [face.codes["flow"]] * 5


@every_protocol
async def test_the_customers_validity_holds_where_it_is_shorter_than_ours(face: Face, house: House) -> None:
    await house.login(face)
    in_a_minute = datetime.now(UTC) + timedelta(minutes=1)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        answers = [
            await customer.answer_to(customer.send_pdu(face.valid_until(TEXT, moment)))
            for moment in (in_a_minute, in_a_minute - timedelta(hours=1), in_a_minute + timedelta(hours=1))
        ]
        rows = await house.world.pool.fetch("SELECT expires_at FROM live_messages ORDER BY mid")

    assert [answer.code for answer in answers] == [0, face.codes["validity"], 0]
    assert abs(rows[0]["expires_at"] - in_a_minute) <= timedelta(seconds=1)
    assert rows[1]["expires_at"] < in_a_minute + timedelta(minutes=5)


async def test_the_senders_extension_goes_behind_the_accounts(house: House, carrier: FakeCarrier) -> None:
    await house.login(CMPP30)
    async with house.world.pool.acquire() as connection:
        await accounts.change_account(connection, house.world.account_id, extension="88", actor="test")
    await serve(house.world, carrier)
    async with (
        running_gateway(house.world, house.url),
        house.open() as server,
        a_customer(CMPP30, server.ports["cmpp"]) as customer,
    ):
        answers = [
            await customer.submit(TEXT, src_id=source)
            for source in ("1069000188", "106900018801", "", "88", "10690001")
        ]
        await carrier.got(4)

    assert [answer.code for answer in answers] == [0, 0, 0, 0, CMPP30.codes["source"]]
    assert sorted(message["extension"] for message in await house.messages()) == ["88", "88", "88", "8801"]


async def test_a_query_is_answered_with_the_days_counts_and_a_cancel_with_no(house: House) -> None:
    await house.login(CMPP30)
    today = datetime.now(timezone(timedelta(hours=8)))
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        await customer.submit(TEXT)
        await customer.submit(TEXT, "13800138001")
        counts = await customer.response_to(cmpp.Query(today.strftime("%Y%m%d")))
        cancelled = await customer.response_to(cmpp.Cancel(1))

    assert isinstance(counts, cmpp.QueryResp)
    assert (counts.mt_tlmsg, counts.mt_tlusr, counts.mt_wt) == (2, 2, 2)
    assert cancelled == cmpp.CancelResp(1)
