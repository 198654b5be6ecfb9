"""One channel at work: its links, what is ready to go, what is on the wire.

A claimed message becomes a Flight. Its segments go over one link, in order and without waiting for each
other's answers (gateways that reassemble answer only when all are there). The window of the link and
the speed of the channel decide when; the dispatcher claims no more than there is room for.

A segment that the carrier puts off is offered again after a pause, and an answer that asks for less speed lowers
the speed of the whole channel for a while (`throttle`).

Every flight ends here in exactly one way: answered and handed to settlement, doubted because its answer
will never come, or put back because nothing of it was written.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import asyncpg
import structlog
from msgspec import Struct

from hongyan.carriers import PROTOCOLS
from hongyan.carriers.protocol import Disposition, Outgoing, Verdict
from hongyan.content.model import MessageKind
from hongyan.kit.clock import Clock
from hongyan.kit.ids import unix_seconds_of
from hongyan.link.client import LinkClient
from hongyan.link.pacing import Pacer
from hongyan.messages.model import State
from hongyan.routing.model import Channel
from hongyan.wire.errors import EncodeError

from .doubt import judge_doubt
from .inbox import Inbox, ReplySink, terms_of
from .metrics import DEFERRED
from .reports import Refusal, event_detail
from .settle import Answer, Doubt, Settler
from .throttle import PutOff, Throttle, offer_again_after

_log = structlog.get_logger()

AHEAD_SECONDS: Final = 0.1
"""How far ahead of its speed a channel claims, so that slow channels do not claim one by one."""
STAT_UNSENDABLE: Final = "MT:9999"
"""Our own word on a message that does not fit into the carrier's PDU: the channel's settings are wrong."""
SEQUENCE_MASK: Final = 0xFFFF_FFFF
"""What of a sequence is kept with a segment: of SGIP's three words the last, which is the one that counts."""


class Flight:
    """A claimed message until its fate is settled."""

    __slots__ = (
        "answered",
        "attempt",
        "avoid_link",
        "expires_at",
        "is_over",
        "kind",
        "link",
        "mid",
        "sent",
        "submits",
    )

    def __init__(self, row: asyncpg.Record, submits: Sequence[Struct]) -> None:
        self.mid: int = row["mid"]
        self.attempt: int = row["attempt"]
        self.kind = MessageKind(row["priority"])
        self.expires_at: datetime = row["expires_at"]
        self.avoid_link: int | None = row["avoid_link"]
        self.submits = submits
        self.link: LinkClient | None = None
        self.sent = 0
        self.answered = 0
        self.is_over = False


class Segment:
    """One submit on the wire; the token that comes back with its answer."""

    __slots__ = ("flight", "part", "sent", "sent_at", "tries")

    def __init__(self, flight: Flight, part: int, sent_at: datetime, *, sent: float, tries: int = 1) -> None:
        self.flight = flight
        self.part = part
        self.sent_at = sent_at
        self.sent = sent
        """The same moment in monotonic seconds."""
        self.tries = tries


