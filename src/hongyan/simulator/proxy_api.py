"""The proxy's control over HTTP, and the proxy as a program runs it.

GET    /toxics        what is done now
PUT    /toxics        do this: toxics for both directions, or {"up": {…}, "down": {…}, "refuse": true}
DELETE /toxics        do nothing
GET    /connections   who is connected, and how much went each way
DELETE /connections   reset all
GET    /healthz       alive
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog

from .application import Application, Routes
from .exchange import Exchange, Problem
from .http_server import http_server, listen_at
from .proxy import ChaosProxy, ToxicPair, Toxics

_PAIR_FIELDS: Final = frozenset(ToxicPair.__struct_fields__)
_log = structlog.get_logger("hongyan.proxy")


class ProxyApi:
    """Answers for the proxy."""

    def __init__(self, proxy: ChaosProxy) -> None:
        self._proxy = proxy

    def routes(self) -> Routes:
        """Return who answers what."""
        return {
            "/toxics": {"GET": self._show, "PUT": self._set, "DELETE": self._clear},
            "/connections": {"GET": self._connections, "DELETE": self._reset},
            "/healthz": {"GET": self._alive},
        }

    async def _show(self, exchange: Exchange) -> None:
        await exchange.answer_json(self._proxy.toxics)

    async def _set(self, exchange: Exchange) -> None:
        values = await exchange.read(dict[str, Any])
        kind: type[ToxicPair | Toxics] = ToxicPair if _PAIR_FIELDS & values.keys() else Toxics
        try:
            toxics = msgspec.convert(values, kind)
        except msgspec.ValidationError as error:
            problem, _, path = str(error).partition(" - at `$.")
            raise Problem(400, problem, field=path.rstrip("`"), fix="see docs/simulator.md") from error
        self._proxy.set(toxics)
        await self._show(exchange)

    async def _clear(self, exchange: Exchange) -> None:
        self._proxy.set(None)
        await exchange.answer_nothing()

    async def _connections(self, exchange: Exchange) -> None:
        await exchange.answer_json({"connections": self._proxy.connections()})

    async def _reset(self, exchange: Exchange) -> None:
        await exchange.answer_json({"reset": self._proxy.reset_all()})

    async def _alive(self, exchange: Exchange) -> None:
        await exchange.answer_json({"status": "ok"})


async def run_proxy(
    proxy: ChaosProxy,
    *,
    control: tuple[str, int] | None,
    stop: asyncio.Event,
    ready: Callable[[int | None], None] | None = None,
) -> None:
    """Run until `stop` is set; OSError when a port is taken. `ready` gets the port of the control, if there is one."""
    async with proxy:
        if control is None:
            if ready is not None:
                ready(None)
            await stop.wait()
            return
        with listen_at(*control) as listening:
            server = http_server(Application(ProxyApi(proxy).routes()))
            async with asyncio.TaskGroup() as tasks:
                serving = tasks.create_task(server.serve([listening]), name="proxy control")
                _log.info("proxy.started", port=proxy.port, control_port=listening.getsockname()[1])
                if ready is not None:
                    ready(listening.getsockname()[1])
                await stop.wait()
                server.should_exit = True
                await serving
    _log.info("proxy.stopped")
