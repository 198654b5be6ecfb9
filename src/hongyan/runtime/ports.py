"""TCP ports: is one free, keep it for our children, does an HTTP server answer there."""

import asyncio
import errno
import socket
from typing import Final

from hongyan.simulator.config import DEMO_CARRIERS

from .errors import ConfigurationInvalid
from .settings import Settings

_ANSWER_TIMEOUT_SECONDS: Final = 3.0
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what people may have set


def require_free(host: str, port: int, *, key: str) -> None:
    """Raise ConfigurationInvalid, naming the setting, unless somebody could listen there now."""
    for opened in _bind(host, port, key=key, is_shared=False):
        opened.close()


def require_demo_free(settings: Settings) -> None:
    """Raise ConfigurationInvalid unless the simulated carriers, the phones and our own listener could listen now."""
    simulator = settings.simulator
    for offset in range(len(DEMO_CARRIERS)):
        require_free(simulator.host, simulator.carrier_port + offset, key="simulator.carrier_port")
    require_free(simulator.host, simulator.phone_port, key="simulator.phone_port")
    require_free(settings.gateway.sgip_host, settings.demo_sgip_port, key="gateway.sgip_port")


def gateway_ports(settings: Settings) -> dict[str, tuple[str, int]]:
    """Return where gateways listen, by the setting that says so: for carriers' own connections and for customers."""
    downstream = settings.downstream
    ports = {
        "gateway.sgip_port": (settings.gateway.sgip_host, settings.gateway.sgip_port),
        "downstream.cmpp_port": (downstream.host, downstream.cmpp_port),
        "downstream.sgip_port": (downstream.host, downstream.sgip_port),
        "downstream.smgp_port": (downstream.host, downstream.smgp_port),
        "downstream.smpp_port": (downstream.host, downstream.smpp_port),
    }
    return {key: (host, port) for key, (host, port) in ports.items() if port}


def reserve(host: str, port: int, *, key: str) -> list[socket.socket]:
    """Keep a free port (0: any) for processes that listen with SO_REUSEPORT, and so from everybody else.

    The sockets never listen, so no connection comes to them; closing them ends the reservation. Without
    it, a second platform that shares the port would silently take half of the requests.
    """
    if port:
        require_free(host, port, key=key)
    return _bind(host, port, key=key, is_shared=True)


def dialled_host(host: str) -> str:
    """Return the name under which this machine reaches what listens on a host."""
    return _ANYWHERE.get(host, host)


def local_url(host: str, port: int) -> str:
    """Return the address under which this machine reaches what listens on a host and port."""
    name = dialled_host(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


async def answers_ok(host: str, port: int, path: str) -> bool:
    """Tell whether a GET of that path is answered with 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_connection(dialled_host(host), port)
            try:
                writer.write(request.encode("ascii"))
                status_line = await reader.readline()
            finally:
                writer.close()
    except OSError:
        return False
    return status_line.split(b" ")[1:2] == [b"200"]


def _bind(host: str, port: int, *, key: str, is_shared: bool) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(
            socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        ):
            opened = socket.socket(family, kind, protocol)
            sockets.append(opened)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if is_shared:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.bind(address)
    except OSError as error:
        for opened in sockets:
            opened.close()
        reason = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
        raise ConfigurationInvalid(f"{key}: cannot listen on {host}:{port}: {reason}; choose another") from error
    return sockets
