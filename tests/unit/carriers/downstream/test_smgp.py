"""SMGP with us as the gateway: what customers' PDUs say, and what they are answered and pushed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import Struct

from hongyan.carriers.downstream import SERVERS
from hongyan.carriers.downstream.protocol import (
    Accepted,
    BindRefusal,
    Coding,
    Counts,
    CountsAsked,
    CustomerTerms,
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
from hongyan.carriers.downstream.smgp import BIND_STATUSES, RESULTS, SMGP_SERVER
from hongyan.text.headers import Concatenation
from hongyan.wire.session import Limits
from hongyan.wire.smgp.auth import login_request
from hongyan.wire.smgp.pdus import V30, Deliver, DeliverResp, Query, QueryResp, Submit, SubmitResp
from hongyan.wire.smgp.report import Report, decode_report
from hongyan.wire.smgp.statuses import VENDOR_CODES, Code, status_of
from hongyan.wire.smgp.tlvs import SmgpTlvs
from hongyan.wire.statuses import Disposition

TERMS = CustomerTerms("901234", LoginSettings(), V30)
GBK_TERMS = CustomerTerms("901234", LoginSettings(reply_coding="gbk"), V30)
NOW = datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)
PART_ID = 120_460_000_123_456_789
HEADER = bytes.fromhex("0500032a0201")


def a_submit(**changes: Any) -> Submit:
    fields: dict[str, Any] = {
        "src_term_id": "106900001",
        "dest_term_id": ("13300138000",),
        "msg_content": "你好".encode("utf-16-be"),
    }
    return Submit(**{**fields, **changes})


def read(submit: Submit) -> SubmitFacts:
    facts = SMGP_SERVER.read(submit, 7, TERMS)
    assert isinstance(facts, SubmitFacts)
    return facts


def refusal_of(submit: Submit) -> Refusal:
    with pytest.raises(SubmitRefused) as refused:
        SMGP_SERVER.read(submit, 7, TERMS)
    return refused.value.refusal


def a_report(stat: str = "DELIVRD") -> ReportFacts:
    return ReportFacts(
        push_id=77,
        part_id=PART_ID,
        stat=stat,
        source="106900001",
        destination="13300138000",
        reference=None,
        submitted_at=NOW,
        done_at=NOW + timedelta(minutes=1),
    )


def a_reply(content: str) -> ReplyFacts:
    return ReplyFacts(push_id=77, sender="8613300138000", destination="10690000188", content=content, received_at=NOW)


def test_customers_come_in_by_its_family_name() -> None:
    assert SERVERS["smgp"] is SMGP_SERVER
    assert SMGP_SERVER.family == "smgp"


@pytest.mark.parametrize(
    "mode,sends,receives,is_allowed",
    [(0, True, False, True), (1, False, True, True), (2, True, True, True), (3, True, True, False)],
)
def test_a_login_says_who_asks_and_which_way_texts_go(mode: int, sends: bool, receives: bool, is_allowed: bool) -> None:  # noqa: FBT001 - parameters of a test
    facts = SMGP_SERVER.bind(login_request("901234", "secret", login_mode=mode, timestamp=1122215518))

    assert (facts.login, facts.version) == ("901234", V30)
    assert (facts.sends, facts.receives, facts.mode_is_allowed) == (sends, receives, is_allowed)
    assert facts.check("secret")
    assert not facts.check("Secret")


def test_every_reason_has_its_status_and_none_is_ok() -> None:
    assert set(BIND_STATUSES) == set(BindRefusal)
    assert set(RESULTS) == set(Refusal)
    assert Code.OK not in {*BIND_STATUSES.values(), *RESULTS.values()}
    assert all(status_of(code).name != "other" for code in (*BIND_STATUSES.values(), *RESULTS.values()))
    assert SMGP_SERVER.bind_status(BindRefusal.UNAUTHENTIC) == SMGP_SERVER.bind_status(BindRefusal.LOGIN_UNKNOWN) == 21


def test_a_customer_is_asked_to_try_again_only_where_that_helps() -> None:
    again = {refusal for refusal, code in RESULTS.items() if status_of(code).disposition is Disposition.RETRY_LATER}

    assert again == {Refusal.FLOW_EXCEEDED, Refusal.TRY_LATER, Refusal.INTERNAL}


def test_what_the_specification_has_no_number_for_has_one_of_a_vendors() -> None:
    own = {refusal for refusal, code in RESULTS.items() if code in VENDOR_CODES}

    assert own == {
        Refusal.BALANCE_INSUFFICIENT,
        Refusal.ACCOUNT_SUSPENDED,
        Refusal.SIGNATURE_WRONG,
        Refusal.TEXT_UNREGISTERED,
    }


def test_a_submit_reads_as_its_facts() -> None:
    facts = read(a_submit(valid_time="261123215518032+", tlvs=SmgpTlvs(msg_src="901234", pk_total=1, pk_number=1)))

    assert facts == SubmitFacts(
        source="106900001",
        destinations=("13300138000",),
        content="你好".encode("utf-16-be"),
        coding=Coding.UCS2,
        report=ReportWish.ALWAYS,
        valid_until=NOW + timedelta(days=1),
    )


@pytest.mark.parametrize("msg_format,coding", [(0, Coding.ASCII), (8, Coding.UCS2), (15, Coding.GBK), (25, Coding.GBK)])
def test_a_format_says_how_the_text_is_coded(msg_format: int, coding: Coding) -> None:
    assert read(a_submit(msg_format=msg_format)).coding is coding


def test_a_customer_may_want_no_report() -> None:
    assert read(a_submit(need_report=0)).report is ReportWish.NEVER


@pytest.mark.parametrize("pk_number", [None, 0, 1, 2])
def test_a_header_says_which_part_it_is_whatever_pk_number_says(pk_number: int | None) -> None:
    tlvs = SmgpTlvs(tp_udhi=1, pk_total=2, pk_number=pk_number)

    facts = read(a_submit(msg_content=HEADER + b"\x4f\x60", tlvs=tlvs))

    assert facts.concatenation == Concatenation(0x2A, 2, 1)
    assert facts.content == b"\x4f\x60"


def test_without_header_the_parameters_number_the_parts() -> None:
    facts = read(a_submit(tlvs=SmgpTlvs(pk_total=3, pk_number=2)))

    assert facts.concatenation == Concatenation(0, 3, 2)


@pytest.mark.parametrize(
    "tlvs", [SmgpTlvs(), SmgpTlvs(tp_udhi=0, pk_total=1, pk_number=1), SmgpTlvs(pk_total=2, pk_number=0)]
)
def test_a_text_that_is_no_part_stands_alone(tlvs: SmgpTlvs) -> None:
    facts = read(a_submit(msg_content=HEADER + b"\x4f\x60", tlvs=tlvs))

    assert facts.concatenation is None
    assert facts.content == HEADER + b"\x4f\x60"


@pytest.mark.parametrize(
    "changes,refusal",
    [
        ({"msg_type": 0}, Refusal.CLASS_UNSUPPORTED),
        ({"msg_type": 7}, Refusal.CLASS_UNSUPPORTED),
        ({"need_report": 2}, Refusal.CLASS_UNSUPPORTED),
        ({"msg_format": 4}, Refusal.CODING_UNSUPPORTED),
        ({"msg_format": 246}, Refusal.CODING_UNSUPPORTED),
        ({"msg_content": bytes(141)}, Refusal.LENGTH_WRONG),
        ({"dest_term_id": ()}, Refusal.DESTINATIONS_WRONG),
        ({"dest_term_id": ("13300138000",) * 101}, Refusal.DESTINATIONS_WRONG),
        ({"tlvs": SmgpTlvs(msg_src="112233")}, Refusal.SENDER_WRONG),
        ({"tlvs": SmgpTlvs(pk_total=2, pk_number=3)}, Refusal.HEADER_WRONG),
        ({"tlvs": SmgpTlvs(tp_udhi=1), "msg_content": b"\x20\x00"}, Refusal.HEADER_WRONG),
        ({"valid_time": "tomorrow"}, Refusal.VALIDITY_WRONG),
        ({"at_time": "261332215518032+"}, Refusal.SCHEDULE_UNSUPPORTED),
    ],
)
def test_a_submit_that_cannot_be_taken_is_refused_for_its_reason(changes: dict[str, Any], refusal: Refusal) -> None:
    assert refusal_of(a_submit(**changes)) is refusal


def test_a_response_names_the_first_id_in_twenty_digits() -> None:
    response = SMGP_SERVER.accepted(a_submit(), Accepted(PART_ID), TERMS)

    assert response == SubmitResp(bytes.fromhex("00120460000123456789"), 0)


def test_a_refusal_names_no_id() -> None:
    assert SMGP_SERVER.refused(a_submit(), Refusal.TRY_LATER, TERMS) == SubmitResp(bytes(10), 1)


def test_a_query_is_answered_with_counts_or_nought() -> None:
    query = Query("20261122", 1, "SVC01")

    assert SMGP_SERVER.read(query, 7, TERMS) == CountsAsked("20261122")
    assert SMGP_SERVER.counts(query, Counts(messages=9, submitted=1 << 32)) == QueryResp(
        "20261122", 1, "SVC01", mt_tlmsg=9, mt_scs=0
    )
    assert SMGP_SERVER.refused(query, Refusal.TRY_LATER, TERMS) == QueryResp("20261122", 1, "SVC01")


def test_a_report_names_the_submit_and_goes_out_as_the_specification_has_it() -> None:
    deliver = SMGP_SERVER.report(a_report(), TERMS)

    assert (deliver.is_report, deliver.msg_format, deliver.recv_time) == (1, 0, "20261122215618")
    assert (deliver.src_term_id, deliver.dest_term_id) == ("13300138000", "106900001")
    assert deliver.msg_id == bytes.fromhex("00000000000000019712")  # 77 times 256
    assert decode_report(deliver.msg_content, frozenset()) == Report(
        bytes.fromhex("00120460000123456789"), "DELIVRD", "001", "001", "2611222155", "2611222156", "000", b"000"
    )


@pytest.mark.parametrize(
    "stat,err", [("EXPIRED", "001"), ("UNDELIV", "006"), ("REJECTD", "006"), ("MA:0024", "999"), ("UNKNOWN", "999")]
)
def test_a_failure_is_reported_in_its_own_word_and_the_nearest_number(stat: str, err: str) -> None:
    report = decode_report(SMGP_SERVER.report(a_report(stat), TERMS).msg_content)

    assert (report.stat, report.err, report.dlvrd) == (stat, err, "000")


@pytest.mark.parametrize(
    "content,terms,msg_format,octets",
    [
        ("TD", TERMS, 0, b"TD"),
        ("退订", TERMS, 8, b"\x90\x00\x8b\xa2"),
        ("退订", GBK_TERMS, 15, b"\xcd\xcb\xb6\xa9"),
        ("退订🕊", GBK_TERMS, 8, "退订🕊".encode("utf-16-be")),
    ],
)
def test_a_reply_goes_out_in_the_coding_that_the_login_wants(
    content: str, terms: CustomerTerms, msg_format: int, octets: bytes
) -> None:
    (deliver,) = SMGP_SERVER.reply(a_reply(content), terms)

    assert (deliver.is_report, deliver.msg_format, deliver.msg_content) == (0, msg_format, octets)
    assert (deliver.src_term_id, deliver.dest_term_id) == ("13300138000", "10690000188")
    assert (deliver.recv_time, deliver.tlvs) == ("20261122215518", SmgpTlvs())


def test_a_long_reply_goes_out_in_parts_that_say_so_and_differ_in_their_ids() -> None:
    first, second = SMGP_SERVER.reply(a_reply("长" * 71), TERMS)

    assert [part.msg_content[:6].hex() for part in (first, second)] == ["0500034d0201", "0500034d0202"]
    assert first.tlvs == second.tlvs == SmgpTlvs(tp_udhi=1)
    assert first.msg_id != second.msg_id


@pytest.mark.parametrize(
    "status,taken", [(0, Taken.YES), (1, Taken.LATER), (75, Taken.LATER), (10, Taken.NEVER), (200, Taken.NEVER)]
)
def test_what_the_customer_made_of_a_push_decides_whether_it_comes_again(status: int, taken: Taken) -> None:
    assert SMGP_SERVER.taken(DeliverResp(bytes(10), status)) is taken


def test_it_is_the_customer_who_connects() -> None:
    assert not SMGP_SERVER.dials
    with pytest.raises(NotImplementedError):
        SMGP_SERVER.reverse_session(ReverseTerms("localhost", 1, "a", "b", 1), Limits(), lambda _: 0)


def test_a_session_lets_in_version_3_0() -> None:
    session = SMGP_SERVER.session(Limits(), lambda _: 0, 5.0)

    assert session.version == V30
    assert session.deadline() == 15.0
    assert SMGP_SERVER.version_allowed(V30, LoginSettings())


def test_everything_that_is_pushed_can_be_written() -> None:
    pushes: list[Struct] = [
        SMGP_SERVER.report(a_report("REJECTD"), TERMS),
        *SMGP_SERVER.reply(a_reply("a" * 300), TERMS),
    ]

    for push in pushes:
        assert isinstance(push, Deliver)
        assert len(push.msg_content) <= 140
