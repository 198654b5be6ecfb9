"""The phone API: a small ASGI application over the sandbox phones.

GET    /                                   the page
GET    /phones                             numbers with messages, the one that rang last first
DELETE /phones                             delete all messages
GET    /phones/{number}/messages           its messages, newest first
DELETE /phones/{number}/messages           delete them
GET    /phones/{number}/messages/next      wait for the next one; 204 when none comes in time
GET    /phones/{number}/events, /events    live changes of one number or all (server-sent events)
GET    /behaviours                         the magic endings
GET    /stats                              what the carriers counted and measured
DELETE /stats                              start the measured maxima anew
GET    /healthz                            alive

It is a plain application rather than a framework's because it shares two cores with the carriers and
whatever is measured against them.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from ipaddress import ip_address
from itertools import islice
from typing import Any, Protocol, TypeVar

from .behaviour import BEHAVIOURS
from .exchange import Exchange, Problem, Receive, Scope, Send, encode_json
from .numbering import e164_of, spoken
from .page import PAGE, PAGE_HEADERS
from .phones import Arrived, Change, Changed, Cleared, Message, Missed, Phones, TooManyWatches, Watch
from .views import BehaviourView, NumbersView, inbox_view, message_view, phone_view

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

Answer = Callable[[Exchange, str], Awaitable[None]]
T = TypeVar("T")


class Statistics(Protocol):
    """Where the figures of `/stats` come from."""

    def snapshot(self) -> object:
        """Return what `/stats` shows, in types that msgspec can encode."""
        ...

    def forget_maxima(self) -> None:
        """Start the measured maxima anew."""
        ...


class PhoneApi:
    """The ASGI application."""

    def __init__(self, phones: Phones, statistics: Statistics, *, host_names: Iterable[str] = ()) -> None:
        self._phones = phones
        self._statistics = statistics
        self._host_names = frozenset(name.lower() for name in host_names)
        self._routes: dict[tuple[str, ...], dict[str, Answer]] = {
            ("",): {"GET": self._page},
            ("healthz",): {"GET": self._alive},
            ("behaviours",): {"GET": self._behaviours},
            ("stats",): {"GET": self._stats, "DELETE": self._forget_maxima},
            ("events",): {"GET": self._events},
            ("phones",): {"GET": self._numbers, "DELETE": self._clear},
            ("phones", "*", "messages"): {"GET": self._messages, "DELETE": self._clear},
            ("phones", "*", "messages", "next"): {"GET": self._next},
            ("phones", "*", "events"): {"GET": self._events},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send)
        try:
            self._check_host(exchange.headers.get(b"host", b"").decode("latin-1"))
            await self._dispatch(exchange)
        except Problem as problem:
            await exchange.answer_problem(problem)
        except TooManyWatches:
            fix = "close some of the waiting requests, then try again"
            await exchange.answer_problem(Problem(503, "too many readers wait for messages", field="", fix=fix))

    def _check_host(self, host: str) -> None:
        """Refuse names that a stranger could point at this machine (DNS rebinding) to read along in a browser."""
        name = re.sub(r":[0-9]+\Z", "", host).strip("[]").rstrip(".").lower()
        is_single_word = "." not in name and ":" not in name
        if is_single_word or name.endswith(".localhost") or name in self._host_names:
            return
        try:
            ip_address(name)
        except ValueError:
            fix = "use the address, or add the name to host_names in the simulator's phone settings"
            raise Problem(421, f"this server does not answer to the name {name!r}", field="Host", fix=fix) from None

    async def _dispatch(self, exchange: Exchange) -> None:
        parts = tuple(exchange.path.strip("/").split("/"))
        number = parts[1] if len(parts) > 2 and parts[0] == "phones" else ""
        methods = self._routes.get((parts[0], "*", *parts[2:]) if number else parts)
        if methods is None:
            raise Problem(404, f"there is nothing at {exchange.path}", field="path", fix="see docs/simulator.md")
        answer = methods.get("GET" if exchange.method == "HEAD" else exchange.method)
        if answer is None:
            allow = ", ".join(methods)
            problem = Problem(405, f"{exchange.method} is not for this path", field="method", fix=f"use {allow}")
            await exchange.answer_problem(problem, allow=allow)
        else:
            await answer(exchange, number)

    async def _page(self, exchange: Exchange, _: str) -> None:
        await exchange.answer(200, PAGE_HEADERS, PAGE)

    async def _alive(self, exchange: Exchange, _: str) -> None:
        await exchange.answer_json({"status": "ok"})

    async def _behaviours(self, exchange: Exchange, _: str) -> None:
        await exchange.answer_json([BehaviourView(b.name, b.ending, b.meaning, b.meaning_zh) for b in BEHAVIOURS])

    async def _stats(self, exchange: Exchange, _: str) -> None:
        await exchange.answer_json(self._statistics.snapshot())

    async def _forget_maxima(self, exchange: Exchange, _: str) -> None:
        self._statistics.forget_maxima()
        await exchange.answer_nothing()

    async def _numbers(self, exchange: Exchange, _: str) -> None:
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

    async def _clear(self, exchange: Exchange, number_text: str) -> None:
        number = _number(number_text) if number_text else None
        exchange.allow_only()
        await exchange.answer_json({"deleted": self._phones.clear(number)})

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

    async def _events(self, exchange: Exchange, number_text: str) -> None:
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
