"""The simulated SMSC against a real link: binds in each mode, submits, receipts, replies and queries."""

import asyncio
from typing import Any

import pytest

from hongyan.simulator.behaviour import Span
from hongyan.simulator.config import LoginConfig, SmppSettings
from hongyan.wire.smpp.destinations import Address, DistributionList, Unsuccessful
from hongyan.wire.smpp.pdus import (
    CancelSm,
    CancelSmResp,
    DataSm,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitMulti,
    SubmitSmResp,
)
from hongyan.wire.smpp.session import BindMode
from hongyan.wire.smpp.statuses import CommandStatus
from hongyan.wire.smpp.tlvs import NO_MESSAGE_TLVS, MessageTlvs

from .peers import LOGIN, PASSWORD, PATIENCE_SECONDS, Simulator
from .peers_smpp import ANNA, SENDER, SmppCustomer, a_centre, a_centre_and_a_customer, a_submit

SLOW = Span(min_seconds=3600, max_seconds=3600)


async def test_a_text_is_answered_delivered_and_reported() -> None:
    async with a_centre_and_a_customer() as (simulator, customer):
        (response,) = await customer.ask(a_submit("【鸿雁】您的验证码是482913"))
        (receipt,) = await customer.has_receipts(1)

        assert response.command_status == 0
        assert receipt.message_id == response.message_id
        assert (receipt.stat, receipt.err, receipt.sub, receipt.dlvrd) == ("DELIVRD", "000", "001", "001")
        (deliver,) = customer.delivers
        assert (deliver.esm_class, deliver.source_addr, deliver.destination_addr) == (4, ANNA, SENDER)
        assert deliver.tlvs == MessageTlvs(receipted_message_id=response.message_id, message_state=2)
        assert await simulator.texts(ANNA) == ["【鸿雁】您的验证码是482913"]


@pytest.mark.parametrize(
    "settings,coding,content,text",
    [
        ({}, 0, b"\0\x1be{", "@€ä"),
        ({"default_alphabet": "latin1"}, 0, b"@\xe9", "@é"),
        ({"default_alphabet": "ascii"}, 0, b"@", "@"),
        ({}, 1, b"@", "@"),
        ({}, 3, b"\xe9", "é"),
        ({}, 8, "鸿雁".encode("utf-16-be"), "鸿雁"),
        ({}, 15, "鸿雁".encode("gbk"), "鸿雁"),
        ({}, 0xF0, b"\0", "@"),
    ],
)
async def test_a_text_is_shown_in_the_coding_that_it_came_in(
    settings: dict[str, Any], coding: int, content: bytes, text: str
) -> None:
    async with a_centre_and_a_customer(smpp=SmppSettings(**settings)) as (simulator, customer):
        await customer.ask(a_submit(data_coding=coding, short_message=content))
        await customer.has_receipts(1)

        assert await simulator.texts(ANNA) == [text]


async def test_a_word_may_be_the_sender_where_its_type_says_so() -> None:
    async with a_centre_and_a_customer() as (_, customer):
        (response,) = await customer.ask(a_submit(source_addr="HONGYAN", source_addr_ton=5))
        await customer.has_receipts(1)

        (deliver,) = customer.delivers
        assert response.command_status == 0
        assert (deliver.destination_addr, deliver.dest_addr_ton) == ("HONGYAN", 5)


@pytest.mark.parametrize("method", ["udh8", "udh16", "sar"])
async def test_a_long_text_is_put_together_and_each_part_has_its_receipt(method: str) -> None:
    async with a_centre_and_a_customer() as (simulator, customer):
        responses = await customer.ask(*reversed(submits_of_parts(method, "长短信" * 50)))
        receipts = await customer.has_receipts(3)

        assert {receipt.message_id for receipt in receipts} == {response.message_id for response in responses}
        assert await simulator.texts(ANNA) == ["长短信" * 50]


async def test_a_payload_of_many_parts_is_one_text() -> None:
    text = "长短信" * 3000
    async with a_centre_and_a_customer() as (simulator, customer):
        tlvs = MessageTlvs(message_payload=text.encode("utf-16-be"))
        await customer.ask(a_submit(short_message=b"", tlvs=tlvs))
        await customer.has_receipts(1)

        assert await simulator.texts(ANNA) == [text]


