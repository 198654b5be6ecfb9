"""The phone API: reading the sandbox phones, turning them off and on, and answering from them.

GET    /                                   the page
GET    /phones                             numbers with messages, the one that rang last first
DELETE /phones                             delete all messages
GET    /phones/{number}/messages           its messages, newest first
DELETE /phones/{number}/messages           delete them
GET    /phones/{number}                    what the phone is up to
GET    /phones/{number}/state              the same
PUT    /phones/{number}/state              {"state": "on", "off", "full" or "empty"}
POST   /phones/{number}/replies            {"text": …}: answer whoever wrote last
GET    /phones/{number}/replies            the newest replies
GET    /phones/{number}/messages/next      wait for the next one; 204 when none comes in time
GET    /phones/{number}/events, /events    live changes of one number or all (server-sent events)
GET    /behaviours                         the magic endings
GET    /stats                              what the carriers counted and measured
DELETE /stats                              start the measured maxima anew
GET    /healthz                            alive
"""

import asyncio
import re
from collections.abc import Coroutine
from itertools import islice
from typing import Any, Protocol, TypeVar

import msgspec

from .answering import Answering, CannotReply, ReplyDraft
from .application import Routes
from .behaviour import BEHAVIOURS
from .exchange import Exchange, Problem, Receive, encode_json
from .handsets import PhoneState, TooManyPhones
from .numbering import e164_of, spoken
from .page import PAGE, PAGE_HEADERS
from .phones import Arrived, Change, Changed, Cleared, Message, Missed, Phones, Turned, Watch
from .views import BehaviourView, NumbersView, StateView, inbox_view, message_view, phone_view, reply_view

WAIT_SECONDS = 10.0
WAIT_SECONDS_MAX = 120.0
PAGE_SIZE = 50
PAGE_SIZE_MAX = 500
HEARTBEAT_SECONDS = 15.0
GATHER_SECONDS = 0.05
_ID_MAX = 2**53

_SEPARATORS = re.compile(r"[\s\-()]+")
_RETRY = b"retry: 1000\n\n"
_HEARTBEAT = b": still here\n\n"
_MISSED = b"event: missed\ndata: {}\n\n"

T = TypeVar("T")


class Statistics(Protocol):
    """Where the figures of `/stats` come from."""

    def snapshot(self) -> object:
        """Return what `/stats` shows, in types that msgspec can encode."""
        ...

    def forget_maxima(self) -> None:
        """Start the measured maxima anew."""
        ...


