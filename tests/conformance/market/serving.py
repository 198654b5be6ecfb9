"""The real server on a real port, in a thread with a loop of its own, so that tests may block."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvloop

from hongyan.http.addresses import LOOPBACK, Network
from hongyan.http.asgi import App
from hongyan.http.limits import ServerLimits
from hongyan.http.server import HttpServer, listen
from hongyan.kit.clock import SystemClock

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


@contextmanager
def serving(
    app: App,
    *,
    limits: ServerLimits | None = None,
    trusted: Sequence[Network] = LOOPBACK,
    loop_factory: LoopFactory = uvloop.new_event_loop,
) -> Iterator[int]:
    """Serve until the end of the context; gives the port."""
    sockets = listen("127.0.0.1", 0)
    port: int = sockets[0].getsockname()[1]
    server = HttpServer(
        app,
        sockets,
        clock=SystemClock(),
        limits=limits or ServerLimits(),
        trusted=trusted,
        drain_seconds=0.5,
    )
    ready = threading.Event()
    stops: list[Callable[[], object]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        async with server:
            ready.set()
            await stop.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield port
    finally:
        stops[0]()
        thread.join(10)
        assert not thread.is_alive()