async def test_a_data_sm_is_a_submit() -> None:
    tlvs = MessageTlvs(message_payload="数据".encode("utf-16-be"), qos_time_to_live=60)
    data = DataSm(source_addr=SENDER, destination_addr=ANNA, registered_delivery=1, data_coding=8, tlvs=tlvs)
    async with a_centre_and_a_customer() as (simulator, customer):
        (response,) = await customer.ask(data)
        (receipt,) = await customer.has_receipts(1)

        assert receipt.message_id == response.message_id
        assert await simulator.texts(ANNA) == ["数据"]


async def test_a_submit_to_many_reaches_those_it_can_and_names_the_others() -> None:
    numbers = ("8613800138001", "8613800138002")
    submit = SubmitMulti(
        source_addr=SENDER,
        dest_address=(Address(numbers[0]), DistributionList("friends"), Address("x", 1, 1), Address(numbers[1])),
        registered_delivery=1,
        short_message=b"hello",
    )
    async with a_centre_and_a_customer() as (simulator, customer):
        (response,) = await customer.ask(submit)
        receipts = await customer.has_receipts(2)

        assert response.unsuccess_sme == (
            Unsuccessful("friends", CommandStatus.INVALID_LIST_NAME),
            Unsuccessful("x", CommandStatus.INVALID_DESTINATION_ADDRESS, 1, 1),
        )
        assert {receipt.message_id for receipt in receipts} == {response.message_id}
        assert {deliver.source_addr for deliver in customer.delivers} == set(numbers)
        assert await simulator.texts(numbers[1]) == ["hello"]


@pytest.mark.parametrize(
    "config,trouble",
    [({"password": "wrong"}, "status 14"), ({"system_id": "999999"}, "status 15")],
)
@pytest.mark.parametrize("mode", BindMode, ids=lambda mode: mode.name.lower())
async def test_who_is_not_known_is_not_let_in(config: dict[str, Any], trouble: str, mode: BindMode) -> None:
    async with a_centre() as simulator:
        await is_refused(simulator, trouble, bind=mode, **config)
        assert (await simulator.login())["links"] == []


async def test_a_login_has_no_more_links_than_it_may() -> None:
    logins = (LoginConfig(login=LOGIN, password=PASSWORD, links_max=1),)
    async with a_centre_and_a_customer(logins=logins) as (simulator, _):
        await is_refused(simulator, "status 13: bind failed")


async def test_what_a_transmitter_sends_is_reported_to_the_receiver() -> None:
    async with (
        a_centre() as simulator,
        SmppCustomer(simulator.port, bind=BindMode.TRANSMITTER).connected() as sender,
        SmppCustomer(simulator.port, bind=BindMode.RECEIVER).connected() as receiver,
    ):
        (response,) = await sender.ask(a_submit())
        (receipt,) = await receiver.has_receipts(1)

        assert receipt.message_id == response.message_id
        assert sender.delivers == []
        links = (await simulator.login())["links"]
        assert [(link["sends"], link["receives"], link["version"]) for link in links] == [
            (True, False, "3.4"),
            (False, True, "3.4"),
        ]


