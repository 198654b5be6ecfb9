"""Measure the market endpoint: `python -m benchmarks.http [--seconds 3] [--pairs 20000] [--json FILE]`.

Three figures: CPU of the endpoint alone (no sockets), CPU of the whole server a request over loopback with keep-alive
connections (the client runs in another process), and whether the two refusals that must cost the same do:
an unknown id and a wrong key, as Welch's t over many alternating requests (below 4.5 nobody can tell them apart).
"""  # noqa: A005 - nobody imports `http` from here

import argparse
import asyncio
import gc
import json
import logging
import math
import statistics
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import structlog
import uvloop

from benchmarks.http.client import drive, probe, signed_request
from benchmarks.http.instant import KEY, build_instant_app
from hongyan.http.asgi import App, Message, Scope
from hongyan.http.server import HttpServer, listen
from hongyan.kit.clock import SystemClock

_ROUNDS = 12
_BURST = 2000


async def _call(app: App, scope: Scope) -> int:
    status = 0

    async def receive() -> Message:
        raise AssertionError("a request without a body is not read")

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


def _scope(secret_id: str, secret: bytes) -> dict[str, Any]:
    target, headers = signed_request(secret_id, secret)
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 40000),
        "http_version": "1.1",
    }


async def measure_endpoint() -> dict[str, float]:
    """Return CPU µs of one call of the endpoint, least and median of many bursts."""
    app = build_instant_app()
    bursts = []
    for _ in range(_ROUNDS):
        scope = _scope(KEY.secret_id, KEY.secret)
        gc.collect()
        started = time.process_time()
        for _ in range(_BURST):
            await _call(app, scope)
        bursts.append((time.process_time() - started) / _BURST * 1e6)
    return {"endpoint_us_least": min(bursts), "endpoint_us_median": statistics.median(bursts)}


async def measure_refusals(pairs: int) -> dict[str, float]:
    """Return the median µs of both refusals over loopback, and Welch's t between them."""
    unknown, wrong = await _serve(probe, pairs)
    return {
        "unknown_id_us": statistics.median(unknown),
        "wrong_key_us": statistics.median(wrong),
        "welch_t": _welch_t(unknown, wrong),
    }


def _welch_t(one: list[float], other: list[float]) -> float:
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.fmean(one) - statistics.fmean(other)) / math.sqrt(spread)


async def measure_server(seconds: float) -> dict[str, float]:
    """Return requests/s and CPU µs a request of this process over 64 keep-alive connections."""
    cpu = time.process_time()
    answered = await _serve(drive, seconds)
    cpu = time.process_time() - cpu
    return {"server_requests_per_second": answered / seconds, "server_us": cpu / answered * 1e6}


async def _serve(client: Callable[[int, Any, Any], None], argument: float) -> Any:
    """Serve a client that runs in another process, and return what it found."""
    async with HttpServer(build_instant_app(), listen("127.0.0.1", 0), clock=SystemClock()) as server:
        context = get_context("spawn")
        results: Any = context.Queue()
        process = context.Process(target=client, args=(server.addresses[0][1], argument, results))
        process.start()
        found = await asyncio.to_thread(results.get)
        await asyncio.to_thread(process.join)
    return found


async def _measure(seconds: float, pairs: int) -> dict[str, float]:
    return {**await measure_endpoint(), **await measure_server(seconds), **await measure_refusals(pairs)}


def main() -> None:
    """Print the figures, and write them to a file if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to load the server")
    parser.add_argument("--pairs", type=int, default=20_000, help="how many pairs of refusals to time")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    figures = uvloop.run(_measure(arguments.seconds, arguments.pairs))
    for name, value in figures.items():
        print(f"{name:28} {value:12.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
