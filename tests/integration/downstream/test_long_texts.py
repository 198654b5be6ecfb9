"""Long texts that come in parts: answered part by part, sent on as one, reported part by part."""

import asyncio
from datetime import timedelta

import pytest

from hongyan.text.headers import Concatenation
from tests.integration.pipeline.carrier import FakeCarrier, serve, text_of
from tests.integration.pipeline.running import eventually, running_gateway
from tests.integration.pipeline.world import long_text

from .customer import Customer, a_customer
from .faces import CMPP30, FACES, NAMES, Face
from .house import House

LONG = long_text(170)
PARTS = [LONG[:67], LONG[67:134], LONG[134:]]

every_protocol = pytest.mark.parametrize("face", FACES, ids=NAMES)


def send(
    customer: Customer, number: int, *, reference: int = 7, text: str | None = None, to: str = "13800138000"
) -> int:
    """Send one part of the long text."""
    part = Concatenation(reference, len(PARTS), number)
    return customer.send(PARTS[number - 1] if text is None else text, to, part=part)


@every_protocol
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 2, 3, 2, 1)])
async def test_parts_in_any_order_become_one_message_and_a_report_each(
    face: Face, order: tuple[int, ...], house: House, carrier: FakeCarrier
) -> None:
    await house.login(face)
    await serve(house.world, carrier)
    carrier.on_submit = carrier.take_and_report
    async with (
        running_gateway(house.world, house.url),
        house.open() as server,
        a_customer(face, server.ports[face.family]) as customer,
    ):
        answers = {number: await customer.answer_to(send(customer, number)) for number in order}
        reports = await customer.reports(3)

    assert all(answer.code == 0 for answer in answers.values())
    if face.family != "sgip":  # a part that came twice was asked under two sequences; the first is reported
        assert {report.known_as for report in reports} == {answer.known_as for answer in answers.values()}
    assert [report.stat for report in reports] == ["DELIVRD"] * 3
    assert "".join(map(text_of, sorted(carrier.submits, key=lambda got: got.pdu.pk_number))) == LONG
    assert [message["segments"] for message in await house.messages()] == [3]
    assert await house.count("long_texts") == await house.count("long_text_parts") == 0


@every_protocol
async def test_each_part_is_answered_before_the_next_one_is_sent(face: Face, house: House) -> None:
    await house.login(face, window_size=1)
    async with house.open() as server, a_customer(face, server.ports[face.family], window_size=1) as customer:
        codes = [(await customer.answer_to(send(customer, number))).code for number in (1, 2, 3)]
        await eventually(lambda: _has_messages(house, 1))

    assert codes == [0, 0, 0]


async def test_parts_may_come_over_different_links_and_gateways(house: House) -> None:
    await house.login(CMPP30)
    async with (
        house.open() as one,
        house.open(owner="gateway-2") as other,
        a_customer(CMPP30, one.ports["cmpp"]) as first,
        a_customer(CMPP30, one.ports["cmpp"]) as second,
        a_customer(CMPP30, other.ports["cmpp"]) as third,
    ):
        tokens = [send(customer, number) for number, customer in enumerate((first, second, third), 1)]
        for token, customer in zip(tokens, (first, second, third), strict=True):
            assert (await customer.answer_to(token)).code == 0
        await eventually(lambda: _has_messages(house, 1))

    assert [message["content"] for message in await house.messages()] == [LONG]


@every_protocol
async def test_parts_whose_others_never_come_are_reported_as_failed(face: Face, house: House) -> None:
    await house.login(face)
    async with (
        house.open(parts_wait=timedelta(seconds=0)) as server,
        a_customer(face, server.ports[face.family]) as customer,
    ):
        answers = [await customer.answer_to(send(customer, number)) for number in (1, 3)]
        reports = await customer.reports(2)

    assert {(report.known_as, report.stat) for report in reports} == {
        (answer.known_as, face.stat("EXPIRED")) for answer in answers
    }
    assert not await house.messages()
    assert await house.count("long_text_parts") == 0