class _StateOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a phone shall be up to."""

    state: PhoneState


class PhoneApi:
    """Answers for the phones."""

    def __init__(self, phones: Phones, statistics: Statistics, answering: Answering) -> None:
        self._phones = phones
        self._statistics = statistics
        self._answering = answering

    def routes(self) -> Routes:
        """Return who answers what."""
        return {
            "/": {"GET": self._page},
            "/healthz": {"GET": self._alive},
            "/behaviours": {"GET": self._behaviours},
            "/stats": {"GET": self._stats, "DELETE": self._forget_maxima},
            "/events": {"GET": self._events},
            "/phones": {"GET": self._numbers, "DELETE": self._clear},
            "/phones/*": {"GET": self._phone},
            "/phones/*/messages": {"GET": self._messages, "DELETE": self._clear},
            "/phones/*/messages/next": {"GET": self._next},
            "/phones/*/events": {"GET": self._events},
            "/phones/*/state": {"GET": self._state, "PUT": self._turn},
            "/phones/*/replies": {"GET": self._replies, "POST": self._reply},
        }

    async def _page(self, exchange: Exchange) -> None:
        await exchange.answer(200, PAGE_HEADERS, PAGE)

    async def _alive(self, exchange: Exchange) -> None:
        await exchange.answer_json({"status": "ok"})

    async def _behaviours(self, exchange: Exchange) -> None:
        await exchange.answer_json([BehaviourView(b.name, b.ending, b.meaning, b.meaning_zh) for b in BEHAVIOURS])

    async def _stats(self, exchange: Exchange) -> None:
        await exchange.answer_json(self._statistics.snapshot())

    async def _forget_maxima(self, exchange: Exchange) -> None:
        self._statistics.forget_maxima()
        await exchange.answer_nothing()

    async def _numbers(self, exchange: Exchange) -> None:
        exchange.allow_only("limit")
        limit = exchange.whole("limit", low=1, high=PAGE_SIZE_MAX) or PAGE_SIZE
        phones = self._phones
        shown = [phone_view(number, phones.messages(number)) for number in islice(phones.numbers(), limit)]
        await exchange.answer_json(NumbersView(phones.number_count(), shown))

    async def _messages(self, exchange: Exchange, number_text: str) -> None:
        number = _number(number_text)
        exchange.allow_only("limit", "before")
        limit = exchange.whole("limit", low=1, high=PAGE_SIZE_MAX) or PAGE_SIZE
        before = exchange.whole("before", low=0, high=_ID_MAX)
        await exchange.answer_json(inbox_view(number, self._phones.messages(number), limit=limit, before=before))

    async def _clear(self, exchange: Exchange, number_text: str = "") -> None:
        number = _number(number_text) if number_text else None
        exchange.allow_only()
        await exchange.answer_json({"deleted": self._phones.clear(number)})

    async def _phone(self, exchange: Exchange, number_text: str) -> None:
        exchange.allow_only()
        await self._show_state(exchange, _number(number_text))

    async def _state(self, exchange: Exchange, number_text: str) -> None:
        await self._phone(exchange, number_text)

    async def _turn(self, exchange: Exchange, number_text: str) -> None:
        number = _number(number_text)
        wanted = await exchange.read(_StateOrder)
        try:
            self._phones.turn(number, wanted.state)
        except TooManyPhones as error:
            fix = "turn others on again first"
            raise Problem(409, "too many phones are off, full or empty", field="state", fix=fix) from error
        await self._show_state(exchange, number)

    async def _show_state(self, exchange: Exchange, number: int) -> None:
        handsets = self._phones.handsets
        view = StateView(spoken(number), f"+{number}", handsets.state(number), handsets.waiting(number))
        await exchange.answer_json(view)

    async def _replies(self, exchange: Exchange, number_text: str) -> None:
        exchange.allow_only()
        replies = self._answering.replies(_number(number_text))
        await exchange.answer_json({"replies": [reply_view(reply) for reply in replies]})

    async def _reply(self, exchange: Exchange, number_text: str) -> None:
        number = _number(number_text)
        draft = await exchange.read(ReplyDraft)
        try:
            reply = self._answering.reply(number, draft)
        except CannotReply as error:
            raise Problem(400, str(error), field=error.field, fix=error.fix) from error
        await exchange.answer_json(reply_view(reply), status=201)

    async def _next(self, exchange: Exchange, number_text: str) -> None:
        number = _number(number_text)
        exchange.allow_only("timeout", "after")
        timeout_seconds = exchange.seconds("timeout", WAIT_SECONDS, high=WAIT_SECONDS_MAX)
        after = exchange.whole("after", low=0, high=_ID_MAX)
        message = None if after is None else self._phones.first_after(number, after)
        if message is None:
            with self._phones.watch(number) as watch:
                message = await _unless_gone(exchange.receive, _next_arrival(watch, timeout_seconds))
        if message is None:
            await exchange.answer_nothing()
        else:
            await exchange.answer_json(message_view(message))

    async def _events(self, exchange: Exchange, number_text: str = "") -> None:
        number = _number(number_text) if number_text else None
        exchange.allow_only()
        first = _RETRY + self._since(exchange.headers.get(b"last-event-id", b""), number)
        with self._phones.watch(number) as watch:
            await exchange.begin_stream()
            await _unless_gone(exchange.receive, _stream(exchange, watch, first))

    def _since(self, last_event_id: bytes, number: int | None) -> bytes:
        """Return the events that a reader who comes back has not seen."""
        if not last_event_id.isdigit() or len(last_event_id) > len(str(_ID_MAX)):
            return b""
        if number is None:
            return _MISSED
        seen = int(last_event_id)
        unseen = [message for message in self._phones.messages(number) if message.message_id > seen]
        return _MISSED if len(unseen) > PAGE_SIZE else b"".join(_event(Arrived(message)) for message in unseen)


def _number(text: str) -> int:
    number = e164_of(_SEPARATORS.sub("", text))
    if number is None:
        fix = "write it as 13800138000, 8613800138000 or +8613800138000"
        raise Problem(400, f"{text!r} is not a phone number", field="number", fix=fix)
    return number


async def _next_arrival(watch: Watch, timeout_seconds: float) -> Message | None:
    """Wait for the next message; None after the time-out or when the watch is ended."""
    try:
        async with asyncio.timeout(timeout_seconds):
            while changes := await watch.take():
                for change in changes:
                    if isinstance(change, Arrived):
                        return change.message
    except TimeoutError:
        pass
    return None


async def _stream(exchange: Exchange, watch: Watch, chunk: bytes) -> None:
    """Send changes as they happen, and a sign of life when nothing does."""
    while True:
        await exchange.stream(chunk)
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                changes = await watch.take()
        except TimeoutError:
            chunk = _HEARTBEAT
            continue
        if not changes:
            await exchange.stream(b"", more=False)
            return
        chunk = b"".join(map(_event, changes))
        await asyncio.sleep(GATHER_SECONDS)  # a burst becomes one write, and a page is not flooded


def _event(change: Change) -> bytes:
    match change:
        case Arrived(message):
            return b"event: message\nid: %d\ndata: %s\n\n" % (message.message_id, encode_json(message_view(message)))
        case Changed(message):
            return b"event: update\ndata: %s\n\n" % encode_json(message_view(message))
        case Turned(number, state):
            return b"event: state\ndata: %s\n\n" % encode_json({"number": spoken(number), "state": state})
        case Cleared(number):
            shown = None if number is None else spoken(number)
            return b"event: cleared\ndata: %s\n\n" % encode_json({"number": shown})
        case Missed():
            return _MISSED


async def _unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T | None:
    """Await the work; give it up and return None when the client goes away meanwhile."""
    async with asyncio.TaskGroup() as group:
        working = group.create_task(work)
        leaving = group.create_task(_gone(receive))
        working.add_done_callback(lambda _: leaving.cancel())
        leaving.add_done_callback(lambda _: working.cancel())
    return None if working.cancelled() else working.result()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
