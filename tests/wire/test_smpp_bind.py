"""Who is let in, as what, and what either end may ask from then on."""

import pytest
from msgspec import Struct

from hongyan.wire.errors import EncodeError, LocalProtocolError
from hongyan.wire.events import (
    BindRefused,
    BindRequested,
    Bound,
    Closed,
    CloseReason,
    PduIgnored,
    RequestReceived,
    Unbound,
)
from hongyan.wire.smpp.dialect import PDUS
from hongyan.wire.smpp.pdus import (
    AlertNotification,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    CancelSm,
    DataSm,
    DeliverSm,
    EnquireLink,
    Outbind,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
    Unbind,
)
from hongyan.wire.smpp.session import BindMode, SmppClientSession, SmppServerSession
from hongyan.wire.states import State

from .pair_smpp import SmppPair

EVERY_MODE = pytest.mark.parametrize("mode", BindMode, ids=lambda mode: mode.name.lower())
SENT_BY_ESME: list[Struct] = [SubmitSm(), SubmitMulti(), DataSm(), QuerySm("1"), CancelSm(), ReplaceSm("1")]
SENT_BY_SMSC: list[Struct] = [DeliverSm(), DataSm(), AlertNotification()]


@pytest.mark.parametrize(
    "mode,request_class", [(BindMode.TRANSMITTER, BindTransmitter), (BindMode.RECEIVER, BindReceiver)]
)
def test_a_client_binds_as_what_it_was_made(mode: BindMode, request_class: type[Struct]) -> None:
    pair = SmppPair(mode=mode)

    pair.bind()

    assert pair.client_events == [Bound(0x34)]
    [asked, bound] = pair.server_events
    assert asked == BindRequested(request_class("901234", "pass123"))
    assert bound == Bound(0x34)
    assert pair.server.bind_mode is pair.client.bind_mode is mode


def test_a_transceiver_asks_and_is_answered_to_the_octet() -> None:
    client, server = SmppClientSession("901234", "pass123"), SmppServerSession(system_id="NPMSMSC")

    client.bind(0, 0.0)
    asked = client.data_to_send()
    server.receive(asked, 0.0)
    server.accept_bind("pass123", 0.0)

    assert asked.hex() == "000000240000000900000000000000013930313233340070617373313233000034000000"
    assert server.data_to_send().hex() == "0000001d800000090000000000000001" + b"NPMSMSC\0".hex() + "0210000134"


def test_a_client_that_knows_no_tagged_parameters_is_answered_without_them() -> None:
    pair = SmppPair(interface_version=0x33)

    pair.client.bind(0, pair.now)
    pair.server.receive(pair.client.data_to_send(), pair.now)
    pair.server.accept_bind("pass123", pair.now)

    assert pair.server.data_to_send().hex() == "00000018800000090000000000000001" + b"HONGYAN\0".hex()
    assert pair.server.version == 0x33


@pytest.mark.parametrize("version", [0x00, 0x03, 0x33, 0x34, 0x50, 0xFF])
def test_whatever_version_a_client_gives_its_tagged_parameters_are_read(version: int) -> None:
    pair = SmppPair(interface_version=version)
    pair.bind()

    pair.server.receive(bytes.fromhex("0000002900000004000000000000000a" + "00" * 17 + "042400044f60597d"), pair.now)

    [*_, received] = pair.server.events()
    assert isinstance(received, RequestReceived)
    assert isinstance(received.pdu, SubmitSm)
    assert received.pdu.tlvs.message_payload == bytes.fromhex("4f60597d")


@EVERY_MODE
def test_a_wrong_password_is_refused_and_ends_both_ends(mode: BindMode) -> None:
    pair = SmppPair(mode=mode, password="guess")

    pair.bind()

    assert pair.client_events == [
        BindRefused(0x0E, "password is invalid"),
        Closed(CloseReason.BIND_REFUSED, "status 14: password is invalid", []),
    ]
    assert pair.server_events[-1] == Closed(CloseReason.BIND_REFUSED, "status 14: password is invalid", [])


