"""The timeline: what is told, in which order, with which facts."""

import msgspec
import pytest

from hongyan.messages.model import Record, State, TimelineEntry
from hongyan.messages.timeline import timeline_of

from .examples import (
    a_delivered_message,
    a_hold,
    a_message,
    a_post,
    a_record,
    a_segment,
    a_void,
    after,
    an_event,
)


def events(record: Record) -> list[str]:
    return [entry.event for entry in timeline_of(record)]


def the(event: str, record: Record) -> TimelineEntry:
    (entry,) = (entry for entry in timeline_of(record) if entry.event == event)
    return entry


def told(record: Record) -> list[str]:
    return [f"{entry.event}: {entry.text}" for entry in timeline_of(record)]


def test_a_waiting_message_was_accepted_and_routed() -> None:
    assert told(a_record(a_message())) == [
        "accepted: verification of 1 segment by demo, key AKIDexample; ¥0.045 held",
        "routed: to channel cmcc-1: mobile route 6, priority 1, weight 10",
    ]


def test_acceptance_bears_the_time_that_the_id_carries() -> None:
    accepted = the("accepted", a_record(a_message()))

    assert accepted.at.isoformat(timespec="milliseconds") == "2026-11-22T14:00:00.125+00:00"
    assert accepted.facts["charge"] == 45
    assert accepted.facts["held"] == 45
    assert accepted.facts["held_at"] == after(2)


def test_a_message_that_cost_nothing_says_so() -> None:
    record = msgspec.structs.replace(a_record(a_message(segments=2)), ledger=[])

    assert the("accepted", record).text == "verification of 2 segments by demo, key AKIDexample; nothing held"


def test_a_route_that_was_removed_is_still_named() -> None:
    record = msgspec.structs.replace(a_record(a_message()), route=None)

    routed = the("routed", record)

    assert routed.text == "to channel cmcc-1: mobile route 6, removed since"
    assert routed.facts["priority"] is None


def test_a_message_kept_with_its_report_decided_was_never_routed() -> None:
    message = a_message(
        state=State.REJECTED,
        stat="MA:0024",
        final_at=after(0),
        route_id=None,
        channel_id=None,
        channel=None,
        protocol=None,
    )
    record = Record(message=message, route=None, segments=[], events=[], ledger=[])

    assert told(record) == [
        "accepted: verification of 1 segment by demo, key AKIDexample; nothing held",
        "final: rejected 已拒绝, MA:0024: the content is not registered 内容未报备, 0.000 s after acceptance",
    ]


def test_the_common_road_is_told_in_its_order() -> None:
    record = a_record(a_delivered_message(), segments=[a_segment()], ledger=[a_hold(), a_post()])

    assert told(record)[2:] == [
        "sending: attempt 1 over link 2",
        "submitted: link 2, sequence 77: result 0 accepted 正确, after 6 ms, carrier id 13000114514040987655",
        "settled: ¥0.045 of the hold paid",
        "report: DELIVRD delivered 短信投递成功",
        "final: delivered 已送达, 0.260 s after acceptance",
    ]


def test_times_are_those_of_what_happened() -> None:
    record = a_record(a_delivered_message(), segments=[a_segment()], ledger=[a_hold(), a_post()])

    assert [entry.at for entry in timeline_of(record)] == [
        after(0),
        after(0),
        after(4),
        after(11),
        after(13),
        after(260),
        after(260),
    ]


def test_a_submission_has_the_wires_facts() -> None:
    record = a_record(a_delivered_message(), segments=[a_segment()])

    assert the("submitted", record).facts == {
        "attempt": 1,
        "part": 1,
        "channel": "cmcc-1",
        "link": 2,
        "sequence": 77,
        "result": 0,
        "english": "accepted",
        "chinese": "正确",
        "carrier_message_id": "13000114514040987655",
        "sent_at": after(5),
    }


