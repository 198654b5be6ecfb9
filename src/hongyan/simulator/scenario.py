"""Scenarios: how a carrier misbehaves, as data that can be read from TOML or JSON and switched while it runs.

A scenario says only what is out of the ordinary; what it leaves out is as the carrier's settings have it.
Shares run from 0 (never) to 1 (always) and are drawn anew each time. Numbers with an ending of their own
(`behaviour.py`) keep to that in every scenario.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from .behaviour import BindRefusal, Refusal
from .delays import Delay
from .outcome import Outcome, ReportCode, Stat

NAME_PATTERN: Final = r"[a-z0-9][a-z0-9_-]{0,39}"
SCENARIOS_MAX: Final = 100
"""Named scenarios that a simulator keeps."""

Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1, le=1 << 40)]
Code = Annotated[int, Meta(ge=1, le=0xFFFF_FFFF)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a scenario."""


class Loss(_Part, frozen=True):
    """What gets lost, as shares."""

    responses: Annotated[Share, Meta(description="Submits that are taken and never answered.")] = 0.0
    texts: Annotated[Share, Meta(description="Texts that are answered well, and then nothing: no ring, no report.")] = 0
    reports: Annotated[Share, Meta(description="Reports that are never sent, although the phone rang.")] = 0.0


class WeightedCode(_Part, frozen=True):
    """A possible end of a text; either `outcome`, or the report's own `stat` and `error`."""

    weight: Annotated[float, Meta(gt=0, description="How often, in proportion to the other weights.")] = 1.0
    outcome: Annotated[Outcome | None, Meta(description="In words; each protocol has its code for it.")] = None
    stat: Annotated[Stat | None, Meta(description="Up to seven characters, such as MK:0012; only DELIVRD rings.")] = (
        None
    )
    error: Annotated[int, Meta(ge=0, le=999, description="ErrorCode or err, where the protocol has one.")] = 0

    def __post_init__(self) -> None:
        if (self.outcome is None) == (self.stat is None):
            raise ValueError("give either outcome or stat")

    def code(self, codes: Mapping[Outcome, ReportCode]) -> ReportCode:
        """Return what the report says; `codes` are the protocol's own for outcomes."""
        return codes[self.outcome] if self.outcome is not None else ReportCode(self.stat or "", self.error)


class Reports(_Part, frozen=True):
    """How reports come."""

    codes: Annotated[tuple[WeightedCode, ...], Meta(max_length=100, description="Ends of texts, by weight.")] = ()
    duplicate: Annotated[Share, Meta(description="Sent a second time after they were taken.")] = 0.0
    early: Annotated[Share, Meta(description="Sent before the submit response.")] = 0.0
    late: Annotated[Share, Meta(description="Held back by late_by, while the phone rings in time.")] = 0.0
    late_by: Annotated[Delay | None, Meta(description="How late.")] = None

    def __post_init__(self) -> None:
        if self.late and self.late_by is None:
            raise ValueError("late needs late_by: how late they are")


class RefusalRule(_Part, frozen=True):
    """Submits that are refused for no reason of their own."""

    share: Share = 1.0
    reason: Annotated[Refusal | None, Meta(description="bad_number or busy; each protocol has its code for it.")] = None
    code: Annotated[Code | None, Meta(description="Or the code itself.")] = None

    def __post_init__(self) -> None:
        if (self.reason is None) == (self.code is None):
            raise ValueError("give either reason or code")


class Throttle(_Part, frozen=True):
    """Flow control: submits beyond a speed are refused as such."""

    above_per_second: Annotated[Count, Meta(description="Submits of a login that are taken in any second.")]


class Stall(_Part, frozen=True):
    """A gateway that stops for a while, again and again."""

    every: Annotated[Delay, Meta(description="From the end of one stop to the next.")]
    lasts: Annotated[Delay, Meta(description="How long it stops.")]


class BindRule(_Part, frozen=True):
    """Binds that are refused."""

    share: Share = 1.0
    reason: Annotated[
        BindRefusal | None,
        Meta(description="unknown_login, wrong_password, too_many_links, wrong_version or busy."),
    ] = None
    code: Annotated[Code | None, Meta(description="Or the status itself.")] = None

    def __post_init__(self) -> None:
        if (self.reason is None) == (self.code is None):
            raise ValueError("give either reason or code")


class CutHow(StrEnum):
    """How a connection ends."""

    RESET = "reset"
    """RST: what was under way is gone."""
    CLOSE = "close"
    """FIN, with everything before it delivered."""


class Cut(_Part, frozen=True):
    """A connection that ends in the middle."""

    after_sent_bytes: Annotated[Count | None, Meta(description="When so many octets have gone to the customer.")] = None
    after_received_bytes: Annotated[Count | None, Meta(description="When so many have come from the customer.")] = None
    after: Annotated[Delay | None, Meta(description="When it is so old.")] = None
    how: CutHow = CutHow.RESET

    def __post_init__(self) -> None:
        if self.after_sent_bytes is None and self.after_received_bytes is None and self.after is None:
            raise ValueError("give after_sent_bytes, after_received_bytes or after")


