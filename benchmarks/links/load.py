"""Our side of the benchmark: links that submit, and whoever takes the carrier's reports."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from hongyan.carriers.protocol import Outgoing, Protocol, ReportFields, Terms
from hongyan.kit.clock import SystemClock
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.link.pacing import Pacer
from hongyan.wire.session import Limits
from hongyan.wire.sgip.session import SgipServerSession

from .carrier import PASSWORD

_RECIPIENT_FIRST = 8_613_800_000_000
_MAGIC_ENDINGS = range(9000, 9100)
"""Of numbers on which the simulator misbehaves."""
_VALID = timedelta(hours=1)
_TICK_SECONDS = 0.01
TEXT = "【鸿雁】您的验证码是295713，五分钟内有效。"
NODE = 3_075_512_345


class Reports:
    """Counts reports, and answers them on whichever link they come."""

    def __init__(self, protocol: Protocol, terms: Terms) -> None:
        self.count = 0
        self._protocol = protocol
        self._terms = terms

    def take(self, link: LinkClient | ServerLink, sequence: int, pdu: Struct) -> None:
        """Take what the carrier sent."""
        if isinstance(self._protocol.read(pdu, self._terms), ReportFields):
            self.count += 1
        response = self._protocol.acknowledgement(pdu)
        if response is not None:
            link.answer(sequence, response)


class Submitter:
    """Sends over its links, each with its own pace or as fast as the windows allow."""

    def __init__(self, protocol: Protocol, terms: Terms, reports: Reports) -> None:
        self.links: list[LinkClient] = []
        self.sent = self.answered = self.refused = self.reports_seen = 0
        self.latencies: list[float] = []
        """Seconds from a submit to its response."""
        self.may_send = False
        self._pacers: dict[LinkClient, Pacer] = {}
        self._protocol = protocol
        self._terms = terms
        self._reports = reports
        self._expires_at = datetime.now(UTC) + _VALID
        self._recipient = _RECIPIENT_FIRST

    def pace(self, rate_per_second: int) -> None:
        """Hold every link to a speed."""
        self._pacers = {link: Pacer(rate_per_second, SystemClock()) for link in self.links}

    def pump(self, link: LinkClient) -> None:
        """Send what window and pace allow."""
        if not self.may_send:
            return
        count = link.credit
        pacer = self._pacers.get(link)
        if pacer is not None:
            count = min(count, pacer.available(time.monotonic()))
            pacer.take(count)
        for _ in range(count):
            self.sent += 1
            self._recipient += 1
            while self._recipient % 10_000 in _MAGIC_ENDINGS:
                self._recipient += 1
            outgoing = Outgoing(self._recipient, TEXT, self.sent, self._expires_at)
            (submit,) = self._protocol.submits(self._terms, outgoing)
            link.send(submit, time.perf_counter())

    async def keep_pace(self) -> None:
        """Look after the paced links until cancelled."""
        while True:
            for link in self.links:
                self.pump(link)
            await asyncio.sleep(_TICK_SECONDS)

    # What links tell (link.client.LinkObserver).

    def link_bound(self, link: LinkClient) -> None:
        """Nothing to do: the load starts when all are."""

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        """Make a lost link a failed benchmark."""
        if self.may_send:
            raise ConnectionError(f"a link was lost: {reason}")

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        """Count an answer and send the next."""
        assert isinstance(token, float)
        self.latencies.append(time.perf_counter() - token)
        self.answered += 1
        self.refused += self._protocol.judge(sequence, pdu, self._terms).result != 0
        if not self._pacers:
            self.pump(link)

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        """Count what was never answered as refused."""
        self.refused += 1

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        """Take a report."""
        self._reports.take(link, sequence, pdu)


class ReverseReports:
    """Takes the connections that a carrier of SGIP opens for its reports (link.listener.ListenerObserver)."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        """Let it in."""
        link.accept_bind(PASSWORD)

    def link_lost(self, link: ServerLink, unanswered: list[object], reason: str) -> None:
        """It will dial again."""

    def request_received(self, link: ServerLink, sequence: int, pdu: Struct) -> None:
        """Take a report."""
        self._reports.take(link, sequence, pdu)

    def response_received(self, link: ServerLink, sequence: int, token: object, pdu: Struct) -> None:
        """Nothing is asked of it."""

    def response_missing(self, link: ServerLink, sequence: int, token: object) -> None:
        """Nothing is asked of it."""


def reverse_listener(port: int, reports: Reports) -> Listener:
    """Return what an SGIP carrier dials."""
    return Listener(
        ListenerConfig(port=port, name="reverse"),
        session=lambda now: SgipServerSession(node=NODE, stamp=stamp, limits=Limits(), now=now),
        observer=ReverseReports(reports),
        clock=SystemClock(),
    )


def new_links(protocol: Protocol, terms: Terms, port: int, observer: Submitter, *, count: int) -> list[LinkClient]:
    """Return links that wait to be run."""
    limits = Limits(window_size=64)
    return [
        LinkClient(
            LinkConfig(host="127.0.0.1", port=port, name="benchmark"),
            session=lambda: protocol.session(terms, limits, stamp),
            observer=observer,
            clock=SystemClock(),
            index=index,
        )
        for index in range(1, count + 1)
    ]


def stamp(_now: float) -> int:
    """Return a time for SGIP's sequences; which one is all the same here."""
    return 1122090000


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until it is so; False when it was not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.005)
    return True


def quantile_ms(seconds: Sequence[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[int(len(ordered) * share)] * 1000, 2) if ordered else -1.0
