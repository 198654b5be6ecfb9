"""The carrier's side: reports of our own server, all the way from a carrier, and what may wait for an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from tests.integration.pipeline.carrier import FakeCarrier, Got, running_carrier, serve
from tests.integration.pipeline.running import running_gateway

from .behaviours import BOTH_SERVERS, Role
from .peers.customer import Customer
from .peers.house import OurServer
from .peers.subjects import Stage
from .proofs import proves
from .speech import ANNA, SOURCE, Speech

WINDOW = 4
REPLIES = 12
OTHER_PHONE = 8613800138001


@asynccontextmanager
async def road(stage: Stage, speech: Speech, **changes: Any) -> AsyncIterator[tuple[OurServer, Customer, FakeCarrier]]:
    """Give our server with a gateway behind it, and a carrier behind that."""
    assert stage.house is not None
    async with running_carrier() as carrier:
        await serve(stage.house.world, carrier)
        async with (
            running_gateway(stage.house.world, stage.house.url),
            stage.served(Role.SERVER, speech, **changes) as (subject, customer),
        ):
            assert isinstance(subject, OurServer)
            yield subject, customer, carrier


def forms_of(speech: Speech) -> list[dict[str, Any]]:
    """Return the settings of a login under which its reports come in each form."""
    match speech.name:
        case "cmpp30":
            return [{"settings": {"report_size": "60"}}, {"settings": {"report_size": "71"}}]
        case "sgip12":
            return [{}, {"same_connection": True}]
        case "smpp34":
            return [{"settings": {"receipt_tlvs": "false"}}, {"settings": {"receipt_tlvs": "true"}}]
        case _:
            return [{}]


@proves("report-forms", role=(Role.SERVER,))
async def test_a_report_names_its_submit_in_every_form_that_a_login_can_have(
    stage: Stage, speech: Speech, role: Role
) -> None:
    for settings in forms_of(speech):
        async with road(stage, speech, **settings) as (subject, customer, carrier):
            carrier.on_submit = partial(report_by_number, carrier)
            _, delivered = await customer.say("1001")
            _, failed = await customer.say("1002", number=OTHER_PHONE)
            await customer.has("receipt", 2)

            by_key = {receipt.key: receipt for receipt in customer.receipts}
            assert (by_key[delivered].stat, by_key[delivered].number) == ("DELIVRD", ANNA)
            assert (by_key[failed].stat, by_key[failed].number) == ("UNDELIV", OTHER_PHONE)
        await subject.forget()


def report_by_number(carrier: FakeCarrier, got: Got) -> None:
    """Deliver to one phone and not to the other."""
    carrier.take(got)
    carrier.report(got, "DELIVRD" if str(ANNA).endswith(got.pdu.dest_terminal_id[0]) else "UNDELIV")


@proves("report-early", role=(Role.SERVER,))
async def test_a_customer_hears_of_a_submit_only_behind_its_answer(stage: Stage, speech: Speech, role: Role) -> None:
    """However early the carrier is: its report overtakes its own answer here."""
    async with road(stage, speech) as (_, customer, carrier):

        def report_first(got: Got) -> None:
            carrier.report(got)
            carrier.take(got)

        carrier.on_submit = report_first
        _, key = await customer.say()
        await customer.has("receipt")

        assert [kind for kind, *_ in customer.notes if kind in {"answer", "receipt"}] == ["answer", "receipt"]
        assert customer.receipts[0].key == key


@proves("report-double", role=(Role.SERVER,))
async def test_what_a_carrier_reports_twice_a_customer_hears_once(stage: Stage, speech: Speech, role: Role) -> None:
    async with road(stage, speech) as (subject, customer, carrier):

        def report_twice(got: Got) -> None:
            carrier.take_and_report(got)
            carrier.report(got)

        carrier.on_submit = report_twice
        _, first = await customer.say("1001")
        await carrier.until(lambda: len(carrier.acknowledged) == 2)
        _, second = await customer.say("1002")
        await customer.has("receipt", 2)
        await subject.nothing_to_push()

        assert {receipt.key for receipt in customer.receipts} == {first, second}
        assert len(customer.receipts) == 2


@proves("report-unknown", role=(Role.SERVER,))
async def test_a_report_that_the_customer_does_not_know_is_not_pushed_again(
    stage: Stage, speech: Speech, role: Role
) -> None:
    async with road(stage, speech) as (subject, customer, carrier):
        carrier.on_submit = carrier.take_and_report
        customer.push_codes = [speech.unknown_id]
        await customer.say("1001")
        await customer.has("receipt")
        await subject.nothing_to_push()
        _, key = await customer.say("1002")
        await customer.has("receipt", 2)

        assert customer.receipts[1].key == key
        assert customer.of("lost") == []


@proves("window", role=BOTH_SERVERS)
async def test_no_more_pushes_are_unanswered_than_the_window_holds(stage: Stage, speech: Speech, role: Role) -> None:
    window: dict[str, Any] = {"window_size": WINDOW} if role is Role.SERVER else {"report_window_size": WINDOW}
    async with stage.served(role, speech, same_connection=True, **window) as (subject, customer):
        customer.answers_pushes = False
        for number in range(REPLIES):
            await subject.reply(ANNA, SOURCE, f"TD{number}")
        await customer.has("reply", WINDOW)
        await asyncio.sleep(0.1)  # time for one too many
        assert len(customer.replies) == WINDOW

        customer.answer_pushes()
        await customer.has("reply", REPLIES)
        assert {text.content for text in customer.replies} == {b"TD%d" % number for number in range(REPLIES)}
