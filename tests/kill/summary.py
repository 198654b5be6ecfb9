"""The figures of a loop, for people."""

from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Final

from hongyan.messages.model import State
from hongyan.simulator.journal import Acknowledged, Received, Reported

from .by_protocol import ProtocolLoad, told_twice
from .cases import Case, lay_out
from .loop import Outcome
from .told import Fate

VIOLATIONS_SHOWN: Final = 10


def summary(outcome: Outcome) -> dict[str, str]:
    """Return the figures by name."""
    cases = list(lay_out(outcome.ledgers).values())
    fates = Counter(told.fate for told in outcome.ledgers.told)
    refusals = Counter(told.code for told in outcome.ledgers.told if told.fate is Fate.REFUSED)
    lines = Counter(type(line) for line in outcome.ledgers.journal)
    database = outcome.ledgers.database
    rules = Counter(violation.rule for violation in outcome.violations)
    events = Counter(event.event for event in database.events)
    return {
        "seed": str(outcome.plan.seed),
        "rounds": f"{outcome.plan.rounds} in {outcome.seconds:.0f} s",
        "kills": _counted(Counter(victim for kill in outcome.kills for victim in kill.victims)),
        "recovery": _recovery(outcome),
        "told accepted": str(fates[Fate.ACCEPTED]),
        "told refused": f"{fates[Fate.REFUSED]} ({_counted(refusals)})",
        "told nothing": f"{fates[Fate.UNKNOWN]}, of which {_unknown_but_stored(cases)} are stored",
        "not sent (all clients waiting)": str(outcome.skipped),
        "told by protocol": _by_protocol(outcome.by_protocol),
        "submits": str(lines[Received]),
        "reports sent, acknowledged": f"{lines[Reported]}, {lines[Acknowledged]}",
        "timeline events": _counted(events),
        "messages once in doubt": str(len({event.mid for event in database.events if event.event == "in_doubt"})),
        "numbers submitted twice": str(sum(_is_doubled(case) for case in cases)),
        "final": _counted(Counter(State(row.state).name for row in database.messages if State(row.state).is_final)),
        "still live": _counted(Counter(State(row.state).name for row in database.live)),
        "balances compared under load": str(outcome.audits),
        "accepted and lost": str(rules["accepted.lost"]),
        "submitted twice without a doubt": str(rules["submit.doubled"]),
        "violations": f"{len(outcome.violations)} ({_counted(rules)})" if rules else "0",
    }


def report(outcome: Outcome) -> Iterator[str]:
    """Yield the figures and the first violations as lines."""
    for name, figure in summary(outcome).items():
        yield f"  {name:32} {figure}"
    for violation in outcome.violations[:VIOLATIONS_SHOWN]:
        yield ""
        yield from violation.lines()


def _by_protocol(load: ProtocolLoad) -> str:
    fates = Counter(told.fate.value for told in load.told)
    return f"{_counted(fates)}; {len(load.reports)} reports, {told_twice(load)} of them again"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _recovery(outcome: Outcome) -> str:
    by_victims: dict[str, list[float]] = {}
    for kill in outcome.kills:
        if kill.recovery_seconds is not None:
            by_victims.setdefault("+".join(sorted(kill.victims)), []).append(kill.recovery_seconds)
    return ", ".join(
        f"{victims} {median(times):.1f} s (max {max(times):.1f})" for victims, times in sorted(by_victims.items())
    )


def _unknown_but_stored(cases: list[Case]) -> int:
    return sum(bool(case.messages) and any(told.fate is Fate.UNKNOWN for told in case.told) for case in cases)


def _is_doubled(case: Case) -> bool:
    return any(len(case.submits_taken(part)) > 1 for part in {submit.part for submit in case.submits})
