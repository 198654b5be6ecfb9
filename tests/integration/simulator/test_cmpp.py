"""The simulated gateway against a real link: binds, submits, responses, reports."""

import asyncio
from typing import Any

import msgspec
import pytest

from hongyan.simulator import behaviour
from hongyan.simulator.behaviour import Span
from hongyan.simulator.config import CmppSettings, LoginConfig, Version
from hongyan.wire.cmpp.pdus import V20, V30
from hongyan.wire.cmpp.statuses import SubmitResult

from .peers import ANNA, LOGIN, Customer, a_customer, a_simulator, a_submit, submits_of_parts


@pytest.mark.parametrize(
    "version, size, report_size, expected", [(V20, 138, 71, 60), (V30, 163, 71, 71), (V30, 163, 60, 60)]
)
async def test_a_text_is_answered_delivered_and_reported(
    version: int, size: int, report_size: int, expected: int
) -> None:
    cmpp = CmppSettings(report_size=report_size)
    async with a_simulator(cmpp=cmpp) as simulator, a_customer(simulator, version=version) as customer:
        (response,) = await customer.submit(a_submit("【鸿雁】您的验证码是482913", service_id="HELP"))
        (report,) = await customer.has_reports(1)

        assert response.result == 0
        assert report.msg_id == response.msg_id != customer.delivers[0].msg_id
        assert (report.stat, report.dest_terminal_id) == ("DELIVRD", ANNA)
        assert len(report.done_time) == 10
        (deliver,) = customer.delivers
        assert len(deliver.msg_content) == expected
        assert (deliver.registered_delivery, deliver.src_terminal_id, deliver.dest_id) == (1, ANNA, "106900001")
        assert deliver.service_id == "HELP"
        assert await simulator.texts() == ["【鸿雁】您的验证码是482913"]


@pytest.mark.parametrize(
    "config, trouble",
    [
        ({"password": "wrong"}, "status 3"),
        ({"login": "999999"}, "status 2"),
        ({"version": 0x40}, "status 4"),
    ],
)
async def test_who_is_not_known_is_not_let_in(config: dict[str, Any], trouble: str) -> None:
    async with a_simulator() as simulator, asyncio.TaskGroup() as group:
        customer = Customer(simulator.port, **config)
        group.create_task(customer.link.run())
        async with asyncio.timeout(10):
            while trouble not in customer.link.trouble:
                await asyncio.sleep(0.01)
        await customer.link.stop(0)

        assert (await simulator.login())["links"] == []


async def test_a_version_that_the_carrier_does_not_speak_is_refused() -> None:
    cmpp = CmppSettings(versions=(Version.CMPP_2_0,))
    async with a_simulator(cmpp=cmpp) as simulator, asyncio.TaskGroup() as group:
        customer = Customer(simulator.port, version=V30)
        group.create_task(customer.link.run())
        async with asyncio.timeout(10):
            while "status 4" not in customer.link.trouble:
                await asyncio.sleep(0.01)
        await customer.link.stop(0)


async def test_a_login_has_no_more_links_than_it_may() -> None:
    logins = (LoginConfig(login=LOGIN, password="secret", links_max=1),)
    async with a_simulator(logins=logins) as simulator, a_customer(simulator), asyncio.TaskGroup() as group:
        second = Customer(simulator.port)
        group.create_task(second.link.run())
        async with asyncio.timeout(10):
            while "status 5" not in second.link.trouble:
                await asyncio.sleep(0.01)
        await second.link.stop(0)

        assert (await simulator.login())["counts"]["binds_refused"] >= 1


@pytest.mark.parametrize(
    "changes, result",
    [
        ({"msg_src": "910002"}, SubmitResult.MSG_SRC_ERROR),
        ({"dest_terminal_id": ()}, SubmitResult.DEST_TERMINAL_ID_ERROR),
        ({"dest_terminal_id": ("1380013800x",)}, SubmitResult.DEST_TERMINAL_ID_ERROR),
        ({"msg_content": bytes(142)}, SubmitResult.TOO_LONG),
        ({"msg_fmt": 0, "msg_content": b"x" * 161}, SubmitResult.TOO_LONG),
    ],
)
async def test_a_submit_that_is_wrong_is_refused_by_the_code_for_it(changes: dict[str, Any], result: int) -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        wrong, right = await customer.submit(a_submit("wrong", **changes), a_submit("right"))
        await customer.has_reports(1)

        assert (wrong.msg_id, wrong.result) == (0, result)
        assert right.result == 0
        assert await simulator.texts() == ["right"]


async def test_undelivered_texts_are_reported_and_do_not_ring() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit(number="13800139001"))
        (report,) = await customer.has_reports(1)

        assert report.stat == "UNDELIV"
        assert await simulator.texts("13800139001") == []


