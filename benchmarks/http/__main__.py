"""Measure the market endpoint: `python -m benchmarks.http [--seconds 3] [--json FILE]`.

Three figures: CPU of the endpoint alone (no sockets), CPU of the whole server a request over loopback with keep-alive
connections (the client runs in another process), and whether the two refusals that must cost the same do:
an unknown id and a wrong key, as Welch's t over many requests each (below 4.5 nobody can tell them apart).
"""  # noqa: A005 - nobody imports `http` from here

import argparse
import asyncio
import gc
import json
import math
import statistics
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.http.client import drive, signed_request
from benchmarks.http.instant import KEY, build_instant_app
from hongyan.http.asgi import App, Message, Scope
from hongyan.http.server import HttpServer, listen
from hongyan.kit.clock import SystemClock

_ROUNDS = 12
_BURST = 2000
_PAIRS = 20_000


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


async def measure_refusals() -> dict[str, float]:
    """Return the mean µs of both refusals and Welch's t between them, alternating so that drift hits both."""
    app = build_instant_app()
    unknown, wrong = _scope("AKID" + "0" * 32, KEY.secret), _scope(KEY.secret_id, b"x" * 40)
    samples: dict[str, list[float]] = {"unknown": [], "wrong": []}
    gc.disable()
    for _ in range(_PAIRS):
        for name, scope in (("unknown", unknown), ("wrong", wrong)):
            started = time.perf_counter()
            assert await _call(app, scope) == 401
            samples[name].append((time.perf_counter() - started) * 1e6)
    gc.enable()
    trimmed = {name: sorted(values)[: int(len(values) * 0.95)] for name, values in samples.items()}
    return {
        "unknown_id_us": statistics.fmean(trimmed["unknown"]),
        "wrong_key_us": statistics.fmean(trimmed["wrong"]),
        "welch_t": _welch_t(trimmed["unknown"], trimmed["wrong"]),
    }


def _welch_t(one: list[float], other: list[float]) -> float:
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.fmean(one) - statistics.fmean(other)) / math.sqrt(spread)


async def measure_server(seconds: float) -> dict[str, float]:
    """Return requests/s and CPU µs a request of this process over 64 keep-alive connections."""
    sockets = listen("127.0.0.1", 0)
    async with HttpServer(build_instant_app(), sockets, clock=SystemClock(), is_exempt=lambda _: True) as server:
        context = get_context("spawn")
        results: Any = context.SimpleQueue()
        client = context.Process(target=drive, args=(server.addresses[0][1], seconds, results))
        client.start()
        cpu = time.process_time()
        await asyncio.to_thread(client.join)
        cpu = time.process_time() - cpu
        answered = results.get()
    return {"server_requests_per_second": answered / seconds, "server_us": cpu / answered * 1e6}


async def _measure(seconds: float) -> dict[str, float]:
    return {**await measure_endpoint(), **await measure_refusals(), **await measure_server(seconds)}


def main() -> None:
    """Print the figures, and write them to a file if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to load the server")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    figures = uvloop.run(_measure(arguments.seconds))
    for name, value in figures.items():
        print(f"{name:28} {value:12.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
