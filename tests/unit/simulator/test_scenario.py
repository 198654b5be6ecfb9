"""Scenarios as data: what can be said, and what is refused by the name of its field."""

from pathlib import Path

import pytest

from hongyan.simulator.delays import Uniform
from hongyan.simulator.outcome import STAT_CODES, Outcome, ReportCode
from hongyan.simulator.scenario import (
    Scenario,
    ScenarioInvalid,
    scenario_file,
    scenario_from_json,
    scenario_table,
    scenarios_from_toml,
    shipped_scenarios,
)


def test_a_file_holds_scenarios_by_name() -> None:
    scenarios = scenarios_from_toml(
        """
        [slow]
        response_delay = { kind = "uniform", min_seconds = 1, max_seconds = 2 }

        [odd.reports]
        codes = [{ weight = 2, stat = "MK:0012", error = 27 }, { outcome = "expired" }]
        """
    )

    assert scenarios["slow"] == Scenario(response_delay=Uniform(min_seconds=1, max_seconds=2))
    first, second = scenarios["odd"].reports.codes
    assert (first.weight, first.code(STAT_CODES)) == (2, ReportCode("MK:0012", 27))
    assert second.code(STAT_CODES) == STAT_CODES[Outcome.EXPIRED]


@pytest.mark.parametrize(
    "text, field, problem",
    [
        ("[a]\nx = 1", "a", "unknown field `x`"),
        ("[a.loss]\nreports = 1.5", "a.loss.reports", "<= 1"),
        ("[a.throttle]\nabove_per_second = 0", "a.throttle.above_per_second", ">= 1"),
        ("[a.wire.cut]\nhow = 'reset'", "a.wire.cut", "give after_sent_bytes"),
        ("[a.wire]\ngarbage_bytes = 100000", "a.wire.garbage_bytes", "65536"),
        ("[a.reports]\nlate = 0.5", "a.reports", "late_by"),
        ("[a.reports]\ncodes = [{ weight = 1 }]", "a.reports.codes[0]", "either outcome or stat"),
        ("[a.reports]\ncodes = [{ stat = '12345678' }]", "a.reports.codes[0].stat", "length"),
        ("[a.reports]\ncodes = [{ stat = 'X', outcome = 'expired' }]", "a.reports.codes[0]", "either"),
        ("[a]\nrefusals = [{ share = 0.1 }]", "a.refusals[0]", "either reason or code"),
        ("[a]\nbinds = [{ reason = 'mood' }]", "a.binds[0].reason", "mood"),
        ("[a]\nclock_skew_seconds = 1e12", "a.clock_skew_seconds", "<="),
        ("[a]\nresponse_delay = { seconds = 1 }", "a.response_delay", "kind"),
        ("['A b']", "A b", "a name has"),
        ("a = 1", "a", "object"),
        ("= 1", "", "line 1"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(text: str, field: str, problem: str) -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        scenarios_from_toml(text)

    assert caught.value.field == field
    assert problem in caught.value.problem
    assert str(caught.value) == (f"{field}: {caught.value.problem}" if field else caught.value.problem)


def test_there_are_no_more_scenarios_than_are_kept() -> None:
    with pytest.raises(ScenarioInvalid, match="101 scenarios"):
        scenarios_from_toml("\n".join(f"[s{index}]" for index in range(101)))


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b'{"loss": 1}'])
def test_json_that_is_no_scenario_is_refused(data: bytes) -> None:
    with pytest.raises(ScenarioInvalid):
        scenario_from_json(data)


def test_a_file_that_cannot_be_read_says_which(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[a]\nx = 1", encoding="utf-8")
    with pytest.raises(ScenarioInvalid, match=r"unknown field `x` \(in .*mine.toml\)"):
        scenario_file(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ScenarioInvalid, match="not UTF-8"):
        scenario_file(path)
    with pytest.raises(FileNotFoundError):
        scenario_file(tmp_path / "none.toml")


def test_the_shipped_ones_are_titled_in_both_languages() -> None:
    shipped = shipped_scenarios()

    assert {"healthy", "busy-evening", "silent", "flapping", "throttled", "closed"} <= set(shipped)
    assert all(scenario.title and scenario.title_zh for scenario in shipped.values())
    assert [name for name, scenario in shipped.items() if scenario == Scenario(title=scenario.title)] == []


def test_the_documentation_lists_the_shipped_ones() -> None:
    page = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")

    assert scenario_table() in page
