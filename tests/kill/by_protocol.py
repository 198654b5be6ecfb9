"""A customer who logs in by CMPP while things are killed: what it was told is counted like an answer of the API.

It sends short and long texts, the long ones in parts. Each accepted text must exist and, once it is final, must have
been reported to the customer: about the id of each part, with the stat that the message ended with. A report may come
twice, since its answer may be lost with the process that waited for it; the summary says how many did.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

import msgspec
from msgspec import Struct

from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.messages.model import State
from hongyan.text.headers import Concatenation, concatenation_header
from hongyan.wire.cmpp.pdus import Deliver, DeliverResp, Submit, SubmitResp
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.cmpp.session import CmppClientSession
from hongyan.wire.cmpp.statuses import SubmitResult
from hongyan.wire.errors import NotBound, WindowFull
from hongyan.wire.session import Limits

from .ledgers import Ledgers, Message, recipient_of, said_stat
from .load import Numbers
from .texts import BILLS, CODES, NOTICES
from .told import Fate, Text, Told
from .violation import Violation

LOGIN: Final = "900001"
PASSWORD: Final = "kill-loop"
LINKS: Final = 2
WINDOW: Final = 32
RESPONSE_SECONDS: Final = 6.0
_PART: Final = 67
_SINGLE: Final = 70
_TEXTS: Final = (CODES, CODES, NOTICES, BILLS)
_FIRST_BLOCK: Final = 5000
"""Of its numbers: those of the API's clients begin at 0."""


class Sent(msgspec.Struct):
    """One text, and what became of its parts."""

    number: int
    recipient: int
    text: Text
    sent_at_us: int
    waiting: int
    """Parts without an answer."""
    ids: list[int] = []
    results: list[int | None] = []
    """None: the link was lost, or nothing came in time."""


class Reported(msgspec.Struct, frozen=True):
    """A report as the customer got it."""

    msg_id: int
    stat: str
    recipient: int