def test_the_report_of_a_simple_message_is_read_off_its_final_word() -> None:
    message = a_delivered_message(state=State.UNDELIVERED, stat="MB:0015")

    report = the("report", a_record(message, segments=[a_segment()]))

    assert report.text == "MB:0015 the SMSC answered with an error 短信中心返回错误"
    assert report.facts["stat"] == "MB:0015"
    assert report.at == after(260)


def test_a_repeated_report_does_not_hide_the_first() -> None:
    record = a_record(
        a_delivered_message(),
        segments=[a_segment(stat="UNDELIV", reported_at=after(900))],
        events=[an_event("report_repeated", 900, stat="UNDELIV", attempt=1, part=1)],
    )

    assert told(record)[4:] == [
        "report: DELIVRD delivered 短信投递成功",
        "final: delivered 已送达, 0.260 s after acceptance",
        "report_repeated: UNDELIV cannot be delivered 无法投递 for segment 1 of attempt 1; the first word stands",
    ]


@pytest.mark.parametrize(
    "facts, text",
    [
        ({}, "the phone answered with reply 68812AB504002001"),
        ({"opt_out_word": "TD"}, "the phone answered with reply 68812AB504002001: it opts out (TD)"),
        ({"parts_missing": 2}, "the phone answered with reply 68812AB504002001, 2 parts of which never came"),
    ],
)
def test_a_reply_is_told_where_it_came_in_without_what_it_says(facts: dict[str, str | int], text: str) -> None:
    event = an_event("replied", 9000, reply_id="68812AB504002001", **facts)

    assert told(a_record(a_delivered_message(), events=[event]))[-1] == f"replied: {text}"


def test_the_confirmation_of_an_opt_out_says_what_it_is() -> None:
    event = an_event("confirmation", 0, reply_id="68812AB504002001")

    assert told(a_record(a_message(), events=[event]))[2:] == [
        "confirmation: confirms the opt-out that came with reply 68812AB504002001; it costs nothing"
    ]


def test_each_segment_of_a_long_text_has_its_own_lines() -> None:
    record = a_record(
        a_delivered_message(segments=2),
        segments=[
            a_segment(part=1, sequence=77, stat="DELIVRD", reported_at=after(260)),
            a_segment(part=2, sequence=78, stat="UNDELIV", reported_at=after(240)),
        ],
    )

    lines = told(record)

    assert lines[3].startswith("submitted: segment 1 of 2: link 2, sequence 77:")
    assert lines[4].startswith("submitted: segment 2 of 2: link 2, sequence 78:")
    assert lines[5:7] == [
        "report: segment 2 of 2: UNDELIV cannot be delivered 无法投递",
        "report: segment 1 of 2: DELIVRD delivered 短信投递成功",
    ]


def test_a_refusal_names_the_result_and_gives_the_money_back() -> None:
    message = a_message(state=State.REJECTED, stat="MT:0010", attempts=1, sending_at=after(4), final_at=after(11))
    segment = a_segment(result=10, carrier_message_id=None)

    assert told(a_record(message, segments=[segment], ledger=[a_hold(), a_void()]))[3:] == [
        "refused: link 2, sequence 77: result 10 Src_Id error Src_Id错误, after 6 ms",
        (
            "final: rejected 已拒绝, MT:0010: refused at submission, result 10: Src_Id error 提交被拒(10):Src_Id错误,"
            " 0.011 s after acceptance"
        ),
        "settled: ¥0.045 of the hold given back",
    ]


def test_an_older_cmpp_knows_fewer_results() -> None:
    message = a_message(state=State.REJECTED, stat="MT:0010", attempts=1, protocol="cmpp20", final_at=after(11))
    segment = a_segment(result=10, protocol="cmpp20", carrier_message_id=None)

    assert the("refused", a_record(message, segments=[segment])).facts["chinese"] == "其他错误"


