"""Listening, draining, and clients that do not read."""

import asyncio
import socket
import time
from contextlib import ExitStack

import pytest

from hongyan.http.asgi import App, Receive, Scope, Send, answer
from hongyan.http.limits import ServerLimits
from hongyan.http.server import HttpServer, listen
from hongyan.kit.clock import ManualClock
from tests.conformance.market.serving import serving
from tests.conformance.market.wire import Wire, ask, request


async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, 200, b"hello")


async def hang(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


def gush(megabytes: int) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(megabytes):
            await send({"type": "http.response.body", "body": b"x" * (1 << 20), "more_body": True})
        await send({"type": "http.response.body"})

    return app


def test_a_taken_port_is_an_os_error() -> None:
    with ExitStack() as stack:
        (first,) = map(stack.enter_context, listen("127.0.0.1", 0))
        first.listen()
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", first.getsockname()[1])


def test_several_processes_may_share_a_port() -> None:
    with ExitStack() as stack:
        (first,) = map(stack.enter_context, listen("127.0.0.1", 0, reuse_port=True))
        (second,) = map(stack.enter_context, listen("127.0.0.1", first.getsockname()[1], reuse_port=True))

        assert first.getsockname() == second.getsockname()


def test_an_ipv6_address_is_its_own() -> None:
    with ExitStack() as stack:
        try:
            (opened,) = map(stack.enter_context, listen("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")

        assert opened.family == socket.AF_INET6
        assert opened.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1


async def test_a_server_runs_until_it_is_told_to_stop() -> None:
    server = HttpServer(greet, listen("127.0.0.1", 0), clock=ManualClock(0.0))
    stop = asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(server.run(stop))
        await server.ready.wait()
        response = await asyncio.to_thread(ask, server.addresses[0][1], request("/", headers={}))
        stop.set()

    assert response.body == b"hello"
    assert response.headers["date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert response.headers["server"] == "hongyan"


async def test_what_does_not_end_in_time_is_cut() -> None:
    started_at = time.monotonic()
    async with HttpServer(hang, listen("127.0.0.1", 0), clock=ManualClock(), drain_seconds=0.2) as server:
        wire = Wire(server.addresses[0][1])
        wire.send(request("/", headers={}))
        await asyncio.sleep(0.05)

    assert time.monotonic() - started_at < 2
    with wire:
        assert wire.is_closed()


def test_an_answer_larger_than_all_buffers_arrives_whole() -> None:
    with serving(gush(8)) as port, Wire(port) as wire:
        wire.send(request("/", headers={"Connection": "close"}))
        time.sleep(0.2)

        assert wire.receive_until_closed().count(b"x") == 8 << 20


def test_a_client_that_does_not_read_is_cut() -> None:
    limits = ServerLimits(write_timeout_seconds=0.3)
    with serving(gush(64), limits=limits) as port, Wire(port) as wire:
        wire.send(request("/", headers={}))
        time.sleep(0.8)

        assert wire.receive_until_closed().count(b"x") < 64 << 20
