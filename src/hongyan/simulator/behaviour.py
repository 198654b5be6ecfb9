"""What a simulated carrier does with a text, decided by the last four digits of its number.

Ordinary numbers are delivered. The endings in BEHAVIOURS misbehave on purpose, so that every unhappy
way can be walked by hand or by a test without touching the simulator. They lie in 9001 to 9007, where
the usual test numbers (…8000, …0001) and counted-up benchmark numbers seldom come.
"""

from enum import Enum
from random import Random

import msgspec

from .outcome import Outcome

_ENDING_SPAN = 10_000


class Refusal(Enum):
    """Why a carrier does not take a text; each protocol has its own code for it."""

    BAD_NUMBER = "bad_number"
    """The destination is not one the carrier serves: final."""
    BUSY = "busy"
    """Flow control: the same text may be sent again a little later."""


class BindRefusal(Enum):
    """Why somebody is not let in; each protocol has its own code for it."""

    UNKNOWN_LOGIN = "unknown_login"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a reason, no secret
    TOO_MANY_LINKS = "too_many_links"
    WRONG_VERSION = "wrong_version"
    BUSY = "busy"
    """Not now."""


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to the texts of one group of numbers."""

    name: str
    ending: str
    """The last four digits; empty for every number that has no ending of its own."""
    meaning: str
    meaning_zh: str
    refusal: Refusal | None = None
    """Answer the submit with this instead of taking the text."""
    refuses_always: bool = True
    """False: only the first try of a text is refused, the second is taken."""
    outcome: Outcome = Outcome.DELIVERED
    reports: int = 1
    """How often the report is sent; 0 for a carrier that stays silent."""
    report_first: bool = False
    """The report overtakes the submit response, as it does on busy gateways."""
    delay_seconds: float | None = None
    """The outcome comes after this time; None draws from the carrier's own span."""


DELIVERED = Behaviour(
    name="delivered",
    ending="",
    meaning="taken, delivered, one report DELIVRD",
    meaning_zh="正常送达，回一次 DELIVRD",
)

BEHAVIOURS: tuple[Behaviour, ...] = (
    DELIVERED,
    Behaviour(
        name="undelivered",
        ending="9001",
        meaning="taken, never delivered, report UNDELIV",
        meaning_zh="已接收但无法送达，状态报告 UNDELIV",
        outcome=Outcome.UNDELIVERED,
    ),
    Behaviour(
        name="rejected",
        ending="9002",
        meaning="refused in the submit response as a wrong number, no report",
        meaning_zh="提交即按错误号码被拒绝，没有状态报告",
        refusal=Refusal.BAD_NUMBER,
    ),
    Behaviour(
        name="no_report",
        ending="9003",
        meaning="delivered, but no report ever comes",
        meaning_zh="手机收到，但永远没有状态报告",
        reports=0,
    ),
    Behaviour(
        name="report_first",
        ending="9004",
        meaning="the report DELIVRD arrives before the submit response",
        meaning_zh="状态报告先于提交响应到达",
        report_first=True,
    ),
    Behaviour(
        name="double_report",
        ending="9005",
        meaning="delivered, the same report comes twice",
        meaning_zh="正常送达，同一状态报告回两次",
        reports=2,
    ),
    Behaviour(
        name="slow",
        ending="9006",
        meaning="delivered and reported 10 seconds later",
        meaning_zh="10 秒后才送达并回状态报告",
        delay_seconds=10.0,
    ),
    Behaviour(
        name="busy",
        ending="9007",
        meaning="refused once by flow control, delivered when it is sent again",
        meaning_zh="第一次提交被流控，重发后正常送达",
        refusal=Refusal.BUSY,
        refuses_always=False,
    ),
)

_BY_ENDING = {int(behaviour.ending): behaviour for behaviour in BEHAVIOURS if behaviour.ending}


def behaviour_of(number: int) -> Behaviour:
    """Return what happens to texts for a number (E.164 digits as one integer)."""
    return _BY_ENDING.get(number % _ENDING_SPAN, DELIVERED)


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time drawn anew for each text, every value between the two ends equally likely."""

    min_seconds: float = 0.05
    max_seconds: float = 0.4

    def __post_init__(self) -> None:
        if not 0 <= self.min_seconds <= self.max_seconds:
            raise ValueError(f"a span runs from 0 or more upwards, not {self.min_seconds} to {self.max_seconds}")

    def draw(self, random: Random) -> float:
        """Return one time in seconds."""
        return self.min_seconds + (self.max_seconds - self.min_seconds) * random.random()


def behaviour_table() -> str:
    """Return the endings as the Markdown table that stands in the documentation."""
    rows = [f"| {b.ending or 'any other'} | `{b.name}` | {b.meaning} | {b.meaning_zh} |" for b in BEHAVIOURS]
    return "\n".join(["| last digits | behaviour | what happens | 说明 |", "| --- | --- | --- | --- |", *rows]) + "\n"
