"""CMPP with us as the ISMG, PDU by PDU."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from hongyan.carriers.downstream.cmpp import BIND_STATUSES, CMPP_SERVER, RESULTS, written_id
from hongyan.carriers.downstream.ids import PartId, compose
from hongyan.carriers.downstream.protocol import (
    Accepted,
    BindRefusal,
    Coding,
    Counts,
    CountsAsked,
    CustomerTerms,
    Immediate,
    Refusal,
    ReplyFacts,
    ReportFacts,
    ReportWish,
    SubmitFacts,
    SubmitRefused,
    Taken,
)
from hongyan.carriers.downstream.settings import LoginSettings
from hongyan.text.headers import Concatenation
from hongyan.wire.cmpp import pdus
from hongyan.wire.cmpp.auth import connect_request
from hongyan.wire.cmpp.report import decode_report

V20 = CustomerTerms("106001", LoginSettings(), pdus.V20)
V30 = CustomerTerms("106001", LoginSettings(), pdus.V30)
SUBMIT = pdus.Submit(
    msg_src="106001", src_id="10690001", dest_terminal_id=("13800138000",), msg_fmt=8, msg_content=b"\x4f\x60\x59\x7d"
)
NOON = datetime(2026, 11, 22, 4, 0, 5, tzinfo=UTC)
PART = compose(PartId(int(NOON.timestamp()), 7, 258))
REPORT = ReportFacts(
    push_id=3,
    part_id=PART,
    stat="DELIVRD",
    source="10690001",
    destination="8613800138000",
    reference=None,
    submitted_at=NOON,
    done_at=NOON + timedelta(minutes=2),
)


def read(submit: pdus.Submit, terms: CustomerTerms = V30) -> SubmitFacts:
    facts = CMPP_SERVER.read(submit, 1, terms)
    assert isinstance(facts, SubmitFacts)
    return facts


def refusal_of(submit: pdus.Submit) -> Refusal:
    with pytest.raises(SubmitRefused) as caught:
        CMPP_SERVER.read(submit, 1, V30)
    return caught.value.refusal


def test_a_bind_proves_its_password_and_nothing_else() -> None:
    facts = CMPP_SERVER.bind(connect_request("106001", "pass1234", timestamp=1122120005, version=pdus.V30))
    assert (facts.login, facts.version, facts.sends, facts.receives) == ("106001", 0x30, True, True)
    assert facts.check("pass1234")
    assert not facts.check("pass1235")


@pytest.mark.parametrize("versions, allowed", [("any", {0x20, 0x21, 0x30}), ("2.0", {0x20, 0x21}), ("3.0", {0x30})])
def test_a_login_may_use_the_versions_that_are_set(versions: str, allowed: set[int]) -> None:
    settings = LoginSettings(versions=versions)  # type: ignore[arg-type]
    assert {v for v in (0x20, 0x21, 0x30) if CMPP_SERVER.version_allowed(v, settings)} == allowed


def test_a_submit_is_read() -> None:
    facts = read(SUBMIT)
    assert (facts.source, facts.destinations) == ("10690001", ("13800138000",))
    assert (facts.content, facts.coding) == (b"\x4f\x60\x59\x7d", Coding.UCS2)
    assert (facts.concatenation, facts.report, facts.reference) == (None, ReportWish.ALWAYS, None)


@pytest.mark.parametrize("fmt, coding", [(0, Coding.ASCII), (8, Coding.UCS2), (15, Coding.GBK), (25, Coding.GBK)])
def test_formats_are_codings(fmt: int, coding: Coding) -> None:
    assert read(structs.replace(SUBMIT, msg_fmt=fmt)).coding is coding


@pytest.mark.parametrize(
    "header",
    [b"\x05\x00\x03\x2a\x03\x02", b"\x06\x08\x04\x00\x2a\x03\x02", b"\x09\x01\x02\x00\x00\x00\x03\x2a\x03\x02"],
)
def test_a_part_is_known_by_its_header_wherever_it_stands(header: bytes) -> None:
    facts = read(structs.replace(SUBMIT, tp_udhi=1, msg_content=header + b"\x4f\x60"))
    assert facts.concatenation == Concatenation(0x2A, 3, 2)
    assert facts.content == b"\x4f\x60"


def test_without_a_header_the_counts_of_the_pdu_tie_parts_together() -> None:
    assert read(structs.replace(SUBMIT, pk_total=3, pk_number=2)).concatenation == Concatenation(0, 3, 2)
    assert read(structs.replace(SUBMIT, pk_total=0, pk_number=0)).concatenation is None


def test_the_only_part_of_a_text_is_the_whole_of_it() -> None:
    facts = read(structs.replace(SUBMIT, tp_udhi=1, msg_content=b"\x05\x00\x03\x2a\x01\x01\x4f\x60"))
    assert (facts.concatenation, facts.content) == (None, b"\x4f\x60")


@pytest.mark.parametrize(
    "differences, refusal",
    [
        ({"registered_delivery": 2}, Refusal.CLASS_UNSUPPORTED),
        ({"msg_fmt": 4}, Refusal.CODING_UNSUPPORTED),
        ({"msg_fmt": 3}, Refusal.CODING_UNSUPPORTED),
        ({"msg_src": "106002"}, Refusal.SENDER_WRONG),
        ({"dest_terminal_id": ()}, Refusal.DESTINATIONS_WRONG),
        ({"dest_terminal_id": ("13800138000",) * 100}, Refusal.DESTINATIONS_WRONG),
        ({"msg_content": bytes(141)}, Refusal.LENGTH_WRONG),
        ({"msg_fmt": 0, "msg_content": bytes(161)}, Refusal.LENGTH_WRONG),
        ({"tp_udhi": 1, "msg_content": b""}, Refusal.HEADER_WRONG),
        ({"tp_udhi": 1, "msg_content": b"\x05\x00\x03\x2a\x03"}, Refusal.HEADER_WRONG),
        ({"tp_udhi": 1, "msg_content": b"\x05\x00\x09\x2a\x03\x01"}, Refusal.HEADER_WRONG),
        ({"pk_total": 2, "pk_number": 3}, Refusal.HEADER_WRONG),
        ({"valid_time": "tomorrow"}, Refusal.VALIDITY_WRONG),
        ({"at_time": "26113212000003"}, Refusal.SCHEDULE_UNSUPPORTED),
    ],
)
def test_what_is_wrong_with_a_submit_has_a_name(differences: dict[str, object], refusal: Refusal) -> None:
    assert refusal_of(structs.replace(SUBMIT, **differences)) is refusal


def test_every_refusal_has_a_code_that_fits_one_octet() -> None:
    assert set(RESULTS) == set(Refusal)
    assert set(BIND_STATUSES) == set(BindRefusal)
    assert all(0 < code < 200 for code in RESULTS.values())
    assert all(CMPP_SERVER.bind_status(refusal) > 0 for refusal in BindRefusal)


def test_flow_control_is_said_only_of_what_may_be_sent_again() -> None:
    again = {refusal for refusal, code in RESULTS.items() if code == 8}
    assert again == {Refusal.FLOW_EXCEEDED, Refusal.TRY_LATER, Refusal.INTERNAL}


def test_an_id_is_the_chinese_time_the_node_and_the_sequence() -> None:
    # November 22, 12:00:05 in China, gateway 7, sequence 258.
    assert written_id(PART) == (11 << 60 | 22 << 55 | 12 << 50 | 0 << 44 | 5 << 38 | 7 << 16 | 258)
    assert CMPP_SERVER.accepted(SUBMIT, Accepted(PART), V30) == pdus.SubmitResp(written_id(PART))
    assert [written_id(PART + n) - written_id(PART) for n in range(5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "terms, size",
    [(V20, 60), (V30, 71), (CustomerTerms("106001", LoginSettings(report_size=60), pdus.V30), 60)],
)
def test_a_report_has_the_size_that_was_agreed(terms: CustomerTerms, size: int) -> None:
    deliver = CMPP_SERVER.report(REPORT, terms)
    report = decode_report(deliver.msg_content)
    assert len(deliver.msg_content) == size
    assert (deliver.registered_delivery, deliver.dest_id, deliver.src_terminal_id) == (1, "10690001", "8613800138000")
    assert (report.msg_id, report.stat, report.dest_terminal_id) == (written_id(PART), "DELIVRD", "8613800138000")
    assert (report.submit_time, report.done_time) == ("2611221200", "2611221202")


def test_a_reply_is_cut_as_the_login_wants_it() -> None:
    reply = ReplyFacts(push_id=3, sender="8613800138000", destination="10690001", content="好" * 71, received_at=NOON)
    ucs2 = CMPP_SERVER.reply(reply, V30)
    gbk = CMPP_SERVER.reply(reply, CustomerTerms("106001", LoginSettings(reply_coding="gbk"), pdus.V30))

    assert [(part.msg_fmt, part.tp_udhi, len(part.msg_content)) for part in ucs2] == [(8, 1, 140), (8, 1, 14)]
    assert [(part.msg_fmt, part.tp_udhi) for part in gbk] == [(15, 1), (15, 1)]
    assert len({part.msg_id for part in ucs2}) == 2
    assert {part.src_terminal_id for part in ucs2} == {"13800138000"}


@pytest.mark.parametrize("result, taken", [(0, Taken.YES), (8, Taken.LATER), (1, Taken.NEVER), (9, Taken.NEVER)])
def test_what_a_customer_makes_of_a_push(result: int, taken: Taken) -> None:
    assert CMPP_SERVER.taken(pdus.DeliverResp(1, result)) is taken


def test_a_query_is_answered_with_counts_or_noughts_and_a_cancel_with_no() -> None:
    query = pdus.Query("20261122")
    assert CMPP_SERVER.read(query, 1, V30) == CountsAsked("20261122")
    assert CMPP_SERVER.read(pdus.Cancel(1), 1, V30) == Immediate(pdus.CancelResp(1))
    assert CMPP_SERVER.counts(query, Counts(5, 4, 3, 2, 1)).mt_tlmsg == 5
    assert CMPP_SERVER.counts(query, None) == pdus.QueryResp("20261122")
    assert CMPP_SERVER.refused(query, Refusal.FLOW_EXCEEDED, V30) == pdus.QueryResp("20261122")