class ChannelRunner:
    """Sends a channel's messages over its links and hands the outcome to settlement."""

    def __init__(
        self, channel: Channel, settler: Settler, clock: Clock, *, replies: ReplySink, wake: Callable[[], None]
    ) -> None:
        self.channel = channel
        self.fence = 0
        """The fence of the lease under which this runner works."""
        self.links: list[LinkClient] = []
        """Those that submits go over."""
        self.receivers: list[LinkClient] = []
        """Those over which the carrier only tells; none, where it does so on the others."""
        self.flights: dict[int, Flight] = {}
        """mid → flight, of everything claimed and not settled."""
        self.may_send: Callable[[], bool] = lambda: True
        self._protocol = PROTOCOLS[channel.protocol]
        self._terms = terms_of(channel)
        self._inbox = Inbox(channel, settler, replies, clock)
        self._settler = settler
        self._clock = clock
        self._wake = wake
        self._pacer = Pacer(channel.speed_per_second, clock)
        self._throttle = Throttle(channel.speed_per_second)
        self._is_slowed = False
        self._ready: deque[Flight] = deque()
        self._partly_sent: dict[LinkClient, deque[Flight]] = {}
        self._put_off: PutOff[Segment] = PutOff()

    # For the dispatcher.

    def adopt(self, channel: Channel) -> None:
        """Take over changed settings that need no new connection."""
        self.channel = channel
        self._terms = terms_of(channel)
        self._inbox.adopt(channel)
        self._throttle.speed_per_second = channel.speed_per_second

    def room(self) -> int:
        """Return how many messages can be claimed now."""
        waiting = len(self._ready) + len(self._put_off)
        window = sum(link.credit for link in self.links) - waiting
        if window <= 0:
            return 0
        ahead = int(self._throttle.rate(self._clock.monotonic()) * AHEAD_SECONDS) + 1 - waiting
        return max(0, min(window, ahead))

    def launch(self, rows: Sequence[asyncpg.Record]) -> None:
        """Take claimed messages and send what can be sent."""
        for row in rows:
            outgoing = Outgoing(
                row["recipient"], row["content"], _reference_of(row["mid"]), row["expires_at"], row["extension"]
            )
            flight = Flight(row, self._protocol.submits(self._terms, outgoing))
            self.flights[flight.mid] = flight
            self._ready.append(flight)
        self.pump()

    def pump(self) -> float | None:
        """Send while window and speed allow; return the monotonic time to call again, or None."""
        now = self._clock.monotonic()
        if not self.may_send():
            return None
        self._set_pace(now)
        budget = self._pacer.available(now)
        budget -= self._continue_long_texts(budget, now)
        sent_at = datetime.fromtimestamp(self._clock.now(), UTC)
        while self._ready and budget > 0:
            flight = self._ready[0]
            if flight.is_over or flight.expires_at <= sent_at:
                self._ready.popleft()
                self._expire(flight, sent_at)
                continue
            link = self._best_link(flight)
            if link is None:
                break
            self._ready.popleft()
            flight.link = link
            budget -= self._send(flight, link, budget, sent_at)
        return self._call_again_at(now, has_budget=budget > 0)

    def unsent(self) -> list[int]:
        """Forget the flights of which no carrier has anything and return their mids."""
        put_off = self._put_off.take_all()
        refused = [segment.flight for segment in put_off if len(segment.flight.submits) == 1]
        flights = [flight for flight in (*self._ready, *refused) if not flight.is_over]
        for flight in flights:
            self._end(flight)
        self._ready.clear()
        for segment in put_off:
            if not segment.flight.is_over:
                self._put_off.add(segment, due=self._clock.monotonic())
        return [flight.mid for flight in flights]

    def give_up(self, reason: str) -> None:
        """Doubt what is left after the links are closed for good and `unsent` was asked."""
        for flight in list(self.flights.values()):
            self._doubt(flight, flight.link, reason)

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing is on its way."""
        return not self.flights

    @property
    def links_bound(self) -> int:
        """How many links are bound; none, where none of those can send."""
        bound = sum(link.is_bound for link in self.links)
        return bound + sum(link.is_bound for link in self.receivers) if bound or not self.links else 0

    def status(self) -> dict[str, int]:
        """Return what the heartbeat tells; `speed_now` only while the carrier holds the channel back."""
        told = {
            "bound": self.links_bound,
            "links": len(self.links) + len(self.receivers),
            "in_flight": len(self.flights),
        }
        now = self._clock.monotonic()
        if self._throttle.is_reduced(now):
            told["speed_now"] = round(self._throttle.rate(now))
        return told

    # What the links tell (link.client.LinkObserver).

    def link_bound(self, _link: LinkClient) -> None:
        """A link can send."""
        self._wake()

    def link_lost(self, link: LinkClient, unanswered: list[object], reason: str) -> None:
        """A link is gone; what it had not answered may or may not have arrived."""
        for token in unanswered:
            assert isinstance(token, Segment)
            self._doubt(token.flight, link, reason)
        for flight in self._partly_sent.pop(link, ()):
            self._doubt(flight, link, reason)
        self._wake()

    def response_received(self, link: LinkClient, sequence: int, token: object, pdu: Struct) -> None:
        """A submit was answered, perhaps so late that it was in doubt already."""
        assert isinstance(token, Segment)
        flight = token.flight
        verdict = self._protocol.judge(sequence, pdu, self._terms)
        if verdict.slows_down:
            self._slow_down(token)
        if verdict.disposition is Disposition.LATER:
            if not flight.is_over:
                self._defer(token, link, verdict)
            return
        taken = verdict.disposition is Disposition.TAKEN
        flight.answered += taken
        answered_at = datetime.fromtimestamp(self._clock.now(), UTC)
        total = len(flight.submits)
        answer = Answer(
            flight.mid,
            flight.attempt,
            token.part,
            self.channel.channel_id,
            link.index,
            sequence & SEQUENCE_MASK,
            verdict.result,
            verdict.carrier_message_id,
            token.sent_at,
            answered_at,
        )
        complete = flight.answered == total
        self._settler.answered(answer, submitted=complete, simple=total == 1 and flight.attempt == 1)
        if complete:
            self._end(flight)
            self._spare(flight.mid)
        elif not taken:
            self._refuse(flight, State.REJECTED, f"MT:{verdict.result:04d}", answered_at)
        self._wake()

    def response_missing(self, link: LinkClient, sequence: int, token: object) -> None:
        """A submit was not answered in time."""
        assert isinstance(token, Segment)
        _log.warning("submit.unanswered", channel=self.channel.name, link=link.index, sequence=sequence & SEQUENCE_MASK)
        self._doubt(token.flight, link, "no answer in time")
        self._wake()

    def request_received(self, link: LinkClient, sequence: int, pdu: Struct) -> None:
        """The carrier tells something: a report, or a reply from a phone."""
        self._inbox.take(link, sequence, pdu)

    # Sending.

    def _best_link(self, flight: Flight) -> LinkClient | None:
        """Return the link with the most room, another than the one that failed this message if there is one.

        A text of several segments waits for a link that has room for all of them, where a window is that large: some
        gateways answer none before they have the last.
        """
        best = None
        room = min(len(flight.submits), self.channel.window_size) - 1
        for link in self.links:
            credit = link.credit
            if credit > room and link.index != flight.avoid_link:
                best, room = link, credit
        if best is None and flight.avoid_link is not None:
            flight.avoid_link = None
            return self._best_link(flight)
        return best

    def _send(self, flight: Flight, link: LinkClient, budget: int, sent_at: datetime) -> int:
        """Send what fits of a flight; the rest waits for this link. Returns how many segments went."""
        total = len(flight.submits)
        count = min(total - flight.sent, link.credit, budget)
        now = self._clock.monotonic()
        for _ in range(count):
            submit = flight.submits[flight.sent]
            try:
                link.send(submit, Segment(flight, flight.sent + 1, sent_at, sent=now))
            except EncodeError as error:
                _log.error("submit.unsendable", channel=self.channel.name, problem=str(error))
                self._refuse(flight, State.REJECTED, STAT_UNSENDABLE, sent_at)
                return 0
            flight.sent += 1
        self._pacer.take(count)
        if flight.sent < total:
            waiting = self._partly_sent.setdefault(link, deque())
            if not waiting or waiting[0] is not flight:
                waiting.append(flight)
        return count

    def _continue_long_texts(self, budget: int, now: float) -> int:
        """Send the segments that a pause or a link's full window held back; returns how many went."""
        sent_at = datetime.fromtimestamp(self._clock.now(), UTC)
        went = self._offer_again(budget, now, sent_at) if self._put_off else 0
        for link, waiting in self._partly_sent.items():
            while waiting and link.credit and went < budget:
                flight = waiting[0]
                if not flight.is_over:
                    went += self._send(flight, link, budget - went, sent_at)
                if flight.is_over or flight.sent == len(flight.submits):
                    waiting.popleft()
        return went

    def _offer_again(self, budget: int, now: float, sent_at: datetime) -> int:
        """Send what was put off and is due; what finds no room stays due."""
        went = 0
        for segment in self._put_off.take_due(now):
            flight = segment.flight
            if flight.is_over:
                continue
            if flight.expires_at <= sent_at:
                self._expire(flight, sent_at)
                continue
            link = self._best_link(flight) if len(flight.submits) == 1 else flight.link
            if went >= budget or link is None or not link.credit:
                self._put_off.add(segment, due=now)
                continue
            flight.link = link
            again = Segment(flight, segment.part, sent_at, sent=now, tries=segment.tries + 1)
            link.send(flight.submits[segment.part - 1], again)
            went += 1
        self._pacer.take(went)
        return went

    def _set_pace(self, now: float) -> None:
        """Send as fast as was agreed, or as the carrier has of late shown to take."""
        rate = self._throttle.rate(now)
        if rate == self._pacer.rate_per_second:
            return
        self._pacer.rate_per_second = rate
        if self._is_slowed and rate == self.channel.speed_per_second:
            self._is_slowed = False
            _log.info("channel.speed_reached", channel=self.channel.name, speed_per_second=rate)

    def _call_again_at(self, now: float, *, has_budget: bool) -> float | None:
        """Return when there will be something to send; None when an answer has to come first, which wakes."""
        due = self._put_off.due_at
        is_due = due is not None and due <= now
        times: list[float] = []
        if not has_budget and (is_due or self._ready or any(self._partly_sent.values())):
            times.append(self._pacer.next_at())
        if due is not None and not is_due:
            times.append(due)
        return min(times, default=None)

    # Endings.

    def _slow_down(self, segment: Segment) -> None:
        now = self._clock.monotonic()
        if self._throttle.slow_down(now, sent_at=segment.sent):
            self._is_slowed = True
            speed = round(self._throttle.rate(now), 1)
            _log.warning("channel.slowed_down", channel=self.channel.name, speed_per_second=speed)

    def _defer(self, segment: Segment, link: LinkClient, verdict: Verdict) -> None:
        """The carrier does not take a segment now: offer it again after a pause, while it is worth sending."""
        flight = segment.flight
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        if now >= flight.expires_at:
            self._expire(flight, now)
            return
        DEFERRED.inc()
        if segment.tries & (segment.tries - 1) == 0:  # the 1st, 2nd, 4th, 8th … so that hours of it stay readable
            detail = event_detail(
                result=verdict.result,
                meaning=verdict.meaning,
                part=segment.part,
                link=link.index,
                attempt=flight.attempt,
                tries=segment.tries,
            )
            self._settler.noted(flight.mid, now, "deferred", detail)
        pause = min(offer_again_after(segment.tries), (flight.expires_at - now).total_seconds())
        self._put_off.add(segment, due=self._clock.monotonic() + pause)
        self._wake()

    def _doubt(self, flight: Flight, link: LinkClient | None, reason: str) -> None:
        if flight.is_over:
            return
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        verdict = judge_doubt(flight.kind, attempt=flight.attempt, now=now, expires_at=flight.expires_at)
        detail = event_detail(
            reason=reason,
            channel=self.channel.name,
            link=link.index if link else None,
            attempt=flight.attempt,
            resend="now" if verdict.resend_now else None,
        )
        self._settler.doubted(Doubt(flight.mid, flight.attempt, verdict, link.index if link else None, detail))
        self._end(flight)

    def _expire(self, flight: Flight, now: datetime) -> None:
        if not flight.is_over:
            self._refuse(flight, State.EXPIRED, "EXPIRED", now)

    def _refuse(self, flight: Flight, state: State, stat: str, now: datetime) -> None:
        self._settler.refused(Refusal(flight.mid, flight.attempt, state, stat, now))
        self._end(flight)

    def _spare(self, mid: int) -> None:
        """A late answer says that the carrier has the message: an attempt of which nothing went out yet need not go."""
        again = self.flights.get(mid)
        if again is not None and not again.sent:
            self._end(again)

    def _end(self, flight: Flight) -> None:
        flight.is_over = True
        if self.flights.get(flight.mid) is flight:  # a late answer may find the next attempt there
            del self.flights[flight.mid]


def _reference_of(mid: int) -> int:
    """Return what ties the segments of a long text together.

    The low octet goes out. That of a mid is nearly always 0, and a phone mixes up texts of one reference; so the
    millisecond gives it, and texts of one millisecond lie far from those of the next.
    """
    return int(unix_seconds_of(mid) * 1000) + (mid & 0xFFF) * 97
