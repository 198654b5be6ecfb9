"""One HTTP exchange of the simulator: the request read carefully, the response sent plainly."""

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

NEVER_STORED: Headers = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))

BODY_SIZE_MAX = 64 * 1024
T = TypeVar("T")

encode_json = msgspec.json.Encoder().encode


class Problem(Exception):
    """A request that can't be answered; `field` says which part of it is wrong, `fix` what to do."""

    def __init__(self, status: int, detail: str, *, field: str, fix: str) -> None:
        super().__init__(detail)
        self.status = status
        self.field = field
        self.fix = fix


class _ProblemView(msgspec.Struct, frozen=True):
    status: int
    detail: str
    field: str
    fix: str


class Exchange:
    """A request with its query read, and the way to answer it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        self.receive = receive
        self._send = send

    def allow_only(self, *names: str) -> None:
        """Problem for a query parameter that this path does not have."""
        for name in self.query:
            if name not in names:
                fix = f"leave it out; this path knows {', '.join(names)}" if names else "leave it out"
                raise Problem(400, f"unknown parameter {name!r}", field=name, fix=fix)

    def whole(self, name: str, *, low: int, high: int) -> int | None:
        """Return a whole number of the query, None where it is left out."""
        text = self.query.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(high)) and low <= int(text) <= high):
            raise Problem(400, f"{name} is {text!r}", field=name, fix=f"give a whole number from {low} to {high}")
        return int(text)

    def seconds(self, name: str, default: float, *, high: float) -> float:
        """Return a time of the query in seconds."""
        text = self.query.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) or float(text) > high:
            raise Problem(400, f"{name} is {text!r}", field=name, fix=f"give seconds from 0 to {high:g}, such as 10")
        return float(text)

    async def body(self) -> bytes:
        """Read a body of JSON. Its type must be said: so no web page can send one without asking first."""
        if self.headers.get(b"content-type", b"").split(b";")[0].strip().lower() != b"application/json":
            fix = "send JSON with the header Content-Type: application/json"
            raise Problem(415, "the body is not said to be JSON", field="Content-Type", fix=fix)
        body = bytearray()
        while True:
            message = await self.receive()
            body += message.get("body", b"")
            if len(body) > BODY_SIZE_MAX:
                fix = f"send at most {BODY_SIZE_MAX} octets"
                raise Problem(413, "the body is too long", field="", fix=fix)
            if not message.get("more_body", False):
                return bytes(body)

    async def read(self, kind: type[T]) -> T:
        """Read a body of JSON as a structure; Problem names the field that is wrong."""
        try:
            return msgspec.json.decode(await self.body(), type=kind)
        except msgspec.ValidationError as error:
            problem, _, path = str(error).partition(" - at `$.")
            raise Problem(400, problem, field=path.rstrip("`"), fix="see docs/simulator.md") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Problem(400, f"the body is no JSON: {error}", field="", fix="send a JSON object") from error

    async def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes = b"") -> None:
        """Send a whole response."""
        length = () if status == 204 else ((b"content-length", str(len(body)).encode()),)
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
        await self._send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else body})

    async def answer_json(self, value: object, *, status: int = 200) -> None:
        """Send a value as JSON."""
        await self.answer(
            status, ((b"content-type", b"application/json; charset=utf-8"), *NEVER_STORED), encode_json(value)
        )

    async def answer_nothing(self) -> None:
        """Send 204: it worked, and there is nothing to show."""
        await self.answer(204, NEVER_STORED)

    async def answer_problem(self, problem: Problem, *, allow: str = "") -> None:
        """Send what is wrong with the request and how to put it right."""
        headers = [(b"content-type", b"application/problem+json; charset=utf-8"), *NEVER_STORED]
        if allow:
            headers.append((b"allow", allow.encode()))
        view = _ProblemView(problem.status, str(problem), problem.field, problem.fix)
        await self.answer(problem.status, headers, encode_json(view))

    async def begin_stream(self) -> None:
        """Send the head of a stream of server-sent events."""
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), *NEVER_STORED]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def stream(self, chunk: bytes, *, more: bool = True) -> None:
        """Send a piece of a stream, the last one with `more` False."""
        await self._send({"type": "http.response.body", "body": chunk, "more_body": more})
