"""The simulated SMGW against a real link: logins in each mode, submits, reports, replies and queries."""

import asyncio
from typing import Any

import pytest

from hongyan.simulator.config import LoginConfig, SmgpSettings
from hongyan.wire.smgp.msg_id import split
from hongyan.wire.smgp.pdus import NO_MSG_ID, Query, QueryResp
from hongyan.wire.smgp.session import LoginMode
from hongyan.wire.smgp.statuses import Code
from hongyan.wire.smgp.tlvs import SmgpTlvs

from .peers import LOGIN, PASSWORD, PATIENCE_SECONDS, Simulator
from .peers_smgp import ANNA, SmgpCustomer, a_gateway, a_gateway_and_a_customer, a_submit, submits_of_parts


async def test_a_text_is_answered_delivered_and_reported() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        (response,) = await customer.ask(a_submit("【鸿雁】您的验证码是482913"))
        (report,) = await customer.has_reports(1)

        assert response.status == 0
        parts = split(response.msg_id)
        assert parts is not None
        assert parts.gateway == 10601
        assert report.msg_id == response.msg_id != customer.delivers[0].msg_id
        assert (report.stat, report.err, report.sub, report.dlvrd) == ("DELIVRD", "000", "001", "001")
        (deliver,) = customer.delivers
        assert (len(deliver.msg_content), len(deliver.recv_time), len(report.done_date)) == (122, 14, 10)
        assert (deliver.src_term_id, deliver.dest_term_id) == (ANNA, "106900001")
        assert report.text == b"032" + "【鸿雁】您的验证".encode("utf-16-be") + b"\x78"  # 17 octets
        assert await simulator.texts(ANNA) == ["【鸿雁】您的验证码是482913"]


@pytest.mark.parametrize("msg_format,charset", [(0, "ascii"), (8, "utf-16-be"), (15, "gbk")])
async def test_a_text_is_shown_in_the_coding_that_it_came_in(msg_format: int, charset: str) -> None:
    text = "code 482913" if msg_format == 0 else "验证码482913"
    async with a_gateway_and_a_customer() as (simulator, customer):
        await customer.ask(a_submit(msg_format=msg_format, msg_content=text.encode(charset)))
        await customer.has_reports(1)

        assert await simulator.texts(ANNA) == [text]


async def test_a_long_text_is_put_together_and_each_part_has_its_report() -> None:
    text = "长短信" * 50
    async with a_gateway_and_a_customer() as (simulator, customer):
        responses = await customer.ask(*reversed(submits_of_parts(text)))
        reports = await customer.has_reports(3)

        assert {report.msg_id for report in reports} == {response.msg_id for response in responses}
        assert await simulator.texts(ANNA) == [text]


async def test_without_tp_udhi_a_header_is_text() -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        await customer.ask(a_submit(msg_content=bytes.fromhex("0500032a0201") + "A".encode("utf-16-be")))
        await customer.has_reports(1)

        (shown,) = await simulator.texts(ANNA)
        assert shown.endswith("A")
        assert len(shown) == 4


@pytest.mark.parametrize(
    "config,trouble",
    [
        ({"password": "wrong"}, "status 21"),
        ({"login": "999999"}, "status 21"),
        ({"login_mode": 3}, "status 21"),
    ],
)
async def test_who_is_not_known_is_not_let_in(config: dict[str, Any], trouble: str) -> None:
    async with a_gateway() as simulator:
        await is_refused(simulator, trouble, **config)
        assert (await simulator.login())["links"] == []


async def test_a_mode_that_the_carrier_does_not_give_is_refused() -> None:
    async with a_gateway(smgp=SmgpSettings(login_modes=("both",))) as simulator:
        await is_refused(simulator, "status 21", login_mode=LoginMode.SEND)


async def test_a_login_has_no_more_links_than_it_may() -> None:
    logins = (LoginConfig(login=LOGIN, password=PASSWORD, links_max=1),)
    async with a_gateway_and_a_customer(logins=logins) as (simulator, _):
        await is_refused(simulator, "status 2: too many connections")


