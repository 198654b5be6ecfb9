"""How messages look on the command line: masked unless asked otherwise, as objects for JSON and as lines for people."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from hongyan.kit.ids import format_id
from hongyan.kit.money import format_yuan
from hongyan.messages.masking import masked_number, masked_text, number_of
from hongyan.messages.model import Fact, Message, TimelineEntry
from hongyan.messages.words import STATES

_EVENT_WIDTH = len("report_repeated")


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message as JSON shows it; money is 厘."""

    mid: str
    state: str
    state_chinese: str
    stat: str | None
    recipient: str
    carrier: str
    kind: str
    account: str
    secret_id: str | None
    login: str | None
    segments: int
    charge: int
    channel: str | None
    route_id: int | None
    attempts: int
    accepted_at: datetime
    sending_at: datetime | None
    submitted_at: datetime | None
    final_at: datetime | None
    expires_at: datetime | None
    batch: str
    content: str


class EntryView(msgspec.Struct, frozen=True):
    """A line of a timeline as JSON shows it."""

    at: datetime
    after_seconds: float
    """Since acceptance."""
    event: str
    text: str
    facts: Mapping[str, Fact]


class TimelineView(msgspec.Struct, frozen=True):
    """A message and what happened to it."""

    message: MessageView
    timeline: list[EntryView]


def view_of(message: Message, *, reveal: bool) -> MessageView:
    """Return a message as it may be shown; number and codes whole only when asked for."""
    return MessageView(
        mid=format_id(message.mid),
        state=message.state.name.lower(),
        state_chinese=STATES[message.state].chinese,
        stat=message.stat,
        recipient=number_of(message.recipient) if reveal else masked_number(message.recipient),
        carrier=message.carrier.name.lower(),
        kind=message.kind.name.lower(),
        account=message.account,
        secret_id=message.secret_id,
        login=message.login,
        segments=message.segments,
        charge=message.charge,
        channel=message.channel,
        route_id=message.route_id,
        attempts=message.attempts,
        accepted_at=message.accepted_at,
        sending_at=message.sending_at,
        submitted_at=message.submitted_at,
        final_at=message.final_at,
        expires_at=message.expires_at,
        batch=format_id(message.batch_id),
        content=message.content if reveal else masked_text(message.content),
    )


def entry_view_of(entry: TimelineEntry, message: Message) -> EntryView:
    """Return a line of the message's timeline."""
    after_seconds = round((entry.at - message.accepted_at).total_seconds(), 6)
    return EntryView(entry.at, after_seconds, entry.event, entry.text, entry.facts)


def head_lines(view: MessageView) -> list[str]:
    """Return what stands above a timeline."""
    attempts = f", {view.attempts} attempts" if view.attempts > 1 else ""
    fields = {
        "message": view.mid,
        "state": " ".join(filter(None, (view.state, view.state_chinese, view.stat))),
        "to": f"{view.recipient}, {view.carrier}",
        "account": f"{view.account}, {f'login {view.login}' if view.secret_id is None else f'key {view.secret_id}'}",
        "kind": f"{view.kind}, {counted(view.segments, 'segment')}, ¥{format_yuan(view.charge)}",
        "channel": f"{view.channel or '-'}{attempts}",
        "text": view.content.replace("\n", "\n         "),
    }
    if view.expires_at is not None:
        fields["valid to"] = moment_text(view.expires_at)
    return [f"{name:<8} {text}" for name, text in fields.items()]


def entry_line(view: EntryView) -> str:
    """Return a line of a timeline: when, how long after acceptance, what."""
    return f"{moment_text(view.at)}  {view.after_seconds:+10.3f}  {view.event:<{_EVENT_WIDTH}}  {view.text}"


def moment_text(at: datetime) -> str:
    """Return a time to the millisecond, in this machine's zone."""
    rounded = at + timedelta(microseconds=500)  # as offsets are: acceptance is at a whole millisecond
    return rounded.astimezone().isoformat(sep=" ", timespec="milliseconds")[:23]


def took_text(message: Message) -> str:
    """Return how long a final message took, or a dash."""
    if message.final_at is None:
        return "-"
    return f"{(message.final_at - message.accepted_at).total_seconds():.3f} s"


def counted(number: int, noun: str) -> str:
    """Return `1 segment`, `2 segments`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