class ProtocolLoad:
    """The customer's links."""

    def __init__(self, port: int, account_id: int, *, rate: float, random: Random) -> None:
        self.told: list[Told] = []
        self.sent: list[Sent] = []
        self.reports: list[Reported] = []
        self._account_id = account_id
        self._rate = rate
        self._random = random
        self._numbers = Numbers(random, first_block=_FIRST_BLOCK)
        self._reference = 0
        config = LinkConfig(host="127.0.0.1", port=port, backoff_min_seconds=0.2, backoff_max_seconds=1.0)
        limits = Limits(window_size=WINDOW, response_timeout_seconds=RESPONSE_SECONDS)
        self._links = [
            LinkClient(
                config,
                session=lambda: CmppClientSession(LOGIN, PASSWORD, limits=limits),
                observer=self,
                clock=SystemClock(),
                index=index,
            )
            for index in range(LINKS)
        ]

    async def run(self, stop: asyncio.Event, leave: asyncio.Event) -> None:
        """Send until `stop` is set, and take reports until `leave` is."""
        async with asyncio.TaskGroup() as tasks:
            for link in self._links:
                tasks.create_task(link.run())
            started, asked = time.monotonic(), 0
            while not stop.is_set():
                due = int((time.monotonic() - started) * self._rate)
                for _ in range(due - asked):
                    self._send()
                asked = due
                await asyncio.sleep(0.01)
            await leave.wait()
            for link in self._links:
                await link.stop(RESPONSE_SECONDS)

    def told_of(self, messages: Sequence[Message]) -> list[Told]:
        """Return what the customer was told, with the ids by which the platform knows its texts; 0: it does not."""
        mids = {message.recipient: message.mid for message in messages}
        return [
            msgspec.structs.replace(told, mid=mids.get(told.recipient, 0)) if told.fate is Fate.ACCEPTED else told
            for told in self.told
        ]

    def _send(self) -> None:
        text = self._random.choice(self._random.choice(_TEXTS))
        parts = _cut(text.content)
        link = max(self._links, key=lambda link: link.credit)
        if link.credit < len(parts):
            return
        number = self._numbers.next()
        sent = Sent(len(self.sent), recipient_of(number), text, time.time_ns() // 1000, len(parts))
        self.sent.append(sent)
        self._reference = (self._reference + 1) % 256
        for index, part in enumerate(parts, 1):
            header = Concatenation(self._reference, len(parts), index) if len(parts) > 1 else None
            try:
                link.send(_submit(number, part, header), sent)
            except (NotBound, WindowFull):
                self._take(sent, None)

    def _take(self, sent: Sent, response: SubmitResp | None) -> None:
        """Write an answer down, or that none will come; the last part's decides what the customer knows."""
        sent.results.append(None if response is None else response.result)
        if response is not None and response.result == SubmitResult.OK:
            sent.ids.append(response.msg_id)
        sent.waiting -= 1
        if sent.waiting:
            return
        code = ",".join(map(str, sent.results))
        self.told.append(
            Told(
                -1 - sent.number,
                self._account_id,
                sent.recipient,
                sent.text,
                _fate_of(sent.results),
                None,
                sent.sent_at_us,
                time.time_ns() // 1000,
                f"cmpp/{code}",
            )
        )

    # What the links tell.

    def link_bound(self, link: LinkClient) -> None:
        """Nothing to do: the load looks for credit."""

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        """Note that nobody knows."""
        for sent in unanswered:
            assert isinstance(sent, Sent)
            self._take(sent, None)

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        """Note an answer; one that came too late changes nothing."""
        assert isinstance(token, Sent)
        assert isinstance(pdu, SubmitResp)
        if token.waiting:
            self._take(token, pdu)

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        """Note that nobody knows."""
        assert isinstance(token, Sent)
        self._take(token, None)

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        """Take a report."""
        assert isinstance(pdu, Deliver)
        report = decode_report(pdu.msg_content)
        self.reports.append(Reported(report.msg_id, report.stat, recipient_of(report.dest_terminal_id)))
        link.answer(sequence, DeliverResp(pdu.msg_id))


def check_reports(load: ProtocolLoad, ledgers: Ledgers) -> Iterator[Violation]:
    """Compare what the customer was told of its texts with how they ended.

    push.lost      a text ended, and the customer was not told so about one of its parts
    push.wrong     a report says something else than the message's end
    push.unasked   a report about a number that the customer never sent to
    """
    messages = {message.recipient: message for message in ledgers.database.messages}
    stats: dict[int, set[str | None]] = {}
    for report in load.reports:
        stats.setdefault(report.msg_id, set()).add(said_stat(report.stat))
    for sent in load.sent:
        message = messages.get(sent.recipient)
        if _fate_of(sent.results) is Fate.ACCEPTED and message is not None and _is_final(message):
            for msg_id in sent.ids:
                told = stats.get(msg_id, set())
                if not told:
                    yield Violation("push.lost", f"{msg_id} ended with {message.stat}", recipient=sent.recipient)
                elif told != {message.stat}:
                    yield Violation("push.wrong", f"{told}, ended with {message.stat}", recipient=sent.recipient)
    asked = {sent.recipient for sent in load.sent}
    for report in load.reports:
        if report.recipient not in asked:
            yield Violation("push.unasked", f"{report.msg_id} is {report.stat}", recipient=report.recipient)


def told_twice(load: ProtocolLoad) -> int:
    """Return how many reports came more often than once."""
    return sum(count > 1 for count in Counter(report.msg_id for report in load.reports).values())


def _fate_of(results: Sequence[int | None]) -> Fate:
    """Return what the answers say: 8 may be a commit whose outcome is unknown, anything else that is no yes is a no."""
    if all(result == SubmitResult.OK for result in results):
        return Fate.ACCEPTED
    is_open = any(result is None or result == SubmitResult.FLOW_CONTROL for result in results)
    return Fate.UNKNOWN if is_open else Fate.REFUSED


def _is_final(message: Message) -> bool:
    return State(message.state).is_final


def _cut(content: str) -> list[str]:
    size = _SINGLE if len(content) <= _SINGLE else _PART
    return [content[start : start + size] for start in range(0, len(content), size)]


def _submit(number: str, part: str, header: Concatenation | None) -> Submit:
    octets = part.encode("utf-16-be")
    return Submit(
        pk_total=header.total if header else 1,
        pk_number=header.number if header else 1,
        tp_udhi=int(header is not None),
        msg_fmt=8,
        msg_src=LOGIN,
        dest_terminal_id=(number,),
        msg_content=concatenation_header(header) + octets if header else octets,
    )