@pytest.mark.parametrize(
    "changes,status",
    [
        ({"registered_delivery": 3}, CommandStatus.INVALID_REGISTERED_DELIVERY),
        ({"priority_flag": 4}, CommandStatus.INVALID_PRIORITY_FLAG),
        ({"schedule_delivery_time": "000000010000000R"}, CommandStatus.INVALID_SCHEDULE),
        ({"validity_period": "tomorrow"}, CommandStatus.INVALID_EXPIRY),
        ({"replace_if_present_flag": 1}, CommandStatus.INVALID_REPLACE_REQUEST),
        ({"replace_if_present_flag": 2}, CommandStatus.INVALID_REPLACE_FLAG),
        ({"sm_default_msg_id": 1}, CommandStatus.INVALID_DEFAULT_MESSAGE_ID),
        ({"short_message": bytes(142)}, CommandStatus.INVALID_MESSAGE_LENGTH),
        ({"data_coding": 0, "short_message": b"x" * 161}, CommandStatus.INVALID_MESSAGE_LENGTH),
        ({"tlvs": MessageTlvs(message_payload=b"\0x")}, CommandStatus.INVALID_MESSAGE_LENGTH),
        (
            {"esm_class": 0x40, "tlvs": MessageTlvs(sar_msg_ref_num=1)},
            CommandStatus.OPTIONAL_PARAMETER_NOT_ALLOWED,
        ),
        ({"source_addr": "HONGYAN"}, CommandStatus.INVALID_SOURCE_ADDRESS),
        ({"esm_class": 0x02}, CommandStatus.INVALID_ESM_CLASS),
        ({"esm_class": 0x08}, CommandStatus.INVALID_ESM_CLASS),
        ({"esm_class": 0x40, "short_message": bytes.fromhex("050003")}, CommandStatus.INVALID_ESM_CLASS),
        ({"data_coding": 0x77}, CommandStatus.SUBMIT_FAILED),
        ({"destination_addr": ""}, CommandStatus.INVALID_DESTINATION_ADDRESS),
        ({"destination_addr": "1380013800x"}, CommandStatus.INVALID_DESTINATION_ADDRESS),
        ({"destination_addr": "8613800139002"}, CommandStatus.INVALID_DESTINATION_ADDRESS),
        ({"destination_addr": "8613800139007"}, CommandStatus.THROTTLED),
    ],
)
async def test_a_submit_that_is_wrong_is_refused_by_the_number_for_it(changes: dict[str, Any], status: int) -> None:
    async with a_centre_and_a_customer() as (simulator, customer):
        wrong, right = await customer.ask(a_submit("wrong", **changes), a_submit("right"))
        await customer.has_receipts(1)

        assert wrong == SubmitSmResp(status)
        assert right.command_status == 0
        assert await simulator.texts(ANNA) == ["right"]


async def test_a_submit_to_nobody_and_a_data_sm_without_content_are_refused() -> None:
    async with a_centre_and_a_customer() as (_, customer):
        many, data = await customer.ask(SubmitMulti(source_addr=SENDER), DataSm(destination_addr=ANNA))

        assert many.command_status == CommandStatus.INVALID_NUMBER_OF_DESTINATIONS
        assert data.command_status == CommandStatus.EXPECTED_PARAMETER_MISSING


async def test_a_text_that_does_not_arrive_is_reported_with_its_reason() -> None:
    async with a_centre_and_a_customer() as (_, customer):
        await customer.ask(a_submit(number="8613800139001"))
        (receipt,) = await customer.has_receipts(1)

        assert (receipt.stat, receipt.err, receipt.dlvrd) == ("UNDELIV", "006", "000")
        assert customer.delivers[0].tlvs.message_state == 5
        assert customer.delivers[0].tlvs.network_error_code == b"\x03\x00\x06"


async def test_a_receipt_may_overtake_its_response() -> None:
    async with a_centre_and_a_customer() as (_, customer):
        (response,) = await customer.ask(a_submit(number="8613800139004"))
        (receipt,) = await customer.has_receipts(1)

        assert customer.heard == ["report", "response"]
        assert receipt.message_id == response.message_id


@pytest.mark.parametrize("form,has_text,has_tlvs", [("text", True, False), ("tlvs", False, True), ("both", True, True)])
async def test_receipts_come_as_text_as_parameters_or_as_both(form: Any, *, has_text: bool, has_tlvs: bool) -> None:
    async with a_centre_and_a_customer(smpp=SmppSettings(receipts=form)) as (_, customer):
        (response,) = await customer.ask(a_submit(data_coding=1, short_message=b"hello there, how do you do?"))
        (receipt,) = await customer.has_receipts(1)

        (deliver,) = customer.delivers
        assert (receipt.message_id, receipt.stat) == (response.message_id, "DELIVRD")
        assert deliver.short_message.endswith(b"text:hello there, how do ") is has_text
        assert (deliver.tlvs is not NO_MESSAGE_TLVS and deliver.tlvs != NO_MESSAGE_TLVS) is has_tlvs


async def test_a_customer_of_an_older_version_gets_no_parameters() -> None:
    async with (
        a_centre(smpp=SmppSettings(receipts="tlvs")) as simulator,
        SmppCustomer(simulator.port, interface_version=0x33).connected() as customer,
    ):
        await customer.ask(a_submit())
        await customer.has_receipts(1)

        (deliver,) = customer.delivers
        assert deliver.tlvs == NO_MESSAGE_TLVS
        assert deliver.short_message.startswith(b"id:")


