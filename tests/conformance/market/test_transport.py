"""HTTP itself: framing, keep-alive, slow and greedy clients, garbage."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvloop

from hongyan.http.app import HttpServices, build_app
from hongyan.http.asgi import App
from hongyan.http.limits import ServerLimits
from hongyan.pipeline.submission import Receipt, Submission

from .platform import DEBUG_TEXT, IntakeRecorder, Keys
from .serving import LoopFactory, serving
from .wire import MOBILE, SEND, Wire, ask, request, signed_headers, target

QUICK = ServerLimits(
    header_timeout_seconds=0.3,
    body_timeout_seconds=0.3,
    write_timeout_seconds=0.5,
    keep_alive_seconds=0.3,
    linger_seconds=0.3,
    body_octets_max=100_000,
    connections_max=8,
    pipeline_max=16,
)


@pytest.fixture(scope="module", params=[uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def _served_quickly(request: pytest.FixtureRequest) -> Iterator[tuple[int, IntakeRecorder]]:
    recorder = IntakeRecorder()
    factory: LoopFactory = request.param
    with serving(surface(recorder), limits=QUICK, loop_factory=factory) as port:
        yield port, recorder


@pytest.fixture
def quick_port(_served_quickly: tuple[int, IntakeRecorder]) -> int:
    """A server with short times and small limits."""
    return _served_quickly[0]


@pytest.fixture
def recorder(_served_quickly: tuple[int, IntakeRecorder]) -> IntakeRecorder:
    _served_quickly[1].reset()
    return _served_quickly[1]


def surface(intake: IntakeRecorder) -> App:
    return build_app(HttpServices(keys=Keys(), intake=intake))


def within(seconds: float, call: Callable[[], object]) -> object:
    """Return what a call returns, which must not take longer than that."""
    started_at = time.monotonic()
    result = call()
    assert time.monotonic() - started_at < seconds
    return result


def test_a_connection_is_kept_for_many_requests(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        for _ in range(20):
            wire.send(request(target()))
            response = wire.receive()
            assert (response.status, response.header("connection")) == (200, None)


def test_requests_sent_ahead_are_answered_in_order(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        wire.send(b"".join(request(target(mobile=str(13800000000 + number))) for number in range(16)))
        answered = [wire.receive().json["list"][0]["mobile"] for _ in range(16)]

    assert answered == [str(13800000000 + number) for number in range(16)]


def test_too_many_requests_sent_ahead_are_refused_after_the_first_ones(
    quick_port: int, recorder: IntakeRecorder
) -> None:
    with Wire(quick_port) as wire:
        wire.send(request(target()) * 40)
        answers = [wire.receive() for _ in range(18)]

        assert [answer.status for answer in answers] == [200] * 17 + [503]
        assert wire.is_closed()


@pytest.mark.parametrize(
    "version, headers, connection",
    [
        ("HTTP/1.1", {}, None),
        ("HTTP/1.1", {"Connection": "close"}, "close"),
        ("HTTP/1.0", {}, "close"),
    ],
)
def test_a_connection_ends_when_the_client_says_so(
    quick_port: int, recorder: IntakeRecorder, version: str, headers: dict[str, str], connection: str | None
) -> None:
    with Wire(quick_port) as wire:
        wire.send(request(target(), version=version, headers={**signed_headers(), **headers}))
        response = wire.receive()

        assert (response.json["status"], response.header("connection")) == ("0", connection)
        assert connection is None or wire.is_closed()


def test_a_client_that_closes_its_side_still_gets_its_answer(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        wire.send(request(target()))
        wire.end()

        assert wire.receive().json["status"] == "0"
        assert wire.is_closed()


def test_expect_100_continue_is_answered_before_the_body(quick_port: int, recorder: IntakeRecorder) -> None:
    body = f"content={DEBUG_TEXT}&mobile={MOBILE}".encode()
    head = request(SEND, headers={**signed_headers(), "Expect": "100-continue", "Content-Length": "1"}, body=None)
    with Wire(quick_port) as wire:
        wire.send(head.replace(b"Content-Length: 1", b"Content-Length: %d" % len(body)))
        assert wire.receive().status == 100

        wire.send(body)
        assert wire.receive().json["status"] == "0"


def test_a_refused_request_with_expect_never_sends_its_body(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        wire.send(request(SEND, headers={"Expect": "100-continue", "Content-Length": "10"}, body=None))
        response = wire.receive()

        assert (response.status, response.header("connection")) == (401, "close")
        assert wire.is_closed()


UPGRADE = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}


@pytest.mark.parametrize("body", [None, b"", b"content=ignored", b"POST / HTTP/1.1\r\n\r\n"], ids=repr)
@pytest.mark.parametrize("piece", [1 << 20, 7])
def test_an_upgrade_that_nobody_serves_is_an_ordinary_request(
    quick_port: int, recorder: IntakeRecorder, body: bytes | None, piece: int
) -> None:
    octets = request(target(content="one"), headers={**signed_headers(), **UPGRADE}, body=body)
    octets += request(target(content="two"))
    with Wire(quick_port) as wire:
        for start in range(0, len(octets), piece):
            wire.send(octets[start : start + piece])

        assert wire.receive().json["status"] == "0"
        assert wire.receive().json["status"] == "0"
    assert [submission.content for submission in recorder.submissions] == ["one", "two"]


def test_the_form_of_an_upgrading_request_is_read(quick_port: int, recorder: IntakeRecorder) -> None:
    body = f"content={DEBUG_TEXT}&mobile={MOBILE}".encode()

    assert ask(quick_port, request(SEND, headers={**signed_headers(), **UPGRADE}, body=body)).json["status"] == "0"
    assert recorder.last.content == DEBUG_TEXT


def test_an_upgrade_with_a_chunked_body_is_refused(quick_port: int, recorder: IntakeRecorder) -> None:
    headers = {**signed_headers(), **UPGRADE, "Transfer-Encoding": "chunked"}

    assert ask(quick_port, request(target(), headers=headers, body=None) + b"0\r\n\r\n").status == 400
    assert recorder.submissions == []


@pytest.mark.parametrize("octets", [b"", b"\r\n", b"POST", request(target())[:300]])
def test_a_client_that_stops_in_its_headers_is_let_go(quick_port: int, recorder: IntakeRecorder, octets: bytes) -> None:
    with Wire(quick_port) as wire:
        wire.send(octets)
        left = within(1.5, wire.receive_until_closed)

    assert isinstance(left, bytes)
    assert left.startswith(b"HTTP/1.1 408 Request Timeout\r\n") if octets.strip() else left == b""


def test_headers_that_drip_do_not_extend_the_time(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        started_at = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011, PT012 - the server has closed
            for octet in request(target()):
                wire.send(bytes((octet,)))
                time.sleep(0.02)

    assert time.monotonic() - started_at < 2
    assert recorder.submissions == []


def test_a_second_request_has_its_own_time(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        for _ in range(3):
            octets = request(target())
            wire.send(octets[:40])
            time.sleep(0.2)
            wire.send(octets[40:])
            assert wire.receive().json["status"] == "0"

        wire.send(b"POST / HTTP/1.1\r\n")
        assert wire.receive().status == 408


def test_a_body_that_stops_is_let_go(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        wire.send(request(SEND, body=b"content=half of it")[:-5])
        left = within(1.5, wire.receive_until_closed)

    assert isinstance(left, bytes)
    assert left.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert recorder.submissions == []


def test_a_resting_connection_is_closed(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        wire.send(request(target()))
        wire.receive()

        assert within(1.5, wire.is_closed)


def test_headers_of_1_mb_get_a_clear_answer(quick_port: int, recorder: IntakeRecorder) -> None:
    octets = request(target(), headers={**signed_headers(), "X-Long": "x" * 1_000_000})
    response = ask(quick_port, octets)

    assert (response.status, response.headers["content-type"]) == (431, "application/json")
    assert "too large" in response.json["message"]


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"X-Long": "x" * 15_000}, 200),
        ({"X-Long": "x" * 17_000}, 431),
        ({f"X-{number}": "" for number in range(90)}, 200),
        ({f"X-{number}": "" for number in range(120)}, 431),
    ],
    ids=["15 kB", "17 kB", "90 headers", "120 headers"],
)
@pytest.mark.parametrize("piece", [1 << 20, 1000])
def test_headers_are_bounded(
    quick_port: int, recorder: IntakeRecorder, headers: dict[str, str], status: int, piece: int
) -> None:
    octets = request(target(), headers={**signed_headers(), **headers})
    with Wire(quick_port) as wire:
        for start in range(0, len(octets), piece):
            wire.send(octets[start : start + piece])

        assert wire.receive().status == status


def test_a_long_request_line_is_bounded(quick_port: int, recorder: IntakeRecorder) -> None:
    assert ask(quick_port, request(target(content="x" * 20_000))).status == 431
    assert ask(quick_port, request(f"{SEND}?content={'中' * 6000}")).status == 431
    assert ask(quick_port, request(f"{SEND}?content={'中' * 2000}")).json["status"] == "8"


def test_a_body_too_large_is_refused_before_it_is_read(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        wire.send(request(SEND, headers={**signed_headers(), "Content-Length": "100001"}, body=None))

        assert wire.receive().status == 413
        assert wire.is_closed()


def test_a_chunked_body_is_bounded_while_it_comes(quick_port: int, recorder: IntakeRecorder) -> None:
    head = request(SEND, headers={**signed_headers(), "Transfer-Encoding": "chunked"}, body=None)
    with Wire(quick_port) as wire:
        wire.send(head)
        wire.send(b"1\r\nx\r\n")
        time.sleep(0.05)
        wire.send(b"%x\r\n%b\r\n" % (300_000, b"x" * 300_000))

        assert wire.receive().status == 413
    assert recorder.submissions == []


def test_a_trailer_is_no_header(quick_port: int, recorder: IntakeRecorder) -> None:
    headers = signed_headers()
    authorization = headers.pop("Authorization")
    head = request(target(), headers={**headers, "Transfer-Encoding": "chunked"}, body=None)

    assert ask(quick_port, head + f"0\r\nAuthorization: {authorization}\r\n\r\n".encode()).status == 401


GARBAGE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"hello\r\n\r\n",
    b"post / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/7.7\r\n\r\n",
    b"GET / a HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"CONNECT a:443 HTTP/1.1\r\n\r\n",
    b"\x00" * 100,
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: a\rY: b\r\n\r\n",
    b"GET / HTTP/1.1\r\n: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nContent-Length: -3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nContent-Length: 0x3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nContent-Length: \r\n\r\nabc",
    b"POST /release/qxt_yzm_sms/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("octets", GARBAGE, ids=repr)
def test_garbage_and_smuggling_get_400_and_a_closed_connection(
    quick_port: int, recorder: IntakeRecorder, octets: bytes
) -> None:
    with Wire(quick_port) as wire:
        wire.send(octets)
        response = wire.receive()

        assert (response.status, response.headers["content-type"]) == (400, "application/json")
        assert response.json["message"]
        assert wire.is_closed()
    assert recorder.submissions == []


@pytest.mark.parametrize("octets", [b"GET / HTTP/2.0\r\n\r\n", b"GET /\r\n\r\n"])
def test_other_versions_of_http_are_refused(quick_port: int, recorder: IntakeRecorder, octets: bytes) -> None:
    assert ask(quick_port, octets).status == 505


def test_garbage_after_a_good_request_does_not_take_its_answer(quick_port: int, recorder: IntakeRecorder) -> None:
    with Wire(quick_port) as wire:
        wire.send(request(target()) + b"\x00garbage")

        assert wire.receive().json["status"] == "0"
        assert wire.receive().status == 400
        assert wire.is_closed()


def test_a_body_broken_in_the_middle_sends_nothing(quick_port: int, recorder: IntakeRecorder) -> None:
    head = request(target(), headers={**signed_headers(), "Transfer-Encoding": "chunked"}, body=None)
    with Wire(quick_port) as wire:
        wire.send(head + b"3\r\na=b\r\n")
        time.sleep(0.05)
        wire.send(b"no chunk")

        assert wire.receive().status == 400
    assert recorder.submissions == []


def test_one_connection_too_many_gets_503(quick_port: int, recorder: IntakeRecorder) -> None:
    held = [Wire(quick_port) for _ in range(8)]
    try:
        for wire in held:
            wire.send(b"P")
        time.sleep(0.05)
        with Wire(quick_port) as ninth:
            ninth.send(request(target()))
            response = ninth.receive()
    finally:
        for wire in held:
            wire.__exit__()

    assert (response.status, response.headers["retry-after"]) == (503, "1")


def test_one_address_may_not_hold_all_connections() -> None:
    limits = ServerLimits(connections_per_address_max=2)
    with serving(surface(IntakeRecorder()), limits=limits, trusted=()) as port:
        with Wire(port) as one, Wire(port) as two:
            for wire in (one, two):
                wire.send(request(target()))
                assert wire.receive().status == 200
            assert ask(port, request(target())).status == 503
        time.sleep(0.05)
        assert ask(port, request(target())).status == 200


def test_good_requests_are_quick_while_slow_clients_hold_on() -> None:
    limits = ServerLimits(header_timeout_seconds=1.0)
    with serving(surface(IntakeRecorder()), limits=limits) as port:
        slow = [Wire(port) for _ in range(300)]
        for wire in slow:
            wire.send(b"POST /release/qxt_yzm_sms/ HTTP/1.1\r\nX: ")
        for _ in range(20):
            assert within(0.2, lambda: ask(port, request(target())).status) == 200
        for wire in slow:
            assert wire.receive_until_closed().startswith(b"HTTP/1.1 408")
            wire.__exit__()


def test_stopping_lets_a_request_in_hand_be_answered() -> None:
    entered, release = threading.Event(), threading.Event()

    class SlowIntake(IntakeRecorder):
        async def submit(self, submission: Submission) -> Receipt:
            entered.set()
            await asyncio.to_thread(release.wait, 5)
            return await super().submit(submission)

    def finish(wire: Wire, answers: list[int]) -> None:
        wire.send(request(target()))
        assert entered.wait(5)
        threading.Timer(0.2, release.set).start()
        answers.append(wire.receive().status)

    answers: list[int] = []
    with serving(surface(SlowIntake())) as port:
        wire, idle = Wire(port), Wire(port)
        client = threading.Thread(target=finish, args=(wire, answers))
        client.start()
        assert entered.wait(5)
    client.join(5)

    assert answers == [200]
    assert idle.is_closed()
    with pytest.raises(ConnectionRefusedError):
        Wire(port)
    for opened in (wire, idle):
        opened.__exit__()


def test_accepted_sockets_have_nodelay() -> None:
    with serving(surface(IntakeRecorder())) as port, Wire(port) as wire:
        wire.send(request(target()))
        wire.receive()

        assert nodelay_of_accepted(port) == 1


def nodelay_of_accepted(port: int) -> int:
    """Look at the accepted socket itself, among this process's descriptors."""
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found = socket.socket(fileno=os.dup(int(descriptor.name)))
        except OSError:
            continue
        with found:
            try:
                is_accepted = found.getsockname()[1] == port and found.getpeername()[0] == "127.0.0.1"
            except (OSError, IndexError, TypeError):
                continue
            if is_accepted:
                return found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    raise AssertionError("no accepted socket")
