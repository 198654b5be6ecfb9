"""Logging in: who gets in, in which mode, and what is said to those who do not."""

import pytest

from hongyan.wire.errors import EncodeError, LocalProtocolError, NotBound
from hongyan.wire.events import BindRefused, BindRequested, Bound, Closed, CloseReason, PduIgnored, RequestReceived
from hongyan.wire.smgp.pdus import V30, Deliver, Login, Query, Submit
from hongyan.wire.smgp.session import LoginMode, SmgpClientSession, SmgpServerSession
from hongyan.wire.states import State

from .pair import SECRET, TIMESTAMP
from .pair_smgp import SmgpPair

LOGIN = bytes.fromhex("0000002a00000001000000073930313233340000") + bytes(16) + b"\x02"
"""Up to its LoginMode; the time, 22 November 14:01:08, and the version follow."""
TAIL = bytes.fromhex("42e27fcc30")


@pytest.mark.parametrize("mode", LoginMode)
def test_a_client_with_the_secret_is_bound_in_any_mode(mode: LoginMode) -> None:
    pair = SmgpPair(login_mode=mode)

    pair.bind()

    asked, bound = pair.server_events
    assert isinstance(asked, BindRequested)
    assert isinstance(asked.request, Login)
    assert (asked.request.client_id, asked.request.login_mode) == ("901234", mode)
    assert pair.client_events == [bound] == [Bound(V30)]
    assert pair.client.state is pair.server.state is State.BOUND
    assert pair.client.proof == "matches"


def test_a_login_is_written_as_the_specification_has_it() -> None:
    client = SmgpClientSession("901234", SECRET, login_mode=LoginMode.RECEIVE)

    client.bind(1122140138, 0.0)

    assert client.data_to_send().hex() == (
        "0000002a0000000100000001" + "3930313233340000" + "ebd7b9193ded19b4ce5f1ae985ea5d6c" + "01" + "42e27fea" + "30"
    )


def test_a_client_with_another_secret_is_refused_with_status_21_and_both_sides_close() -> None:
    pair = SmgpPair(password="wrong")

    pair.bind()

    assert pair.client_events == [
        BindRefused(21, "authentication error"),
        Closed(CloseReason.BIND_REFUSED, "status 21: authentication error", []),
    ]
    assert pair.server_events[1:] == [Closed(CloseReason.BIND_REFUSED, "status 21: authentication error", [])]


def test_a_refusal_proves_nothing_and_says_the_servers_version() -> None:
    server = SmgpServerSession()
    server.receive(LOGIN + TAIL, 0.0)

    server.refuse_bind(2)

    assert server.data_to_send().hex() == "000000218000000100000007" + "00000002" + "00" * 16 + "30"


@pytest.mark.parametrize("version", [0x00, 0x13, 0x31, 0x40, 0xFF])
def test_another_version_is_refused_with_status_22(version: int) -> None:
    server = SmgpServerSession()

    server.receive(LOGIN + TAIL[:-1] + bytes([version]), 0.0)

    assert server.data_to_send()[12:16] == b"\0\0\0\x16"
    assert server.state is State.CLOSED


def test_a_server_may_be_told_to_take_other_versions() -> None:
    server = SmgpServerSession(versions=frozenset({0x13, V30}))
    server.receive(LOGIN + TAIL[:-1] + b"\x13", 0.0)

    server.accept_bind(SECRET, 0.0)

    assert server.events()[-1] == Bound(0x13)


def test_a_client_that_only_receives_asks_for_nothing() -> None:
    pair = SmgpPair.bound(login_mode=LoginMode.RECEIVE)
    assert pair.client.credit == 0

    for request in (Submit(), Query("20261122")):
        with pytest.raises(LocalProtocolError):
            pair.client.send(request, pair.now)
    pair.server.send(Deliver(msg_content=b"TD"), pair.now)
    pair.exchange()

    assert pair.client_events == [RequestReceived(1, Deliver(msg_content=b"TD"))]