async def test_what_is_sent_over_one_login_is_reported_over_the_other() -> None:
    async with (
        a_gateway() as simulator,
        SmgpCustomer(simulator.port, login_mode=LoginMode.SEND).connected() as sender,
        SmgpCustomer(simulator.port, login_mode=LoginMode.RECEIVE).connected() as receiver,
    ):
        (response,) = await sender.ask(a_submit())
        (report,) = await receiver.has_reports(1)

        assert report.msg_id == response.msg_id
        assert sender.delivers == []
        links = (await simulator.login())["links"]
        assert [(link["sends"], link["receives"]) for link in links] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    "changes,status",
    [
        ({"msg_type": 0}, Code.MSG_TYPE_ERROR),
        ({"priority": 4}, Code.PRIORITY_ERROR),
        ({"msg_format": 9}, Code.MSG_FORMAT_ERROR),
        ({"msg_content": bytes(142)}, Code.MSG_LENGTH_ERROR),
        ({"msg_format": 0, "msg_content": b"x" * 141}, Code.MSG_LENGTH_ERROR),
        ({"dest_term_id": ()}, Code.DEST_TERM_ID_ERROR),
        ({"dest_term_id": (ANNA,) * 101}, Code.DEST_TERM_ID_ERROR),
        ({"dest_term_id": ("1330013800x",)}, Code.DEST_TERM_ID_ERROR),
        ({"dest_term_id": ("13300139002",)}, Code.DEST_TERM_ID_ERROR),
        ({"tlvs": SmgpTlvs(msg_src="999999")}, Code.SP_ID_ERROR),
        ({"dest_term_id": ("13300139007",)}, Code.BUSY),
    ],
)
async def test_a_submit_that_is_wrong_is_refused_by_the_number_for_it(changes: dict[str, Any], status: int) -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        wrong, right = await customer.ask(a_submit("wrong", **changes), a_submit("right"))
        await customer.has_reports(1)

        assert (wrong.status, wrong.msg_id, right.status) == (status, NO_MSG_ID, 0)
        assert await simulator.texts(ANNA) == ["right"]


@pytest.mark.parametrize(
    "state,stat,err", [("off", "EXPIRED", "001"), ("full", "EXPIRED", "007"), ("empty", "UNDELIV", "004")]
)
async def test_a_phone_that_cannot_be_reached_is_reported_with_its_reason(state: str, stat: str, err: str) -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        response = await simulator.http.put(f"/phones/{ANNA}/state", json={"state": state})
        assert response.is_success, response.text
        await customer.ask(a_submit(valid_time="000000000001000R"))
        (report,) = await customer.has_reports(1)

        assert (report.stat, report.err, report.dlvrd) == (stat, err, "000")


async def test_a_report_may_overtake_its_response() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        (response,) = await customer.ask(a_submit(number="13300139004"))
        (report,) = await customer.has_reports(1)

        assert customer.heard == ["report", "response"]
        assert report.msg_id == response.msg_id


async def test_each_of_several_numbers_has_an_id_and_a_report_of_its_own() -> None:
    numbers = ("13300138001", "13300138002", "13300138003")
    async with a_gateway_and_a_customer() as (_, customer):
        (response,) = await customer.ask(a_submit(dest_term_id=numbers))
        reports = await customer.has_reports(3)

        first = int(response.msg_id.hex())
        assert sorted(int(report.msg_id.hex()) for report in reports) == [first, first + 1, first + 2]


async def test_a_refused_report_is_sent_again() -> None:
    async with a_gateway_and_a_customer(report_retry_seconds=0.01) as (_, customer):
        customer.statuses = [Code.BUSY]
        await customer.ask(a_submit())
        first, second = await customer.has_reports(2)

        assert first.msg_id == second.msg_id


async def test_a_text_that_asks_for_no_report_gets_none() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        await customer.ask(a_submit("silent", need_report=0), a_submit("loud"))
        await customer.has_reports(1)

        assert len(customer.delivers) == 1


@pytest.mark.parametrize(
    "text,msg_format,parts", [("TD", 0, 1), ("退订", 8, 1), ("长回复" * 40, 8, 2), ("a" * 141, 0, 2)]
)
async def test_a_phone_replies(text: str, msg_format: int, parts: int) -> None:
    async with a_gateway_and_a_customer() as (simulator, customer):
        await customer.ask(a_submit())
        await customer.has_reports(1)
        answer = await simulator.http.post(f"/phones/{ANNA}/replies", json={"text": text, "to": "106900001"})
        assert answer.is_success, answer.text
        await customer.until(lambda: len(customer.replies) == parts)

        headers = [reply.msg_content[:6] if parts > 1 else b"" for reply in customer.replies]
        content = b"".join(
            reply.msg_content[len(header) :] for reply, header in zip(customer.replies, headers, strict=True)
        )
        assert content.decode("ascii" if msg_format == 0 else "utf-16-be") == text
        assert {reply.msg_format for reply in customer.replies} == {msg_format}
        assert {reply.tlvs.tp_udhi for reply in customer.replies} == {1 if parts > 1 else None}
        assert {(reply.src_term_id, reply.dest_term_id) for reply in customer.replies} == {(ANNA, "106900001")}


async def test_a_query_is_answered_with_the_texts_of_the_login() -> None:
    async with a_gateway_and_a_customer() as (_, customer):
        await customer.ask(a_submit(), a_submit("again"))
        (response,) = await customer.ask(Query("20261122", 0, ""))

        assert response == QueryResp("20261122", mt_tlmsg=2, mt_tlusr=2, mt_scs=2)


async def is_refused(simulator: Simulator, trouble: str, **config: Any) -> None:
    """Try to bind and be told so."""
    customer = SmgpCustomer(simulator.port, **config)
    async with asyncio.TaskGroup() as group:
        group.create_task(customer.link.run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while trouble not in customer.link.trouble:
                await asyncio.sleep(0.01)
        await customer.link.stop(0)
