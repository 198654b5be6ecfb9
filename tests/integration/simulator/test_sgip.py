"""The simulated SMG against real links both ways: binds, submits, reports and replies over a connection of its own."""

import asyncio
from typing import Any

import pytest

from hongyan.simulator.config import DialBack
from hongyan.wire.sgip.pdus import (
    Deliver,
    DeliverResp,
    Report,
    Submit,
    Trace,
    TraceNode,
    TraceResp,
    UserRpt,
    UserRptResp,
)
from hongyan.wire.sgip.sequences import octets_of, sequence_of, split, text_of
from hongyan.wire.sgip.statuses import Result

from .peers_sgip import NODE, PHONE, STAMP, SgipCustomer, a_gateway_and_a_customer, a_submit, new_link

ANNA = "13000138000"


async def test_a_text_is_answered_delivered_and_reported_over_the_gateways_own_connection() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        ((sequence, response),) = await customer.ask(a_submit("【鸿雁】您的验证码是482913"))
        (report,) = await customer.has_reports(1)

        assert response.result == 0
        assert split(sequence)[:2] == (NODE, STAMP)
        assert sequence_of(report.submit_sequence_number) == sequence
        assert (report.report_type, report.user_number, report.state, report.error_code) == (0, PHONE, 0, 0)
        ((link, _),) = customer.heard
        assert link is not customer.link
        (bind,) = customer.binds
        assert (bind.login_type, bind.login_name, bind.login_password) == (2, "910001", "secret")
        (message,) = (await simulator.get(f"/phones/{ANNA}/messages"))["messages"]
        assert message["text"] == "【鸿雁】您的验证码是482913"


async def test_a_login_may_be_dialled_by_another_name_and_over_several_connections() -> None:
    customer = SgipCustomer()
    customer.gateway_password = "back"
    async with customer.listener:
        back = DialBack(host="127.0.0.1", port=customer.listener.port, login="smg", password="back", links=2)
        async with a_gateway_and_a_customer(dial_back=back):
            await customer.until(lambda: len(customer.listener.links) == 2 and len(customer.binds) == 2)

            assert {(bind.login_name, bind.login_type) for bind in customer.binds} == {("smg", 2)}


async def test_reports_wait_for_a_listener_that_turns_the_gateway_away() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        await customer.until(lambda: len(customer.binds) == 1)
        customer.gateway_password = "changed"
        for link in list(customer.listener.links):
            link.abort()
        await customer.until(lambda: len(customer.binds) >= 2)
        await customer.ask(a_submit())

        customer.gateway_password = "secret"
        (report,) = await customer.has_reports(1)

        assert report.state == 0


async def test_a_gateway_may_report_over_the_customers_own_connection() -> None:
    async with a_gateway_and_a_customer(dial_back=None, same_connection=True) as (_, customer):
        await customer.ask(a_submit())
        await customer.has_reports(1)

        assert [link is customer.link for link, _ in customer.heard] == [True]
        assert customer.binds == []


@pytest.mark.parametrize(
    "login,trouble",
    [
        ({"password": "wrong"}, "status 1"),
        ({"login": "999999"}, "status 1"),
        ({"login_type": 2}, "status 4"),
    ],
)
async def test_who_is_not_known_or_no_sp_is_not_let_in(login: dict[str, Any], trouble: str) -> None:
    async with a_gateway_and_a_customer() as (simulator, customer), asyncio.TaskGroup() as group:
        other = new_link(simulator.port, customer, **login)
        group.create_task(other.run())
        async with asyncio.timeout(10):
            while trouble not in other.trouble:
                await asyncio.sleep(0.01)
        await other.stop(0)


@pytest.mark.parametrize(
    "changes,result",
    [
        ({"user_number": ("13000138000",)}, Result.ILLEGAL_NUMBER),
        ({"user_number": ()}, Result.ILLEGAL_NUMBER),
        ({"user_number": ("861300013800x",)}, Result.ILLEGAL_NUMBER),
        ({"user_number": (PHONE,) * 101}, Result.PARAMETER_ERROR),
        ({"report_flag": 3}, Result.PARAMETER_ERROR),
        ({"message_type": 1}, Result.PARAMETER_ERROR),
        ({"message_coding": 77}, Result.PARAMETER_ERROR),
        ({"sp_number": "1069x"}, Result.PARAMETER_ERROR),
        ({"tp_udhi": 1, "message_content": bytes.fromhex("050003")}, Result.PARAMETER_ERROR),
        ({"tp_udhi": 1, "message_content": b""}, Result.PARAMETER_ERROR),
        ({"message_content": bytes(142)}, Result.LENGTH_ERROR),
        ({"message_coding": 0, "message_content": b"x" * 161}, Result.LENGTH_ERROR),
        ({"user_number": ("8613000139002",)}, Result.ILLEGAL_NUMBER),
    ],
)
async def test_a_submit_that_is_wrong_is_refused_by_the_number_for_it(changes: dict[str, Any], result: int) -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        wrong, right = await customer.ask(a_submit("wrong", **changes), a_submit("right"))
        await customer.has_reports(1)

        assert (wrong[1].result, right[1].result) == (result, 0)
        assert [message["text"] for message in (await simulator.get(f"/phones/{ANNA}/messages"))["messages"]] == [
            "right"
        ]


