"""A scenario at work for one login: what is drawn for each text, and what is remembered in between."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

from .behaviour import BindRefusal, Refusal
from .delays import Delay
from .measures import SpeedMeter
from .outcome import Outcome, ReportCode
from .scenario import BindRule, RefusalRule, Scenario, Stall, Wire
from .segment import Segment

STOPS_MAX = 1000
"""Stops that are caught up on after a time in which nobody asked."""

Rule = TypeVar("Rule", BindRule, RefusalRule)


class Stops:
    """When a gateway that stops again and again stands still; looked up, not woken up."""

    def __init__(self, stall: Stall, *, random: Random, now: float) -> None:
        self._stall = stall
        self._random = random
        self._begins_at = now + stall.every.draw(random)
        self._ends_at = self._begins_at + stall.lasts.draw(random)

    def until(self, now: float) -> float:
        """Return the end of the stop that `now` lies in; 0 when it lies in none."""
        for _ in range(STOPS_MAX):
            if now < self._ends_at:
                return self._ends_at if now >= self._begins_at else 0.0
            self._next(self._ends_at)
        self._next(now)
        return 0.0

    def next_at(self, now: float) -> float:
        """Return when the next stop begins, or the present one began."""
        self.until(now)
        return self._begins_at

    def _next(self, after: float) -> None:
        self._begins_at = after + self._stall.every.draw(self._random)
        self._ends_at = self._begins_at + self._stall.lasts.draw(self._random)


class Conduct:
    """One login under one scenario."""

    def __init__(
        self, scenario: Scenario, *, name: str, codes: Mapping[Outcome, ReportCode], random: Random, now: float
    ) -> None:
        """Begin now, in monotonic seconds; `codes` are the protocol's own for outcomes."""
        self.scenario = scenario
        self.name = name
        self.faults = None if scenario.wire == Wire() else scenario.wire
        """What is done to octets, if anything."""
        self._random = random
        self._taken = SpeedMeter()
        self._stops = Stops(scenario.stall, random=random, now=now) if scenario.stall else None
        self._codes = [entry.code(codes) for entry in scenario.reports.codes]
        self._weights = [entry.weight for entry in scenario.reports.codes]

    def bind_refusal(self) -> BindRefusal | int | None:
        """Return why a bind is refused, or the code for it; None when it is not."""
        rule = self._first(self.scenario.binds)
        if rule is None:
            return None
        return rule.reason if rule.code is None else rule.code

    def refusal(self, now: float) -> Refusal | int | None:
        """Return why a submit is refused, or the code for it; None when it is taken."""
        throttle = self.scenario.throttle
        if throttle is not None and self._taken.per_second(now) >= throttle.above_per_second:
            return Refusal.BUSY
        rule = self._first(self.scenario.refusals)
        if rule is not None:
            return rule.reason if rule.code is None else rule.code
        if throttle is not None:
            self._taken.count(now)
        return None

    def shape(self, segment: Segment) -> None:
        """Decide how a text that was taken ends, unless its number has decided that."""
        if segment.behaviour.ending:
            return
        reports = self.scenario.reports
        if self._codes:
            (segment.code,) = self._random.choices(self._codes, self._weights)
        if segment.reports_due:
            if self._hits(self.scenario.loss.reports):
                segment.reports_due = 0
            elif self._hits(reports.duplicate):
                segment.reports_due += 1
            segment.report_first = self._hits(reports.early)

    def loses_response(self) -> bool:
        """Tell whether a submit is never answered."""
        return self._hits(self.scenario.loss.responses)

    def loses_text(self, segment: Segment) -> bool:
        """Tell whether a text that was taken is never heard of again."""
        return not segment.behaviour.ending and self._hits(self.scenario.loss.texts)

    def response_delay(self, now: float, default: float) -> float:
        """Return the seconds from a submit to its response."""
        delay = self._draw(self.scenario.response_delay)
        return max(default if delay is None else delay, self.still_for(now))

    def delivery_delay(self) -> float | None:
        """Return the seconds from a submit to the ringing phone; None leaves it to the carrier."""
        return self._draw(self.scenario.delivery_delay)

    def report_delay(self) -> float:
        """Return the seconds from the ringing phone to its report."""
        reports = self.scenario.reports
        delay = self._draw(self.scenario.report_delay) or 0.0
        if reports.late_by is not None and self._hits(reports.late):
            delay += reports.late_by.draw(self._random)
        return delay

    def still_for(self, now: float) -> float:
        """Return for how many seconds more nothing is answered and reported."""
        if self._stops is None:
            return 0.0
        return max(0.0, self._stops.until(now) - now)

    def _draw(self, delay: Delay | None) -> float | None:
        return None if delay is None else delay.draw(self._random)

    def _hits(self, share: float) -> bool:
        return share > 0.0 and self._random.random() < share

    def _first(self, rules: Sequence[Rule]) -> Rule | None:
        """Return the rule that applies this time: each has its share of all."""
        if not rules:
            return None
        at = self._random.random()
        for rule in rules:
            if at < rule.share:
                return rule
            at -= rule.share
        return None