@pytest.mark.parametrize(
    "form,response_base,receipt_base",
    [("decimal", 10, 10), ("hex", 16, 16), ("hex_in_responses", 16, 10), ("hex_in_receipts", 10, 16)],
)
async def test_ids_are_written_as_the_settings_have_it(form: Any, response_base: int, receipt_base: int) -> None:
    async with a_centre_and_a_customer(smpp=SmppSettings(ids=form)) as (_, customer):
        (response,) = await customer.ask(a_submit())
        (receipt,) = await customer.has_receipts(1)

        assert int(response.message_id, response_base) == int(receipt.message_id, receipt_base)
        assert (response.message_id == receipt.message_id) is (response_base == receipt_base)


async def test_a_refused_receipt_is_sent_again() -> None:
    async with a_centre_and_a_customer(report_retry_seconds=0.01) as (_, customer):
        customer.statuses = [CommandStatus.RECEIVER_TEMPORARY_ERROR]
        await customer.ask(a_submit())
        first, second = await customer.has_receipts(2)

        assert first.message_id == second.message_id


async def test_only_a_failure_is_reported_to_who_asked_for_that() -> None:
    async with a_centre_and_a_customer() as (_, customer):
        await customer.ask(
            a_submit(registered_delivery=0, number="8613800139001"),
            a_submit(registered_delivery=2),
            a_submit(registered_delivery=2, number="8613800139001"),
            a_submit("last"),
        )
        receipts = await customer.has_receipts(2)

        assert sorted(receipt.stat for receipt in receipts) == ["DELIVRD", "UNDELIV"]


@pytest.mark.parametrize("text,coding,parts", [("TD", 1, 1), ("退订", 8, 1), ("长回复" * 40, 8, 2), ("a" * 161, 1, 2)])
async def test_a_phone_replies(text: str, coding: int, parts: int) -> None:
    async with a_centre_and_a_customer() as (simulator, customer):
        await customer.ask(a_submit())
        await customer.has_receipts(1)
        answer = await simulator.http.post(f"/phones/{ANNA}/replies", json={"text": text, "to": SENDER})
        assert answer.is_success, answer.text
        await customer.until(lambda: len(customer.replies) == parts)

        size = 6 if parts > 1 else 0
        content = b"".join(reply.short_message[size:] for reply in customer.replies)
        assert content.decode("ascii" if coding == 1 else "utf-16-be") == text
        assert {reply.data_coding for reply in customer.replies} == {coding}
        assert {reply.esm_class for reply in customer.replies} == {0x40 if parts > 1 else 0}
        assert {(reply.source_addr, reply.destination_addr) for reply in customer.replies} == {(ANNA, SENDER)}


async def test_a_text_can_be_queried_before_and_after_it_arrives() -> None:
    async with a_centre_and_a_customer() as (simulator, customer):
        await turn(simulator, "off")
        (response,) = await customer.ask(a_submit())
        query = QuerySm(response.message_id, source_addr=SENDER)
        (before,) = await customer.ask(query)
        (failed,) = await customer.ask(a_submit(number="8613800139001"))
        await customer.has_receipts(1)
        (after,) = await customer.ask(QuerySm(failed.message_id, source_addr=SENDER))

        assert before == QuerySmResp(message_id=response.message_id, message_state=1)
        assert (after.message_state, after.error_code, len(after.final_date)) == (5, 6, 16)


async def test_nobody_queries_what_is_not_theirs() -> None:
    async with (
        a_centre_and_a_customer() as (simulator, customer),
        SmppCustomer(simulator.port, system_id="910002", password="other").connected() as stranger,
    ):
        (response,) = await customer.ask(a_submit())
        query = QuerySm(response.message_id, source_addr=SENDER)

        (theirs,) = await stranger.ask(query)
        unknown, elsewhere = await customer.ask(
            QuerySm("4711", source_addr=SENDER), QuerySm(response.message_id, source_addr="1069")
        )

        for answer in (theirs, unknown, elsewhere):
            assert answer.command_status == CommandStatus.INVALID_MESSAGE_ID