async def test_a_failed_text_is_reported_with_its_error_number() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        await customer.ask(a_submit("lost", "8613000139001"))
        (report,) = await customer.has_reports(1)

        assert (report.state, report.error_code) == (2, Result.PHONE_RECEPTION_ERROR)


async def test_a_submit_to_several_numbers_has_a_report_for_each_under_one_sequence_number() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        ((sequence, _),) = await customer.ask(a_submit("all", PHONE, "8613000138001", "8613000138002"))
        reports = await customer.has_reports(3)

        assert {report.submit_sequence_number for report in reports} == {octets_of(sequence)}
        assert {report.user_number for report in reports} == {PHONE, "8613000138001", "8613000138002"}


async def test_only_failures_are_reported_where_the_submit_says_so() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        await customer.ask(a_submit("good", report_flag=0), a_submit("never", report_flag=2))
        await customer.ask(a_submit("bad", "8613000139001", report_flag=0))
        (report,) = await customer.has_reports(1)

        assert report.user_number == "8613000139001"


async def test_a_long_text_in_parts_rings_as_one() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        halves = ["长短信的前一半", "和后一半"]
        await customer.ask(
            *[
                a_submit(tp_udhi=1, message_content=bytes((5, 0, 3, 7, 2, number)) + half.encode("utf-16-be"))
                for number, half in enumerate(halves, 1)
            ]
        )
        await customer.has_reports(2)

        (message,) = (await simulator.get(f"/phones/{ANNA}/messages"))["messages"]
        assert message["text"] == "".join(halves)


async def test_a_report_that_is_not_taken_comes_again() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        customer.results = [Result.NODE_BUSY]
        await customer.ask(a_submit())

        first, second = await customer.has_reports(2)

        assert first == second


async def test_what_is_asked_besides_submits_is_answered() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        ((sequence, _),) = await customer.ask(a_submit())
        traced, condition, deliver, report = await customer.ask(
            Trace(octets_of(sequence), PHONE), UserRpt("106900001", PHONE), Deliver(PHONE), Report(bytes(12))
        )

        assert traced[1] == TraceResp((TraceNode(0, b"101000"),))
        assert condition[1] == UserRptResp(Result.MESSAGE_ID_ERROR)
        assert (deliver[1], report[1].result) == (DeliverResp(Result.MESSAGE_ID_ERROR), Result.MESSAGE_ID_ERROR)
        (login,) = (await simulator.get("/stats"))["carriers"][0]["logins"]
        assert login["counts"]["submits"] == 1
        assert text_of(sequence).startswith("3075512345 1122140126 ")


async def test_a_submit_over_the_gateways_own_connection_is_refused() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        await customer.until(lambda: len(customer.binds) == 1)
        (reverse,) = customer.listener.links
        submit = a_submit()

        reverse.send(submit, id(submit))
        await customer.until(lambda: id(submit) in customer.responses)

        assert customer.responses[id(submit)][1].result == Result.LOGIN_TYPE_ERROR
        assert isinstance(submit, Submit)


async def test_a_phone_answers_over_the_gateways_own_connection() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        await customer.ask(a_submit("reply TD to leave"))
        await customer.has_reports(1)

        for text in ("TD", "退订", "鸿" * 71):
            response = await simulator.http.post(f"/phones/{ANNA}/replies", json={"text": text})
            assert response.status_code == 201, response.text
        await customer.until(lambda: len(customer.replies) == 4)

        plain, chinese, *parts = customer.replies
        assert (plain.user_number, plain.sp_number) == (PHONE, "106900001")
        assert (plain.message_coding, plain.message_content, plain.tp_udhi) == (0, b"TD", 0)
        assert (chinese.message_coding, chinese.message_content) == (8, "退订".encode("utf-16-be"))
        assert [part.message_content[4:6] for part in parts] == [b"\x02\x01", b"\x02\x02"]
        assert {link is customer.link for link, _ in customer.heard} == {False}


async def test_a_reply_that_nobody_listens_for_waits() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        await customer.ask(a_submit())
        await customer.has_reports(1)
        customer.gateway_password = "changed"
        for link in list(customer.listener.links):
            link.abort()
        await customer.until(lambda: len(customer.binds) >= 2)
        await simulator.http.post(f"/phones/{ANNA}/replies", json={"text": "TD"})

        customer.gateway_password = "secret"
        await customer.until(lambda: len(customer.replies) == 1)

        assert customer.replies[0].message_content == b"TD"


async def test_a_text_for_a_phone_that_is_off_expires_when_it_says_so() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        response = await simulator.http.put(f"/phones/{ANNA}/state", json={"state": "off"})
        assert response.status_code == 200, response.text
        await customer.ask(a_submit(expire_time="000000000001000R"))

        (report,) = await customer.has_reports(1)

        assert (report.state, report.error_code) == (2, Result.USER_UNREACHABLE)


async def test_an_empty_number_and_a_full_phone_have_their_own_error_numbers() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        for number, state in ((ANNA, "empty"), ("13000138001", "full")):
            response = await simulator.http.put(f"/phones/{number}/state", json={"state": state})
            assert response.status_code == 200, response.text
        await customer.ask(a_submit("nobody"), a_submit("no room", "8613000138001", expire_time="000000000001000R"))

        reports = await customer.has_reports(2)

        assert {(report.user_number, report.state, report.error_code) for report in reports} == {
            (PHONE, 2, Result.UNKNOWN_USER),
            ("8613000138001", 2, Result.PHONE_MEMORY_FULL),
        }