class Wire(_Part, frozen=True):
    """What happens to octets, whatever the protocol."""

    wrong_sequence: Annotated[Share, Meta(description="Responses that answer another sequence.")] = 0.0
    unknown_command: Annotated[Share, Meta(description="PDUs with a PDU of no known command in front.")] = 0.0
    garbage: Annotated[Share, Meta(description="PDUs with random octets in front.")] = 0.0
    garbage_bytes: Annotated[int, Meta(ge=1, le=65_536, description="How many.")] = 16
    read_bytes_per_second: Annotated[Count | None, Meta(description="A slow reader: no more is read.")] = None
    freeze: Annotated[Stall | None, Meta(description="Neither reads nor writes for a while, and keeps the link.")] = (
        None
    )
    cut: Annotated[Cut | None, Meta(description="Connections that end in the middle.")] = None


class Scenario(_Part, frozen=True):
    """How a carrier, or one login of it, behaves."""

    title: Annotated[str, Meta(max_length=200)] = ""
    title_zh: Annotated[str, Meta(max_length=200)] = ""
    response_delay: Annotated[Delay | None, Meta(description="From a submit to its response.")] = None
    delivery_delay: Annotated[Delay | None, Meta(description="From a submit to the ringing phone.")] = None
    report_delay: Annotated[Delay | None, Meta(description="From the ringing phone to its report.")] = None
    loss: Loss = Loss()
    reports: Reports = Reports()
    refusals: Annotated[tuple[RefusalRule, ...], Meta(max_length=100)] = ()
    throttle: Throttle | None = None
    stall: Annotated[Stall | None, Meta(description="Answers no submit and sends no report for a while.")] = None
    binds: Annotated[tuple[BindRule, ...], Meta(max_length=100)] = ()
    wire: Wire = Wire()
    clock_skew_seconds: Annotated[
        float, Meta(ge=-366 * 86_400, le=366 * 86_400, description="How far the carrier's clock is ahead.")
    ] = 0.0


class ScenarioInvalid(Exception):
    """A scenario that cannot be read; `field` is the path of what is wrong, such as `throttle.share`."""

    def __init__(self, problem: str, *, field: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.problem = problem
        self.field = field


def scenarios_from_toml(text: str) -> dict[str, Scenario]:
    """Read named scenarios, one table each; ScenarioInvalid names the field."""
    try:
        tables = msgspec.toml.decode(text)
    except msgspec.DecodeError as error:
        raise ScenarioInvalid(str(error), field="") from error
    if len(tables) > SCENARIOS_MAX:
        raise ScenarioInvalid(f"these are {len(tables)} scenarios; {SCENARIOS_MAX} are kept", field="")
    return {check_name(name): scenario_from(table, at=name) for name, table in tables.items()}


def scenario_from_json(data: bytes) -> Scenario:
    """Read one scenario; ScenarioInvalid names the field."""
    try:
        return scenario_from(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ScenarioInvalid(str(error), field="") from error


def scenario_from(value: object, *, at: str = "") -> Scenario:
    """Make a scenario of plain values; ScenarioInvalid names the field, behind `at`."""
    try:
        return msgspec.convert(value, Scenario)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        field = f"{at}{path.rstrip('`')}".removeprefix(".")
        raise ScenarioInvalid(problem, field=field) from error


def check_name(name: str) -> str:
    """Return a name that may be one; ScenarioInvalid else."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise ScenarioInvalid("a name has up to 40 of a-z, 0-9, - and _, and begins with no sign", field=name[:60])
    return name


def scenario_file(path: Path) -> dict[str, Scenario]:
    """Read a file of named scenarios; OSError, or ScenarioInvalid with the file in front."""
    try:
        return scenarios_from_toml(path.read_text(encoding="utf-8"))
    except ScenarioInvalid as error:
        raise ScenarioInvalid(f"{error.problem} (in {path})", field=error.field) from error
    except UnicodeDecodeError as error:
        raise ScenarioInvalid(f"{path} is not UTF-8", field="") from error


@cache
def shipped_scenarios() -> Mapping[str, Scenario]:
    """Return the scenarios that come with the simulator."""
    return scenarios_from_toml(resources.files(__package__).joinpath("scenarios.toml").read_text(encoding="utf-8"))


def scenario_table() -> str:
    """Return the shipped scenarios as the Markdown table that stands in the documentation."""
    rows = [f"| `{name}` | {one.title} | {one.title_zh} |" for name, one in shipped_scenarios().items()]
    return "\n".join(["| scenario | what happens | 说明 |", "| --- | --- | --- |", *rows]) + "\n"
