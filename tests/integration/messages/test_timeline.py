"""Timelines of messages that the real pipeline moved along."""

from datetime import timedelta

from hongyan.content.model import MessageKind
from hongyan.db.pool import Pool
from hongyan.messages.model import State, TimelineEntry
from hongyan.messages.service import timeline_of_message

from .road import Road


async def timeline(pool: Pool, mid: int) -> list[TimelineEntry]:
    async with pool.acquire() as connection:
        _, entries = await timeline_of_message(connection, mid)
    return entries


async def told(pool: Pool, mid: int) -> list[str]:
    """Return what is told, without the money: its times are those of the database's own clock."""
    return [f"{entry.event}: {entry.text}" for entry in await timeline(pool, mid) if entry.event != "settled"]


async def money(pool: Pool, mid: int) -> list[str]:
    return [entry.text for entry in await timeline(pool, mid) if entry.event == "settled"]


async def test_a_delivered_message_tells_its_whole_road(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.answer(mid)
    await road.report(mid)

    assert await told(pool, mid) == [
        "accepted: verification of 1 segment by demo, key AKIDexample; ¥0.045 held",
        "routed: to channel cmcc-1: mobile route 1, priority 1, weight 10",
        "sending: attempt 1 over link 2",
        f"submitted: link 2, sequence 71: result 0 accepted 正确, after 6 ms, carrier id id-{mid}-1",
        "report: DELIVRD delivered 短信投递成功",
        "final: delivered 已送达, 0.260 s after acceptance",
    ]
    assert await money(pool, mid) == ["¥0.045 of the hold paid"]


async def test_times_come_back_to_the_millisecond(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    accepted_at = road.now
    await road.claim(0.0043)
    await road.answer(mid)

    entries = [entry for entry in await timeline(pool, mid) if entry.event != "settled"]

    offsets = [(entry.at - accepted_at) / timedelta(milliseconds=1) for entry in entries]
    assert [round(offset, 1) for offset in offsets] == [0, 0, 4.3, 10.3]


async def test_a_failed_report_is_explained(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.answer(mid)
    await road.report(mid, stat="MB:0015")

    assert (await told(pool, mid))[-2:] == [
        "report: MB:0015 the SMSC answered with an error 短信中心返回错误",
        "final: undelivered 未送达, 0.260 s after acceptance",
    ]
    assert await money(pool, mid) == ["¥0.045 of the hold paid"]


async def test_a_refused_message_gets_its_money_back(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.answer(mid, result=13, carrier_message_id=None)

    assert (await told(pool, mid))[3:] == [
        "refused: link 2, sequence 71: result 13 Dest_terminal_Id error Dest_terminal_Id错误, after 6 ms",
        (
            "final: rejected 已拒绝, MT:0013: refused at submission, result 13: Dest_terminal_Id error"
            " 提交被拒(13):Dest_terminal_Id错误, 0.010 s after acceptance"
        ),
    ]
    assert await money(pool, mid) == ["¥0.045 of the hold given back"]


async def test_a_report_before_its_submit_response_is_told_in_the_order_of_arrival(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.report(mid)
    await road.answer(mid)
    await road.sweep(timedelta(seconds=1))

    assert [entry.event for entry in await timeline(pool, mid) if entry.event != "settled"] == [
        "accepted",
        "routed",
        "sending",
        "report",
        "final",
        "submitted",
    ]


async def test_a_doubled_report_stands_beside_the_first(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.answer(mid)
    await road.report(mid)
    await road.report(mid, stat="UNDELIV")
    await road.report(mid, stat="DELIVRD")

    assert (await told(pool, mid))[4:] == [
        "report: DELIVRD delivered 短信投递成功",
        "final: delivered 已送达, 0.260 s after acceptance",
        "report_repeated: UNDELIV cannot be delivered 无法投递 for segment 1 of attempt 1; the first word stands",
        "report_repeated: DELIVRD delivered 短信投递成功 for segment 1 of attempt 1; the first word stands",
    ]


async def test_a_long_text_is_final_with_its_last_report(pool: Pool, road: Road) -> None:
    mid = await road.accept(segments=2)
    await road.claim()
    await road.answer(mid, 1, of=2)
    await road.answer(mid, 2, of=2)
    await road.report(mid, 2, stat="UNDELIV")
    await road.report(mid, 1)

    assert (await told(pool, mid))[3:] == [
        f"submitted: segment 1 of 2: link 2, sequence 71: result 0 accepted 正确, after 6 ms, carrier id id-{mid}-1",
        f"submitted: segment 2 of 2: link 2, sequence 72: result 0 accepted 正确, after 6 ms, carrier id id-{mid}-2",
        "report: segment 2 of 2: UNDELIV cannot be delivered 无法投递",
        "report: segment 1 of 2: DELIVRD delivered 短信投递成功",
        "final: undelivered 未送达, 0.516 s after acceptance",
    ]
    assert await money(pool, mid) == ["¥0.090 of the hold paid"]


async def test_a_verification_in_doubt_goes_out_once_more(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.lose(mid)
    await road.claim()
    await road.answer(mid, attempt=2, link=1)
    await road.report(mid)

    assert (await told(pool, mid))[2:] == [
        "sending: attempt 1 over link 2",
        "in_doubt: attempt 1 on link 2: the peer closed; sent again at once",
        "sending: attempt 2 over link 1",
        f"submitted: link 1, sequence 71: result 0 accepted 正确, after 6 ms, carrier id id-{mid}-1",
        "report: DELIVRD delivered 短信投递成功",
        "final: delivered 已送达, 1.264 s after acceptance",
    ]
    assert await money(pool, mid) == ["¥0.045 of the hold paid"]


async def test_a_notification_in_doubt_waits_before_it_goes_out_once_more(pool: Pool, road: Road) -> None:
    mid = await road.accept(kind=MessageKind.NOTIFICATION)
    await road.claim()
    await road.lose(mid, MessageKind.NOTIFICATION)
    await road.sweep(timedelta(seconds=61))

    assert (await told(pool, mid))[2:] == [
        "sending: attempt 1 over link 2",
        "in_doubt: attempt 1 on link 2: the peer closed; its report is waited for",
        "resend: queued to be sent again: no report came",
    ]
    assert await road.claim() == [mid]


async def test_a_doubt_is_resolved_by_a_report_for_the_number(pool: Pool, road: Road) -> None:
    mid = await road.accept(kind=MessageKind.MARKETING)
    await road.claim()
    await road.lose(mid, MessageKind.MARKETING)
    await road.report(mid, recipient=8613800138000)

    assert (await told(pool, mid))[3:] == [
        "in_doubt: attempt 1 on link 2: the peer closed; its report is waited for",
        f"doubt_resolved: DELIVRD delivered 短信投递成功 came for this number, carrier id id-{mid}-1",
        "final: delivered 已送达, 1.254 s after acceptance",
    ]
    assert await money(pool, mid) == ["¥0.045 of the hold paid"]


async def test_a_message_that_nobody_sent_expires_and_is_paid_back(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.sweep(timedelta(minutes=5, seconds=1))

    assert (await told(pool, mid))[2:] == [
        "final: expired 已过期, EXPIRED: its validity ran out 超过有效期, 301.000 s after acceptance"
    ]
    assert await money(pool, mid) == ["¥0.045 of the hold given back"]


async def test_a_message_that_no_report_came_for_stays_paid(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.answer(mid)
    await road.sweep(timedelta(hours=72, seconds=1))

    assert (await told(pool, mid))[-1].startswith("final: expired 已过期, EXPIRED: ")
    assert await money(pool, mid) == ["¥0.045 of the hold paid"]


async def test_a_busy_carrier_is_told(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    await road.note(mid, "deferred", '{"result": 8, "meaning": "流量控制错", "part": 1}')

    assert (await told(pool, mid))[-1] == "deferred: segment 1: result 8 流量控制错; offered later"


async def test_unregistered_content_ends_where_it_began(pool: Pool, road: Road) -> None:
    mid = await road.keep_unregistered()

    assert await told(pool, mid) == [
        "accepted: notification of 1 segment by demo, key AKIDexample; nothing held",
        "final: rejected 已拒绝, MA:0024: the content is not registered 内容未报备, 0.000 s after acceptance",
    ]


async def test_the_state_comes_with_the_timeline_of_the_same_moment(pool: Pool, road: Road) -> None:
    mid = await road.accept()
    await road.claim()
    async with pool.acquire() as connection:
        message, entries = await timeline_of_message(connection, mid)

    assert message.state is State.SENDING
    assert [entry.event for entry in entries] == ["accepted", "routed", "sending"]
