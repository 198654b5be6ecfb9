"""Binding: who gets in, in which version, and what is said to those who do not."""

import pytest
from msgspec import structs

from hongyan.wire.cmpp.auth import Proof
from hongyan.wire.cmpp.pdus import V20, V21, V30, Connect, Deliver, Submit
from hongyan.wire.cmpp.session import CmppClientSession, CmppServerSession
from hongyan.wire.errors import EncodeError, LocalProtocolError, NotBound
from hongyan.wire.events import BindRefused, BindRequested, Bound, Closed, CloseReason, PduIgnored
from hongyan.wire.states import State

from .pair import SECRET, TIMESTAMP, SessionPair

CONNECT_V20 = bytes.fromhex("00000027000000010000000739303132333400000000000000000000000000000000207fffffff")


@pytest.mark.parametrize("version", [V20, V21, V30])
def test_a_client_with_the_secret_is_bound_in_the_version_it_asks_for(version: int) -> None:
    pair = SessionPair(version=version)

    pair.bind()

    assert pair.client_events == [Bound(version)]
    assert pair.server_events[1:] == [Bound(version)]
    assert pair.client.state is pair.server.state is State.BOUND
    assert pair.client.proof is Proof.MATCHES


def test_a_client_with_another_secret_is_refused_with_status_3_and_both_sides_close() -> None:
    pair = SessionPair(password="wrong")

    pair.bind()

    assert pair.client_events == [
        BindRefused(3, "authentication error"),
        Closed(CloseReason.BIND_REFUSED, "status 3: authentication error", []),
    ]
    assert pair.server_events[1:] == [Closed(CloseReason.BIND_REFUSED, "status 3: authentication error", [])]


def test_a_version_that_the_server_does_not_speak_is_refused_with_status_4_in_the_clients_layout() -> None:
    pair = SessionPair(version=V30, versions=frozenset({V20, V21}))
    pair.client.bind(TIMESTAMP, pair.now)

    pair.server.receive(pair.client.data_to_send(), pair.now)

    response = pair.server.data_to_send()
    assert response == bytes.fromhex("00000021800000010000000100000004") + bytes(16) + b"\x21"
    pair.client.receive(response, pair.now)
    assert pair.client.events()[0] == BindRefused(4, "version too high")


def test_a_2_0_client_is_refused_in_30_octets() -> None:
    server = CmppServerSession(versions=frozenset({V30}))

    server.receive(CONNECT_V20, 0.0)

    assert server.data_to_send() == bytes.fromhex("0000001e800000010000000704") + bytes(16) + b"\x30"
    assert server.state is State.CLOSED


def test_a_vendors_version_is_refused_with_status_4() -> None:
    server = CmppServerSession()

    server.receive(CONNECT_V20[:-5] + b"\x7f" + CONNECT_V20[-4:], 0.0)

    assert server.data_to_send()[12:16] == b"\0\0\0\x04"


def test_the_length_of_the_response_decides_the_version_and_not_what_was_asked() -> None:
    client = CmppClientSession("901234", SECRET, version=V30)
    client.bind(TIMESTAMP, 0.0)
    client.data_to_send()

    client.receive(bytes.fromhex("0000001e800000010000000100") + bytes(16) + b"\x20", 0.0)

    assert client.events() == [Bound(V20)]
    client.send(Submit(dest_terminal_id=("13800138000",)), 0.0)
    assert len(client.data_to_send()) == 138 + 21


def test_a_2_0_client_that_is_answered_in_33_octets_speaks_3_0() -> None:
    client = CmppClientSession("901234", SECRET, version=V20)
    client.bind(TIMESTAMP, 0.0)

    client.receive(bytes.fromhex("00000021800000010000000100000000") + bytes(16) + b"\x30", 0.0)

    assert client.events() == [Bound(V30)]


@pytest.mark.parametrize(
    "digest,proof",
    [(bytes(16), Proof.ABSENT), (b"mockauth".ljust(16, b"\0"), Proof.DIFFERS)],
    ids=["zeros", "constant"],
)
def test_a_server_that_cannot_prove_the_secret_is_noted_and_never_dropped(digest: bytes, proof: Proof) -> None:
    client = CmppClientSession("901234", SECRET, version=V20)
    client.bind(TIMESTAMP, 0.0)

    client.receive(bytes.fromhex("0000001e800000010000000100") + digest + b"\x20", 0.0)

    assert client.events() == [Bound(V20)]
    assert client.proof is proof


