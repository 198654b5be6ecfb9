"""A simulated carrier, apart from the protocol it speaks: takes texts, rings phones, sends reports and replies.

A text that is taken lies on the agenda until its delay is over; then the phone rings and its report joins
what waits for the login that sent it. Reports and replies leave over any link of that login that takes them and
has room in its window, in the order they came up. They wait while the login is offline, and go again when the link
they were sent on is lost before they were acknowledged, or when the peer did not take them.

This runs for every text of a benchmark on cores it shares with the platform: nothing here creates a task
or a timer for a single text.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from random import Random
from typing import Protocol

import msgspec

from hongyan.kit.clock import Clock

from .agenda import Action, Agenda
from .behaviour import Refusal
from .config import CarrierConfig
from .journal import Acknowledged, Journal, Received, Reported, content_hash
from .login import Link, Login, LoginView, Peer
from .phones import Phones
from .reply import ReplyPart
from .segment import Segment

REPORT_LEAD_SECONDS = 0.1
"""How far a report runs ahead of the submit response of a number that wants it so."""
SECOND_REPORT_SECONDS = 0.05
LOOK_AGAIN_SECONDS = 0.1
BUSY_TEXTS_MAX = 10_000


Push = Segment | ReplyPart
"""What is sent to a customer unasked: the report of a segment, or a part of a reply."""


class Speaker(Protocol):
    """The protocol's part in sending reports and replies."""

    def send_report(self, link: Link, segment: Segment) -> int:
        """Send the report of a segment with the segment as its token; return its sequence."""
        ...

    def send_reply(self, link: Link, part: ReplyPart) -> int:
        """Send a part of a reply with the part as its token; return its sequence."""
        ...


class CarrierView(msgspec.Struct, frozen=True, kw_only=True):
    """One carrier, as `/stats` shows it."""

    name: str
    protocol: str
    host: str
    port: int
    under_way: int
    """Texts whose outcome is still to come."""
    logins: list[LoginView]


