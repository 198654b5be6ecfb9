"""What a carrier sends to its customers unasked: reports on texts, and replies of phones.

They leave over any link of their login that takes them and has room in its window, in the order they came up. They
wait while the login is offline, and go again when the link they were sent on is lost before they were
acknowledged, or when the customer did not take them.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from hongyan.kit.clock import Clock

from .config import CarrierConfig
from .journal import Acknowledged, Journal, Reported
from .login import Link, Login, Peer
from .outcome import Outcome, ReportCode
from .phones import Phones
from .reply import ReplyPart
from .schedule import Schedule
from .segment import Segment

SECOND_REPORT_SECONDS: Final = 0.05
LOOK_AGAIN_SECONDS: Final = 0.1

Push = Segment | ReplyPart
"""The report on a segment, or a part of a reply."""


class Speaker(Protocol):
    """The protocol's part: a `Face`."""

    @property
    def report_codes(self) -> Mapping[Outcome, ReportCode]:
        """Its own codes for what becomes of a text."""
        ...

    def send_report(self, link: Link, segment: Segment) -> int:
        """Send the report of a segment with the segment as its token; return its sequence."""
        ...

    def send_reply(self, link: Link, part: ReplyPart) -> int:
        """Send a part of a reply with the part as its token; return its sequence."""
        ...

    def scenario_changed(self) -> None:
        """Note that a login has another scenario now."""
        ...


class Pushes:
    """All reports and replies of a carrier."""

    def __init__(
        self,
        config: CarrierConfig,
        logins: Mapping[str, Login],
        *,
        clock: Clock,
        phones: Phones,
        journal: Journal | None,
    ) -> None:
        self._config = config
        self._logins = logins
        self._clock = clock
        self._phones = phones
        self._journal = journal
        self._eager: set[Login] = set()
        self.speaker: Speaker
        """Set once, before the first link."""
        self.schedule = Schedule(clock, after_each=self.send_eager)

    def report(self, segment: Segment) -> None:
        """Send the report on a text, at the end of this tick."""
        self._queue(segment)

    def reply(self, login: Login, parts: Iterable[ReplyPart]) -> None:
        """Send what a phone answered, in order."""
        login.counts.replies += 1
        for part in parts:
            self._queue(part)
        self._eager.discard(login)
        self.send(login)

    def again_first(self, login: Login, unanswered: list[object]) -> None:
        """Send what a lost link left without answer, before all others."""
        login.pushes.extendleft(push for push in reversed(unanswered) if isinstance(push, Segment | ReplyPart))
        self.send(login)

    def answered(self, peer: Peer, sequence: int, push: Push, result: int) -> None:
        """Take the customer's answer; 0 means that it has it."""
        login = peer.login
        now = self._clock.now()
        if isinstance(push, Segment):
            self._report_answered(peer, sequence, push, result)
        elif not result and push.acknowledged_at is None:
            push.acknowledged_at = now
            login.counts.replies_acknowledged += 1
        if result:
            self._again(push, self._config.report_retry_seconds)
        if login.pushes:
            self.send(login)

    def unanswered(self, peer: Peer, push: Push) -> None:
        """Note that the answer did not come in time."""
        if isinstance(push, Segment):
            peer.login.counts.reports_unanswered += 1
        self._again(push, 0.0)

    def send(self, login: Login) -> None:
        """Send what waits for a login, as far as there is room."""
        pushes = login.pushes
        if login.conduct is not None and pushes and (still := login.conduct.still_for(self._clock.monotonic())):
            self._look_later(login, still)
            return
        while pushes and (peer := login.ready_peer()) is not None:
            for _ in range(min(peer.link.credit, len(pushes))):
                push = pushes.popleft()
                if isinstance(push, ReplyPart):
                    self._send_reply(peer, push)
                elif push.reports_due:  # else it was acknowledged while it waited to be sent again
                    self._send_report(peer, push)
        if pushes and login.peers:
            self._look_later(login, LOOK_AGAIN_SECONDS)

    def send_eager(self) -> None:
        """Send what came up since the last time."""
        eager, self._eager = self._eager, set()
        for login in eager:
            self.send(login)

    # Inside ------------------------------------------------------------------------------------------

    def _queue(self, push: Push) -> None:
        login = self._logins[push.login]
        if len(login.pushes) >= self._config.backlog_max:
            self._give_up(push)
            return
        login.pushes.append(push)
        self._eager.add(login)

    def _report_answered(self, peer: Peer, sequence: int, segment: Segment, result: int) -> None:
        now = self._clock.now()
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
                self.schedule.later(SECOND_REPORT_SECONDS, self._queue, segment)

    def _again(self, push: Push, pause_seconds: float) -> None:
        if push.tries < self._config.report_tries_max:
            self.schedule.later(pause_seconds, self._queue, push)
        else:
            self._give_up(push)

    def _give_up(self, push: Push) -> None:
        counts = self._logins[push.login].counts
        if isinstance(push, Segment):
            counts.reports_given_up += 1
        else:
            counts.replies_given_up += 1

    def _look_later(self, login: Login, seconds: float) -> None:
        if not login.will_look_again:
            login.will_look_again = True
            self.schedule.later(seconds, self._look_again, login)

    def _look_again(self, login: Login) -> None:
        """Try what found no room: a peer that reads again after a pause does not say so."""
        login.will_look_again = False
        self._eager.add(login)

    def _send_reply(self, peer: Peer, part: ReplyPart) -> None:
        self.speaker.send_reply(peer.link, part)
        part.tries += 1
        if part.sent_at is None:
            part.sent_at = self._clock.now()
        peer.login.counts.replies_sent += 1

    def _send_report(self, peer: Peer, segment: Segment) -> None:
        sequence = self.speaker.send_report(peer.link, segment)
        now = self._clock.now()
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
