"""Reports that wait: for a place in the window, for the login to come back, for an answer that takes them."""

import asyncio

import pytest

from hongyan.simulator.behaviour import Span

from .peers import Customer, Simulator, a_customer, a_simulator, a_submit


async def _waiting(simulator: Simulator, count: int) -> None:
    """Wait until so many reports cannot leave."""
    async with asyncio.timeout(10):
        while (await simulator.login())["reports_waiting"] != count:
            await asyncio.sleep(0.01)


async def test_no_more_reports_are_unanswered_than_their_window_holds() -> None:
    async with a_simulator(report_window_size=4) as simulator, a_customer(simulator) as customer:
        customer.answers_reports = False
        await customer.submit(*(a_submit(str(index)) for index in range(10)))
        await _waiting(simulator, 6)

        assert len(customer.delivers) == 4
        customer.answer_reports()
        await customer.has_reports(10)
        assert len({report.msg_id for report in customer.reports}) == 10


async def test_reports_leave_over_every_link_of_the_login() -> None:
    async with (
        a_simulator(report_window_size=4) as simulator,
        a_customer(simulator) as first,
        a_customer(simulator) as second,
    ):
        first.answers_reports = second.answers_reports = False
        await first.submit(*(a_submit(str(index)) for index in range(10)))
        await _waiting(simulator, 2)

        assert (len(first.delivers), len(second.delivers)) == (4, 4)


async def test_reports_wait_for_a_login_that_is_away() -> None:
    later = Span(min_seconds=0.3, max_seconds=0.3)
    async with a_simulator(delivery_delay=later) as simulator:
        async with a_customer(simulator) as customer:
            responses = await customer.submit(*(a_submit(str(index)) for index in range(5)))
        await _waiting(simulator, 5)
        async with a_customer(simulator) as back:
            reports = await back.has_reports(5)

    assert customer.reports == []
    assert [report.msg_id for report in reports] == [response.msg_id for response in responses]


async def test_reports_without_answer_go_again_when_their_link_is_lost() -> None:
    async with a_simulator() as simulator:
        async with a_customer(simulator) as customer:
            customer.answers_reports = False
            await customer.submit(*(a_submit(str(index)) for index in range(3)))
            first = await customer.has_reports(3)
        async with a_customer(simulator) as back:
            again = await back.has_reports(3)

            assert [report.msg_id for report in again] == [report.msg_id for report in first]


async def test_reports_of_one_login_never_go_to_another() -> None:
    async with a_simulator() as simulator, a_customer(simulator, login="910002", password="other") as other:
        async with a_customer(simulator) as customer:
            customer.answers_reports = False
            await customer.submit(a_submit())
            await customer.has_reports(1)
        async with a_customer(simulator) as back:
            await back.has_reports(1)

        assert other.delivers == []


async def test_a_report_that_is_refused_comes_again() -> None:
    async with a_simulator(report_retry_seconds=0.01) as simulator, a_customer(simulator) as customer:
        customer.report_results = [9, 8]
        await customer.submit(a_submit())
        await customer.has_reports(3)
        await customer.submit(a_submit())
        await customer.has_reports(4)

        counts = (await simulator.login())["counts"]
        assert (counts["reports_refused"], counts["reports_acknowledged"]) == (2, 2)


async def test_a_report_that_nobody_takes_is_given_up() -> None:
    async with (
        a_simulator(report_retry_seconds=0.01, report_tries_max=2) as simulator,
        a_customer(simulator) as customer,
    ):
        customer.report_results = [9, 9]
        await customer.submit(a_submit())
        await customer.has_reports(2)
        await customer.submit(a_submit())
        await customer.has_reports(3)

        assert (await simulator.login())["counts"]["reports_given_up"] == 1


async def test_a_report_without_answer_comes_again_in_time() -> None:
    async with a_simulator(report_timeout_seconds=0.1) as simulator, a_customer(simulator) as customer:
        customer.answers_reports = False
        await customer.submit(a_submit())
        first, again = (await customer.has_reports(2))[:2]
        customer.answer_reports()

        assert first == again
        assert (await simulator.login())["counts"]["reports_unanswered"] >= 1


async def test_an_answer_that_comes_late_ends_the_repeating() -> None:
    async with a_simulator(report_timeout_seconds=0.2) as simulator, a_customer(simulator) as customer:
        customer.answers_reports = False
        await customer.submit(a_submit())
        await customer.has_reports(2)
        customer.answer_reports()
        await customer.submit(a_submit())
        await customer.has_reports(3)
        await asyncio.sleep(0.5)  # longer than two more tries would take

        assert len(customer.delivers) == 3
        assert (await simulator.login())["counts"]["reports_given_up"] == 0


@pytest.mark.parametrize("window_size, exceeded", [(8, 0), (40, 24)])
async def test_a_window_that_is_exceeded_is_seen(window_size: int, exceeded: int) -> None:
    async with a_simulator(window_size=16) as simulator:
        customer = Customer(simulator.port, window_size=window_size)
        async with customer.connected():
            for _ in range(2):
                await customer.submit(*(a_submit(str(index)) for index in range(window_size)))

            login = await simulator.login()
            assert login["window_used_max"] == window_size
            assert login["counts"]["windows_exceeded"] == 2 * exceeded
        assert (await simulator.login())["counts"]["windows_exceeded"] == 2 * exceeded


async def test_what_comes_twice_and_how_fast_is_measured() -> None:
    async with a_simulator() as simulator, a_customer(simulator) as customer:
        await customer.submit(a_submit("one"), a_submit("two"), a_submit("one"))
        await customer.has_reports(3)
        await asyncio.sleep(0.02)  # speed is booked by slices of 10 ms

        login = await simulator.login()
        assert login["counts"]["texts_doubled"] == 1
        assert (login["submits_per_second"], login["submits_per_second_max"], login["submits_per_100_ms_max"]) == (
            3,
            3,
            3,
        )

        assert (await simulator.http.delete("/stats")).status_code == 204
        assert (await simulator.login())["submits_per_second_max"] == 0
