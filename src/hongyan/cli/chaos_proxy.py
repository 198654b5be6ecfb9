"""`hongyan chaos-proxy`: a TCP proxy that spoils what it carries."""

import asyncio
import os
from random import Random
from typing import Annotated, Any, Final

import msgspec
import typer
import uvloop

from hongyan.kit.errors import Error
from hongyan.kit.fields import FieldProblem, InvalidFields
from hongyan.runtime.logging import configure_logging
from hongyan.runtime.quantities import Duration
from hongyan.runtime.signals import on_stop_signals
from hongyan.simulator.proxy import ChaosProxy, ToxicPair, Toxics
from hongyan.simulator.proxy_api import run_proxy

from .console import say
from .context import command_settings
from .group import Group
from .roles import split_address

_SECOND_SIGNAL_STATUS: Final = 1
_LOOPBACK: Final = "127.0.0.1"

app = Group("A TCP proxy that spoils what it carries.")


class ProxyInvalid(InvalidFields):
    """The proxy cannot do what it is told to."""

    code = "proxy.invalid"


class ProxyCannotStart(Error):
    """The proxy cannot listen."""

    code = "proxy.cannot_start"


def _bytes_option(name: str, text: str) -> Any:  # noqa: ANN401 - typer's own type is private
    return typer.Option(name, metavar="N", min=0, help=text, show_default=False)


@app.verb("chaos-proxy")
def run(
    *,
    to: Annotated[str, typer.Option("--to", metavar="HOST:PORT", help="Where connections are carried to.")],
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where it listens; port 0 is a free one.")
    ] = ("127.0.0.1:0"),
    control: Annotated[
        str,
        typer.Option(
            "--control", metavar="HOST:PORT", help="Where toxics are changed over HTTP (/toxics).", show_default=False
        ),
    ] = "",
    latency: Annotated[
        str, typer.Option("--latency", metavar="TIME", help="Everything arrives so much later: 50ms.")
    ] = "0s",
    jitter: Annotated[str, typer.Option("--jitter", metavar="TIME", help="And up to so much more.")] = "0s",
    one_byte: Annotated[bool, typer.Option("--one-byte", help="Write every octet by itself.")] = False,
    bytes_per_second: Annotated[
        int | None,
        typer.Option("--bytes-per-second", metavar="N", min=1, help="No faster than this.", show_default=False),
    ] = None,
    duplicate: Annotated[
        float, typer.Option("--duplicate", metavar="SHARE", min=0, max=1, help="Pieces that are written twice.")
    ] = 0.0,
    stall_after: Annotated[int | None, _bytes_option("--stall-after", "Carry no octet after this many.")] = None,
    truncate_after: Annotated[int | None, _bytes_option("--truncate-after", "Close after so many octets.")] = None,
    reset_after: Annotated[int | None, _bytes_option("--reset-after", "Reset after so many octets.")] = None,
    half_open: Annotated[bool, typer.Option("--half-open", help="Swallow everything, ends too.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="Reset new connections at once.")] = False,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="up|down", help="Only from or to the client; both else.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Makes jitter repeatable.", show_default=False)
    ] = None,
) -> None:
    """Carry TCP connections and spoil them: slow, in single octets, stalled, half-open, cut.

    Without any toxic it only carries; --control changes that while it runs.
    """
    toxics = Toxics(
        latency_seconds=_seconds("--latency", latency),
        jitter_seconds=_seconds("--jitter", jitter),
        one_byte=one_byte,
        bytes_per_second=bytes_per_second,
        duplicate=duplicate,
        stall_after_bytes=stall_after,
        truncate_after_bytes=truncate_after,
        reset_after_bytes=reset_after,
        half_open=half_open,
    )
    if only not in (None, "up", "down"):
        raise ProxyInvalid([FieldProblem("--only", "Give up (from the client) or down (to the client).")])
    pair = ToxicPair(
        up=Toxics() if only == "down" else toxics, down=Toxics() if only == "up" else toxics, refuse=refuse
    )
    chance = Random(seed)  # noqa: S311 - jitter, not secrets
    proxy = ChaosProxy(to=_address("--to", to), listen=_address("--listen", listen), toxics=pair, random=chance)
    _run(proxy, _address("--control", control) if control else None)


def _run(proxy: ChaosProxy, control: tuple[str, int] | None) -> None:
    configure_logging(command_settings().logs, role="proxy")

    def tell(control_port: int | None) -> None:
        say(f"carries {proxy.listen[0]}:{proxy.port} to {proxy.to[0]}:{proxy.to[1]}")
        if control is not None:
            say(f"control: http://{control[0]}:{control_port}/toxics")

    async def main() -> None:
        stop = asyncio.Event()
        on_stop_signals(stop.set, lambda: os._exit(_SECOND_SIGNAL_STATUS))
        await run_proxy(proxy, control=control, stop=stop, ready=tell)

    try:
        uvloop.run(main())
    except* OSError as errors:
        raise ProxyCannotStart(f"the proxy cannot start: {errors.exceptions[0]}") from errors


def _address(option: str, text: str) -> tuple[str, int]:
    host, port = split_address(text, option=option, port_min=0)
    if port is None:
        raise ProxyInvalid([FieldProblem(option, "Give HOST:PORT.")])
    return host or _LOOPBACK, int(port)


def _seconds(option: str, text: str) -> float:
    try:
        return msgspec.convert({"latency_seconds": float(Duration.parse(text))}, Toxics).latency_seconds
    except ValueError as error:
        raise ProxyInvalid([FieldProblem(option, str(error))]) from error
