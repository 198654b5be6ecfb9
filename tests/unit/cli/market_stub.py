"""A market API that answers what it is told to and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class MarketStub:
    """One answer for every request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http_status = 200
        self.body = b""
        self.path = ""
        self.parameters: dict[str, list[str]] = {}
        self.headers: Mapping[str, str] = {}
        self.octets = b""

    def answers(self, told: object, http_status: int = 200) -> None:
        """Set the answer; an object is sent as JSON."""
        self.body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
        self.http_status = http_status


@contextmanager
def open_market() -> Iterator[MarketStub]:
    """Listen on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            url = urlsplit(self.path)
            stub.path, stub.parameters, stub.headers = url.path, parse_qs(url.query), dict(self.headers.items())
            stub.octets = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(stub.http_status)
            self.send_header("Content-Length", str(len(stub.body)))
            self.end_headers()
            self.wfile.write(stub.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub = MarketStub(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
