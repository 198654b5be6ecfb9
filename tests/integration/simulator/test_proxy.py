"""The chaos proxy on real TCP: each toxic is felt by the two who talk through it."""

import asyncio
import contextlib
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvloop

from hongyan.simulator import proxy as proxy_module
from hongyan.simulator.proxy import ChaosProxy, ToxicPair, Toxics
from hongyan.simulator.proxy_api import run_proxy

from .peers import Customer, a_simulator, a_submit


class Echo:
    """A server that sends back what it gets, and writes down the pieces in which it came."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.begun = False
        self.ended = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self.broken: list[BaseException] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.begun = True
        try:
            while piece := await reader.read(65_536):
                self.pieces.append(piece)
                await self.reads.wait()
                writer.write(piece)
                await writer.drain()
        except ConnectionError as error:
            self.broken.append(error)
        finally:
            await closed(writer)
            self.ended.set()


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close, and wait until that is done."""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


class Talk:
    """A client, a proxy and an echo behind it."""

    def __init__(
        self, echo: Echo, proxy: ChaosProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.echo = echo
        self.proxy = proxy
        self.reader = reader
        self.writer = writer

    async def say(self, text: bytes) -> bytes:
        """Send, and return as much of an answer."""
        self.writer.write(text)
        answer: bytes = await within(self.reader.readexactly(len(text)))
        return answer


async def within(work: Any, seconds: float = 10.0) -> Any:
    """Await, but not for ever."""
    async with asyncio.timeout(seconds):
        return await work


@asynccontextmanager
async def a_talk(toxics: Toxics | ToxicPair | None = None) -> AsyncIterator[Talk]:
    """Connect through a proxy."""
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    async with ChaosProxy(to=server.sockets[0].getsockname()[:2], toxics=toxics) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        try:
            yield Talk(echo, proxy, reader, writer)
        finally:
            await closed(writer)
    server.close()
    if echo.begun:
        await within(echo.ended.wait())


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_without_toxics_it_only_carries() -> None:
    async with a_talk() as talk:
        assert await talk.say(b"hello") == b"hello"
        (view,) = talk.proxy.connections()
        assert (view.bytes_up, view.bytes_down) == (5, 5)
        talk.writer.write_eof()
        assert await within(talk.reader.read()) == b""
        await within(talk.echo.ended.wait())


async def test_latency_delays_both_ways_and_keeps_the_order() -> None:
    async with a_talk(Toxics(latency_seconds=0.1, jitter_seconds=0.05)) as talk:
        started = now()
        assert await talk.say(b"hello") == b"hello"
        assert 0.2 <= now() - started < 2
        text = b"".join(b"%05d" % number for number in range(200))
        for at in range(0, len(text), 5):
            talk.writer.write(text[at : at + 5])
            await asyncio.sleep(0)
        assert await within(talk.reader.readexactly(len(text))) == text


async def test_latency_is_no_bandwidth() -> None:
    async with a_talk(ToxicPair(up=Toxics(latency_seconds=0.2))) as talk:
        started = now()
        text = bytes(500_000)
        assert len(await talk.say(text)) == len(text)
        assert now() - started < 2.5


async def test_octets_come_one_by_one() -> None:
    async with a_talk(ToxicPair(up=Toxics(one_byte=True))) as talk:
        assert await talk.say(b"hello, world") == b"hello, world"
        assert len(talk.echo.pieces) > 3
        assert b"".join(talk.echo.pieces) == b"hello, world"


async def test_bandwidth_is_bounded() -> None:
    async with a_talk(ToxicPair(up=Toxics(bytes_per_second=10_000))) as talk:
        started = now()
        await talk.say(bytes(5000))
        assert 0.4 <= now() - started < 3


async def test_pieces_may_come_twice() -> None:
    async with a_talk(ToxicPair(up=Toxics(duplicate=1))) as talk:
        talk.writer.write(b"once")
        assert await within(talk.reader.readexactly(8)) == b"onceonce"


@pytest.mark.parametrize("octets", [0, 1, 7])
async def test_a_stall_lasts_until_the_toxics_change(octets: int) -> None:
    async with a_talk(ToxicPair(up=Toxics(stall_after_bytes=octets))) as talk:
        talk.writer.write(b"0123456789")
        talk.writer.write_eof()
        assert await within(talk.reader.readexactly(octets)) == b"0123456789"[:octets]
        with pytest.raises(TimeoutError):
            await within(talk.reader.read(1), 0.2)
        talk.proxy.set(None)
        assert await within(talk.reader.read()) == b"0123456789"[octets:]


@pytest.mark.parametrize("octets", [0, 1, 7])
async def test_a_stream_is_cut_short(octets: int) -> None:
    async with a_talk(ToxicPair(down=Toxics(truncate_after_bytes=octets))) as talk:
        talk.writer.write(b"0123456789")
        assert await within(talk.reader.read()) == b"0123456789"[:octets]
        await within(talk.echo.ended.wait())


async def test_a_connection_is_reset_after_so_many_octets() -> None:
    async with a_talk(ToxicPair(down=Toxics(reset_after_bytes=4))) as talk:
        talk.writer.write(b"0123456789")
        with pytest.raises(ConnectionResetError):
            await within(talk.reader.readexactly(10))
        await within(talk.echo.ended.wait())


async def test_a_dead_peer_is_silent_and_resets_what_it_forgot_when_it_is_back() -> None:
    async with a_talk() as talk:
        assert await talk.say(b"alive") == b"alive"
        talk.proxy.set(Toxics(half_open=True))
        talk.writer.write(b"anybody?")
        with pytest.raises(TimeoutError):
            await within(talk.reader.read(1), 0.3)
        assert talk.echo.pieces == [b"alive"]
        talk.proxy.set(None)
        with pytest.raises(ConnectionResetError):
            await within(talk.reader.read())


async def test_an_end_does_not_reach_through_a_dead_peer() -> None:
    async with a_talk(ToxicPair(up=Toxics(half_open=True))) as talk:
        talk.writer.write_eof()
        with pytest.raises(TimeoutError):
            await within(talk.echo.ended.wait(), 0.3)


async def test_new_connections_may_be_refused_and_all_be_reset() -> None:
    async with a_talk() as talk:
        await talk.say(b"here")
        talk.proxy.set(ToxicPair(refuse=True))
        reader, writer = await asyncio.open_connection("127.0.0.1", talk.proxy.port)
        with pytest.raises(ConnectionResetError):
            await within(reader.read())
        await closed(writer)
        assert talk.proxy.reset_all() == 1
        with pytest.raises(ConnectionResetError):
            await within(talk.reader.read())


async def test_a_server_that_is_not_there_resets_the_client() -> None:
    async with ChaosProxy(to=("127.0.0.1", 1)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises(ConnectionResetError):
            await within(reader.read())
        await closed(writer)


async def test_who_does_not_read_holds_the_sender_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_module, "QUEUE_PIECES", 4)
    async with a_talk() as talk:
        talk.echo.reads.clear()
        talk.writer.transport.set_write_buffer_limits(high=0)
        sent = 0

        async def pour() -> None:
            nonlocal sent
            while True:
                talk.writer.write(bytes(65_536))
                await talk.writer.drain()
                sent += 65_536

        with pytest.raises(TimeoutError):
            await within(pour(), 1.0)
        assert sent < 32 * 1024 * 1024
        talk.echo.reads.set()


async def test_changing_toxics_counts_octets_anew() -> None:
    async with a_talk() as talk:
        assert await talk.say(b"0123456789") == b"0123456789"
        talk.proxy.set(ToxicPair(down=Toxics(truncate_after_bytes=3)))
        talk.writer.write(b"abcdef")
        assert await within(talk.reader.read()) == b"abc"


def test_it_does_the_same_on_uvloop() -> None:
    for test in (
        test_without_toxics_it_only_carries,
        test_a_connection_is_reset_after_so_many_octets,
        test_a_dead_peer_is_silent_and_resets_what_it_forgot_when_it_is_back,
        test_octets_come_one_by_one,
        test_new_connections_may_be_refused_and_all_be_reset,
    ):
        uvloop.run(test())


async def test_a_gateway_behind_it_is_found_dead_by_its_heartbeats() -> None:
    async with a_simulator() as simulator, ChaosProxy(to=("127.0.0.1", simulator.port)) as proxy:
        limits = {"heartbeat_idle_seconds": 0.1, "heartbeat_timeout_seconds": 0.1, "heartbeat_tries": 2}
        customer = Customer(proxy.port, limits=limits)
        async with customer.connected():
            await customer.submit(a_submit())
            proxy.set(Toxics(half_open=True))
            async with asyncio.timeout(10):
                while "peer_silent" not in customer.link.trouble:
                    await asyncio.sleep(0.01)
            proxy.set(None)
            await customer.bound()
            await customer.submit(a_submit("again"))


@asynccontextmanager
async def a_control(toxics: ToxicPair | None = None) -> AsyncIterator[tuple[ChaosProxy, httpx.AsyncClient]]:
    """Run a proxy with its HTTP control."""
    proxy = ChaosProxy(to=("127.0.0.1", 1), toxics=toxics)
    stop = asyncio.Event()
    started: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
    ready: Callable[[int | None], None] = started.set_result
    async with asyncio.TaskGroup() as group:
        group.create_task(run_proxy(proxy, control=("127.0.0.1", 0), stop=stop, ready=ready))
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{await started}") as http:
                yield proxy, http
        finally:
            stop.set()


async def test_toxics_change_over_http() -> None:
    async with a_control() as (proxy, http):
        put = await http.put("/toxics", json={"latency_seconds": 0.05})
        assert put.json()["up"]["latency_seconds"] == put.json()["down"]["latency_seconds"] == 0.05
        await http.put("/toxics", json={"down": {"one_byte": True}, "refuse": True})
        assert proxy.toxics == ToxicPair(down=Toxics(one_byte=True), refuse=True)
        assert (await http.get("/connections")).json() == {"connections": []}
        assert (await http.delete("/connections")).json() == {"reset": 0}
        assert (await http.delete("/toxics")).status_code == 204
        assert proxy.toxics == ToxicPair()
        assert (await http.get("/toxics")).json()["refuse"] is False
        assert (await http.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "body, field",
    [
        ({"latency_seconds": -1}, "latency_seconds"),
        ({"up": {"duplicate": 2}}, "up.duplicate"),
        ({"latency": 1}, ""),
        ([], ""),
        ({"up": {}, "one_byte": True}, ""),
    ],
)
async def test_toxics_that_are_none_are_refused_by_name(body: object, field: str) -> None:
    async with a_control() as (proxy, http):
        response = await http.put("/toxics", json=body)

        assert (response.status_code, response.json()["field"]) == (400, field)
        assert proxy.toxics == ToxicPair()


def test_it_is_a_program() -> None:
    words = (
        "chaos-proxy --to 127.0.0.1:1 --control 127.0.0.1:0 --latency 50ms --jitter 10ms --only down --reset-after 9"
    )
    line = [sys.executable, "-m", "hongyan", *words.split()]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = ""
        for read in process.stderr:
            told += read
            if found := re.match(r"control: (\S+)", read):
                toxics = httpx.get(found[1]).json()
                process.terminate()
                assert process.wait(30) == 0
                break
        else:
            raise AssertionError(told)
    assert re.search(r"^carries 127.0.0.1:\d+ to 127.0.0.1:1$", told, re.MULTILINE)
    assert (toxics["down"]["latency_seconds"], toxics["down"]["jitter_seconds"]) == (0.05, 0.01)
    assert (toxics["down"]["reset_after_bytes"], toxics["up"]["reset_after_bytes"]) == (9, None)


@pytest.mark.parametrize(
    "words, told",
    [
        ("--to nowhere", "HOST:PORT"),
        ("--to 127.0.0.1:1 --latency fast", "--latency: must be a duration"),
        ("--to 127.0.0.1:1 --only sideways", "--only"),
        ("--to 127.0.0.1:1 --listen 192.0.2.1:5", "cannot start"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: str, told: str) -> None:
    line = [sys.executable, "-m", "hongyan", "chaos-proxy", *words.split()]
    done = subprocess.run(line, check=False, capture_output=True, text=True, timeout=60)

    assert done.returncode in (1, 2)
    assert told in done.stderr
    assert "Traceback" not in done.stderr
