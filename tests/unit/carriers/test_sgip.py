"""SGIP as dispatch sees it."""

from datetime import UTC, datetime

import pytest
from msgspec import Struct

from hongyan.carriers import PROTOCOLS, limits_of
from hongyan.carriers.protocol import Disposition, Outgoing, ReplyFields, ReportFields, Terms
from hongyan.carriers.settings import ChannelSettings
from hongyan.carriers.sgip import SGIP_12, Sgip, reverse_refusal, stat_of
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.wire.session import Limits
from hongyan.wire.sgip.pdus import (
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
from hongyan.wire.sgip.statuses import Result

NODE = 3075512345
SETTINGS = ChannelSettings(node=NODE)
TERMS = Terms("901234", "10690001", "SVC01", SETTINGS, "1234567890")
EXPIRES_AT = datetime(2026, 11, 22, 13, 55, 18, tzinfo=UTC)
SEQUENCE = NODE << 64 | 1122140126 << 32 | 7
OCTETS = bytes.fromhex("b750981942e27fde00000007")


def terms_with(**settings: object) -> Terms:
    return Terms("901234", "10690001", "SVC01", ChannelSettings(node=NODE, **settings), "1234567890")  # type: ignore[arg-type]


def outgoing(content: str, extension: str = "") -> Outgoing:
    return Outgoing(8613000138000, content, 0x1AB, EXPIRES_AT, extension)


def stamp(now: float) -> int:
    return 1122140126 + int(now)


def test_a_short_chinese_text_is_one_submit_in_ucs2_to_a_number_with_86() -> None:
    (submit,) = SGIP_12.submits(TERMS, outgoing("你好"))

    assert submit == Submit(
        sp_number="10690001",
        charge_number="000000000000000000000",
        user_number=("8613000138000",),
        corp_id="12345",
        service_type="SVC01",
        fee_type=1,
        fee_value="0",
        given_value="0",
        morelateto_mt_flag=2,
        expire_time="261122215518032+",
        report_flag=1,
        message_coding=8,
        message_content=b"\x4f\x60\x59\x7d",
    )


def test_an_ascii_text_goes_as_coding_0_and_160_characters_go_whole() -> None:
    (submit,) = SGIP_12.submits(TERMS, outgoing("x" * 160))

    assert (submit.message_coding, submit.message_content, submit.tp_udhi) == (0, b"x" * 160, 0)
    assert len(SGIP_12.submits(TERMS, outgoing("x" * 161))) == 2


def test_a_long_text_is_cut_with_headers_that_share_a_reference() -> None:
    submits = SGIP_12.submits(TERMS, outgoing("鸿" * 71))

    assert [submit.message_content[:6].hex() for submit in submits] == ["050003ab0201", "050003ab0202"]
    assert [submit.tp_udhi for submit in submits] == [1, 1]
    assert b"".join(submit.message_content[6:] for submit in submits).decode("utf-16-be") == "鸿" * 71


def test_a_long_text_may_have_headers_with_a_wide_reference() -> None:
    submits = SGIP_12.submits(terms_with(long_text="udh16"), outgoing("鸿" * 71))

    assert [submit.message_content[:7].hex() for submit in submits] == ["06080401ab0201", "06080401ab0202"]


def test_chinese_may_go_in_gbk_and_what_gbk_lacks_in_ucs2() -> None:
    terms = terms_with(text_coding="gbk")

    (chinese,) = SGIP_12.submits(terms, outgoing("你好"))
    (emoji,) = SGIP_12.submits(terms, outgoing("😀"))

    assert (chinese.message_coding, chinese.message_content) == (15, b"\xc4\xe3\xba\xc3")
    assert (emoji.message_coding, emoji.message_content) == (8, b"\xd8\x3d\xde\x00")


def test_an_extension_stands_behind_the_source_number_as_far_as_there_is_room() -> None:
    assert SGIP_12.submits(TERMS, outgoing("x", "88"))[0].sp_number == "1069000188"
    assert SGIP_12.submits(terms_with(extension_digits_max=1), outgoing("x", "88"))[0].sp_number == "106900018"
    assert len(SGIP_12.submits(TERMS, outgoing("x", "8" * 20))[0].sp_number) == 21


def test_company_and_fees_are_as_agreed() -> None:
    terms = terms_with(corp_id="54321", fee_type="2", fee_code="10", fee_terminal_id="8613000138000")

    (submit,) = SGIP_12.submits(terms, outgoing("x"))

    assert (submit.corp_id, submit.fee_type, submit.fee_value) == ("54321", 2, "10")
    assert submit.charge_number == "8613000138000"


def test_a_taken_submits_sequence_number_is_the_messages_id() -> None:
    verdict = SGIP_12.judge(SEQUENCE, SubmitResp(0))

    assert verdict.disposition is Disposition.TAKEN
    assert verdict.carrier_message_id == "3075512345 1122140126 7"


@pytest.mark.parametrize("result", [11, 33, 88])
def test_a_busy_gateway_gets_the_same_later_and_less_of_it(result: int) -> None:
    verdict = SGIP_12.judge(SEQUENCE, SubmitResp(result))

    assert (verdict.disposition, verdict.result, verdict.slows_down) == (Disposition.LATER, result, True)
    assert verdict.carrier_message_id is None


def test_any_other_refusal_is_final_and_said_in_chinese() -> None:
    verdict = SGIP_12.judge(SEQUENCE, SubmitResp(6))

    assert (verdict.disposition, verdict.meaning, verdict.slows_down) == (
        Disposition.REFUSED,
        "非法手机号码，或号码前未加86",
        False,
    )
    assert SGIP_12.status(6).chinese == verdict.meaning


@pytest.mark.parametrize(
    "state,error_code,stat",
    [
        (0, 0, "DELIVRD"),
        (0, 25, "DELIVRD"),
        (1, 0, "ENROUTE"),
        (2, 0, "UNDELIV"),
        (2, 25, "SG:0025"),
        (2, 255, "SG:0255"),
        (3, 0, "UNDELIV"),
        (9, 7, "SG:0007"),
    ],
)
def test_a_state_and_an_error_number_become_seven_characters(state: int, error_code: int, stat: str) -> None:
    assert stat_of(state, error_code) == stat
    assert len(stat) == 7


@pytest.mark.parametrize("written", ["8613000138000", "13000138000", "+8613000138000"])
def test_a_report_names_the_submit_by_its_sequence_number(written: str) -> None:
    report = Report(OCTETS, 0, written, 2, 26)

    assert SGIP_12.read(report, TERMS) == ReportFields("3075512345 1122140126 7", "SG:0026", 8613000138000)
    assert SGIP_12.acknowledgement(report) == ReportResp()


def test_a_reply_brings_number_text_and_coding() -> None:
    deliver = Deliver("8613000138000", "1069000188", message_coding=15, message_content="退订".encode("gbk"))

    assert SGIP_12.read(deliver, TERMS) == ReplyFields(
        from_number=8613000138000,
        destination="1069000188",
        content=b"\xcd\xcb\xb6\xa9",
        alphabet=Alphabet.GBK,
    )
    assert SGIP_12.acknowledgement(deliver) == DeliverResp()


def test_a_reply_is_known_again_by_its_sequence_number() -> None:
    reply = SGIP_12.read(Deliver("8613000138000", "10690001", message_content=b""), TERMS, SEQUENCE)

    assert isinstance(reply, ReplyFields)
    assert reply.carrier_message_id == "3075512345 1122140126 7"


def test_a_part_of_a_long_reply_says_so() -> None:
    deliver = Deliver("13000138000", "10690001", 0, 1, 8, bytes.fromhex("0500032a0201") + "长".encode("utf-16-be"))

    reply = SGIP_12.read(deliver, TERMS)

    assert isinstance(reply, ReplyFields)
    assert reply.concatenation == Concatenation(0x2A, 2, 1)
    assert reply.content == b"\x95\x7f"
    assert reply.from_number == 8613000138000


@pytest.mark.parametrize(
    "request_pdu,answer",
    [
        (Deliver("not a number", "10690001"), DeliverResp()),
        (Report(OCTETS, 1, "8613000138000"), ReportResp()),
        (UserRpt("10690001", "8613000138000", 1), UserRptResp()),
        (Submit(), SubmitResp(7)),
        (Trace(OCTETS), TraceResp((TraceNode(30),))),
    ],
    ids=["DELIVER of nobody", "REPORT on a DELIVER", "USERRPT", "SUBMIT", "TRACE"],
)
def test_what_concerns_no_message_of_ours_is_answered_and_dropped(request_pdu: Struct, answer: Struct) -> None:
    assert SGIP_12.read(request_pdu, TERMS) is None
    assert SGIP_12.acknowledgement(request_pdu) == answer


def test_a_session_logs_in_as_an_sp_under_the_channels_node() -> None:
    session = SGIP_12.session(TERMS, Limits(), stamp)

    session.bind(0, 0.0)

    frame = session.data_to_send()
    assert frame[8:16].hex() == "b750981942e27fde"
    assert frame[20:] == b"\x01" + b"901234".ljust(16, b"\0") + b"1234567890".ljust(16, b"\0") + bytes(8)


def test_two_links_of_a_channel_never_give_the_same_number() -> None:
    protocol = Sgip()
    counters = []
    for _ in range(3):
        session = protocol.session(TERMS, Limits(), stamp)
        session.bind(0, 0.0)
        counters.append(int.from_bytes(session.data_to_send()[16:20], "big"))

    assert [(counter - counters[0]) & 0xFFFF_FFFF for counter in counters] == [0, 1, 2]


@pytest.mark.parametrize(
    "bind,settings,refusal",
    [
        (Bind(2, "901234", "1234567890"), {}, None),
        (Bind(2, "901234", "wrong"), {}, Result.ILLEGAL_LOGIN),
        (Bind(2, "901235", "1234567890"), {}, Result.ILLEGAL_LOGIN),
        (Bind(1, "901234", "1234567890"), {}, Result.LOGIN_TYPE_ERROR),
        (Bind(2, "smg", "secret"), {"reverse_login": "smg", "reverse_password": "secret"}, None),
        (Bind(2, "901234", "1234567890"), {"reverse_login": "smg", "reverse_password": "secret"}, Result.ILLEGAL_LOGIN),
    ],
)
def test_a_gateway_is_let_in_by_what_was_agreed_for_its_direction(
    bind: Bind, settings: dict[str, str], refusal: Result | None
) -> None:
    assert reverse_refusal(bind, terms_with(**settings)) is refusal


def test_a_gateway_binds_to_our_listener() -> None:
    session = SGIP_12.reverse_session(NODE, Limits(), stamp, now=0.0)

    session.receive(bytes.fromhex("0000003d000000010001adb042e27fdf00000001") + b"\x02" + bytes(40), 0.0)
    session.accept_bind("", 0.0)

    assert session.data_to_send().hex() == "0000001d800000010001adb042e27fdf00000001" + "00" * 9


def test_channels_find_it_by_its_name() -> None:
    assert PROTOCOLS["sgip12"] is SGIP_12
    assert limits_of("sgip12") == SGIP_12.limits(ChannelSettings())
