"""A simulated carrier, apart from the protocol it speaks: takes texts, rings phones, has reports sent.

A text that is taken lies on the schedule until its delay is over; then the phone rings and its report joins
what waits for the login that sent it (`pushes.py`). What else may happen to it is decided by its number
(`behaviour.py`), by the scenario of its login (`conduct.py`), and by what its phone is up to (`handsets.py`), in that order.

This runs for every text of a benchmark on cores it shares with the platform: nothing here creates a task
or a timer for a single text.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Final

import msgspec

from hongyan.kit.clock import Clock

from .agenda import Action
from .behaviour import Refusal
from .conduct import Conduct
from .config import CarrierConfig
from .handsets import PhoneState
from .journal import Journal, Received, content_hash
from .login import Login, LoginView, Peer
from .outcome import Outcome
from .phones import Phones
from .pushes import Push, Pushes, Speaker
from .reply import ReplyPart
from .scenario import Scenario
from .segment import Segment

REPORT_LEAD_SECONDS: Final = 0.1
"""How far a report runs ahead of the submit response of a number that wants it so."""
BUSY_TEXTS_MAX: Final = 10_000

_ENDS: Final[Mapping[PhoneState, Outcome]] = {
    PhoneState.OFF: Outcome.EXPIRED,
    PhoneState.FULL: Outcome.MEMORY_FULL,
    PhoneState.EMPTY: Outcome.EMPTY_NUMBER,
}


class CarrierView(msgspec.Struct, frozen=True, kw_only=True):
    """One carrier, as `/stats` shows it."""

    name: str
    protocol: str
    host: str
    port: int
    scenario: str
    """The scenario of all its logins that have none of their own; empty for none."""
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
        self.random = random
        self.conduct: Conduct | None = None
        """What it does to those who have not said who they are, under its scenario."""
        self.logins = {login.login: Login(login) for login in config.logins}
        self.pushes = Pushes(config, self.logins, clock=clock, phones=phones, journal=journal)
        self._schedule = self.pushes.schedule
        self._phones = phones
        self._journal = journal
        self._busy_once: deque[tuple[int, bytes]] = deque(maxlen=BUSY_TEXTS_MAX)
        self.is_skewed = False
        """Whether some login may be shown a clock that is wrong."""
        self._skew_seconds = 0.0

    def speak_by(self, speaker: Speaker) -> None:
        """Say which protocol's face sends the reports; once, before the first link."""
        self.pushes.speaker = speaker

    # Scenarios ---------------------------------------------------------------------------------------

    def play(self, scenario: Scenario | None, name: str, *, login: Login | None = None) -> None:
        """Behave by a scenario from now on, or as the settings have it with None; one login, or all without its own."""
        if login is None:
            self.conduct = self._conduct(scenario, name)
        else:
            login.has_own_scenario = scenario is not None
            login.conduct = self._conduct(scenario, name)
        logins = self.logins.values()
        for other in logins:
            if not other.has_own_scenario and login in (None, other):
                now = self.conduct
                other.conduct = None if now is None else self._conduct(now.scenario, now.name)
        self.is_skewed = any(one.conduct is not None and one.conduct.scenario.clock_skew_seconds for one in logins)
        self._skew_seconds = 0.0
        self.pushes.speaker.scenario_changed()
        for other in self.logins.values():
            self.pushes.send(other)

    def _conduct(self, scenario: Scenario | None, name: str) -> Conduct | None:
        if scenario is None:
            return None
        codes = self.pushes.speaker.report_codes
        return Conduct(scenario, name=name, codes=codes, random=self.random, now=self.clock.monotonic())

    # Links -------------------------------------------------------------------------------------------

    def join(self, peer: Peer) -> None:
        """Let the peer at the end of a bound link take part; what waited for its login leaves at once."""
        peer.login.counts.binds += 1
        peer.login.peers.append(peer)
        self.pushes.send(peer.login)

    def leave(self, peer: Peer, unanswered: list[object]) -> None:
        """Forget a lost link; reports and replies without answer go again, before all others."""
        peer.login.leave(peer)
        self.pushes.again_first(peer.login, unanswered)

    # Texts -------------------------------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """Whether more is under way than is kept."""
        return len(self._schedule) >= self.config.backlog_max

    def refusal_of(self, login: Login, segments: list[Segment]) -> Refusal | int | None:
        """Return why a submit is not taken, or the protocol's own code for it; None when it is taken."""
        if self.is_full:
            return Refusal.BUSY
        for segment in segments:
            behaviour = segment.behaviour
            if behaviour.refusal is not None and (behaviour.refuses_always or self._is_first_try(segment)):
                return behaviour.refusal
        conduct = login.conduct
        if conduct is None:
            return None
        refusal = conduct.refusal(self.clock.monotonic())
        if refusal is None:
            for segment in segments:
                conduct.shape(segment)
        return refusal

    def response_delay(self, login: Login, segments: list[Segment]) -> float:
        """Return the seconds from a submit to its response."""
        span = self.config.response_delay
        delay = span.draw(self.random) if span.max_seconds else 0.0
        if login.conduct is not None:
            delay = login.conduct.response_delay(self.clock.monotonic(), delay)
        for segment in segments:
            if segment.report_first:
                return delay + REPORT_LEAD_SECONDS
        return delay

    def take(self, peer: Peer, segment: Segment) -> None:
        """Take a text for delivery."""
        login = peer.login
        login.take(segment)
        conduct = login.conduct
        if conduct is not None and conduct.loses_text(segment):
            return
        if segment.report_first and segment.reports_due:
            self._deliver(segment)
            self.pushes.send_eager()
            return
        delay = segment.behaviour.delay_seconds
        if delay is None and conduct is not None:
            delay = conduct.delivery_delay()
        if delay is None:
            delay = self.config.delivery_delay.draw(self.random)
        self._schedule.later(delay, self._deliver, segment)

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
        self.pushes.reply(login, parts)

    def push_answered(self, peer: Peer, sequence: int, push: Push, result: int) -> None:
        """Take the peer's answer to a report or a reply; 0 means that it has it."""
        self.pushes.answered(peer, sequence, push, result)

    def push_unanswered(self, peer: Peer, push: Push) -> None:
        """Note that the answer to a report or a reply did not come in time."""
        self.pushes.unanswered(peer, push)

    # Time --------------------------------------------------------------------------------------------

    def later(self, delay_seconds: float, action: Action, subject: object) -> None:
        """Call `action(subject)` after a delay, to the tick."""
        self._schedule.later(delay_seconds, action, subject)

    def at_end_of_turn(self, action: Callable[[], None]) -> None:
        """Call the action when this turn of the event loop is over and what it wrote has left."""
        self._schedule.at_end_of_turn(action)

    def wall(self) -> float:
        """Return the time that the carrier believes it is, in seconds of Unix time."""
        return self.skewed(self.clock.now())

    def skewed(self, unix_seconds: float) -> float:
        """Return a time as the carrier's own clock showed it."""
        return unix_seconds + self._skew_seconds

    def look_at_clock_of(self, login: Login) -> None:
        """Let `wall` be the time that this login is shown: its scenario may have a clock that is wrong."""
        self._skew_seconds = 0.0 if login.conduct is None else login.conduct.scenario.clock_skew_seconds

    def close(self) -> None:
        """Let nothing happen any more."""
        self._schedule.close()

    def view(self, *, protocol: str, port: int) -> CarrierView:
        """Return what `/stats` shows."""
        now = self.clock.monotonic()
        return CarrierView(
            name=self.config.name,
            protocol=protocol,
            host=self.config.host,
            port=port,
            scenario="" if self.conduct is None else self.conduct.name,
            under_way=len(self._schedule),
            logins=[login.view(now) for login in self.logins.values()],
        )

    # Inside ------------------------------------------------------------------------------------------

    def _is_first_try(self, segment: Segment) -> bool:
        text = (segment.number, segment.content)
        if text in self._busy_once:
            self._busy_once.remove(text)
            return False
        self._busy_once.append(text)
        return True

    def _deliver(self, segment: Segment) -> None:
        """Bring a text to its phone, if the phone takes it."""
        handsets = self._phones.handsets
        if segment.code.is_delivered and not handsets.all_on:
            state = handsets.state(segment.number)
            if state is PhoneState.OFF and handsets.wait(segment, self._deliver_soon):
                validity = segment.expires_at - self.clock.now()
                self._schedule.later(max(0.0, validity), self._expire, segment)
                return
            if state is not PhoneState.ON:
                segment.code = self.pushes.speaker.report_codes[_ENDS[state]]
        self._finish(segment)

    def _deliver_soon(self, segment: Segment) -> None:
        self._schedule.later(0.0, self._deliver, segment)

    def _expire(self, segment: Segment) -> None:
        if self._phones.handsets.give_up(segment):
            segment.code = self.pushes.speaker.report_codes[Outcome.EXPIRED]
            self._finish(segment)

    def _finish(self, segment: Segment) -> None:
        """Ring the phone if the text reached it, and have the outcome reported."""
        if segment.code.is_delivered:
            segment.rang_at = self.clock.now()
            self._phones.ring(segment)
            if segment.reports_failure_only:
                segment.reports_due = 0
        if not segment.reports_due:
            return
        conduct = self.logins[segment.login].conduct
        delay = 0.0 if conduct is None or segment.behaviour.ending else conduct.report_delay()
        if delay:
            self._schedule.later(delay, self.pushes.report, segment)
        else:
            self.pushes.report(segment)
