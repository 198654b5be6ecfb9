"""A bound session: requests and responses, the window, time, and the end."""

import pytest
from msgspec import Struct, structs

from hongyan.wire.cmpp.pdus import (
    V20,
    ActiveTest,
    Cancel,
    CancelResp,
    Deliver,
    DeliverResp,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
)
from hongyan.wire.errors import EncodeError, LocalProtocolError, NotBound, WindowFull
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
from hongyan.wire.session import EXPIRED_MAX, Limits
from hongyan.wire.states import TRANSITIONS, State, Trigger

from .pair import SessionPair

A_SUBMIT = Submit(dest_terminal_id=("13800138000",), msg_content=b"hello", msg_fmt=0)


def test_a_response_comes_back_with_the_request_and_its_token() -> None:
    pair = SessionPair.bound()
    sequence = pair.client.send(A_SUBMIT, pair.now, "token")
    pair.exchange()
    assert pair.server_events == [RequestReceived(sequence, A_SUBMIT)]

    pair.server.answer(sequence, SubmitResp(77))
    pair.exchange()

    assert pair.client_events == [ResponseReceived(sequence, A_SUBMIT, SubmitResp(77), "token")]


def test_responses_may_come_in_any_order() -> None:
    pair = SessionPair.bound()
    first, second = (pair.client.send(A_SUBMIT, pair.now, token) for token in "ab")
    pair.exchange()

    pair.server.answer(second, SubmitResp(2))
    pair.server.answer(first, SubmitResp(1))
    pair.exchange()

    assert [structs.asdict(event)["token"] for event in pair.client_events] == ["b", "a"]


def test_every_request_of_either_role_finds_its_response() -> None:
    pair = SessionPair.bound(version=V20)
    exchanges: list[tuple[Query | Cancel, Struct]] = [
        (Query("20251122"), QueryResp("20251122", mt_scs=9)),
        (Cancel(5), CancelResp(1)),
    ]
    for request, response in exchanges:
        pair.server.answer(_arrived_at_server(pair, request), response)
    sequence = pair.server.send(Deliver(msg_id=5), pair.now, "report")
    pair.exchange()
    pair.client.answer(sequence, DeliverResp(5))

    pair.exchange()

    answers = [structs.asdict(event)["pdu"] for event in pair.client_events if isinstance(event, ResponseReceived)]
    assert answers == [QueryResp("20251122", mt_scs=9), CancelResp(1)]
    assert pair.server_events[-1] == ResponseReceived(sequence, Deliver(msg_id=5), DeliverResp(5), "report")


def test_the_window_is_never_exceeded_and_credit_says_what_is_left() -> None:
    pair = SessionPair.bound(limits=Limits(window_size=3))
    sequences = [pair.client.send(A_SUBMIT, pair.now) for _ in range(3)]
    assert pair.client.credit == 0
    assert pair.client.in_flight == 3

    with pytest.raises(WindowFull):
        pair.client.send(A_SUBMIT, pair.now)

    pair.exchange()
    assert len(pair.server_events) == 3
    pair.server.answer(sequences[1], SubmitResp(1))
    pair.exchange()
    assert pair.client.credit == 1


def test_what_cannot_be_encoded_takes_no_place_in_the_window() -> None:
    pair = SessionPair.bound()

    with pytest.raises(EncodeError, match=r"Submit\.src_id: is 22 octets long, 21 fit"):
        pair.client.send(structs.replace(A_SUBMIT, src_id="1" * 22), pair.now)

    assert pair.client.credit == 16
    assert pair.client.data_to_send() == b""


@pytest.mark.parametrize("pdu", [Deliver(), ActiveTest(), SubmitResp(1)])
def test_a_role_sends_only_its_own_requests(pdu: Deliver | ActiveTest | SubmitResp) -> None:
    pair = SessionPair.bound()

    with pytest.raises(LocalProtocolError):
        pair.client.send(pdu, pair.now)


def test_a_request_is_answered_once() -> None:
    pair = SessionPair.bound()
    sequence = _arrived_at_server(pair, A_SUBMIT)
    assert pair.server.owed == 1
    pair.server.answer(sequence, SubmitResp(1))
    assert pair.server.owed == 0

    with pytest.raises(LocalProtocolError):
        pair.server.answer(sequence, SubmitResp(1))


def test_an_unanswered_request_expires_with_its_outcome_unknown_and_is_not_sent_again() -> None:
    pair = SessionPair.bound(limits=Limits(response_timeout_seconds=5))
    sequence = pair.client.send(A_SUBMIT, pair.now, "token")
    pair.exchange()
    pair.server_events.clear()

    pair.advance(4.9)
    assert pair.client_events == []
    pair.advance(0.1)

    assert pair.client_events == [RequestExpired(sequence, A_SUBMIT, "token")]
    assert pair.server_events == []
    assert pair.client.credit == 16


