"""A bound session of SMGP: requests and responses, heartbeats, and the end."""

import pytest
from msgspec import Struct, structs

from hongyan.wire.errors import EncodeError, LocalProtocolError
from hongyan.wire.events import (
    Closed,
    CloseReason,
    PduIgnored,
    RequestExpired,
    RequestReceived,
    ResponseLate,
    ResponseReceived,
    Unbound,
)
from hongyan.wire.session import Limits
from hongyan.wire.smgp.pdus import (
    ActiveTest,
    Deliver,
    DeliverResp,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
)
from hongyan.wire.smgp.tlvs import SmgpTlvs
from hongyan.wire.states import State

from .pair_smgp import SmgpPair

A_SUBMIT = Submit(dest_term_id=("13300138000",), msg_content=b"hello", msg_format=0)
MSG_ID = bytes.fromhex("01006101161700012345")


def test_every_request_of_either_role_finds_its_response() -> None:
    pair = SmgpPair.bound()
    exchanges: list[tuple[Struct, Struct]] = [
        (A_SUBMIT, SubmitResp(MSG_ID)),
        (Query("20261122"), QueryResp("20261122", mt_scs=9)),
    ]
    for request, response in exchanges:
        sequence = pair.client.send(request, pair.now, "token")
        pair.exchange()
        assert pair.server_events.pop() == RequestReceived(sequence, request)
        pair.server.answer(sequence, response)
        pair.exchange()
        assert pair.client_events.pop() == ResponseReceived(sequence, request, response, "token")

    sequence = pair.server.send(Deliver(MSG_ID), pair.now, "report")
    pair.exchange()
    pair.client.answer(sequence, DeliverResp(MSG_ID))
    pair.exchange()

    assert pair.server_events == [ResponseReceived(sequence, Deliver(MSG_ID), DeliverResp(MSG_ID), "report")]


def test_a_submit_lies_on_the_wire_as_the_specification_has_it() -> None:
    pair = SmgpPair.bound()

    pair.client.send(structs.replace(A_SUBMIT, tlvs=SmgpTlvs(tp_udhi=0, msg_src="901234")), pair.now)

    assert pair.client.data_to_send() == (
        bytes.fromhex("000000a90000000200000002" + "060100")
        + bytes(10)
        + b"00000000000000"
        + b"\0"
        + bytes(17 + 17 + 21 + 21)
        + b"\x01" + b"13300138000" + bytes(10)
        + b"\x05hello"
        + bytes(8)
        + bytes.fromhex("0002000100" + "00100008") + b"901234\0\0"
    )  # fmt: skip


def test_what_cannot_be_encoded_takes_no_place_in_the_window() -> None:
    pair = SmgpPair.bound()

    with pytest.raises(EncodeError, match=r"Submit\.src_term_id: is 22 octets long, 21 fit"):
        pair.client.send(structs.replace(A_SUBMIT, src_term_id="1" * 22), pair.now)
    with pytest.raises(EncodeError, match=r"Submit\.tlvs: msg_src does not fit"):
        pair.client.send(structs.replace(A_SUBMIT, tlvs=SmgpTlvs(msg_src="1" * 9)), pair.now)

    assert pair.client.credit == 16
    assert pair.client.data_to_send() == b""


@pytest.mark.parametrize("pdu", [Deliver(), ActiveTest(), SubmitResp(MSG_ID)])
def test_a_role_sends_only_its_own_requests(pdu: Struct) -> None:
    pair = SmgpPair.bound()

    with pytest.raises(LocalProtocolError):
        pair.client.send(pdu, pair.now)


def test_an_unanswered_request_expires_and_its_late_response_is_still_told() -> None:
    pair = SmgpPair.bound(limits=Limits(response_timeout_seconds=5))
    sequence = pair.client.send(A_SUBMIT, pair.now, "token")
    pair.exchange()

    pair.advance(5)
    pair.server.answer(sequence, SubmitResp(MSG_ID))
    pair.exchange()

    assert pair.client_events == [
        RequestExpired(sequence, A_SUBMIT, "token"),
        ResponseLate(sequence, A_SUBMIT, SubmitResp(MSG_ID), "token"),
    ]


