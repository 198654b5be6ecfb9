"""The simulator as a whole: start, stop, journal, and what keeps it from either."""

import asyncio
import socket
from pathlib import Path

import msgspec
import pytest

from hongyan.kit.clock import SystemClock
from hongyan.simulator.behaviour import Span
from hongyan.simulator.config import PhoneConfig, SimulatorConfig, demo_config
from hongyan.simulator.journal import Acknowledged, Received, Reported, content_hash, read_journal
from hongyan.simulator.server import Started, run_simulator

from .peers import ANNA, CARRIER, LOGIN, a_customer, a_simulator, a_submit, submits_of_parts


async def test_the_demonstration_starts_and_stops() -> None:
    stop = asyncio.Event()
    started: list[Started] = []

    def ready(where: Started) -> None:
        started.append(where)
        stop.set()

    config = demo_config("secret", port_first=0, phones=PhoneConfig(port=0))
    await run_simulator(config, clock=SystemClock(), stop=stop, ready=ready)

    assert list(started[0].carrier_ports) == ["mobile", "unicom", "telecom", "international"]
    assert all(started[0].carrier_ports.values())
    assert started[0].phone_url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("taken", ["carrier", "phones"])
async def test_a_port_that_is_taken_is_told(taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        carrier = msgspec.structs.replace(CARRIER, port=port if taken == "carrier" else 0)
        phones = PhoneConfig(port=port if taken == "phones" else 0)

        with pytest.raises(OSError, match="in use"):
            await run_simulator(
                SimulatorConfig(carriers=(carrier,), phones=phones), clock=SystemClock(), stop=asyncio.Event()
            )


async def test_the_journal_has_every_submit_and_every_report(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    config = SimulatorConfig(carriers=(CARRIER,), phones=PhoneConfig(port=0), journal=path)
    async with a_simulator(config) as simulator, a_customer(simulator) as customer:
        short, refused = await customer.submit(a_submit("hello"), a_submit("no", number="13800139002"))
        parts = submits_of_parts("长" * 100)
        await customer.submit(*parts)
        await customer.has_reports(3)

    lines = list(read_journal(path))
    received = [line for line in lines if isinstance(line, Received)]
    reported = [line for line in lines if isinstance(line, Reported)]
    acknowledged = [line for line in lines if isinstance(line, Acknowledged)]
    assert [(line.message_id, line.destination, line.part, line.total, line.result) for line in received[:2]] == [
        (short.msg_id, ANNA, 1, 1, 0),
        (refused.msg_id, "13800139002", 1, 1, 13),
    ]
    assert received[0].content_hash == content_hash("hello".encode("utf-16-be"))
    assert [(line.part, line.total) for line in received[2:]] == [(1, 2), (2, 2)]
    assert received[2].content_hash == content_hash(parts[0].msg_content[6:])
    assert {(line.carrier, line.login, line.link) for line in lines} == {("mobile", LOGIN, 1)}
    assert {line.message_id for line in reported} == {line.message_id for line in received if not line.result}
    assert [line.sequence for line in acknowledged] == [line.sequence for line in reported]
    assert [line.at_us for line in lines] == sorted(line.at_us for line in lines)


async def test_a_journal_that_cannot_be_written_ends_the_simulator() -> None:
    config = SimulatorConfig(carriers=(CARRIER,), phones=PhoneConfig(port=0), journal=Path("/dev/full"))

    async def submit_until_it_ends() -> None:
        async with a_simulator(config) as simulator, a_customer(simulator) as customer:
            customer.link.send(a_submit(), None)
            await asyncio.sleep(10)

    with pytest.raises(ExceptionGroup) as raised:
        await submit_until_it_ends()
    assert raised.group_contains(OSError, match="No space left")


async def _order_of_reports() -> list[str]:
    slowly = Span(min_seconds=0.0, max_seconds=0.3)
    numbers = [f"1380013800{index}" for index in range(5)]
    async with a_simulator(delivery_delay=slowly) as simulator, a_customer(simulator) as customer:
        await customer.submit(*(a_submit(number=number) for number in numbers))
        return [report.dest_terminal_id[-1] for report in await customer.has_reports(5)]


async def test_delays_repeat_with_the_seed() -> None:
    assert await _order_of_reports() == ["3", "4", "2", "0", "1"]