def test_a_response_after_the_expiry_is_still_told_once() -> None:
    pair = SessionPair.bound(limits=Limits(response_timeout_seconds=5))
    sequence = _arrived_at_server(pair, A_SUBMIT)
    pair.advance(5)
    pair.client_events.clear()

    pair.server.answer(sequence, SubmitResp(77))
    late = pair.server.data_to_send()
    pair.client.receive(late + late, pair.now)

    assert pair.client.events() == [
        ResponseLate(sequence, A_SUBMIT, SubmitResp(77), None),
        PduIgnored(0x80000004, sequence, "answers no request of ours"),
    ]


def test_an_illegible_late_response_is_passed_over() -> None:
    pair = SessionPair.bound(limits=Limits(response_timeout_seconds=5))
    sequence = pair.client.send(A_SUBMIT, pair.now)
    pair.client.tick(pair.now + 5)
    pair.client.events()

    pair.client.receive(bytes.fromhex(f"0000000d80000004{sequence:08x}00"), pair.now)

    assert pair.client.events() == [
        PduIgnored(0x80000004, sequence, "SubmitResp: the body ends too early, at 1 octets")
    ]


def test_only_so_many_expired_requests_are_remembered() -> None:
    pair = SessionPair.bound(limits=Limits(window_size=EXPIRED_MAX + 1, response_timeout_seconds=5))
    first, *_ = [pair.client.send(A_SUBMIT, pair.now) for _ in range(EXPIRED_MAX + 1)]

    pair.client.tick(pair.now + 5)

    assert len(pair.client._expired) == EXPIRED_MAX
    assert first not in pair.client._expired


def test_an_illegible_response_leaves_the_outcome_unknown() -> None:
    pair = SessionPair.bound()
    sequence = pair.client.send(A_SUBMIT, pair.now, "token")
    pair.client.data_to_send()

    pair.client.receive(bytes.fromhex(f"0000000d80000004{sequence:08x}00"), pair.now)

    assert pair.client.events() == [
        PduIgnored(0x80000004, sequence, "SubmitResp: the body ends too early, at 1 octets"),
        RequestExpired(sequence, A_SUBMIT, "token"),
    ]


def test_a_response_of_another_kind_answers_nothing() -> None:
    pair = SessionPair.bound()
    sequence = pair.client.send(A_SUBMIT, pair.now)

    pair.client.receive(bytes.fromhex(f"0000001080000007{sequence:08x}00000000"), pair.now)

    assert pair.client.events() == [PduIgnored(0x80000007, sequence, "answers no request of ours")]
    assert pair.client.in_flight == 1


def test_an_illegible_submit_is_refused_with_result_1_and_the_session_goes_on() -> None:
    pair = SessionPair.bound()

    pair.server.receive(bytes.fromhex("0000000d000000040000000500"), pair.now)

    assert pair.server.data_to_send() == bytes.fromhex("000000188000000400000005000000000000000000000001")
    [ignored] = pair.server.events()
    assert isinstance(ignored, PduIgnored)
    assert pair.server.state is State.BOUND
    assert pair.server.owed == 0


def test_an_illegible_deliver_is_refused_under_its_own_msg_id() -> None:
    pair = SessionPair.bound(version=V20)

    pair.client.receive(bytes.fromhex("00000015000000050000000501020304050607080a"), pair.now)

    assert pair.client.data_to_send() == bytes.fromhex("000000158000000500000005010203040506070801")


def test_an_illegible_cancel_is_refused_and_an_illegible_query_passed_over() -> None:
    pair = SessionPair.bound(version=V20)

    pair.server.receive(bytes.fromhex("0000000d00000007000000050a0000000d00000006000000060a"), pair.now)

    assert pair.server.data_to_send() == bytes.fromhex("0000000d800000070000000501")
    assert [type(event) for event in pair.server.events()] == [PduIgnored, PduIgnored]


@pytest.mark.parametrize("bound", [False, True], ids=["before the bind", "a second bind"])
def test_a_pdu_in_the_wrong_state_closes_the_session(bound: bool) -> None:  # noqa: FBT001 - a parameter of a test
    pair = SessionPair.bound() if bound else SessionPair()
    submit = "0000000c0000000400000001"
    connect = "00000027000000010000000739303132333400000000000000000000000000000000307fffffff"

    pair.server.receive(bytes.fromhex(connect if bound else submit), pair.now)

    [closed] = pair.server.events()
    assert isinstance(closed, Closed)
    assert closed.reason == "wrong_state"
    assert pair.server.data_to_send() == b""


