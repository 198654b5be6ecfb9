"""The HTTP server of the simulator and the proxy: part of a process that has its own signals and logs."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from .application import Application

DRAIN_SECONDS: Final = 2


class HttpServer(uvicorn.Server):
    """A server that leaves signals to the process it is part of."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen_at(host: str, port: int) -> socket.socket:
    """Return a listening socket; uvicorn would end the process when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def http_server(application: Application) -> HttpServer:
    """Return a server for `serve([socket])`; setting its `should_exit` lets that return."""
    return HttpServer(
        uvicorn.Config(
            application,
            access_log=False,
            http="httptools",
            lifespan="off",
            log_config=None,
            loop="none",
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            timeout_keep_alive=30,
            ws="none",
        )
    )