def test_a_refusal_has_no_body() -> None:
    pair = SmppPair(mode=BindMode.RECEIVER, password="guess")

    pair.client.bind(0, pair.now)
    pair.server.receive(pair.client.data_to_send(), pair.now)
    pair.server.refuse_bind(0x0E)

    assert pair.server.data_to_send().hex() == "00000010800000010000000e00000001"


def test_a_generic_nack_refuses_a_bind_too() -> None:
    pair = SmppPair()
    pair.client.bind(0, pair.now)

    pair.client.receive(bytes.fromhex("00000010800000000000000300000001"), pair.now)

    assert pair.client.events()[0] == BindRefused(3, "command id is invalid")
    assert pair.client.state is State.CLOSED


def test_a_response_to_another_bind_is_none() -> None:
    pair = SmppPair(mode=BindMode.TRANSMITTER)
    pair.client.bind(0, pair.now)

    pair.client.receive(bytes.fromhex("00000011800000090000000000000001") + b"\0", pair.now)

    assert pair.client.state is State.BINDING
    assert pair.client.events() == [PduIgnored(0x80000009, 1, "answers no request of ours")]


def test_a_malformed_bind_is_refused() -> None:
    server = SmppServerSession()

    server.receive(bytes.fromhex("00000012000000020000000000000009") + b"x\0", 0.0)

    assert server.data_to_send().hex() == "00000010800000020000000200000009"
    assert server.events()[-1] == Closed(CloseReason.BIND_REFUSED, "status 2: command length is invalid", [])


def test_a_malformed_answer_to_a_bind_is_no_consent() -> None:
    pair = SmppPair()
    pair.client.bind(0, pair.now)

    pair.client.receive(bytes.fromhex("00000011800000090000000000000001") + b"x", pair.now)

    assert pair.client.state is State.CLOSED


def test_a_login_that_does_not_fit_is_our_own_error() -> None:
    client = SmppClientSession("x" * 16, "pass123")

    with pytest.raises(EncodeError, match="system_id"):
        client.bind(0, 0.0)


def test_nobody_binds_twice() -> None:
    pair = SmppPair.bound()

    with pytest.raises(LocalProtocolError):
        pair.client.bind(0, pair.now)


@EVERY_MODE
@pytest.mark.parametrize("command", [1, 2, 9])
def test_who_is_bound_is_told_so_and_stays(mode: BindMode, command: int) -> None:
    pair = SmppPair.bound(mode=mode)
    again = pair.server._codec.encode(PDUS[command]("901234"), 7)

    pair.server.receive(again, pair.now)

    assert pair.server.data_to_send().hex() == f"0000001080{command:06x}0000000500000007"
    assert pair.server.events() == [PduIgnored(command, 7, "not allowed here while bound")]
    assert pair.server.state is State.BOUND


def test_who_asks_again_before_the_answer_is_told_so() -> None:
    server = SmppServerSession()
    bind = server._codec.encode(BindTransceiver("901234"), 1)

    server.receive(bind + bind, 0.0)

    assert server.data_to_send().hex() == "00000010800000090000000500000001"
    server.accept_bind("", 0.0)
    assert server.state is State.BOUND


@EVERY_MODE
@pytest.mark.parametrize("pdu", SENT_BY_ESME, ids=lambda pdu: type(pdu).__name__)
def test_only_a_transmitter_submits(mode: BindMode, pdu: Struct) -> None:
    pair = SmppPair.bound(mode=mode)

    if mode.sends:
        pair.client.send(pdu, pair.now)
        pair.exchange()
        [received] = pair.server_events
        assert isinstance(received, RequestReceived)
        assert received.pdu == pdu
        return
    with pytest.raises(LocalProtocolError):
        pair.client.send(pdu, pair.now)
    pair.server.receive(pair.client._codec.encode(pdu, 7), pair.now)
    assert pair.server.data_to_send()[4:].hex() == f"8{command_of(pdu):07x}0000000400000007"
    assert pair.server.owed == 0


