"""A scenario at work for one login."""

from random import Random
from typing import Any

from hongyan.simulator.behaviour import BindRefusal, Refusal, behaviour_of
from hongyan.simulator.conduct import Conduct, Stops
from hongyan.simulator.delays import Fixed
from hongyan.simulator.outcome import STAT_CODES
from hongyan.simulator.scenario import Scenario, Stall, scenario_from

from .builders import a_segment


def a_conduct(**scenario: Any) -> Conduct:
    return Conduct(scenario_from(scenario), name="test", codes=STAT_CODES, random=Random(7), now=0.0)


def test_stops_come_again_and_again_and_are_looked_up() -> None:
    stops = Stops(Stall(every=Fixed(seconds=10), lasts=Fixed(seconds=3)), random=Random(7), now=100.0)

    assert [stops.until(now) for now in (100, 109.9, 110, 112.9, 113, 122.9, 123, 126)] == [
        0,
        0,
        113,
        113,
        0,
        0,
        126,
        0,
    ]


def test_stops_after_a_long_quiet_time_begin_anew() -> None:
    stops = Stops(Stall(every=Fixed(seconds=0), lasts=Fixed(seconds=0)), random=Random(7), now=0.0)

    assert stops.until(1e9) == 0.0


def test_an_empty_scenario_changes_nothing() -> None:
    conduct = a_conduct()
    segment = a_segment()
    conduct.shape(segment)

    assert segment == a_segment()
    assert (conduct.refusal(0.0), conduct.bind_refusal(), conduct.faults) == (None, None, None)
    assert (conduct.delivery_delay(), conduct.report_delay(), conduct.response_delay(0.0, 0.25)) == (None, 0.0, 0.25)
    assert not conduct.loses_response()
    assert not conduct.loses_text(segment)


def test_shares_of_rules_add_up() -> None:
    conduct = a_conduct(refusals=[{"share": 0.5, "code": 1}, {"share": 0.5, "reason": "busy"}])

    assert {conduct.refusal(0.0) for _ in range(100)} == {1, Refusal.BUSY}


def test_binds_are_refused_by_reason_or_code() -> None:
    assert a_conduct(binds=[{"reason": "wrong_version"}]).bind_refusal() is BindRefusal.WRONG_VERSION
    assert a_conduct(binds=[{"code": 5}]).bind_refusal() == 5
    assert a_conduct(binds=[{"share": 0, "code": 5}]).bind_refusal() is None


def test_a_throttle_takes_so_many_in_any_second() -> None:
    conduct = a_conduct(throttle={"above_per_second": 3})

    assert [conduct.refusal(10.0) for _ in range(4)] == [None, None, None, Refusal.BUSY]
    assert conduct.refusal(10.9) is Refusal.BUSY
    assert conduct.refusal(11.1) is None


def test_what_a_number_decides_stays_decided() -> None:
    conduct = a_conduct(loss={"texts": 1, "reports": 1}, reports={"codes": [{"outcome": "expired"}], "early": 1})
    segment = a_segment(behaviour=behaviour_of(9005), reports_due=2)
    conduct.shape(segment)

    assert (segment.reports_due, segment.report_first, segment.code.stat) == (2, False, "DELIVRD")
    assert not conduct.loses_text(segment)


def test_no_scenario_makes_a_report_that_nobody_asked_for() -> None:
    segment = a_segment(reports_due=0)
    a_conduct(reports={"duplicate": 1, "early": 1}).shape(segment)

    assert (segment.reports_due, segment.report_first) == (0, False)


def test_the_scenario_is_kept_for_those_who_ask() -> None:
    assert a_conduct(wire={"garbage": 0.5}).faults == scenario_from({"wire": {"garbage": 0.5}}).wire
    assert a_conduct().scenario == Scenario()