def test_a_request_of_the_other_role_closes_the_session() -> None:
    pair = SessionPair.bound()

    pair.client.receive(bytes.fromhex("0000000c0000000400000001"), pair.now)

    assert pair.client.events() == [Closed(CloseReason.WRONG_STATE, "command 0x00000004 while bound", [])]


def test_either_side_may_say_goodbye() -> None:
    for leaver, other in (("client", "server"), ("server", "client")):
        pair = SessionPair.bound()
        getattr(pair, leaver).unbind(pair.now)
        assert getattr(pair, leaver).state is State.UNBINDING

        pair.exchange()

        goodbye = [Unbound(), Closed(CloseReason.UNBOUND, "", [])]
        assert pair.client_events == pair.server_events == goodbye, (leaver, other)


def test_what_is_in_flight_may_finish_after_goodbye_but_nothing_new_goes_out() -> None:
    pair = SessionPair.bound()
    sequence = _arrived_at_server(pair, A_SUBMIT)
    pair.client.unbind(pair.now)
    pair.server.answer(sequence, SubmitResp(3))
    pair.server.send(Deliver(msg_id=9), pair.now)

    pair.client.receive(pair.server.data_to_send(), pair.now)

    answered, delivered = pair.client.events()
    assert isinstance(answered, ResponseReceived)
    assert isinstance(delivered, RequestReceived)
    pair.client.answer(delivered.sequence, DeliverResp(9))
    assert pair.client.credit == 0
    with pytest.raises(NotBound):
        pair.client.send(A_SUBMIT, pair.now)


def test_a_goodbye_without_answer_is_given_up() -> None:
    pair = SessionPair.bound(limits=Limits(unbind_timeout_seconds=5))
    pair.client.send(A_SUBMIT, pair.now, "token")
    pair.client.unbind(pair.now)
    assert pair.client.deadline() == pair.now + 5

    pair.client.tick(pair.now + 5)

    assert pair.client.events() == [Closed(CloseReason.UNBIND_TIMEOUT, "", ["token"])]


def test_a_cut_connection_names_the_unanswered_in_the_order_sent() -> None:
    pair = SessionPair.bound()
    sequences = [pair.client.send(A_SUBMIT, pair.now, token) for token in "abc"]
    pair.exchange()
    pair.server.answer(sequences[1], SubmitResp(1))
    pair.exchange()
    pair.client_events.clear()

    pair.client.receive_eof(pair.now)

    assert pair.client.events() == [Closed(CloseReason.PEER_CLOSED, "", ["a", "c"])]
    assert pair.client.state is State.CLOSED


def test_a_stream_that_ends_within_a_frame_is_said_to() -> None:
    pair = SessionPair.bound()
    pair.client.receive(b"\0\0\0", pair.now)

    pair.client.receive_eof(pair.now)

    assert pair.client.events() == [Closed(CloseReason.PEER_CLOSED, "in the middle of a frame", [])]


def test_a_closed_session_takes_nothing_more() -> None:
    pair = SessionPair.bound()
    pair.client.abort("enough")
    assert pair.client.events() == [Closed(CloseReason.ABORTED, "enough", [])]

    pair.client.receive(bytes.fromhex("0000000c0000000800000001"), pair.now)
    pair.client.receive_eof(pair.now)
    pair.client.tick(pair.now + 1000)

    assert pair.client.events() == []
    assert pair.client.data_to_send() == b""
    assert pair.client.deadline() is None
    with pytest.raises(LocalProtocolError):
        pair.client.answer(1, DeliverResp(1))


def test_sequences_wrap_and_step_over_those_in_flight() -> None:
    pair = SessionPair.bound()
    pair.client._key = 0xFFFFFFFE

    assert pair.client.send(A_SUBMIT, pair.now) == 0xFFFFFFFF
    assert pair.client.send(A_SUBMIT, pair.now) == 0
    pair.client._key = 0xFFFFFFFE
    assert pair.client.send(A_SUBMIT, pair.now) == 1


def test_the_table_of_states_ends_in_closed_and_nowhere_else() -> None:
    assert set(TRANSITIONS) == set(State)
    assert TRANSITIONS[State.CLOSED] == {}
    for state in set(State) - {State.CLOSED}:
        assert TRANSITIONS[state][Trigger.LOST] is State.CLOSED


def _arrived_at_server(pair: SessionPair, pdu: Submit | Query | Cancel) -> int:
    sequence = pair.client.send(pdu, pair.now)
    pair.exchange()
    assert pair.server_events[-1] == RequestReceived(sequence, pdu)
    return sequence
