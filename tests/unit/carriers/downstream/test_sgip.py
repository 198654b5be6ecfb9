"""SGIP with us as the gateway: what customers' PDUs say, and what they are answered and pushed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import Struct

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
from hongyan.carriers.downstream.sgip import BIND_STATUSES, RESULTS, SGIP_SERVER, state_of
from hongyan.text.headers import Concatenation
from hongyan.wire.session import Limits
from hongyan.wire.sgip.pdus import (
    V12,
    Bind,
    Deliver,
    DeliverResp,
    Report,
    ReportResp,
    Submit,
    SubmitResp,
    Trace,
    TraceNode,
    TraceResp,
    UserRpt,
    UserRptResp,
)
from hongyan.wire.sgip.statuses import status_of
from hongyan.wire.statuses import Disposition

NODE = 3075512345
SEQUENCE = NODE << 64 | 1122140126 << 32 | 7
OCTETS = bytes.fromhex("b750981942e27fde00000007")
TERMS = CustomerTerms("901234", LoginSettings(), V12)
NOW = datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)


def stamp(now: float) -> int:
    del now
    return 1122215518


def a_submit(**changes: Any) -> Submit:
    fields: dict[str, Any] = {
        "sp_number": "106900001",
        "user_number": ("8613000138000",),
        "message_content": b"\x4f\x60\x59\x7d",
    }
    return Submit(**{**fields, **changes})


def read(**changes: Any) -> SubmitFacts:
    facts = SGIP_SERVER.read(a_submit(**changes), SEQUENCE, TERMS)
    assert isinstance(facts, SubmitFacts)
    return facts


def a_report(stat: str = "DELIVRD") -> ReportFacts:
    return ReportFacts(
        push_id=5,
        part_id=1,
        stat=stat,
        source="106900001",
        destination="8613000138000",
        reference=OCTETS,
        submitted_at=NOW,
        done_at=NOW,
    )


# Binding ------------------------------------------------------------------------------------------------


def test_a_customer_binds_as_an_sp_by_name_and_password() -> None:
    facts = SGIP_SERVER.bind(Bind(1, "901234", "1234567890"))

    assert (facts.login, facts.sends, facts.receives, facts.mode_is_allowed) == ("901234", True, True, True)
    assert facts.check("1234567890")
    assert not facts.check("123456789")
    assert not facts.check("密码")
    assert SGIP_SERVER.version_allowed(facts.version, LoginSettings())


@pytest.mark.parametrize("login_type", [0, 2, 3, 4, 5, 6, 11, 255])
def test_no_customer_binds_as_anything_else(login_type: int) -> None:
    assert not SGIP_SERVER.bind(Bind(login_type, "901234")).mode_is_allowed
    assert SGIP_SERVER.bind_status(BindRefusal.MODE_NOT_ALLOWED) == 4


def test_an_unknown_login_is_told_the_same_as_a_wrong_password() -> None:
    assert SGIP_SERVER.bind_status(BindRefusal.LOGIN_UNKNOWN) == SGIP_SERVER.bind_status(BindRefusal.UNAUTHENTIC) == 1


def test_every_reason_has_its_number_and_none_is_0() -> None:
    assert set(BIND_STATUSES) == set(BindRefusal)
    assert set(RESULTS) == set(Refusal)
    assert all(0 < number < 256 for number in (*BIND_STATUSES.values(), *RESULTS.values()))


def test_what_may_be_tried_again_is_said_by_numbers_that_ask_for_less() -> None:
    later = {refusal for refusal, number in RESULTS.items() if status_of(number).disposition is Disposition.RETRY_LATER}

    assert later == {Refusal.FLOW_EXCEEDED, Refusal.TRY_LATER, Refusal.INTERNAL}


# Submits ------------------------------------------------------------------------------------------------


def test_a_submit_says_what_is_to_be_sent_and_is_known_by_its_sequence_number() -> None:
    assert read() == SubmitFacts(
        source="106900001",
        destinations=("8613000138000",),
        content=b"\x4f\x60\x59\x7d",
        coding=Coding.UCS2,
        report=ReportWish.ALWAYS,
        reference=OCTETS,
    )


@pytest.mark.parametrize("number,coding", [(0, Coding.ASCII), (8, Coding.UCS2), (15, Coding.GBK), (25, Coding.GBK)])
def test_a_coding_is_known_by_its_number(number: int, coding: Coding) -> None:
    assert read(message_coding=number).coding is coding


@pytest.mark.parametrize("flag,wish", [(0, ReportWish.ON_FAILURE), (1, ReportWish.ALWAYS), (2, ReportWish.NEVER)])
def test_a_customer_says_which_reports_it_wants(flag: int, wish: ReportWish) -> None:
    assert read(report_flag=flag).report is wish


@pytest.mark.parametrize(
    "header,part",
    [
        ("0500032a0201", Concatenation(0x2A, 2, 1)),
        ("060804012a0202", Concatenation(0x12A, 2, 2)),
        ("0500032a0101", None),
    ],
)
def test_a_part_of_a_long_text_says_so_in_its_header(header: str, part: Concatenation | None) -> None:
    facts = read(tp_udhi=1, message_content=bytes.fromhex(header) + b"\x4f\x60")

    assert (facts.concatenation, facts.content) == (part, b"\x4f\x60")


def test_times_are_read() -> None:
    facts = read(expire_time="261122215518032+", schedule_time="000000010000000R")

    assert facts.valid_until == NOW
    assert facts.deliver_at == timedelta(hours=1)


@pytest.mark.parametrize(
    "changes,refusal,number",
    [
        ({"user_number": ()}, Refusal.DESTINATIONS_WRONG, 5),
        ({"user_number": ("8613000138000",) * 101}, Refusal.DESTINATIONS_WRONG, 5),
        ({"report_flag": 3}, Refusal.CLASS_UNSUPPORTED, 5),
        ({"message_type": 1}, Refusal.CLASS_UNSUPPORTED, 5),
        ({"message_coding": 4}, Refusal.CODING_UNSUPPORTED, 5),
        ({"message_content": bytes(141)}, Refusal.LENGTH_WRONG, 8),
        ({"message_coding": 0, "message_content": b"x" * 161}, Refusal.LENGTH_WRONG, 8),
        ({"tp_udhi": 1, "message_content": b"\x09\x00"}, Refusal.HEADER_WRONG, 5),
        ({"expire_time": "tomorrow"}, Refusal.VALIDITY_WRONG, 5),
        ({"schedule_time": "later"}, Refusal.SCHEDULE_UNSUPPORTED, 30),
    ],
)
def test_a_submit_that_cannot_be_taken_says_why(changes: dict[str, Any], refusal: Refusal, number: int) -> None:
    with pytest.raises(SubmitRefused) as raised:
        read(**changes)

    assert raised.value.refusal is refusal
    assert SGIP_SERVER.refused(a_submit(), refusal, TERMS) == SubmitResp(number)


def test_a_submit_that_is_taken_is_answered_without_an_id() -> None:
    assert SGIP_SERVER.accepted(a_submit(), Accepted(first_id=77), TERMS) == SubmitResp(0)


@pytest.mark.parametrize(
    "request_pdu,answer",
    [
        (Report(OCTETS, 1), ReportResp()),
        (Deliver(), DeliverResp(7)),
        (UserRpt(), UserRptResp(7)),
        (Trace(OCTETS), TraceResp((TraceNode(30),))),
    ],
    ids=["REPORT", "DELIVER", "USERRPT", "TRACE"],
)
def test_what_is_no_submit_is_answered_at_once(request_pdu: Struct, answer: Struct) -> None:
    assert SGIP_SERVER.read(request_pdu, SEQUENCE, TERMS) == Immediate(answer)


@pytest.mark.parametrize(
    "request_pdu,answer",
    [
        (Submit(), SubmitResp(4)),
        (Report(OCTETS), ReportResp(4)),
        (Deliver(), DeliverResp(4)),
        (UserRpt(), UserRptResp(4)),
        (Trace(OCTETS), TraceResp((TraceNode(4),))),
    ],
    ids=["SUBMIT", "REPORT", "DELIVER", "USERRPT", "TRACE"],
)
def test_whatever_is_asked_where_it_may_not_be_is_refused_by_its_own_response(
    request_pdu: Struct, answer: Struct
) -> None:
    assert SGIP_SERVER.refused(request_pdu, Refusal.NOT_ALLOWED_HERE, TERMS) == answer


def test_there_are_no_counts_to_ask_for() -> None:
    with pytest.raises(NotImplementedError):
        SGIP_SERVER.counts(a_submit(), None)


# Pushes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stat,expected",
    [
        ("DELIVRD", (0, 0)),
        ("ACCEPTD", (1, 0)),
        ("ENROUTE", (1, 0)),
        ("SG:0026", (2, 26)),
        ("SG:0255", (2, 255)),
        ("SG:0256", (2, 21)),
        ("SG:0000", (2, 21)),
        ("EXPIRED", (2, 25)),
        ("UNDELIV", (2, 28)),
        ("REJECTD", (2, 21)),
        ("MA:0024", (2, 21)),
        ("", (2, 21)),
    ],
)
def test_a_stat_becomes_a_state_and_an_error_number(stat: str, expected: tuple[int, int]) -> None:
    assert state_of(stat) == expected


def test_a_report_repeats_sequence_number_and_phone_of_the_submit() -> None:
    assert SGIP_SERVER.report(a_report("SG:0026"), TERMS) == Report(OCTETS, 0, "8613000138000", 2, 26)


def test_a_reply_goes_out_with_86() -> None:
    facts = ReplyFacts(push_id=1, sender="8613000138000", destination="10690000188", content="退订", received_at=NOW)

    assert SGIP_SERVER.reply(facts, TERMS) == [
        Deliver("8613000138000", "10690000188", message_coding=8, message_content=b"\x90\x00\x8b\xa2")
    ]


def test_a_reply_goes_in_gbk_where_the_login_wants_it() -> None:
    terms = CustomerTerms("901234", LoginSettings(reply_coding="gbk"), V12)
    facts = ReplyFacts(push_id=1, sender="8613000138000", destination="10690000188", content="退订", received_at=NOW)

    (deliver,) = SGIP_SERVER.reply(facts, terms)

    assert (deliver.message_coding, deliver.message_content) == (15, b"\xcd\xcb\xb6\xa9")


def test_a_long_reply_goes_in_parts() -> None:
    facts = ReplyFacts(push_id=0x1AB, sender="8613000138000", destination="1069", content="鸿" * 71, received_at=NOW)

    parts = SGIP_SERVER.reply(facts, TERMS)

    assert [part.message_content[:6].hex() for part in parts] == ["050003ab0201", "050003ab0202"]
    assert [part.tp_udhi for part in parts] == [1, 1]


@pytest.mark.parametrize(
    "response,taken",
    [
        (ReportResp(0), Taken.YES),
        (DeliverResp(0), Taken.YES),
        (ReportResp(11), Taken.LATER),
        (DeliverResp(88), Taken.LATER),
        (ReportResp(9), Taken.NEVER),
        (DeliverResp(5), Taken.NEVER),
    ],
)
def test_a_customer_says_whether_it_took_a_push(response: Struct, taken: Taken) -> None:
    assert SGIP_SERVER.taken(response) is taken


# Sessions -----------------------------------------------------------------------------------------------


def test_we_dial_a_customer_as_a_gateway() -> None:
    session = SGIP_SERVER.reverse_session(ReverseTerms("127.0.0.1", 8801, "smg", "secret", 101000), Limits(), stamp)

    session.bind(0, 0.0)

    frame = session.data_to_send()
    assert frame[8:16].hex() == "00018a8842e3a65e"
    assert frame[20:] == b"\x02" + b"smg".ljust(16, b"\0") + b"secret".ljust(16, b"\0") + bytes(8)


def test_what_is_pushed_over_the_customers_connection_bears_its_own_node() -> None:
    session = SGIP_SERVER.session(Limits(), stamp, 0.0)
    session.receive(bytes.fromhex("0000003d00000001b750981942e27fde00000001") + b"\x01" + bytes(40), 0.0)
    session.accept_bind("", 0.0)

    sequence = session.send(SGIP_SERVER.report(a_report(), TERMS), 0.0)

    assert sequence >> 64 == NODE


def test_numbers_are_given_once_over_all_connections() -> None:
    terms = ReverseTerms("127.0.0.1", 8801, "smg", "secret", 101000)
    counters = []
    for _ in range(3):
        session = SGIP_SERVER.reverse_session(terms, Limits(), stamp)
        session.bind(0, 0.0)
        counters.append(int.from_bytes(session.data_to_send()[16:20], "big"))

    assert [(counter - counters[0]) & 0xFFFF_FFFF for counter in counters] == [0, 1, 2]


def test_an_idle_customer_is_said_goodbye_to_after_ten_minutes() -> None:
    session = SGIP_SERVER.session(Limits(), stamp, 0.0)
    session.receive(bytes.fromhex("0000003d00000001b750981942e27fde00000001") + b"\x01" + bytes(40), 5.0)
    session.accept_bind("", 5.0)

    assert session.deadline() == 605.0
