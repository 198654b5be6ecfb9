"""What a message is: its states, its row as one moment shows it, and what happened to it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import TypeAlias

import msgspec

from hongyan.billing.model import LedgerEntry
from hongyan.content.model import MessageKind
from hongyan.kit.ids import unix_seconds_of
from hongyan.numbers.model import Carrier
from hongyan.routing.model import Route


class State(IntEnum):
    """Where a message stands; the numbers are what the tables hold."""

    ACCEPTED = 0
    SENDING = 1
    SUBMITTED = 2
    IN_DOUBT = 3
    DELIVERED = 10
    UNDELIVERED = 11
    EXPIRED = 12
    REJECTED = 13
    CANCELED = 14

    @property
    def is_final(self) -> bool:
        """Tell whether nothing can change any more."""
        return self >= State.DELIVERED


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One text to one number, as it stands now; names come along with the ids that people cannot read."""

    mid: int
    batch_id: int
    account_id: int
    account: str
    api_key_id: int | None
    secret_id: str | None
    key_label: str | None
    login_id: int | None = None
    """The protocol login by which it came, where it did not come by a key."""
    login: str | None = None
    """That login's protocol and name, such as `cmpp 106001`; None of one that is removed."""
    recipient: int
    """E.164 digits."""
    carrier: Carrier
    kind: MessageKind
    state: State
    """The live one, where the message is not final."""
    stat: str | None
    """The carrier's or our own final word."""
    segments: int
    charge: int
    """厘."""
    signature_id: int | None
    template_id: int | None
    channel_id: int | None
    channel: str | None
    protocol: str | None
    """What the channel speaks, such as `cmpp20`."""
    route_id: int | None
    attempts: int
    sending_at: datetime | None
    """When the last attempt was claimed for sending."""
    submitted_at: datetime | None
    final_at: datetime | None
    expires_at: datetime | None
    """The end of its validity, while it is not final."""
    content: str

    @property
    def came_by(self) -> str:
        """Return the key or protocol login that it came by, for people."""
        return f"key {self.secret_id}" if self.login_id is None else f"login {self.login or self.login_id}"

    @property
    def accepted_at(self) -> datetime:
        """Return when it was accepted, to the millisecond; the id carries it."""
        return datetime.fromtimestamp(unix_seconds_of(self.mid), UTC)


class StoredSegment(msgspec.Struct, frozen=True, kw_only=True):
    """One segment of one attempt that a carrier answered."""

    attempt: int
    part: int
    """From 1."""
    channel_id: int
    channel: str | None
    protocol: str | None
    link: int
    sequence: int
    """The PDU's, on that link."""
    result: int
    """The carrier's answer; 0 is yes."""
    carrier_message_id: str | None
    sent_at: datetime
    answered_at: datetime
    stat: str | None
    reported_at: datetime | None


Fact: TypeAlias = str | int | bool | datetime | None


class StoredEvent(msgspec.Struct, frozen=True):
    """What does not happen to every message."""

    at: datetime
    event: str
    detail: Mapping[str, Fact]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the database knows of one message, as of one moment."""

    message: Message
    route: Route | None
    """As it is configured now; None when it was removed or the message took none."""
    segments: list[StoredSegment]
    events: list[StoredEvent]
    ledger: list[LedgerEntry]


class TimelineEntry(msgspec.Struct, frozen=True):
    """One thing that happened to a message."""

    at: datetime
    event: str
    """`accepted`, `routed`, `sending`, `submitted`, `refused`, `report`, `settled`, `final`, or the name that
    the event was stored under."""
    text: str
    """For people; holds neither the number nor the text of the message."""
    facts: Mapping[str, Fact]


class MessageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages a list shows, newest first."""

    account_id: int | None = None
    recipient: int | None = None
    states: frozenset[State] = frozenset()
    """Empty: all of them."""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """The cursor: only messages with a lower id."""
    limit: int = 50


class MessagePage(msgspec.Struct, frozen=True):
    """A part of a list."""

    messages: list[Message]
    next_before: int | None
    """Ask for the next page with this; None on the last one."""
    since: datetime | None
    """How far back was looked, where that was bounded."""
