"""SMPP with us as the SMSC: what customers' PDUs say, and what they are answered and pushed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import Struct

from hongyan.carriers.downstream import SERVERS
from hongyan.carriers.downstream.protocol import (
    Accepted,
    BindRefusal,
    Coding,
    CustomerTerms,
    Immediate,
    Refusal,
    ReplyFacts,
    ReportFacts,
    ReportWish,
    ReverseTerms,
    SubmitFacts,
    SubmitRefused,
    Taken,
)
from hongyan.carriers.downstream.settings import LoginSettings
from hongyan.carriers.downstream.smpp import BIND_STATUSES, RESULTS, SMPP_SERVER
from hongyan.text.headers import Concatenation
from hongyan.wire.session import Limits
from hongyan.wire.smpp.destinations import Address, DistributionList, Unsuccessful
from hongyan.wire.smpp.dialect import SMPP
from hongyan.wire.smpp.pdus import (
    V33,
    V34,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
)
from hongyan.wire.smpp.statuses import VENDOR_CODES, CommandStatus, command_status
from hongyan.wire.smpp.tlvs import NO_MESSAGE_TLVS, MessageTlvs
from hongyan.wire.statuses import Disposition

NOW = datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)
PART_ID = 120_460_000_123_456_789
HEADER = bytes.fromhex("0500032a0201")
PHONE = "8613800138000"


def terms(version: int = V34, **settings: Any) -> CustomerTerms:
    return CustomerTerms("901234", LoginSettings(**settings), version)


def a_submit(**changes: Any) -> SubmitSm:
    fields: dict[str, Any] = {
        "source_addr": "106900001",
        "destination_addr": PHONE,
        "registered_delivery": 1,
        "data_coding": 8,
        "short_message": "你好".encode("utf-16-be"),
    }
    return SubmitSm(**{**fields, **changes})


def a_multi(*destinations: Address | DistributionList) -> SubmitMulti:
    return SubmitMulti(source_addr="106900001", dest_address=destinations, short_message=b"hello")


def read(submit: Struct, **settings: Any) -> SubmitFacts:
    facts = SMPP_SERVER.read(submit, 7, terms(**settings))
    assert isinstance(facts, SubmitFacts)
    return facts


def refusal_of(submit: Struct) -> Refusal:
    with pytest.raises(SubmitRefused) as refused:
        SMPP_SERVER.read(submit, 7, terms())
    return refused.value.refusal


def a_report(stat: str = "DELIVRD", **changes: Any) -> ReportFacts:
    fields: dict[str, Any] = {
        "push_id": 77,
        "part_id": PART_ID,
        "stat": stat,
        "source": "106900001",
        "destination": PHONE,
        "reference": None,
        "submitted_at": NOW,
        "done_at": NOW + timedelta(minutes=1),
    }
    return ReportFacts(**{**fields, **changes})


def a_reply(content: str) -> ReplyFacts:
    return ReplyFacts(push_id=77, sender=PHONE, destination="10690000188", content=content, received_at=NOW)


def test_customers_come_in_by_its_family_name() -> None:
    assert SERVERS["smpp"] is SMPP_SERVER
    assert SMPP_SERVER.family == "smpp"


# Binding --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_class,sends,receives",
    [(BindTransmitter, True, False), (BindReceiver, False, True), (BindTransceiver, True, True)],
)
def test_a_bind_says_who_asks_and_which_way_texts_go(request_class: Any, *, sends: bool, receives: bool) -> None:
    facts = SMPP_SERVER.bind(request_class("901234", "pass123", "VMA", V33))

    assert (facts.login, facts.version, facts.system_type) == ("901234", V33, "VMA")
    assert (facts.sends, facts.receives, facts.mode_is_allowed) == (sends, receives, True)
    assert facts.check("pass123")
    assert not facts.check("Pass123")
    assert not facts.check("密码")


def test_every_reason_has_its_status_and_none_is_ok() -> None:
    assert set(BIND_STATUSES) == set(BindRefusal)
    assert set(RESULTS) == set(Refusal)
    assert CommandStatus.OK not in {*BIND_STATUSES.values(), *RESULTS.values()}
    assert all(command_status(code).name != "other" for code in (*BIND_STATUSES.values(), *RESULTS.values()))
    unknown, wrong = BindRefusal.LOGIN_UNKNOWN, BindRefusal.UNAUTHENTIC
    assert SMPP_SERVER.bind_status(unknown) == SMPP_SERVER.bind_status(wrong) == CommandStatus.INVALID_PASSWORD


def test_a_customer_is_asked_to_try_again_only_where_that_helps() -> None:
    again = {
        refusal for refusal, code in RESULTS.items() if command_status(code).disposition is Disposition.RETRY_LATER
    }

    assert again == {Refusal.FLOW_EXCEEDED, Refusal.TRY_LATER, Refusal.INTERNAL}
    assert command_status(RESULTS[Refusal.FLOW_EXCEEDED]).slows_down


def test_what_the_specification_has_no_number_for_has_one_of_a_vendors() -> None:
    own = {refusal for refusal, code in RESULTS.items() if code in VENDOR_CODES}

    assert own == {
        Refusal.BALANCE_INSUFFICIENT,
        Refusal.ACCOUNT_SUSPENDED,
        Refusal.SIGNATURE_WRONG,
        Refusal.TEXT_UNREGISTERED,
        Refusal.DESTINATION_UNROUTABLE,
    }


def test_a_session_takes_payloads_and_any_version() -> None:
    session = SMPP_SERVER.session(Limits(), lambda _: 0, 5.0)

    session.receive(bytes.fromhex("00011000000000040000000000000001"), 5.0)

    assert session.events() == []
    assert session.deadline() == 15.0
    assert SMPP_SERVER.version_allowed(0x00, LoginSettings())


# Submits --------------------------------------------------------------------------------------------


def test_a_submit_reads_as_its_facts() -> None:
    facts = read(a_submit(validity_period="261123215518032+", dest_addr_ton=1, dest_addr_npi=1))

    assert facts == SubmitFacts(
        source="106900001",
        destinations=["+8613800138000"],
        content="你好".encode("utf-16-be"),
        coding=Coding.UCS2,
        report=ReportWish.ALWAYS,
        valid_until=NOW + timedelta(days=1),
    )


@pytest.mark.parametrize(
    "address,ton,written",
    [
        ("12025550123", 1, "+12025550123"),
        ("+12025550123", 1, "+12025550123"),
        ("0012025550123", 1, "0012025550123"),
        ("13800138000", 2, "13800138000"),
        ("8613800138000", 0, "8613800138000"),
        ("", 1, ""),
    ],
)
def test_a_number_is_taken_by_its_type(address: str, ton: int, written: str) -> None:
    assert read(a_submit(destination_addr=address, dest_addr_ton=ton)).destinations == [written]


@pytest.mark.parametrize(
    "coding,settings,expected",
    [
        (0, {}, Coding.GSM7),
        (0, {"default_alphabet": "ascii"}, Coding.ASCII),
        (0, {"default_alphabet": "latin1"}, Coding.LATIN1),
        (1, {}, Coding.ASCII),
        (3, {}, Coding.LATIN1),
        (8, {}, Coding.UCS2),
        (15, {}, Coding.GBK),
        (25, {}, Coding.GBK),
        (0xF0, {"default_alphabet": "ascii"}, Coding.GSM7),
    ],
)
def test_a_number_says_how_the_text_is_coded(coding: int, settings: dict[str, Any], expected: Coding) -> None:
    assert read(a_submit(data_coding=coding, short_message=b"ab"), **settings).coding is expected


@pytest.mark.parametrize(
    "flags,wish",
    [(0, ReportWish.NEVER), (1, ReportWish.ALWAYS), (2, ReportWish.ON_FAILURE), (17, ReportWish.ALWAYS)],
)
def test_a_customer_says_which_reports_it_wants(flags: int, wish: ReportWish) -> None:
    assert read(a_submit(registered_delivery=flags)).report is wish


def test_a_header_says_which_part_it_is() -> None:
    facts = read(a_submit(esm_class=0x43, short_message=HEADER + b"\x4f\x60"))

    assert (facts.concatenation, facts.content) == (Concatenation(0x2A, 2, 1), b"\x4f\x60")


def test_sar_parameters_say_which_part_it_is() -> None:
    tlvs = MessageTlvs(sar_msg_ref_num=300, sar_total_segments=3, sar_segment_seqnum=2)

    assert read(a_submit(tlvs=tlvs)).concatenation == Concatenation(300, 3, 2)


def test_the_only_part_is_a_whole_text() -> None:
    tlvs = MessageTlvs(sar_msg_ref_num=300, sar_total_segments=1, sar_segment_seqnum=1)

    assert read(a_submit(tlvs=tlvs)).concatenation is None


def test_a_payload_is_the_text() -> None:
    text = ("长" * 500).encode("utf-16-be")

    facts = read(a_submit(short_message=b"", tlvs=MessageTlvs(message_payload=text)))

    assert (facts.content, facts.concatenation) == (text, None)


def test_a_data_sm_is_a_submit_that_lives_so_many_seconds() -> None:
    tlvs = MessageTlvs(message_payload=b"\x4f\x60", qos_time_to_live=90)

    facts = read(DataSm(source_addr="106900001", destination_addr=PHONE, data_coding=8, tlvs=tlvs))

    assert (facts.content, facts.valid_until, facts.report) == (b"\x4f\x60", timedelta(seconds=90), ReportWish.NEVER)


@pytest.mark.parametrize(
    "changes,refusal",
    [
        ({"esm_class": 0x02}, Refusal.CLASS_UNSUPPORTED),
        ({"esm_class": 0x08}, Refusal.CLASS_UNSUPPORTED),
        ({"registered_delivery": 3}, Refusal.CLASS_UNSUPPORTED),
        ({"data_coding": 4}, Refusal.CODING_UNSUPPORTED),
        ({"data_coding": 0x77}, Refusal.CODING_UNSUPPORTED),
        ({"data_coding": 0xF4}, Refusal.CODING_UNSUPPORTED),
        ({"short_message": bytes(142)}, Refusal.LENGTH_WRONG),
        ({"data_coding": 0, "short_message": bytes(161)}, Refusal.LENGTH_WRONG),
        ({"tlvs": MessageTlvs(message_payload=b"\0x")}, Refusal.LENGTH_WRONG),
        ({"esm_class": 0x40, "short_message": b"\x20\x00"}, Refusal.HEADER_WRONG),
        ({"esm_class": 0x40, "short_message": HEADER, "tlvs": MessageTlvs(sar_msg_ref_num=1, sar_total_segments=1, sar_segment_seqnum=1)}, Refusal.HEADER_WRONG),
        ({"tlvs": MessageTlvs(sar_msg_ref_num=1)}, Refusal.HEADER_WRONG),
        ({"tlvs": MessageTlvs(sar_msg_ref_num=1, sar_total_segments=2, sar_segment_seqnum=3)}, Refusal.HEADER_WRONG),
        ({"validity_period": "tomorrow"}, Refusal.VALIDITY_WRONG),
        ({"schedule_delivery_time": "261332215518032+"}, Refusal.SCHEDULE_UNSUPPORTED),
    ],
)  # fmt: skip
def test_a_submit_that_cannot_be_taken_is_refused_for_its_reason(changes: dict[str, Any], refusal: Refusal) -> None:
    assert refusal_of(a_submit(**changes)) is refusal


def test_a_submit_to_nobody_is_refused() -> None:
    assert refusal_of(a_multi()) is Refusal.DESTINATIONS_WRONG
    assert refusal_of(a_multi(DistributionList("friends"))) is Refusal.DESTINATIONS_WRONG


@pytest.mark.parametrize(
    "request_pdu,answer",
    [
        (QuerySm("1"), QuerySmResp(CommandStatus.QUERY_FAILED)),
        (CancelSm(message_id="1"), CancelSmResp(CommandStatus.CANCEL_FAILED)),
        (ReplaceSm("1"), ReplaceSmResp(CommandStatus.REPLACE_FAILED)),
    ],
)
def test_what_we_do_not_do_is_refused_at_once(request_pdu: Struct, answer: Struct) -> None:
    assert SMPP_SERVER.read(request_pdu, 7, terms()) == Immediate(answer)


# Answers --------------------------------------------------------------------------------------------


def test_a_response_names_the_id_in_the_login_form() -> None:
    accepted = Accepted(PART_ID)

    assert SMPP_SERVER.accepted(a_submit(), accepted, terms()) == SubmitSmResp(message_id="120460000123456789")
    assert SMPP_SERVER.accepted(DataSm(), accepted, terms(id_form="hex")) == DataSmResp(message_id="1abf5bb5d008d15")


@pytest.mark.parametrize(
    "request_pdu,response_class",
    [
        (a_submit(), SubmitSmResp),
        (a_multi(), SubmitMultiResp),
        (DataSm(), DataSmResp),
        (QuerySm("1"), QuerySmResp),
        (CancelSm(), CancelSmResp),
        (ReplaceSm("1"), ReplaceSmResp),
    ],
)
def test_a_refusal_is_the_requests_own_response(request_pdu: Struct, response_class: Any) -> None:
    assert SMPP_SERVER.refused(request_pdu, Refusal.FLOW_EXCEEDED, terms()) == response_class(CommandStatus.THROTTLED)


def test_a_submit_to_many_names_each_once_and_says_who_was_refused() -> None:
    multi = a_multi(
        Address(PHONE, 1, 1),
        DistributionList("friends"),
        Address("12345", 0, 0),
        Address(PHONE, 1, 1),
        Address("13900139000", 2, 1),
    )

    facts = read(multi)
    response = SMPP_SERVER.accepted(multi, Accepted(PART_ID, {1: Refusal.DESTINATION_WRONG}), terms())

    assert facts.destinations == ["+8613800138000", "12345", "13900139000"]
    assert response == SubmitMultiResp(
        message_id="120460000123456789",
        unsuccess_sme=(
            Unsuccessful("friends", CommandStatus.INVALID_LIST_NAME),
            Unsuccessful("12345", CommandStatus.INVALID_DESTINATION_ADDRESS, 0, 0),
        ),
    )


def test_the_receipts_of_a_submit_to_many_name_the_one_id_of_its_response() -> None:
    facts = read(a_multi(Address(PHONE), Address("12345"), Address("13900139000")))

    ids = [
        SMPP_SERVER.report(
            a_report(part_id=PART_ID + place, destination=destination, reference=facts.reference), terms()
        ).tlvs.receipted_message_id
        for place, destination in enumerate(facts.destinations)
    ]

    assert ids == ["120460000123456789"] * 3


# Pushes ---------------------------------------------------------------------------------------------


def test_a_report_names_the_submit_and_goes_out_as_the_specification_has_it() -> None:
    deliver = SMPP_SERVER.report(a_report(), terms())

    assert deliver == DeliverSm(
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr=PHONE,
        destination_addr="106900001",
        esm_class=4,
        short_message=(
            b"id:120460000123456789 sub:001 dlvrd:001 submit date:2611222155 done date:2611222156 "
            b"stat:DELIVRD err:000 text:"
        ),
        tlvs=MessageTlvs(receipted_message_id="120460000123456789", message_state=2),
    )


@pytest.mark.parametrize(
    "stat,words,state",
    [
        ("EXPIRED", b"stat:EXPIRED err:999 text:", 3),
        ("REJECTD", b"stat:REJECTD err:999 text:", 8),
        ("MA:0024", b"stat:UNDELIV err:024 text:MA:0024", 5),
        ("MK:0001", b"stat:UNDELIV err:001 text:MK:0001", 5),
        ("NOROUTE", b"stat:UNDELIV err:999 text:NOROUTE", 5),
    ],
)
def test_a_failure_is_reported_in_a_word_that_customers_know(stat: str, words: bytes, state: int) -> None:
    deliver = SMPP_SERVER.report(a_report(stat), terms())

    assert b"dlvrd:000" in deliver.short_message
    assert deliver.short_message.endswith(words)
    assert deliver.tlvs.message_state == state


@pytest.mark.parametrize(
    "settings,version", [({"receipt_tlvs": False}, V34), ({}, V33)], ids=["not wanted", "not known"]
)
def test_parameters_stay_away_where_nobody_reads_them(settings: dict[str, Any], version: int) -> None:
    assert SMPP_SERVER.report(a_report(), terms(version, **settings)).tlvs == NO_MESSAGE_TLVS


@pytest.mark.parametrize(
    "settings,written",
    [
        ({"id_form": "hex"}, "1abf5bb5d008d15"),
        ({"receipt_id_form": "hex"}, "1abf5bb5d008d15"),
        ({"id_form": "hex", "receipt_id_form": "decimal"}, "120460000123456789"),
    ],
)
def test_a_receipt_writes_the_id_as_the_login_wants(settings: dict[str, Any], written: str) -> None:
    assert SMPP_SERVER.report(a_report(), terms(**settings)).tlvs.receipted_message_id == written


@pytest.mark.parametrize(
    "form,destination,written,ton",
    [
        ("international", "13800138000", "8613800138000", 1),
        ("international", "+12025550123", "12025550123", 1),
        ("plus", "8613800138000", "+8613800138000", 1),
        ("plus", "0012025550123", "+12025550123", 1),
        ("national", "+8613800138000", "13800138000", 2),
        ("national", "+12025550123", "12025550123", 1),
        ("international", "nobody", "nobody", 0),
    ],
)
def test_a_phone_is_written_as_the_login_wants(form: str, destination: str, written: str, ton: int) -> None:
    deliver = SMPP_SERVER.report(a_report(destination=destination), terms(number_form=form))

    assert (deliver.source_addr, deliver.source_addr_ton) == (written, ton)


@pytest.mark.parametrize(
    "content,settings,coding,octets",
    [
        ("TD@", {}, 0, b"TD\0"),
        ("TD@", {"default_alphabet": "ascii"}, 0, b"TD@"),
        ("TD@", {"default_alphabet": "latin1"}, 0, b"TD@"),
        ("退订", {}, 8, b"\x90\x00\x8b\xa2"),
    ],
)
def test_a_reply_goes_out_in_a_coding_that_the_login_reads(
    content: str, settings: dict[str, Any], coding: int, octets: bytes
) -> None:
    (deliver,) = SMPP_SERVER.reply(a_reply(content), terms(**settings))

    assert (deliver.esm_class, deliver.data_coding, deliver.short_message) == (0, coding, octets)
    assert (deliver.source_addr, deliver.destination_addr) == (PHONE, "10690000188")


def test_a_long_reply_goes_out_in_parts_that_say_so() -> None:
    first, second = SMPP_SERVER.reply(a_reply("长" * 71), terms())

    assert [part.short_message[:6].hex() for part in (first, second)] == ["0500034d0201", "0500034d0202"]
    assert first.esm_class == second.esm_class == 0x40


@pytest.mark.parametrize(
    "response,taken",
    [
        (DeliverSmResp(), Taken.YES),
        (DeliverSmResp(0x64), Taken.LATER),
        (DeliverSmResp(0x58), Taken.LATER),
        (DeliverSmResp(0x08), Taken.LATER),
        (DeliverSmResp(0x65), Taken.NEVER),
        (DeliverSmResp(0x66), Taken.NEVER),
        (GenericNack(0x03), Taken.NEVER),
        (GenericNack(0x00), Taken.NEVER),
        (GenericNack(0x08), Taken.LATER),
    ],
)
def test_what_the_customer_made_of_a_push_decides_whether_it_comes_again(response: Struct, taken: Taken) -> None:
    assert SMPP_SERVER.taken(response) is taken


def test_it_is_the_customer_who_connects_and_asks_for_no_counts() -> None:
    assert not SMPP_SERVER.dials
    with pytest.raises(NotImplementedError):
        SMPP_SERVER.reverse_session(ReverseTerms("localhost", 1, "a", "b", 1), Limits(), lambda _: 0)
    with pytest.raises(NotImplementedError):
        SMPP_SERVER.counts(QuerySm("1"), None)


def test_everything_that_is_pushed_can_be_written() -> None:
    pushes: list[Struct] = [
        SMPP_SERVER.report(a_report("REJECTD", source="1" * 40, destination="1" * 40), terms(number_form="plus")),
        *SMPP_SERVER.reply(a_reply("a" * 300), terms()),
        *SMPP_SERVER.reply(a_reply("长" * 300), terms()),
    ]

    for push in pushes:
        assert SMPP.codec(V34).encode(push, 1)
