"""Asking an ASGI application without a server."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from hongyan.http.asgi import App, Message


class Answer(msgspec.Struct):
    """What an application answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def ask(
    app: App,
    path: str,
    *,
    method: str = "GET",
    query: str = "",
    headers: dict[str, str] | None = None,
    client: tuple[str, int] | None = ("127.0.0.1", 40000),
    messages: Sequence[Message] | None = None,
) -> Answer | None:
    """Return the answer to a request; None if the application gave none."""
    sent: list[Message] = []
    waiting: list[Message] = (
        [{"type": "http.request", "body": b"", "more_body": False}] if messages is None else list(messages)
    )

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": client,
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    await app(scope, receive, send)
    if not sent:
        return None
    start, *rest = sent
    found = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], found, b"".join(message.get("body", b"") for message in rest))
