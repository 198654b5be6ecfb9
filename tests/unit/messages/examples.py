"""Messages to tell timelines of, each differing in what its test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hongyan.billing.model import EntryKind, LedgerEntry
from hongyan.content.model import MessageKind
from hongyan.messages.model import Fact, Message, Record, State, StoredEvent, StoredSegment
from hongyan.numbers.model import Carrier
from hongyan.routing.model import Route, RouteState

MID = 0x6880_E39F_DF40_0000
"""Accepted at 2026-11-22 14:00:00.125 UTC."""
_ACCEPTED_AT = datetime(2026, 11, 22, 14, 0, 0, 125_000, tzinfo=UTC)


def after(milliseconds: int) -> datetime:
    """Return a time after acceptance."""
    return _ACCEPTED_AT + timedelta(milliseconds=milliseconds)


def a_message(**differences: Any) -> Message:
    """A verification that waits to be sent."""
    fields: dict[str, Any] = {
        "mid": MID,
        "batch_id": MID,
        "account_id": 1,
        "account": "demo",
        "api_key_id": 2,
        "secret_id": "AKIDexample",
        "key_label": "",
        "recipient": 8613800138000,
        "carrier": Carrier.MOBILE,
        "kind": MessageKind.VERIFICATION,
        "state": State.ACCEPTED,
        "stat": None,
        "segments": 1,
        "charge": 45,
        "signature_id": 3,
        "template_id": 4,
        "channel_id": 5,
        "channel": "cmcc-1",
        "protocol": "cmpp30",
        "route_id": 6,
        "attempts": 0,
        "sending_at": None,
        "submitted_at": None,
        "final_at": None,
        "expires_at": after(300_000),
        "content": "【鸿雁】您的验证码为482913，5分钟内有效",
    }
    return Message(**(fields | differences))


def a_delivered_message(**differences: Any) -> Message:
    """A verification that was claimed after 4 ms, submitted after 11 and reported on after 260."""
    fields: dict[str, Any] = {
        "state": State.DELIVERED,
        "stat": "DELIVRD",
        "attempts": 1,
        "sending_at": after(4),
        "submitted_at": after(11),
        "final_at": after(260),
        "expires_at": None,
    }
    return a_message(**(fields | differences))


def a_segment(**differences: Any) -> StoredSegment:
    """The only segment of a first attempt, taken by the carrier."""
    fields: dict[str, Any] = {
        "attempt": 1,
        "part": 1,
        "channel_id": 5,
        "channel": "cmcc-1",
        "protocol": "cmpp30",
        "link": 2,
        "sequence": 77,
        "result": 0,
        "carrier_message_id": "13000114514040987655",
        "sent_at": after(5),
        "answered_at": after(11),
        "stat": None,
        "reported_at": None,
    }
    return StoredSegment(**(fields | differences))


def a_route(**differences: Any) -> Route:
    """The first choice for China Mobile."""
    fields: dict[str, Any] = {
        "route_id": 6,
        "carrier": Carrier.MOBILE,
        "channel_id": 5,
        "priority": 1,
        "weight": 10,
        "state": RouteState.ACTIVE,
    }
    return Route(**(fields | differences))


def a_hold(amount: int = 45) -> LedgerEntry:
    """What acceptance sets aside."""
    return _entry(EntryKind.HOLD, at=after(2), available=-amount, held=amount)


def a_post(amount: int = 45, at: datetime | None = None) -> LedgerEntry:
    """What submission pays."""
    return _entry(EntryKind.POST, at=at or after(13), available=0, held=-amount)


def a_void(amount: int = 45, at: datetime | None = None) -> LedgerEntry:
    """What a message that nobody carried gives back."""
    return _entry(EntryKind.VOID, at=at or after(13), available=amount, held=-amount)


def an_event(event: str, milliseconds: int, **detail: Fact) -> StoredEvent:
    """Something rare."""
    return StoredEvent(after(milliseconds), event, detail)


def a_record(
    message: Message,
    *,
    route: Route | None = None,
    segments: list[StoredSegment] | None = None,
    events: list[StoredEvent] | None = None,
    ledger: list[LedgerEntry] | None = None,
) -> Record:
    """What the database knows of a message."""
    return Record(
        message=message,
        route=route or a_route(),
        segments=segments or [],
        events=events or [],
        ledger=ledger or [a_hold()],
    )


def _entry(kind: EntryKind, *, at: datetime, available: int, held: int) -> LedgerEntry:
    return LedgerEntry(subject_id=MID, kind=kind, available_change=available, held_change=held, at=at, note=None)