def test_an_illegible_submit_is_refused_with_status_10_and_the_session_goes_on() -> None:
    pair = SmgpPair.bound()

    pair.server.receive(bytes.fromhex("0000000d000000020000000500"), pair.now)

    assert pair.server.data_to_send().hex() == "0000001a8000000200000005" + "00" * 10 + "0000000a"
    [ignored] = pair.server.events()
    assert isinstance(ignored, PduIgnored)
    assert pair.server.state is State.BOUND
    assert pair.server.owed == 0


@pytest.mark.parametrize("body,msg_id", [("01006101161700012345ff", MSG_ID.hex()), ("0100", "00" * 10)])
def test_an_illegible_deliver_is_refused_under_its_own_id_where_it_has_one(body: str, msg_id: str) -> None:
    pair = SmgpPair.bound()

    pair.client.receive(bytes.fromhex(f"{12 + len(body) // 2:08x}0000000300000005" + body), pair.now)

    assert pair.client.data_to_send().hex() == "0000001a8000000300000005" + msg_id + "0000000a"


def test_an_illegible_query_is_passed_over_since_its_response_cannot_refuse() -> None:
    pair = SmgpPair.bound()

    pair.server.receive(bytes.fromhex("0000000d00000007000000060a"), pair.now)

    assert pair.server.data_to_send() == b""
    assert [type(event) for event in pair.server.events()] == [PduIgnored]


def test_a_request_before_the_login_closes_the_session() -> None:
    pair = SmgpPair()

    pair.server.receive(bytes.fromhex("0000000c0000000200000001"), pair.now)

    assert pair.server.events() == [Closed(CloseReason.WRONG_STATE, "command 0x00000002 while open", [])]
    assert pair.server.data_to_send() == b""


def test_a_request_of_the_other_role_closes_the_session() -> None:
    pair = SmgpPair.bound()

    pair.client.receive(bytes.fromhex("0000000c0000000200000001"), pair.now)

    assert pair.client.events() == [Closed(CloseReason.WRONG_STATE, "command 0x00000002 while bound", [])]


@pytest.mark.parametrize("leaver", ["client", "server"])
def test_either_side_may_exit(leaver: str) -> None:
    pair = SmgpPair.bound()

    (pair.client if leaver == "client" else pair.server).unbind(pair.now)
    pair.exchange()

    assert pair.client_events == pair.server_events == [Unbound(), Closed(CloseReason.UNBOUND, "", [])]


def test_an_exit_without_answer_is_given_up() -> None:
    pair = SmgpPair.bound(limits=Limits(unbind_timeout_seconds=5))
    pair.client.send(A_SUBMIT, pair.now, "token")
    pair.client.unbind(pair.now)
    assert pair.client.data_to_send()[-12:].hex() == "0000000c0000000600000003"

    pair.client.tick(pair.now + 5)

    assert pair.client.events() == [Closed(CloseReason.UNBIND_TIMEOUT, "", ["token"])]


def test_a_heartbeats_late_answer_does_not_end_a_session_that_is_leaving() -> None:
    pair = SmgpPair.bound(limits=Limits(heartbeat_idle_seconds=30))
    pair.client.tick(pair.now + 30)
    assert pair.client.data_to_send().hex() == "0000000c0000000400000002"
    pair.client.unbind(pair.now + 31)

    pair.client.receive(bytes.fromhex("0000000c8000000400000002"), pair.now + 31)

    assert pair.client.state is State.UNBINDING


def test_silence_is_broken_by_active_test_from_either_side_and_answered_at_any_time() -> None:
    pair = SmgpPair.bound(limits=Limits(heartbeat_idle_seconds=30))
    pair.advance(3600)
    assert pair.client.state is pair.server.state is State.BOUND
    assert pair.client_events == pair.server_events == []

    unbound = SmgpPair()
    for session in (unbound.client, unbound.server):
        session.receive(bytes.fromhex("0000000c0000000400000009"), unbound.now)
        assert session.data_to_send().hex() == "0000000c8000000400000009"


def test_a_dead_gateway_is_found_after_three_tries() -> None:
    limits = Limits(heartbeat_idle_seconds=30, heartbeat_timeout_seconds=10, heartbeat_tries=3)
    pair = SmgpPair.bound(limits=limits, server_limits=Limits(heartbeat_idle_seconds=10_000))

    pair.advance(60, silent=True)

    assert pair.client_events == [Closed(CloseReason.PEER_SILENT, "3 heartbeats unanswered", [])]