@every_protocol
async def test_a_refused_text_is_told_in_the_reports_of_its_parts(face: Face, house: House) -> None:
    await house.login(face)
    async with house.open() as server, a_customer(face, server.ports[face.family]) as customer:
        answers = [await customer.answer_to(send(customer, number, text=f"没有报备{number}")) for number in (1, 2, 3)]
        reports = await customer.reports(3)

    assert [answer.code for answer in answers] == [0, 0, 0]
    # A text without a signature at either end.
    assert {report.stat for report in reports} == {face.stat("HY:0103")}
    assert not await house.messages()


async def test_a_reference_that_comes_round_gives_the_older_text_up(house: House) -> None:
    await house.login(CMPP30)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        old = await customer.answer_to(send(customer, 1, text="旧的"))
        answers = [await customer.answer_to(send(customer, number)) for number in (1, 2, 3)]
        (report,) = await customer.reports(1)
        await eventually(lambda: _has_messages(house, 1))

    assert (report.known_as, report.stat) == (old.known_as, "EXPIRED")
    assert old.known_as not in {answer.known_as for answer in answers}
    assert [message["content"] for message in await house.messages()] == [LONG]


async def test_texts_of_one_reference_in_one_breath_stay_apart(house: House) -> None:
    await house.login(CMPP30)
    other = [PARTS[0], PARTS[1], PARTS[2][:-1]]
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"], window_size=32) as customer:
        tokens = [send(customer, number) for number in (1, 2, 3)]
        tokens += [send(customer, number, text=f"{other[number - 1]}") for number in (1, 2, 3)]
        known = {(await customer.answer_to(token)).known_as for token in tokens}
        await eventually(lambda: _has_messages(house, 2))

    assert len(known) == 6
    assert {message["content"] for message in await house.messages()} == {LONG, "".join(other)}


async def test_a_part_for_several_destinations_is_a_part_of_each_ones_text(house: House) -> None:
    await house.login(CMPP30)
    numbers = ("13800138000", "13800138001", "13800138000")
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        for number in (1, 2, 3):
            await customer.submit(PARTS[number - 1], *numbers, part=Concatenation(9, 3, number))
        await eventually(lambda: _has_messages(house, 3))

    recipients = sorted(message["recipient"] for message in await house.messages())
    assert recipients == [8613800138000, 8613800138000, 8613800138001]


async def test_a_whole_text_that_a_dead_process_left_is_sent_by_the_next_one(house: House) -> None:
    login = await house.login(CMPP30)
    async with house.open() as server, a_customer(CMPP30, server.ports["cmpp"]) as customer:
        answer = await customer.answer_to(send(customer, 1))
        assert answer.code == 0
    # The last parts are stored, and the process dies before it sends the text on.
    for number in (2, 3):
        await house.world.pool.execute(
            "INSERT INTO long_text_parts (text_id, number, part_id, report, coding, content)"
            " SELECT text_id, $1, $2, 1, 'ucs2', $3 FROM long_texts WHERE login_id = $4",
            number,
            number,
            PARTS[number - 1].encode("utf-16-be"),
            login.login_id,
        )
    async with house.open():
        await eventually(lambda: _has_messages(house, 1))

    assert [message["content"] for message in await house.messages()] == [LONG]


async def test_two_processes_that_find_the_same_text_send_it_once(house: House) -> None:
    await house.login(CMPP30)
    async with (
        house.open() as one,
        house.open(owner="gateway-2") as other,
        a_customer(CMPP30, one.ports["cmpp"]) as customer,
    ):
        for round_ in range(5):
            for number in (1, 2):
                await customer.answer_to(send(customer, number, reference=round_))
            token = send(customer, 3, reference=round_)
            for _ in range(20):
                await asyncio.gather(one._sender.sweep(), other._sender.sweep())
            await customer.answer_to(token)
        await eventually(lambda: _has_messages(house, 5))
        await asyncio.gather(one._sender.sweep(), other._sender.sweep())

    assert len(await house.messages()) == 5
    assert await house.count("submit_parts") == 15


async def _has_messages(house: House, count: int) -> bool:
    return len(await house.messages()) >= count