@EVERY_MODE
@pytest.mark.parametrize("pdu", SENT_BY_SMSC, ids=lambda pdu: type(pdu).__name__)
def test_only_a_receiver_is_delivered_to(mode: BindMode, pdu: Struct) -> None:
    pair = SmppPair.bound(mode=mode)

    if mode.receives:
        pair.server.send(pdu, pair.now)
        pair.exchange()
        [received] = pair.client_events
        assert isinstance(received, RequestReceived)
        assert received.pdu == pdu
        return
    with pytest.raises(LocalProtocolError):
        pair.server.send(pdu, pair.now)
    pair.client.receive(pair.server._codec.encode(pdu, 7), pair.now)
    has_response = not isinstance(pdu, AlertNotification)
    assert pair.client.data_to_send()[4:].hex() == (f"8{command_of(pdu):07x}0000000400000007" if has_response else "")


@pytest.mark.parametrize("pdu", [*SENT_BY_ESME, *SENT_BY_SMSC, Unbind()], ids=lambda pdu: type(pdu).__name__)
def test_nothing_is_taken_before_the_bind_and_the_client_may_still_bind(pdu: Struct) -> None:
    server = SmppServerSession()

    server.receive(server._codec.encode(pdu, 7), 0.0)

    has_response = not isinstance(pdu, AlertNotification)
    assert server.data_to_send()[4:].hex() == (f"8{command_of(pdu):07x}0000000400000007" if has_response else "")
    server.receive(server._codec.encode(BindTransmitter("901234"), 8), 0.0)
    assert server.state is State.BINDING


def test_a_heartbeat_before_the_bind_is_answered() -> None:
    server = SmppServerSession()

    server.receive(server._codec.encode(EnquireLink(), 7), 0.0)

    assert server.data_to_send().hex() == "00000010800000150000000000000007"


def test_a_server_that_submits_is_refused() -> None:
    pair = SmppPair.bound()

    pair.client.receive(pair.server._codec.encode(SubmitSm(), 7), pair.now)

    assert pair.client.data_to_send().hex() == "00000010800000040000000400000007"


def test_an_outbind_asks_the_client_to_bind_as_a_receiver() -> None:
    pair = SmppPair(mode=BindMode.RECEIVER)

    pair.server.outbind("SMSC", "secret", pair.now)
    sent = pair.server.data_to_send()
    pair.client.receive(sent, pair.now)

    assert sent.hex() == "0000001c0000000b0000000000000001" + b"SMSC\0secret\0".hex()
    assert pair.client.events() == [RequestReceived(1, Outbind("SMSC", "secret"))]
    assert pair.client.owed == 0
    pair.bind()
    assert pair.client.state is pair.server.state is State.BOUND


def test_an_outbind_comes_before_the_bind_or_not_at_all() -> None:
    pair = SmppPair.bound()

    with pytest.raises(LocalProtocolError):
        pair.server.outbind("SMSC", "secret", pair.now)
    pair.client.receive(pair.client._codec.encode(Outbind("SMSC"), 9), pair.now)
    assert pair.client.events() == [PduIgnored(0x0B, 9, "not allowed here while bound")]
    assert pair.client.data_to_send() == b""


def test_a_malformed_outbind_is_passed_over() -> None:
    client = SmppClientSession("901234", "pass123")

    client.receive(bytes.fromhex("000000110000000b0000000000000001") + b"x", 0.0)

    assert client.events() == [PduIgnored(0x0B, 1, "Outbind: the body ends too early, at 1 octets")]
    assert client.state is State.OPEN


@pytest.mark.parametrize("by_client", [True, False])
def test_either_end_may_unbind(*, by_client: bool) -> None:
    pair = SmppPair.bound()

    (pair.client if by_client else pair.server).unbind(pair.now)
    pair.exchange()

    ended = [Unbound(), Closed(CloseReason.UNBOUND, "", [])]
    assert pair.client_events == ended
    assert pair.server_events == ended


def test_a_client_that_never_asks_is_given_up() -> None:
    server = SmppServerSession(now=100.0)

    assert server.deadline() == 110.0
    server.tick(110.0)

    assert server.events() == [Closed(CloseReason.BIND_TIMEOUT, "", [])]


def command_of(pdu: Struct) -> int:
    return next(command for command, cls in PDUS.items() if cls is type(pdu))
