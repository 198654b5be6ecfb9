"""What an ASGI application is here: the types, and the two things every plain endpoint does.

Plain endpoints read a body to its end and answer in one go; streaming is left to the framework.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

JSON = (b"Content-Type", b"application/json")
"""Without a charset: the vendors' SDKs take `application/json; charset=utf-8` for no answer at all."""


class ClientGone(Exception):
    """The client closed the connection before it had sent the whole body."""


async def read_body(receive: Receive) -> bytes:
    """Return the whole request body, whose size the server has bounded; ClientGone if it ends early."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return bytes(message.get("body", b""))
    chunks = []
    while message["type"] == "http.request":
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()
    raise ClientGone


async def answer(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = (JSON,)) -> None:
    """Send a complete response."""
    length = (b"Content-Length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