def test_a_message_that_expires_in_the_queue_has_no_report() -> None:
    message = a_message(state=State.EXPIRED, stat="EXPIRED", final_at=after(300_500))

    record = a_record(message, ledger=[a_hold(), a_void(at=after(300_501))])

    assert told(record)[2:] == [
        "final: expired 已过期, EXPIRED: its validity ran out 超过有效期, 300.500 s after acceptance",
        "settled: ¥0.045 of the hold given back",
    ]


def test_a_resent_verification_tells_its_doubt_and_both_attempts() -> None:
    record = a_record(
        a_delivered_message(attempts=2, sending_at=after(5_010), final_at=after(5_300)),
        segments=[
            a_segment(attempt=2, link=1, sent_at=after(5_011), answered_at=after(5_020), stat="DELIVRD",
                      reported_at=after(5_300)),
        ],
        events=[an_event("in_doubt", 5_000, reason="the peer closed", channel="cmcc-1", link=2, attempt=1, resend="now")],
    )  # fmt: skip

    assert told(record)[2:5] == [
        "in_doubt: attempt 1 on link 2: the peer closed; sent again at once",
        "sending: attempt 2 over link 1",
        "submitted: link 1, sequence 77: result 0 accepted 正确, after 9 ms, carrier id 13000114514040987655",
    ]


def test_two_attempts_that_were_both_answered_are_told_apart() -> None:
    record = a_record(
        a_delivered_message(segments=2, attempts=2, sending_at=after(60_000), final_at=after(60_300)),
        segments=[
            a_segment(attempt=1, part=1),
            a_segment(attempt=2, part=1, sent_at=after(60_001), answered_at=after(60_010)),
        ],
    )

    lines = told(record)

    assert lines[2] == "sending: attempt 1 over link 2"
    assert lines[3].startswith("submitted: attempt 1, segment 1 of 2: link 2")
    assert lines[4] == "sending: attempt 2 over link 2"
    assert lines[5].startswith("submitted: attempt 2, segment 1 of 2: link 2")


def test_a_doubt_resolved_by_its_recipient_needs_no_other_report() -> None:
    record = a_record(
        a_delivered_message(final_at=after(7_000)),
        events=[
            an_event("in_doubt", 5_000, reason="no answer in time", link=1, attempt=1),
            an_event("doubt_resolved", 7_000, stat="DELIVRD", carrier_message_id="9"),
        ],
    )

    assert told(record)[2:] == [
        "sending: attempt 1",
        "in_doubt: attempt 1 on link 1: no answer in time; its report is waited for",
        "doubt_resolved: DELIVRD delivered 短信投递成功 came for this number, carrier id 9",
        "final: delivered 已送达, 7.000 s after acceptance",
    ]


@pytest.mark.parametrize(
    "event, detail, text",
    [
        ("resend", {"reason": "no report came"}, "queued to be sent again: no report came"),
        (
            "deferred",
            {"result": 8, "meaning": "流量控制错", "part": 1},
            "segment 1: result 8 流量控制错; offered later",
        ),
        ("in_doubt", {"reason": "the dispatcher was lost", "attempt": 1}, "attempt 1: the dispatcher was lost; its report is waited for"),
        ("moved", {"to": "cmcc-2", "by": "hand"}, "to cmcc-2, by hand"),
    ],
)  # fmt: skip
def test_rare_events_are_told_in_words(event: str, detail: dict[str, str | int], text: str) -> None:
    record = a_record(a_message(), events=[an_event(event, 50, **detail)])

    entry = the(event, record)

    assert entry.text == text
    assert entry.facts == detail


def test_nothing_that_identifies_the_reader_of_the_text_is_told() -> None:
    record = a_record(a_delivered_message(), segments=[a_segment()], ledger=[a_hold(), a_post()])

    everything = repr(timeline_of(record))

    assert "13800138000" not in everything
    assert "482913" not in everything


def test_what_is_not_final_has_no_last_line() -> None:
    message = a_message(state=State.SUBMITTED, attempts=1, sending_at=after(4), submitted_at=after(11))

    assert events(a_record(message, segments=[a_segment()])) == ["accepted", "routed", "sending", "submitted"]
