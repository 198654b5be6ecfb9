"""Measure links: submits a second with reports over one link, and the latency of a hundred at a steady pace.

The carrier is the simulator, in another process. Our side is what a gateway has without its database: the
protocol's own module and a link. `python -m benchmarks.links --protocol sgip12`.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog
import uvloop

from benchmarks.links.carrier import LOGIN, PASSWORD, RunningCarrier, free_port, running_carrier
from benchmarks.links.load import NODE, Reports, Submitter, new_links, quantile_ms, reverse_listener, until
from hongyan.carriers import PROTOCOLS
from hongyan.carriers.protocol import Terms
from hongyan.carriers.settings import ChannelSettings
from hongyan.simulator.config import Speech

WINDOW_SIZE = 64
WARM_SECONDS = 1.0
REPORT_SECONDS = 10.0
BIND_SECONDS = 15.0
MANY = 100
PACE_PER_SECOND = 100


@asynccontextmanager
async def _submitting(name: str, carrier: RunningCarrier, dial_port: int, count: int) -> AsyncIterator[Submitter]:
    protocol = PROTOCOLS[name]
    settings = ChannelSettings(node=NODE, corp_id="12345") if name == "sgip12" else ChannelSettings()
    terms = Terms(LOGIN, "10690001", "", settings, PASSWORD)
    reports = Reports(protocol, terms)
    submitter = Submitter(protocol, terms, reports)
    async with AsyncExitStack() as stack:
        if name == "sgip12":
            await stack.enter_async_context(reverse_listener(dial_port, reports))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        submitter.links = new_links(protocol, terms, carrier.port, submitter, count=count)
        for link in submitter.links:
            tasks.create_task(link.run())
        if not await until(lambda: all(link.is_bound for link in submitter.links), BIND_SECONDS):
            raise ConnectionError(f"not every link was bound: {submitter.links[0].trouble}")
        yield submitter
        submitter.may_send = False
        await until(lambda: reports.count >= submitter.answered - submitter.refused, REPORT_SECONDS)
        submitter.reports_seen = reports.count
        for link in submitter.links:
            tasks.create_task(link.stop(1.0))


async def one_link(name: str, carrier: RunningCarrier, dial_port: int, seconds: float) -> dict[str, float]:
    """As fast as one link with a window of 64 goes."""
    async with _submitting(name, carrier, dial_port, 1) as submitter:
        submitter.may_send = True
        submitter.pump(submitter.links[0])
        await asyncio.sleep(WARM_SECONDS)
        answered, started = submitter.answered, time.perf_counter()
        ours, theirs = time.process_time(), carrier.cpu_seconds()
        await asyncio.sleep(seconds)
        count, wall = submitter.answered - answered, time.perf_counter() - started
        ours, theirs = time.process_time() - ours, carrier.cpu_seconds() - theirs
    return {
        "submits_per_second": round(count / wall),
        "our_cpu_us": round(ours / count * 1e6, 1),
        "carrier_cpu_us": round(theirs / count * 1e6, 1),
        "refused": submitter.refused,
        "reports_missing": submitter.answered - submitter.refused - submitter.reports_seen,
    }


async def many_links(name: str, carrier: RunningCarrier, dial_port: int, seconds: float) -> dict[str, float]:
    """A hundred links, a hundred messages a second each."""
    async with _submitting(name, carrier, dial_port, MANY) as submitter:
        submitter.pace(PACE_PER_SECOND)
        pacing = asyncio.ensure_future(submitter.keep_pace())
        submitter.may_send = True
        await asyncio.sleep(WARM_SECONDS)
        submitter.latencies.clear()
        answered, started = submitter.answered, time.perf_counter()
        await asyncio.sleep(seconds)
        latencies = list(submitter.latencies)
        rate = (submitter.answered - answered) / (time.perf_counter() - started)
        pacing.cancel()
    return {
        "many_links_per_second": round(rate),
        "many_links_p50_ms": quantile_ms(latencies, 0.5),
        "many_links_p99_ms": quantile_ms(latencies, 0.99),
        "many_links_refused": submitter.refused,
        "many_links_reports_missing": submitter.answered - submitter.refused - submitter.reports_seen,
    }


def measure(name: str, seconds: float) -> dict[str, float]:
    """Return the figures of one protocol."""
    speech = Speech(name[:4])
    figures: dict[str, float] = {}
    for step in (one_link, many_links):
        dial_port = free_port()
        with running_carrier(speech, window_size=WINDOW_SIZE, dial_port=dial_port) as carrier:
            figures |= uvloop.run(step(name, carrier, dial_port, seconds))
    return figures


def main() -> None:
    """Measure, print, and write the figures where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.links", description=__doc__)
    parser.add_argument("--protocol", choices=[*PROTOCOLS, "all"], default="all")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each load")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    names = list(PROTOCOLS) if options.protocol == "all" else [options.protocol]
    figures = {name: measure(name, options.seconds) for name in names}
    rows = list(next(iter(figures.values())))
    print(f"{'':30}" + "".join(f"{name:>12}" for name in names))
    for row in rows:
        print(f"{row:30}" + "".join(f"{figures[name][row]:>12,}" for name in names))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