def test_what_the_server_sends_right_behind_its_consent_is_read_in_the_agreed_version() -> None:
    pair = SessionPair(version=V20)
    pair.client.bind(TIMESTAMP, pair.now)
    pair.server.receive(pair.client.data_to_send(), pair.now)
    pair.server.accept_bind(SECRET, pair.now)
    pair.server.send(Deliver(msg_id=1, msg_content=b"TD"), pair.now)

    pair.client.receive(pair.server.data_to_send(), pair.now)

    bound, received = pair.client.events()
    assert bound == Bound(V20)
    assert structs.asdict(received)["pdu"] == Deliver(msg_id=1, msg_content=b"TD")


def test_a_connect_of_the_wrong_size_is_answered_with_status_1() -> None:
    server = CmppServerSession()

    server.receive(bytes.fromhex("0000000e00000001000000073930"), 0.0)

    assert server.data_to_send()[12:16] == b"\0\0\0\x01"
    assert [type(event) for event in server.events()] == [PduIgnored, Closed]


def test_a_connect_resp_of_no_known_size_ends_the_session() -> None:
    client = CmppClientSession("901234", SECRET)
    client.bind(TIMESTAMP, 0.0)

    client.receive(bytes.fromhex("0000000d800000010000000100"), 0.0)

    [closed] = client.events()
    assert isinstance(closed, Closed)
    assert closed.reason == "bind_refused"


def test_the_server_waits_for_the_shells_decision() -> None:
    pair = SessionPair()
    pair.client.bind(TIMESTAMP, pair.now)
    pair.server.receive(pair.client.data_to_send(), pair.now)

    [asked] = pair.server.events()

    assert isinstance(asked, BindRequested)
    assert isinstance(asked.request, Connect)
    assert asked.request.source_addr == "901234"
    assert pair.server.state is State.BINDING
    assert pair.server.data_to_send() == b""


def test_a_server_that_says_nothing_is_given_up() -> None:
    client = CmppClientSession("901234", SECRET)
    client.bind(TIMESTAMP, 100.0)
    assert client.deadline() == 110.0

    client.tick(110.0)

    assert client.events() == [Closed(CloseReason.BIND_TIMEOUT, "", [])]


def test_a_client_that_says_nothing_is_given_up() -> None:
    server = CmppServerSession(now=100.0)
    assert server.deadline() == 110.0

    server.tick(110.0)

    assert server.events() == [Closed(CloseReason.BIND_TIMEOUT, "", [])]


def test_nothing_can_be_sent_before_the_bind() -> None:
    client = CmppClientSession("901234", SECRET)

    with pytest.raises(NotBound):
        client.send(Submit(), 0.0)
    with pytest.raises(NotBound):
        client.unbind(0.0)
    assert client.credit == 0


def test_a_session_is_bound_only_once() -> None:
    pair = SessionPair.bound()

    with pytest.raises(LocalProtocolError):
        pair.client.bind(TIMESTAMP, pair.now)
    with pytest.raises(LocalProtocolError):
        pair.server.accept_bind(SECRET, pair.now)


def test_a_login_that_does_not_fit_is_named_before_anything_is_sent() -> None:
    client = CmppClientSession("9012345", SECRET)

    with pytest.raises(EncodeError, match=r"Connect\.source_addr: is 7 octets long, 6 fit"):
        client.bind(TIMESTAMP, 0.0)
    assert client.state is State.OPEN
    assert client.data_to_send() == b""


def test_a_stray_connect_resp_of_another_sequence_is_passed_over() -> None:
    client = CmppClientSession("901234", SECRET)
    client.bind(TIMESTAMP, 0.0)

    client.receive(bytes.fromhex("00000021800000010000000200000000") + bytes(16) + b"\x30", 0.0)

    assert client.state is State.BINDING
    assert client.events() == [PduIgnored(0x80000001, 2, "answers no request of ours")]


def test_the_response_says_the_servers_highest_version() -> None:
    server = CmppServerSession(versions=frozenset({V20, V21}))
    server.receive(CONNECT_V20, 0.0)

    server.refuse_bind(2)

    [*_, last] = server.data_to_send()
    assert last == V21
