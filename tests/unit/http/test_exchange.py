"""What an application sends and what leaves: framing, failures, forbidden octets."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from hongyan.http.asgi import App, Receive, Scope, Send
from tests.conformance.market.serving import serving
from tests.conformance.market.wire import Response, Wire, request

Script = Callable[[Send], Awaitable[None]]
FAILED = b'{"message":"Internal Server Error"}'


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(octets: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": octets, "more_body": more}


def an_app(*messages: dict[str, Any], then: Exception | None = None) -> App:
    """Return an application that sends these messages, and then fails if told to."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        if then is not None:
            raise then

    return app


def ask(app: App, octets: bytes = request("/x", headers={}), *, to_head: bool = False) -> tuple[Response, bytes]:
    """Return the response to a request, and what follows it before the connection ends."""
    with serving(app) as port, Wire(port) as wire:
        wire.send(octets)
        wire.end()
        response = wire.receive(to_head=to_head)
        return response, wire.receive_until_closed()


def test_a_body_of_known_length_is_sent_as_it_is() -> None:
    response, _ = ask(an_app(start(201, (b"content-length", b"4")), body(b"ab", more=True), body(b"cd")))

    assert (response.status, response.body) == (201, b"abcd")


def test_a_body_of_unknown_length_is_chunked() -> None:
    response, rest = ask(
        an_app(
            start(),
            body(b"ab", more=True),
            body(b"", more=True),
            body(b"cde"),
        )
    )

    assert response.headers["transfer-encoding"] == "chunked"
    assert rest == b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"


def test_http_1_0_gets_no_chunks_but_the_end_of_the_connection() -> None:
    response, rest = ask(an_app(start(), body(b"ab", more=True), body(b"cd")), request("/x", version="HTTP/1.0"))

    assert response.header("transfer-encoding") is None
    assert (response.headers["connection"], rest) == ("close", b"abcd")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_gets_none(status: int) -> None:
    response, rest = ask(an_app(start(status), body()))

    assert response.header("transfer-encoding") is None
    assert rest == b""


def test_a_head_request_gets_the_head_only() -> None:
    app = an_app(start(200, (b"content-length", b"4")), body(b"abcd"))
    response, rest = ask(app, request("/x", method="HEAD"), to_head=True)

    assert (response.headers["content-length"], rest) == ("4", b"")


def test_an_application_may_close_the_connection() -> None:
    response, _ = ask(an_app(start(200, (b"Connection", b"close"), (b"content-length", b"0")), body()))

    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(
    "app",
    [
        an_app(then=RuntimeError("13800138000")),
        an_app(start(200, (b"content-length", b"4")), then=RuntimeError("13800138000")),
        an_app(),
        an_app(start(200, (b"x-y", b"a\r\nset-cookie: b"))),
        an_app(start(200, (b"x-y\nz", b"a"))),
        an_app(start(200, (b"content-length", b"2")), body(b"abc")),
        an_app(start(200, (b"content-length", b"4")), body(b"abc")),
        an_app(body()),
        an_app(start(), start()),
    ],
    ids=["raises", "raises late", "silent", "break in value", "break in name", "long", "short", "no head", "two heads"],
)
def test_a_failing_application_is_answered_for(app: App) -> None:
    with capture_logs() as logs:
        response, _ = ask(app)

    assert (response.status, response.body) == (500, FAILED)
    assert (response.headers["content-type"], response.headers["connection"]) == ("application/json", "close")
    assert response.header("set-cookie") is None
    failures = [log for log in logs if log["log_level"] == "error"]
    assert [log["event"] for log in failures] in (["request.failed"], ["response.left_unfinished"])
    assert "13800138000" not in str(logs)


def test_half_an_answer_is_cut_so_that_the_client_knows() -> None:
    app = an_app(start(200, (b"content-length", b"4")), body(b"ab", more=True), then=RuntimeError())
    with capture_logs(), serving(app) as port, Wire(port) as wire:
        wire.send(request("/x", headers={}))

        assert wire.receive_until_closed().endswith(b"\r\n\r\nab")
