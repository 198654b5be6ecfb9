"""What the phone API shows: the shapes of its JSON, made from what the phones keep."""

import msgspec

from .answering import Reply
from .handsets import PhoneState
from .numbering import spoken
from .phones import Message
from .reading import code_in, decode, signature_in
from .segment import Segment
from .times import time_text


class PartView(msgspec.Struct, frozen=True):
    """One segment of a message."""

    part: int
    message_id: str
    """The carrier's id as its protocol writes it; CMPP's in decimal digits, too many for a number in JavaScript."""
    link: int
    sequence: str
    """Digits, as long ones as the protocol has; JSON numbers would be rounded."""
    submitted_at: str
    reported_at: str | None
    acknowledged_at: str | None


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message in an inbox."""

    id: int
    number: str
    e164: str
    text: str
    signature: str | None
    code: str | None
    sender: str
    carrier: str
    login: str
    encoding: str
    segments: int
    segments_total: int
    complete: bool
    submitted_at: str
    received_at: str
    message_ids: list[str]
    parts: list[PartView]


class PhoneView(msgspec.Struct, frozen=True):
    """A number in the list of numbers."""

    number: str
    e164: str
    messages: int
    latest: MessageView


class NumbersView(msgspec.Struct, frozen=True):
    """The list of numbers, the one that rang last first."""

    total: int
    phones: list[PhoneView]


class InboxView(msgspec.Struct, frozen=True):
    """Messages of one number, newest first; `before` continues the list, None at its end."""

    number: str
    e164: str
    total: int
    messages: list[MessageView]
    before: int | None


class StateView(msgspec.Struct, frozen=True):
    """What a phone is up to."""

    number: str
    e164: str
    state: PhoneState
    waiting: int
    """Segments that wait until it is on."""


class ReplyPartView(msgspec.Struct, frozen=True):
    """One part of a reply."""

    part: int
    tries: int
    sent_at: str | None
    acknowledged_at: str | None


class ReplyView(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered from a phone."""

    id: int
    number: str
    to: str
    carrier: str
    login: str
    text: str
    encoding: str
    at: str
    parts: list[ReplyPartView]


class BehaviourView(msgspec.Struct, frozen=True):
    """One row of the magic endings."""

    name: str
    ending: str
    meaning: str
    meaning_zh: str


def message_view(message: Message) -> MessageView:
    """Decode a message and read its signature and code."""
    first = message.segments[0]
    text = decode(b"".join(segment.content for segment in message.segments), first.coding)
    return MessageView(
        id=message.message_id,
        number=spoken(message.number),
        e164=f"+{message.number}",
        text=text,
        signature=signature_in(text),
        code=code_in(text),
        sender=first.sender,
        carrier=first.carrier,
        login=first.login,
        encoding=first.coding.value,
        segments=len(message.segments),
        segments_total=first.concatenation.total if first.concatenation else 1,
        complete=message.complete,
        submitted_at=time_text(min(segment.submitted_at for segment in message.segments)),
        received_at=time_text(max(segment.rang_at or segment.submitted_at for segment in message.segments)),
        message_ids=[segment.id_text(segment.message_id) for segment in message.segments],
        parts=[_part_view(segment) for segment in message.segments],
    )


def _part_view(segment: Segment) -> PartView:
    return PartView(
        part=segment.concatenation.number if segment.concatenation else 1,
        message_id=segment.id_text(segment.message_id),
        link=segment.link,
        sequence=str(segment.sequence),
        submitted_at=time_text(segment.submitted_at),
        reported_at=_time_or_none(segment.reported_at),
        acknowledged_at=_time_or_none(segment.acknowledged_at),
    )


def reply_view(reply: Reply) -> ReplyView:
    """Show a reply and how far its parts have come."""
    first = reply.parts[0]
    return ReplyView(
        id=reply.reply_id,
        number=spoken(reply.number),
        to=first.destination,
        carrier=first.carrier,
        login=first.login,
        text=reply.text,
        encoding=first.coding.value,
        at=time_text(reply.at),
        parts=[
            ReplyPartView(number, part.tries, _time_or_none(part.sent_at), _time_or_none(part.acknowledged_at))
            for number, part in enumerate(reply.parts, start=1)
        ],
    )


def _time_or_none(unix_seconds: float | None) -> str | None:
    return None if unix_seconds is None else time_text(unix_seconds)


def phone_view(number: int, messages: list[Message]) -> PhoneView:
    """Return a row of the list of numbers; the number has at least one message."""
    return PhoneView(spoken(number), f"+{number}", len(messages), message_view(messages[-1]))


def inbox_view(number: int, messages: list[Message], *, limit: int, before: int | None) -> InboxView:
    """Return up to `limit` messages, newest first, that are older than the one with the id `before`."""
    end = len(messages)
    if before is not None:
        while end and messages[end - 1].message_id >= before:
            end -= 1
    start = max(0, end - limit)
    shown = [message_view(message) for message in reversed(messages[start:end])]
    return InboxView(
        number=spoken(number),
        e164=f"+{number}",
        total=len(messages),
        messages=shown,
        before=shown[-1].id if start and shown else None,
    )
