"""What the phone API shows of a message."""

import msgspec

from hongyan.kit.clock import ManualClock
from hongyan.simulator.phones import Phones
from hongyan.simulator.views import inbox_view, message_view, phone_view

from .builders import NOW, a_part, a_segment

ANNA = 8613800138000


def _inbox(*texts: str) -> Phones:
    phones = Phones(ManualClock(now=NOW))
    for text in texts:
        phones.ring(a_segment(text))
    return phones


def test_a_message_is_shown_with_all_that_is_known() -> None:
    phones = Phones(ManualClock(now=NOW))
    phones.ring(a_segment(reported_at=NOW + 0.25, acknowledged_at=NOW + 0.3))

    view = msgspec.to_builtins(message_view(phones.messages(ANNA)[0]))

    assert view == {
        "id": 179500000000000,
        "number": "13800138000",
        "e164": "+8613800138000",
        "text": "【鸿雁】您的验证码是482913",
        "signature": "鸿雁",
        "code": "482913",
        "sender": "106900001",
        "carrier": "mobile",
        "login": "910001",
        "encoding": "UCS-2",
        "segments": 1,
        "segments_total": 1,
        "complete": True,
        "submitted_at": "2026-11-18T11:06:40.000Z",
        "received_at": "2026-11-18T11:06:40.250Z",
        "message_ids": ["13511026212694131666"],
        "parts": [
            {
                "part": 1,
                "message_id": "13511026212694131666",
                "link": 1,
                "sequence": "7",
                "submitted_at": "2026-11-18T11:06:40.000Z",
                "reported_at": "2026-11-18T11:06:40.250Z",
                "acknowledged_at": "2026-11-18T11:06:40.300Z",
            }
        ],
    }


def test_a_long_text_is_decoded_as_a_whole() -> None:
    phones = Phones(ManualClock())
    # The parts cut the book in two: "\ud83d" "\udcda".
    phones.ring(a_part(1, 2, "", content=bytes.fromhex("0041d83d"), message_id=1))
    phones.ring(a_part(2, 2, "", content=bytes.fromhex("dcda0042"), message_id=2, submitted_at=NOW - 1))

    view = message_view(phones.messages(ANNA)[0])

    assert view.text == "A📚B"
    assert (view.segments, view.segments_total, view.complete) == (2, 2, True)
    assert view.message_ids == ["1", "2"]
    assert view.submitted_at == "2026-11-18T11:06:39.000Z"


def test_markup_stays_text() -> None:
    phones = _inbox("<script>alert(1)</script>")

    assert message_view(phones.messages(ANNA)[0]).text == "<script>alert(1)</script>"


def test_an_inbox_is_read_page_by_page_newest_first() -> None:
    messages = _inbox("one", "two", "three").messages(ANNA)

    first = inbox_view(ANNA, messages, limit=2, before=None)
    second = inbox_view(ANNA, messages, limit=2, before=first.before)

    assert [message.text for message in first.messages] == ["three", "two"]
    assert first.total == 3
    assert [message.text for message in second.messages] == ["one"]
    assert second.before is None


def test_an_empty_inbox_is_shown_empty() -> None:
    view = inbox_view(ANNA, [], limit=10, before=None)

    assert (view.number, view.total, view.messages, view.before) == ("13800138000", 0, [], None)


def test_a_number_is_listed_with_its_newest_message() -> None:
    view = phone_view(ANNA, _inbox("one", "two").messages(ANNA))

    assert (view.number, view.messages, view.latest.text) == ("13800138000", 2, "two")