async def test_a_text_can_be_withdrawn_until_it_arrives() -> None:
    async with a_centre_and_a_customer() as (simulator, customer):
        (gone,) = await customer.ask(a_submit("gone"))
        await customer.has_receipts(1)
        await turn(simulator, "off")
        (waits,) = await customer.ask(a_submit("waits"))

        answers = await customer.ask(
            CancelSm(message_id=gone.message_id, source_addr=SENDER),
            CancelSm(message_id=waits.message_id, source_addr=SENDER),
            CancelSm(message_id="4711", source_addr=SENDER),
        )
        await turn(simulator, "on")
        _, receipt = await customer.has_receipts(2)

        assert answers == [
            CancelSmResp(CommandStatus.CANCEL_FAILED),
            CancelSmResp(),
            CancelSmResp(CommandStatus.INVALID_MESSAGE_ID),
        ]
        assert (receipt.message_id, receipt.stat) == (waits.message_id, "DELETED")
        assert await simulator.texts(ANNA) == ["gone"]


async def test_all_texts_for_a_phone_can_be_withdrawn_at_once() -> None:
    async with a_centre_and_a_customer(delivery_delay=SLOW) as (_, customer):
        first, second = await customer.ask(a_submit("first"), a_submit("second"))
        (none, both) = await customer.ask(
            CancelSm(source_addr=SENDER, destination_addr="8613900139000"),
            CancelSm(source_addr=SENDER, destination_addr=ANNA),
        )
        again = await customer.ask(*(QuerySm(text.message_id, source_addr=SENDER) for text in (first, second)))

        assert (none.command_status, both.command_status) == (CommandStatus.CANCEL_FAILED, 0)
        assert [answer.message_state for answer in again] == [1, 1]


async def test_a_text_can_be_replaced_until_it_arrives() -> None:
    async with a_centre_and_a_customer() as (simulator, customer):
        await turn(simulator, "off")
        (response,) = await customer.ask(a_submit("old"))
        (replaced,) = await customer.ask(a_replacement(response.message_id))
        await turn(simulator, "on")
        await customer.has_receipts(1)
        late, unknown = await customer.ask(a_replacement(response.message_id), a_replacement("4711"))

        assert (replaced, late) == (ReplaceSmResp(), ReplaceSmResp(CommandStatus.REPLACE_FAILED))
        assert unknown == ReplaceSmResp(CommandStatus.INVALID_MESSAGE_ID)
        assert await simulator.texts(ANNA) == ["new"]


def a_replacement(message_id: str) -> ReplaceSm:
    return ReplaceSm(message_id, source_addr=SENDER, short_message="new".encode("utf-16-be"))


async def turn(simulator: Simulator, state: str) -> None:
    """Turn Anna's phone on or off."""
    answer = await simulator.http.put(f"/phones/{ANNA}/state", json={"state": state})
    assert answer.is_success, answer.text


def submits_of_parts(method: str, text: str) -> list[Any]:
    """Return the submit_sms of a long text of three parts."""
    data = text.encode("utf-16-be")
    bodies = [data[at : at + 132] for at in range(0, len(data), 132)]
    total = len(bodies)
    submits = []
    for number, body in enumerate(bodies, start=1):
        match method:
            case "udh8":
                changes: dict[str, Any] = {
                    "short_message": bytes((5, 0, 3, 7, total, number)) + body,
                    "esm_class": 0x40,
                }
            case "udh16":
                header = bytes((6, 8, 4, 1, 44, total, number))
                changes = {"short_message": header + body, "esm_class": 0x40}
            case _:
                tlvs = MessageTlvs(sar_msg_ref_num=300, sar_total_segments=total, sar_segment_seqnum=number)
                changes = {"short_message": body, "tlvs": tlvs}
        submits.append(a_submit(**changes))
    return submits


async def is_refused(simulator: Simulator, trouble: str, **config: Any) -> None:
    """Try to bind and be told so."""
    customer = SmppCustomer(simulator.port, **config)
    async with asyncio.TaskGroup() as group:
        group.create_task(customer.link.run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while trouble not in customer.link.trouble:
                await asyncio.sleep(0.01)
        await customer.link.stop(0)
