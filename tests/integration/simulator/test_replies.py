"""The sandbox phone answers: replies on the wire, over the link of whoever wrote."""

import asyncio
from typing import Any

import pytest

from hongyan.wire.cmpp.pdus import Deliver

from .peers import ANNA, Customer, Simulator, a_customer, a_simulator, a_submit
from .test_scenarios import NOW


async def replies(customer: Customer, count: int) -> list[Deliver]:
    """Wait for so many replies and return them."""
    await customer.until(lambda: len([d for d in customer.delivers if not d.registered_delivery]) >= count)
    return [deliver for deliver in customer.delivers if not deliver.registered_delivery]


async def write(simulator: Simulator, number: str, **draft: Any) -> Any:
    """Type a reply on a phone."""
    response = await simulator.http.post(f"/phones/{number}/replies", json=draft)
    assert response.status_code == 201, response.text
    return response.json()


async def test_an_answer_goes_to_whoever_wrote_last() -> None:
    async with (
        a_simulator(delivery_delay=NOW) as simulator,
        a_customer(simulator) as customer,
        a_customer(simulator, login="910002", password="other") as other,
    ):
        await customer.submit(a_submit("first"))
        await customer.has_reports(1)
        await other.submit(a_submit("second", msg_src="910002", src_id="10690000288"))
        await other.has_reports(1)
        shown = await write(simulator, ANNA, text="退订")
        (reply,) = await replies(other, 1)

        assert (reply.dest_id, reply.src_terminal_id, reply.msg_fmt) == ("10690000288", ANNA, 8)
        assert reply.msg_content == "退订".encode("utf-16-be")
        assert (shown["to"], shown["login"], shown["encoding"]) == ("10690000288", "910002", "UCS-2")
        assert len(customer.delivers) == 1


async def test_an_answer_may_name_the_number_with_an_extension() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit(number="8613800138000"))
        await customer.has_reports(1)
        await write(simulator, ANNA, text="TD", to="10690000188")
        (reply,) = await replies(customer, 1)

        assert (reply.dest_id, reply.src_terminal_id) == ("10690000188", "8613800138000")
        assert (reply.msg_fmt, reply.msg_content) == (0, b"TD")
        counts = (await simulator.login())["counts"]
        assert (counts["replies"], counts["replies_acknowledged"], counts["reports_sent"]) == (1, 1, 1)
        (kept,) = (await simulator.get(f"/phones/{ANNA}/replies"))["replies"]
        assert kept["text"] == "TD"
        assert kept["parts"][0]["acknowledged_at"]


async def test_a_phone_that_nobody_wrote_to_must_say_whom_it_means() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        unclear = await simulator.http.post(f"/phones/{ANNA}/replies", json={"text": "hello"})
        assert (unclear.status_code, unclear.json()["field"]) == (400, "to")
        nowhere = await simulator.http.post(f"/phones/{ANNA}/replies", json={"text": "hello", "login": "910001"})
        assert (nowhere.status_code, nowhere.json()["field"]) == (400, "to")
        await write(simulator, ANNA, text="hello", to="106900001", login="910001")
        (reply,) = await replies(customer, 1)

        assert (reply.src_terminal_id, reply.dest_id) == (ANNA, "106900001")


async def test_a_long_answer_comes_in_parts() -> None:
    text = "鸿雁传书" * 40
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit())
        await customer.has_reports(1)
        shown = await write(simulator, ANNA, text=text)
        parts = await replies(customer, 3)

        assert len(shown["parts"]) == 3
        assert [part.tp_udhi for part in parts] == [1, 1, 1]
        headers = [part.msg_content[:6] for part in parts]
        reference = headers[0][3]
        assert headers == [bytes((5, 0, 3, reference, 3, number)) for number in (1, 2, 3)]
        assert b"".join(part.msg_content[6:] for part in parts).decode("utf-16-be") == text


