"""Binding in SGIP: who gets in, and what is said to those who do not."""

import pytest

from hongyan.wire.errors import EncodeError, LocalProtocolError, NotBound
from hongyan.wire.events import BindRefused, BindRequested, Bound, Closed, CloseReason, PduIgnored
from hongyan.wire.sgip.dialect import LoginType
from hongyan.wire.sgip.pdus import Bind, Submit
from hongyan.wire.sgip.session import SgipClientSession, SgipServerSession
from hongyan.wire.states import State

from .pair import TIMESTAMP
from .pair_sgip import SMG_NODE, SP_NODE, STAMP, SgipPair, stamp

SEQUENCE = "b750981942e27fde00000001"
BIND = bytes.fromhex(
    f"0000003d00000001{SEQUENCE}01"
    "39303132333400000000000000000000"  # 901234
    "31323334353637383930000000000000"  # 1234567890
    "0000000000000000"
)
IN, OUT = (
    bytes.fromhex(f"0000001d80000001{SEQUENCE}") + bytes(9),
    bytes.fromhex(f"0000001d80000001{SEQUENCE}01") + bytes(8),
)


def a_client() -> SgipClientSession:
    return SgipClientSession("901234", "1234567890", node=SP_NODE, stamp=stamp)


def a_server() -> SgipServerSession:
    return SgipServerSession(node=SMG_NODE, stamp=stamp)


def test_a_client_asks_by_name_and_password_under_its_node() -> None:
    client = a_client()

    client.bind(TIMESTAMP, 0.0)

    assert client.data_to_send() == BIND
    assert client.state is State.BINDING


@pytest.mark.parametrize("login_type", [LoginType.SP_TO_SMG, LoginType.SMG_TO_SP])
def test_either_side_may_be_the_one_that_connects(login_type: LoginType) -> None:
    pair = SgipPair(login_type=login_type)

    pair.bind()

    assert pair.client_events == [Bound(0x12)]
    assert pair.server_events[1:] == [Bound(0x12)]
    assert pair.client.state is pair.server.state is State.BOUND


def test_a_wrong_password_is_refused_with_1_and_both_sides_close() -> None:
    pair = SgipPair(password="wrong")

    pair.bind()

    refused = "illegal login: wrong name or password"
    assert pair.client_events == [
        BindRefused(1, refused),
        Closed(CloseReason.BIND_REFUSED, f"status 1: {refused}", []),
    ]
    assert pair.server_events[1:] == [Closed(CloseReason.BIND_REFUSED, f"status 1: {refused}", [])]


def test_a_login_type_that_the_shell_does_not_take_is_refused_with_4() -> None:
    pair = SgipPair(login_type=5)

    pair.bind()

    assert pair.client_events[0] == BindRefused(4, "wrong login type")


def test_the_server_waits_for_the_shells_decision() -> None:
    server = a_server()

    server.receive(BIND, 0.0)

    assert server.events() == [BindRequested(Bind(1, "901234", "1234567890"))]
    assert server.state is State.BINDING
    assert server.data_to_send() == b""
    server.accept_bind("", 0.0)
    assert server.data_to_send() == IN


def test_a_refusal_says_its_number_before_the_end() -> None:
    server = a_server()
    server.receive(BIND, 0.0)

    server.refuse_bind(1)

    assert server.data_to_send() == OUT
    assert server.state is State.CLOSED


def test_a_bind_of_the_wrong_size_is_refused_for_its_length() -> None:
    server = a_server()

    server.receive(bytes.fromhex(f"0000001600000001{SEQUENCE}0139"), 0.0)

    assert server.data_to_send() == bytes.fromhex(f"0000001d80000001{SEQUENCE}08") + bytes(8)
    assert [type(event) for event in server.events()] == [PduIgnored, Closed]


def test_a_bind_resp_of_no_known_size_ends_the_session() -> None:
    client = a_client()
    client.bind(TIMESTAMP, 0.0)

    client.receive(bytes.fromhex(f"0000001580000001{SEQUENCE}00"), 0.0)

    [closed] = client.events()
    assert isinstance(closed, Closed)
    assert closed.reason == "bind_refused"


def test_a_second_bind_on_the_same_connection_is_refused_with_2_and_the_connection_ends() -> None:
    pair = SgipPair.bound()

    pair.server.receive(BIND, pair.now)

    assert pair.server.data_to_send() == bytes.fromhex(f"0000001d80000001{SEQUENCE}02") + bytes(8)
    assert pair.server.events() == [Closed(CloseReason.WRONG_STATE, "command 0x00000001 while bound", [])]


def test_a_submit_before_the_bind_ends_the_connection() -> None:
    server = a_server()

    server.receive(bytes.fromhex(f"0000001500000003{SEQUENCE}00"), 0.0)

    assert server.events() == [Closed(CloseReason.WRONG_STATE, "command 0x00000003 while open", [])]


def test_a_peer_that_says_nothing_is_given_up() -> None:
    client, server = a_client(), SgipServerSession(node=SMG_NODE, stamp=stamp, now=100.0)
    client.bind(TIMESTAMP, 100.0)

    for session in (client, server):
        assert session.deadline() == 110.0
        session.tick(110.0)
        assert session.events() == [Closed(CloseReason.BIND_TIMEOUT, "", [])]


def test_nothing_can_be_sent_before_the_bind() -> None:
    client = a_client()

    with pytest.raises(NotBound):
        client.send(Submit(), 0.0)
    with pytest.raises(NotBound):
        client.unbind(0.0)
    with pytest.raises(LocalProtocolError):
        a_server().accept_bind("", 0.0)


def test_a_name_that_does_not_fit_is_told_at_once() -> None:
    client = SgipClientSession("9" * 17, "", node=SP_NODE, stamp=stamp)

    with pytest.raises(EncodeError, match=r"Bind\.login_name: is 17 octets long, 16 fit"):
        client.bind(STAMP, 0.0)
    assert client.state is State.OPEN
