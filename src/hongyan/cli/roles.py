"""`hongyan api|gateway|courier`: one role alone, as `hongyan up` starts it."""

from typing import Annotated, Final

import typer

from hongyan.runtime.process import run_role

from .context import command_settings
from .group import Group

_PORT_MAX: Final = 65535

app = Group("One role alone, sharing nothing but PostgreSQL with the others.")


@app.verb("api")
def api(
    http: Annotated[
        str | None, typer.Option("--http", metavar="HOST:PORT", help="Where to listen.", show_default=False)
    ] = None,
) -> None:
    """Run the HTTP API alone.

    Several may share a port.
    """
    host, port = split_address(http)
    run_role("api", command_settings(http__host=host, http__port=port))


@app.verb("gateway")
def gateway() -> None:
    """Run the carrier links alone; several divide the channels among them."""
    run_role("gateway", command_settings())


@app.verb("courier")
def courier() -> None:
    """Run the timers alone: expiry, late reports, tomorrow's partitions."""
    run_role("courier", command_settings())


def split_address(address: str | None, *, option: str = "--http", port_min: int = 1) -> tuple[str | None, str | None]:
    """Split HOST:PORT, [IPV6]:PORT, :PORT or PORT; what is missing is None."""
    if not address:
        return None, None
    host, colon, port = address.rpartition(":")
    if not (port.isascii() and port.isdigit() and port_min <= int(port) <= _PORT_MAX):
        raise typer.BadParameter(f"{address} is not HOST:PORT, such as 127.0.0.1:8080", param_hint=option)
    return host.strip("[]") or (None if not colon or not host else host), port
