"""Scenarios against a real link: each fault is seen by the customer it is done to."""

import asyncio
from typing import Any

import pytest

from hongyan.simulator.behaviour import Span
from hongyan.simulator.config import PhoneConfig, SimulatorConfig
from hongyan.wire.cmpp.statuses import SubmitResult

from .peers import ANNA, CARRIER, LOGIN, Customer, Simulator, a_customer, a_simulator, a_submit

NOW = Span(min_seconds=0.0, max_seconds=0.0)


async def play(simulator: Simulator, scenario: dict[str, Any], *, login: str = "") -> None:
    """Have the carrier play a scenario, or one login of it."""
    whose = f"/carriers/mobile/logins/{login}/scenario" if login else "/carriers/mobile/scenario"
    response = await simulator.http.put(whose, json={"scenario": scenario})
    assert response.status_code == 200, response.text


async def test_responses_and_texts_take_as_long_as_the_scenario_says() -> None:
    late = {"kind": "fixed", "seconds": 0.3}
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await play(simulator, {"response_delay": late})
        started = asyncio.get_running_loop().time()
        await customer.submit(a_submit())
        assert asyncio.get_running_loop().time() - started >= 0.3
        assert customer.heard == ["report", "response"]

        await play(simulator, {"delivery_delay": late, "report_delay": late})
        started = asyncio.get_running_loop().time()
        await customer.submit(a_submit())
        await customer.has_reports(2)
        assert asyncio.get_running_loop().time() - started >= 0.6


async def test_lost_responses_never_come_and_other_answers_do() -> None:
    async with a_simulator() as simulator, a_customer(simulator, limits={"response_timeout_seconds": 0.3}) as customer:
        await play(simulator, {"loss": {"responses": 1}})
        customer.link.send(a_submit("lost answer"), None)
        await customer.until(lambda: customer.missing == 1)

        assert await simulator.texts() == ["lost answer"]
        await customer.has_reports(1)
        await simulator.http.delete("/carriers/mobile/scenario")
        (response,) = await customer.submit(a_submit("answered"))
        assert response.result == 0


@pytest.mark.parametrize("what", ["texts", "reports"])
async def test_lost_texts_and_reports_are_never_heard_of(what: str) -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await play(simulator, {"loss": {what: 1}})
        (lost,) = await customer.submit(a_submit("lost"))
        await simulator.http.delete("/carriers/mobile/scenario")
        await customer.submit(a_submit("kept"))
        (report,) = await customer.has_reports(1)

        assert lost.result == 0
        assert report.msg_id != lost.msg_id
        assert await simulator.texts() == (["kept"] if what == "texts" else ["kept", "lost"])


async def test_reports_bear_the_codes_of_the_scenario_by_their_weights() -> None:
    codes = [{"weight": 3, "stat": "MK:0012"}, {"weight": 1, "outcome": "empty_number"}]
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await play(simulator, {"reports": {"codes": codes}})
        await customer.submit(*(a_submit(str(index)) for index in range(60)))
        reports = await customer.has_reports(60)

        stats = [report.stat for report in reports]
        assert set(stats) == {"MK:0012", "MK:0001"}
        assert 30 < stats.count("MK:0012") < 58
        assert await simulator.texts() == []


async def test_magic_endings_keep_to_their_own_in_every_scenario() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await play(simulator, {"loss": {"texts": 1}, "reports": {"codes": [{"outcome": "expired"}]}})
        await customer.submit(a_submit(number="13800139001"))
        (report,) = await customer.has_reports(1)

        assert report.stat == "UNDELIV"


async def test_reports_come_twice_early_or_late() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await play(simulator, {"reports": {"duplicate": 1}})
        await customer.submit(a_submit())
        first, second = await customer.has_reports(2)
        assert first == second

        customer.heard.clear()
        await play(simulator, {"reports": {"early": 1}})
        await customer.submit(a_submit())
        assert customer.heard == ["report", "response"]

        await play(simulator, {"reports": {"late": 1, "late_by": {"kind": "fixed", "seconds": 0.5}}})
        started = asyncio.get_running_loop().time()
        await customer.submit(a_submit("rings in time"))
        await simulator.get(f"/phones/{ANNA}/messages/next", after=0)
        assert asyncio.get_running_loop().time() - started < 0.4
        await customer.has_reports(4)
        assert asyncio.get_running_loop().time() - started >= 0.5