def test_a_client_that_only_sends_takes_what_comes_all_the_same() -> None:
    pair = SmgpPair.bound(login_mode=LoginMode.SEND)
    assert pair.client.credit == 16

    pair.server.send(Deliver(msg_content=b"TD"), pair.now)
    pair.exchange()

    assert pair.client_events == [RequestReceived(1, Deliver(msg_content=b"TD"))]


def test_what_the_server_sends_right_behind_its_consent_is_read() -> None:
    pair = SmgpPair()
    pair.client.bind(TIMESTAMP, pair.now)
    pair.server.receive(pair.client.data_to_send(), pair.now)
    pair.server.accept_bind(SECRET, pair.now)
    pair.server.send(Deliver(msg_content=b"TD"), pair.now)

    pair.client.receive(pair.server.data_to_send(), pair.now)

    assert pair.client.events() == [Bound(V30), RequestReceived(1, Deliver(msg_content=b"TD"))]


@pytest.mark.parametrize(
    "digest,proof",
    [(bytes(16), "absent"), (b"authserver".ljust(16, b"\0"), "differs")],
    ids=["zeros", "constant"],
)
def test_a_server_that_cannot_prove_the_secret_is_noted_and_never_dropped(digest: bytes, proof: str) -> None:
    client = SmgpClientSession("901234", SECRET)
    client.bind(TIMESTAMP, 0.0)

    client.receive(bytes.fromhex("00000021800000010000000100000000") + digest + b"\x30", 0.0)

    assert client.events() == [Bound(V30)]
    assert client.proof == proof


def test_a_login_of_the_wrong_size_is_answered_with_status_10() -> None:
    server = SmgpServerSession()

    server.receive(bytes.fromhex("0000000e00000001000000073930"), 0.0)

    assert server.data_to_send()[12:16] == b"\0\0\0\x0a"
    assert [type(event) for event in server.events()] == [PduIgnored, Closed]


def test_a_login_resp_of_another_size_ends_the_session() -> None:
    client = SmgpClientSession("901234", SECRET)
    client.bind(TIMESTAMP, 0.0)

    client.receive(bytes.fromhex("0000000d800000010000000100"), 0.0)

    [closed] = client.events()
    assert isinstance(closed, Closed)
    assert closed.reason == "bind_refused"


def test_the_server_waits_for_the_shells_decision() -> None:
    pair = SmgpPair()
    pair.client.bind(TIMESTAMP, pair.now)
    pair.server.receive(pair.client.data_to_send(), pair.now)

    [asked] = pair.server.events()

    assert isinstance(asked, BindRequested)
    assert pair.server.state is State.BINDING
    assert pair.server.data_to_send() == b""


@pytest.mark.parametrize("end", ["client", "server"])
def test_a_peer_that_says_nothing_is_given_up(end: str) -> None:
    client = SmgpClientSession("901234", SECRET)
    client.bind(TIMESTAMP, 100.0)
    session = client if end == "client" else SmgpServerSession(now=100.0)
    assert session.deadline() == 110.0

    session.tick(110.0)

    assert session.events() == [Closed(CloseReason.BIND_TIMEOUT, "", [])]


def test_nothing_can_be_sent_before_the_login() -> None:
    client = SmgpClientSession("901234", SECRET)

    with pytest.raises(NotBound):
        client.send(Submit(), 0.0)
    with pytest.raises(NotBound):
        client.unbind(0.0)
    assert client.credit == 0


@pytest.mark.parametrize("client_id", ["901234567", "电信"])
def test_a_login_that_does_not_fit_is_named_before_anything_is_sent(client_id: str) -> None:
    client = SmgpClientSession(client_id, SECRET)

    with pytest.raises(EncodeError, match=r"Login\.client_id: "):
        client.bind(TIMESTAMP, 0.0)
    assert client.state is State.OPEN
    assert client.data_to_send() == b""


def test_a_second_login_closes_the_session() -> None:
    pair = SmgpPair.bound()

    pair.server.receive(LOGIN + TAIL, pair.now)

    assert pair.server.events() == [Closed(CloseReason.WRONG_STATE, "command 0x00000001 while bound", [])]