@pytest.mark.parametrize("coding, message_format, content", [("gbk", 15, "bae8d1e3"), ("ucs2", 8, "9e3f96c1")])
async def test_an_answer_may_choose_its_coding(coding: str, message_format: int, content: str) -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit())
        await customer.has_reports(1)
        await write(simulator, ANNA, text="鸿雁", coding=coding)
        (reply,) = await replies(customer, 1)

        assert (reply.msg_fmt, reply.msg_content) == (message_format, bytes.fromhex(content))


@pytest.mark.parametrize(
    "draft, field",
    [
        ({"coding": "ascii"}, "coding"),
        ({"coding": "gsm7"}, "coding"),
        ({"coding": "x"}, "coding"),
        ({"login": "9"}, "login"),
    ],
)
async def test_an_answer_that_cannot_be_sent_says_why(draft: dict[str, str], field: str) -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit())
        await customer.has_reports(1)
        response = await simulator.http.post(f"/phones/{ANNA}/replies", json={"text": "鸿雁", **draft})

        assert (response.status_code, response.json()["field"]) == (400, field)
        assert response.json()["fix"]


async def test_answers_wait_for_a_customer_and_are_repeated_when_they_are_not_taken() -> None:
    async with a_simulator(delivery_delay=NOW, report_retry_seconds=0.1) as simulator:
        async with a_customer(simulator) as customer:
            await customer.submit(a_submit())
            await customer.has_reports(1)
        await write(simulator, ANNA, text="are you there?")
        customer = Customer(simulator.port)
        customer.report_results = [9]
        async with customer.connected():
            first, again = await replies(customer, 2)
            assert first.msg_content == again.msg_content
            async with asyncio.timeout(10):
                while (await simulator.login())["counts"]["replies_acknowledged"] != 1:
                    await asyncio.sleep(0.01)


async def test_a_phone_that_is_off_gets_its_texts_when_it_is_on() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await turn(simulator, "off")
        await customer.submit(a_submit("wait for me"))
        await is_waiting(simulator, 1)
        assert await simulator.texts() == []
        assert customer.heard == ["response"]

        assert (await turn(simulator, "on"))["waiting"] == 0
        (report,) = await customer.has_reports(1)
        assert report.stat == "DELIVRD"
        assert await simulator.texts() == ["wait for me"]


async def test_a_phone_that_stays_off_lets_its_texts_expire() -> None:
    async with (
        a_simulator(delivery_delay=NOW, validity_seconds=0.3) as simulator,
        a_customer(simulator) as customer,
    ):
        await turn(simulator, "off")
        await customer.submit(a_submit("too late"))
        (report,) = await customer.has_reports(1)

        assert report.stat == "EXPIRED"
        assert (await turn(simulator, "on"))["waiting"] == 0
        assert await simulator.texts() == []


async def test_a_text_may_say_itself_how_long_it_is_worth_waiting() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await turn(simulator, "off")
        await customer.submit(a_submit("worthless", valid_time="200101000000032+"))
        (report,) = await customer.has_reports(1)

        assert report.stat == "EXPIRED"


@pytest.mark.parametrize("state, stat", [("full", "MK:0032"), ("empty", "MK:0001")])
async def test_a_phone_that_takes_nothing_is_reported_by_the_code_for_it(state: str, stat: str) -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await turn(simulator, state)
        await customer.submit(a_submit("nobody reads this"))
        (report,) = await customer.has_reports(1)

        assert report.stat == stat
        assert await simulator.texts() == []


async def turn(simulator: Simulator, state: str) -> Any:
    """Turn Anna's phone on or off."""
    response = await simulator.http.put(f"/phones/{ANNA}/state", json={"state": state})
    assert response.status_code == 200, response.text
    return response.json()


async def is_waiting(simulator: Simulator, count: int) -> None:
    """Wait until so many segments wait for Anna's phone."""
    async with asyncio.timeout(10):
        while (await simulator.get(f"/phones/{ANNA}"))["waiting"] != count:
            await asyncio.sleep(0.01)