async def test_submits_above_the_speed_are_told_to_slow_down() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await play(simulator, {"throttle": {"above_per_second": 5}})
        responses = await customer.submit(*(a_submit(str(index)) for index in range(12)))

        results = [response.result for response in responses]
        assert results == [SubmitResult.OK] * 5 + [SubmitResult.FLOW_CONTROL] * 7
        await asyncio.sleep(1.05)
        (again,) = await customer.submit(a_submit("later"))
        assert again.result == 0


@pytest.mark.parametrize("rule, result", [({"reason": "busy"}, 8), ({"reason": "bad_number"}, 13), ({"code": 99}, 99)])
async def test_submits_are_refused_by_share(rule: dict[str, Any], result: int) -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await play(simulator, {"refusals": [{"share": 0.5, **rule}]})
        responses = await customer.submit(*(a_submit(str(index)) for index in range(60)))

        results = [response.result for response in responses]
        assert set(results) == {0, result}
        assert 15 < results.count(result) < 45


async def test_a_stall_holds_answers_and_reports_back_until_it_is_over() -> None:
    stall = {"every": {"kind": "fixed", "seconds": 0}, "lasts": {"kind": "fixed", "seconds": 0.6}}
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await play(simulator, {"stall": stall})
        started = asyncio.get_running_loop().time()
        submitting = asyncio.create_task(customer.submit(a_submit()))
        await asyncio.sleep(0.2)
        assert customer.heard == []
        await submitting
        assert asyncio.get_running_loop().time() - started >= 0.5


@pytest.mark.parametrize(
    "rule, trouble",
    [
        ({"reason": "wrong_password"}, "status 3"),
        ({"reason": "wrong_version"}, "status 4"),
        ({"code": 77}, "status 77"),
    ],
)
async def test_binds_are_refused_until_the_scenario_ends(rule: dict[str, Any], trouble: str) -> None:
    async with a_simulator() as simulator, asyncio.TaskGroup() as group:
        await play(simulator, {"binds": [rule]})
        customer = Customer(simulator.port)
        group.create_task(customer.link.run())
        async with asyncio.timeout(10):
            while trouble not in customer.link.trouble:
                await asyncio.sleep(0.01)
            await simulator.http.delete("/carriers/mobile/scenario")
            await customer.bound()
        await customer.link.stop(0)


async def test_a_wrong_clock_is_seen_in_the_reports() -> None:
    async with a_simulator(delivery_delay=NOW) as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit())
        await customer.has_reports(1)
        await play(simulator, {"clock_skew_seconds": 86_400 * 40})
        await customer.submit(a_submit())
        right, wrong = await customer.has_reports(2)

        assert (right.done_time[:4], right.submit_time[:4]) != (wrong.done_time[:4], wrong.submit_time[:4])
        assert wrong.submit_time[:6] == wrong.done_time[:6]


async def test_a_login_can_have_a_scenario_of_its_own() -> None:
    async with (
        a_simulator(delivery_delay=NOW) as simulator,
        a_customer(simulator) as customer,
        a_customer(simulator, login="910002", password="other") as other,
    ):
        await play(simulator, {"refusals": [{"code": 9}]}, login=LOGIN)
        (mine,) = await customer.submit(a_submit())
        (theirs,) = await other.submit(a_submit(msg_src="910002"))
        assert (mine.result, theirs.result) == (9, 0)

        await play(simulator, {"refusals": [{"code": 7}]})
        (mine,) = await customer.submit(a_submit())
        (theirs,) = await other.submit(a_submit(msg_src="910002"))
        assert (mine.result, theirs.result) == (9, 7)

        await simulator.http.delete(f"/carriers/mobile/logins/{LOGIN}/scenario")
        (mine,) = await customer.submit(a_submit())
        assert mine.result == 7


async def test_a_simulator_can_begin_with_a_scenario() -> None:
    config = SimulatorConfig(carriers=(CARRIER,), phones=PhoneConfig(port=0), seed=7, scenario="closed")
    async with a_simulator(config) as simulator, asyncio.TaskGroup() as group:
        customer = Customer(simulator.port)
        group.create_task(customer.link.run())
        async with asyncio.timeout(10):
            while "status 3" not in customer.link.trouble:
                await asyncio.sleep(0.01)
        await customer.link.stop(0)
        (carrier,) = (await simulator.get("/stats"))["carriers"]
        assert carrier["scenario"] == "closed"
