"""Everything a carrier, a link, a clock and a lost commit can do to messages, in any order.

The machine knows nothing of how it ought to end. It holds that the books add up after each write, that a final word
never changes, that no report vanishes, and that in the end every message is final.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from hongyan.content.model import MessageKind
from hongyan.db.pool import LOOKUP_PLANS, Pool, open_pool
from hongyan.kit.clock import ManualClock
from hongyan.pipeline.settle import _Batch
from hongyan.pipeline.validity import REPORT_WAIT

from .books import assert_books_add_up
from .conftest import EMPTY
from .desk import Desk
from .world import PHONE, World

STATS = st.sampled_from(["DELIVRD", "DELIVRD", "UNDELIV", "ACCEPTD"])
PICK = st.integers(0, 1000)


class Attempt(NamedTuple):
    """A message that was claimed: what a gateway would remember of it."""

    mid: int
    number: int
    kind: MessageKind
    segments: int
    recipient: int


class Orders(RuleBasedStateMachine):
    """One desk, one courier, a handful of messages."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.pool: Pool = self.run(open_pool(self.url, session_settings=LOOKUP_PLANS))
        self.clock = ManualClock(now=float(int(time.time())))
        self.world = World(self.pool, self.clock)
        self.desk = Desk(self.world)
        self.accepted: dict[int, tuple[MessageKind, int, int]] = {}
        self.attempts: list[Attempt] = []
        self.in_flight: list[Attempt] = []
        self.unanswered: dict[tuple[int, int], set[int]] = {}
        self.final: dict[int, tuple[object, ...]] = {}
        self.told = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def open_for_business(self) -> None:
        self.run(self.pool.execute(EMPTY))
        self.run(self.world.settle_in())
        self.run(self.desk.take_lease())
        for kind in MessageKind:
            self.accept(kind, segments=1, recipient=PHONE + (kind is MessageKind.MARKETING))
        self.claim()

    @rule(
        kind=st.sampled_from(MessageKind),
        segments=st.sampled_from([1, 1, 2]),
        recipient=st.sampled_from([PHONE, PHONE + 1]),
    )
    def accept(self, kind: MessageKind, segments: int, recipient: int) -> None:
        row = self.world.row(kind=kind, segments=segments, recipient=recipient)
        self.run(self.world.accept(row))
        self.accepted[row.mid] = (kind, segments, recipient)

    @rule()
    def claim(self) -> None:
        for mid in self.run(self.desk.claim()):
            attempt = Attempt(mid, self.desk.attempts[mid], *self.accepted[mid])
            self.attempts.append(attempt)
            self.in_flight.append(attempt)
            self.unanswered[mid, attempt.number] = set(range(1, attempt.segments + 1))

    @precondition(lambda self: any(self.unanswered.values()))
    @rule(pick=PICK)
    def answer(self, pick: int) -> None:
        """Of any attempt, the late ones among them."""
        waiting = [a for a in self.attempts if self.unanswered[a.mid, a.number]]
        attempt = waiting[pick % len(waiting)]
        parts = self.unanswered[attempt.mid, attempt.number]
        part = sorted(parts)[pick % len(parts)]
        parts.discard(part)
        self._answer(attempt, part, is_last=not parts)
        if not parts and attempt in self.in_flight:
            self.in_flight.remove(attempt)

    @precondition(lambda self: self.in_flight)
    @rule(pick=PICK)
    def refuse(self, pick: int) -> None:
        attempt = self.in_flight.pop(pick % len(self.in_flight))
        self.unanswered[attempt.mid, attempt.number].clear()
        self.desk.refuse(attempt.mid, attempt=attempt.number)

    @precondition(lambda self: self.in_flight)
    @rule(pick=PICK)
    def lose(self, pick: int) -> None:
        attempt = self.in_flight.pop(pick % len(self.in_flight))
        self.desk.lose(attempt.mid, attempt.kind, attempt=attempt.number)

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK, stat=STATS, names_recipient=st.booleans())
    def report(self, pick: int, stat: str, names_recipient: bool) -> None:  # noqa: FBT001
        """On any attempt: early, late, again."""
        attempt = self.attempts[pick % len(self.attempts)]
        recipient = attempt.recipient if names_recipient else None
        part = 1 + pick % attempt.segments
        self.desk.report(attempt.mid, stat, part, attempt=attempt.number, recipient=recipient)
        self.clock.advance(0.001)
        self.told += 1

    @rule(recipient=st.sampled_from([PHONE, PHONE + 1, None]))
    def report_on_nothing(self, recipient: int | None) -> None:
        self.desk.report(self.world.ids.next(), recipient=recipient)
        self.told += 1

    @rule(times=st.sampled_from([1, 1, 2]))
    def write(self, times: int) -> None:
        """Write what was told; twice when the outcome of the commit was lost."""
        settler = self.desk.settler
        batch, settler._batch = settler._batch, _Batch()
        for _ in range(times):
            self.run(settler._write(batch))
        for acknowledge in batch.acknowledge:
            acknowledge()
        self._check()

    @rule()
    def sweep(self) -> None:
        self.run(self.desk.sweep())
        self._check()

    @rule(seconds=st.sampled_from([0.5, 61.0, 301.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def teardown(self) -> None:
        try:
            if self.desk.fence:
                self.write(times=1)
                for _ in range(3):
                    self.clock.advance(REPORT_WAIT.total_seconds() + 1)
                    self.sweep()
                assert set(self.final) == set(self.accepted), "a message is live for ever"
            assert len(self.desk.acknowledged) == self.told
        finally:
            self.run(self.pool.execute(EMPTY))
            self.run(self.pool.close())
            self.runner.close()

    def _answer(self, attempt: Attempt, part: int, *, is_last: bool) -> None:
        of = part if is_last else 0  # the last one makes the message submitted
        self.desk.answer(attempt.mid, part, of=of, attempt=attempt.number, known=attempt.segments == 1)

    def _check(self) -> None:
        self.run(assert_books_add_up(self.pool))
        rows = self.run(self.pool.fetch("SELECT mid, state, stat, final_at, attempts FROM messages WHERE state >= 10"))
        final = {row["mid"]: tuple(row) for row in rows}
        assert final.items() >= self.final.items(), "a final word has changed"
        self.final = final


def test_any_order_of_events_keeps_the_books(pipeline_database_url: str) -> None:
    class OrdersHere(Orders):
        url = pipeline_database_url

    run_state_machine_as_test(
        OrdersHere,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],  # shrinking what fails takes minutes: raise the timeout for it
        ),
    )