async def test_rejected_texts_get_a_code_and_no_report() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        rejected, _ = await customer.submit(a_submit(number="13800139002"), a_submit())
        (report,) = await customer.has_reports(1)

        assert (rejected.msg_id, rejected.result) == (0, SubmitResult.DEST_TERMINAL_ID_ERROR)
        assert report.dest_terminal_id == ANNA
        assert (await simulator.login())["counts"]["submits_refused"] == 1


async def test_texts_without_report_ring_all_the_same() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit("silent", number="13800139003"))
        await simulator.get("/phones/13800139003/messages/next", after=0)
        await customer.submit(a_submit())
        (report,) = await customer.has_reports(1)

        assert report.dest_terminal_id == ANNA
        assert (await simulator.login())["counts"]["reports_sent"] == 1


async def test_a_report_can_come_before_the_submit_response() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        (response,) = await customer.submit(a_submit(number="13800139004"))
        (report,) = await customer.has_reports(1)

        assert customer.heard == ["report", "response"]
        assert report.msg_id == response.msg_id


async def test_a_report_can_come_twice() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit(number="13800139005"))
        first, second = await customer.has_reports(2)
        await customer.submit(a_submit())
        await customer.has_reports(3)

        assert first == second
        assert customer.delivers[0].msg_id != customer.delivers[1].msg_id
        assert (await simulator.login())["counts"]["reports_acknowledged"] == 3


async def test_slow_texts_come_after_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = msgspec.structs.replace(behaviour.behaviour_of(9006), delay_seconds=0.3)
    monkeypatch.setitem(behaviour._BY_ENDING, 9006, slow)
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit(number="13800139006"), a_submit())
        first, second = await customer.has_reports(2)

        assert [first.dest_terminal_id, second.dest_terminal_id] == [ANNA, "13800139006"]
        (message,) = (await simulator.get("/phones/13800139006/messages"))["messages"]
        assert message["received_at"] > message["submitted_at"]


async def test_a_busy_number_takes_the_text_when_it_is_sent_again() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        text = a_submit(number="13800139007")
        first, other = await customer.submit(text, a_submit("other", number="13800139007"))
        (again,) = await customer.submit(text)
        await customer.has_reports(1)

        assert [first.result, other.result] == [SubmitResult.FLOW_CONTROL] * 2
        assert again.result == 0


async def test_no_report_comes_where_none_was_asked_for() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit("quiet", registered_delivery=0))
        await simulator.get(f"/phones/{ANNA}/messages/next", after=0)
        await customer.submit(a_submit())
        await customer.has_reports(1)

        assert (await simulator.login())["counts"]["reports_sent"] == 1


async def test_a_long_text_is_answered_part_by_part_and_rings_once() -> None:
    text = "鸿雁传书" * 60
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        parts = submits_of_parts(text)
        responses = await customer.submit(*reversed(parts))
        reports = await customer.has_reports(len(parts))

        assert len(parts) == 4
        assert {report.msg_id for report in reports} == {response.msg_id for response in responses}
        assert await simulator.texts() == [text]
        (message,) = (await simulator.get(f"/phones/{ANNA}/messages"))["messages"]
        assert (message["segments"], message["segments_total"], message["complete"]) == (4, 4, True)


async def test_parts_without_a_header_come_together_by_their_counters() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit("world", pk_total=2, pk_number=2), a_submit("hello ", pk_total=2, pk_number=1))
        await customer.has_reports(2)

        assert await simulator.texts() == ["hello world"]


async def test_one_submit_to_many_numbers_takes_as_many_ids() -> None:
    numbers = ("13800138001", "13800138002", "13800138003")
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        many, one = await customer.submit(a_submit(dest_terminal_id=numbers), a_submit())
        reports = await customer.has_reports(4)

        ids = {report.dest_terminal_id: report.msg_id for report in reports}
        assert [ids[number] - many.msg_id for number in numbers] == [0, 1, 2]
        assert one.msg_id == many.msg_id + 3
        assert (await simulator.login())["counts"]["texts"] == 4


async def test_responses_can_be_late() -> None:
    late = Span(min_seconds=0.2, max_seconds=0.2)
    now = Span(min_seconds=0.0, max_seconds=0.0)
    async with a_simulator(response_delay=late, delivery_delay=now) as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit())

        assert customer.heard == ["report", "response"]


async def test_a_carrier_that_has_too_much_under_way_asks_to_slow_down() -> None:
    later = Span(min_seconds=0.5, max_seconds=0.5)
    async with a_simulator(backlog_max=2, delivery_delay=later) as simulator, a_customer(simulator) as customer:
        responses = await customer.submit(*(a_submit(str(index)) for index in range(3)))

        assert [response.result for response in responses] == [0, 0, SubmitResult.FLOW_CONTROL]
        await customer.has_reports(2)
        (again,) = await customer.submit(a_submit("2"))
        assert again.result == 0