class Carrier:
    """One carrier's inside. Made and used inside a running event loop."""

    def __init__(
        self,
        config: CarrierConfig,
        *,
        clock: Clock,
        random: Random,
        phones: Phones,
        journal: Journal | None,
    ) -> None:
        self.config = config
        self.clock = clock
        self.clock_skew_seconds = 0.0
        """How far the carrier's clock is ahead of the true one."""
        self.logins = {login.login: Login(login) for login in config.logins}
        self.agenda = Agenda()
        self._random = random
        self._phones = phones
        self._journal = journal
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._speaker: Speaker
        self._eager: set[Login] = set()
        self._busy_once: deque[tuple[int, bytes]] = deque(maxlen=BUSY_TEXTS_MAX)

    def speak_by(self, speaker: Speaker) -> None:
        """Say which protocol's face sends the reports; once, before the first link."""
        self._speaker = speaker

    # Links -------------------------------------------------------------------------------------------

    def join(self, peer: Peer) -> None:
        """Let the peer at the end of a bound link take part; what waited for its login leaves at once."""
        login = peer.login
        login.counts.binds += 1
        login.peers.append(peer)
        self._push(login)

    def leave(self, peer: Peer, unanswered: list[object]) -> None:
        """Forget a lost link; reports and replies without answer go again, before all others."""
        login = peer.login
        login.leave(peer)
        login.pushes.extendleft(push for push in reversed(unanswered) if isinstance(push, Segment | ReplyPart))
        self._push(login)

    # Texts -------------------------------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """Whether more is under way than is kept."""
        return len(self.agenda) >= self.config.backlog_max

    def refusal_of(self, segments: list[Segment]) -> Refusal | None:
        """Return why a submit is not taken, None when it is."""
        if self.is_full:
            return Refusal.BUSY
        for segment in segments:
            behaviour = segment.behaviour
            if behaviour.refusal is not None and (behaviour.refuses_always or self._is_first_try(segment)):
                return behaviour.refusal
        return None

    def take(self, peer: Peer, segment: Segment) -> None:
        """Take a text for delivery."""
        peer.login.take(segment)
        behaviour = segment.behaviour
        if behaviour.report_first and segment.reports_due:
            self._deliver(segment)
            self._push(peer.login)
            return
        delay = behaviour.delay_seconds
        if delay is None:
            delay = self.config.delivery_delay.draw(self._random)
        self.later(delay, self._deliver, segment)

    def response_delay(self, segments: list[Segment]) -> float:
        """Return the seconds from a submit to its response."""
        span = self.config.response_delay
        delay = span.draw(self._random) if span.max_seconds else 0.0
        for segment in segments:
            if segment.behaviour.report_first:
                return delay + REPORT_LEAD_SECONDS
        return delay

    def note_submit(self, segment: Segment, result: int) -> None:
        """Write a submit and the code it was answered with into the journal."""
        if self._journal is None:
            return
        part = segment.concatenation
        self._journal.write(
            Received(
                int(segment.submitted_at * 1_000_000),
                segment.carrier,
                segment.login,
                segment.link,
                segment.sequence,
                segment.message_id,
                segment.destination,
                content_hash(segment.content),
                part.number if part else 1,
                part.total if part else 1,
                result,
            )
        )

    # Reports and replies -----------------------------------------------------------------------------

    def reply(self, login: Login, parts: Iterable[ReplyPart]) -> None:
        """Send what a phone answered, in order."""
        login.counts.replies += 1
        login.pushes.extend(parts)
        self._push(login)

    def push_answered(self, peer: Peer, sequence: int, push: Push, result: int) -> None:
        """Take the peer's answer to a report or a reply; 0 means that it has it."""
        login = peer.login
        if isinstance(push, Segment):
            self._report_answered(peer, sequence, push, result)
        elif result:
            self._again(push, self.config.report_retry_seconds)
        elif push.acknowledged_at is None:
            push.acknowledged_at = self.clock.now()
            login.counts.replies_acknowledged += 1
        if login.pushes:
            self._push(login)

    def push_unanswered(self, peer: Peer, push: Push) -> None:
        """Note that the answer to a report or a reply did not come in time."""
        if isinstance(push, Segment):
            peer.login.counts.reports_unanswered += 1
        self._again(push, 0.0)

    # Time --------------------------------------------------------------------------------------------

    def later(self, delay_seconds: float, action: Action, subject: object) -> None:
        """Call `action(subject)` after a delay, to the tick."""
        self.agenda.add(self.clock.monotonic() + delay_seconds, action, subject)
        due = self.agenda.next_at()
        if due is not None and (self._timer is None or due < self._timer_at):
            self._arm(due)

    def wall(self) -> float:
        """Return the time that the carrier believes it is, in seconds of Unix time."""
        return self.skewed(self.clock.now())

    def skewed(self, unix_seconds: float) -> float:
        """Return a time as the carrier's own clock showed it."""
        return unix_seconds + self.clock_skew_seconds

    def at_end_of_turn(self, action: Callable[[], None]) -> None:
        """Call the action when this turn of the event loop is over and what it wrote has left."""
        self._loop.call_soon(action)

    def close(self) -> None:
        """Let nothing happen any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def view(self, *, protocol: str, port: int) -> CarrierView:
        """Return what `/stats` shows."""
        now = self.clock.monotonic()
        return CarrierView(
            name=self.config.name,
            protocol=protocol,
            host=self.config.host,
            port=port,
            under_way=len(self.agenda),
            logins=[login.view(now) for login in self.logins.values()],
        )

    # Inside ------------------------------------------------------------------------------------------

    def _arm(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._loop.call_later(max(0.0, due - self.clock.monotonic()), self._tick)

    def _tick(self) -> None:
        self._timer = None
        for action, subject in self.agenda.take_due(self.clock.monotonic()):
            action(subject)
        eager, self._eager = self._eager, set()
        for login in eager:
            self._push(login)
        due = self.agenda.next_at()
        if due is not None and self._timer is None:
            self._arm(due)

    def _is_first_try(self, segment: Segment) -> bool:
        text = (segment.number, segment.content)
        if text in self._busy_once:
            self._busy_once.remove(text)
            return False
        self._busy_once.append(text)
        return True

    def _deliver(self, segment: Segment) -> None:
        if segment.code.is_delivered:
            segment.rang_at = self.clock.now()
            self._phones.ring(segment)
        if segment.reports_due:
            self._queue(segment)

    def _report_answered(self, peer: Peer, sequence: int, segment: Segment, result: int) -> None:
        now = self.clock.now()
        if self._journal is not None:
            self._journal.write(
                Acknowledged(
                    int(now * 1_000_000),
                    segment.carrier,
                    segment.login,
                    peer.link.index,
                    sequence,
                    segment.message_id,
                    result,
                )
            )
        if result:
            peer.login.counts.reports_refused += 1
            self._again(segment, self.config.report_retry_seconds)
        else:
            peer.login.counts.reports_acknowledged += 1
            self._acknowledge(segment, now)

    def _acknowledge(self, segment: Segment, now: float) -> None:
        if segment.acknowledged_at is None:
            segment.acknowledged_at = now
            if self._phones.watch_count:
                self._phones.changed(segment)
        if segment.reports_due:  # none is due when an answer comes late, to a report that was sent again
            segment.reports_due -= 1
            segment.tries = 0
            if segment.reports_due:
                self.later(SECOND_REPORT_SECONDS, self._queue, segment)

    def _again(self, push: Push, pause_seconds: float) -> None:
        if push.tries < self.config.report_tries_max:
            self.later(pause_seconds, self._queue, push)
        else:
            self._give_up(push)

    def _give_up(self, push: Push) -> None:
        counts = self.logins[push.login].counts
        if isinstance(push, Segment):
            counts.reports_given_up += 1
        else:
            counts.replies_given_up += 1

    def _queue(self, push: Push) -> None:
        login = self.logins[push.login]
        if len(login.pushes) >= self.config.backlog_max:
            self._give_up(push)
            return
        login.pushes.append(push)
        self._eager.add(login)

    def _push(self, login: Login) -> None:
        """Send what waits, as far as there is room."""
        pushes = login.pushes
        while pushes and (peer := login.ready_peer()) is not None:
            for _ in range(min(peer.link.credit, len(pushes))):
                push = pushes.popleft()
                if isinstance(push, ReplyPart):
                    self._send_reply(peer, push)
                elif push.reports_due:  # else it was acknowledged while it waited to be sent again
                    self._send_report(peer, push)
        if pushes and login.peers and not login.will_look_again:
            login.will_look_again = True
            self.later(LOOK_AGAIN_SECONDS, self._look_again, login)

    def _look_again(self, login: Login) -> None:
        """Try what found no room: a peer that reads again after a pause does not say so."""
        login.will_look_again = False
        self._eager.add(login)

    def _send_reply(self, peer: Peer, part: ReplyPart) -> None:
        self._speaker.send_reply(peer.link, part)
        part.tries += 1
        if part.sent_at is None:
            part.sent_at = self.clock.now()
        peer.login.counts.replies_sent += 1

    def _send_report(self, peer: Peer, segment: Segment) -> None:
        sequence = self._speaker.send_report(peer.link, segment)
        now = self.clock.now()
        segment.tries += 1
        if segment.reported_at is None:
            segment.reported_at = now
        peer.login.counts.reports_sent += 1
        if self._journal is not None:
            self._journal.write(
                Reported(
                    int(now * 1_000_000),
                    segment.carrier,
                    segment.login,
                    peer.link.index,
                    sequence,
                    segment.message_id,
                    segment.code.stat,
                )
            )
