"""Requests and responses of a bound session."""

import pytest

from hongyan.wire.errors import LocalProtocolError, WindowFull
from hongyan.wire.events import (
    Closed,
    CloseReason,
    PduIgnored,
    RequestExpired,
    RequestReceived,
    ResponseLate,
    ResponseReceived,
)
from hongyan.wire.smpp.pdus import (
    AlertNotification,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    SubmitSm,
    SubmitSmResp,
)
from hongyan.wire.states import State

from .pair_smpp import SmppPair, limits


def test_a_submit_and_its_response_to_the_octet() -> None:
    pair = SmppPair.bound()

    pair.client.send(SubmitSm(destination_addr="8613800138000", short_message=b"hello"), pair.now, "token")
    sent = pair.client.data_to_send()
    pair.server.receive(sent, pair.now)
    [received] = pair.server.events()
    assert isinstance(received, RequestReceived)
    pair.server.answer(received.sequence, SubmitSmResp(message_id="4711"))
    answered = pair.server.data_to_send()
    pair.client.receive(answered, pair.now)

    assert sent.hex() == (
        "00000033000000040000000000000002" + "00" * 6 + b"8613800138000\0".hex() + "00" * 9 + "05" + b"hello".hex()
    )
    assert answered.hex() == "00000015800000040000000000000002" + b"4711\0".hex()
    [response] = pair.client.events()
    assert isinstance(response, ResponseReceived)
    assert (response.token, response.pdu) == ("token", SubmitSmResp(0, "4711"))


def test_responses_come_in_any_order() -> None:
    pair = SmppPair.bound()
    for token in range(3):
        pair.client.send(SubmitSm(), pair.now, token)
    pair.exchange()

    for event in reversed(pair.server_events):
        assert isinstance(event, RequestReceived)
        pair.server.answer(event.sequence, SubmitSmResp(message_id=str(event.sequence)))
    pair.exchange()

    assert [event.token for event in pair.client_events if isinstance(event, ResponseReceived)] == [2, 1, 0]


def test_a_refusal_without_a_body_is_an_answer() -> None:
    pair = SmppPair.bound()
    sequence = pair.client.send(SubmitSm(), pair.now)

    pair.client.receive(bytes.fromhex(f"000000108000000400000058{sequence:08x}"), pair.now)

    [response] = pair.client.events()
    assert isinstance(response, ResponseReceived)
    assert response.pdu == SubmitSmResp(0x58)
    assert pair.client.in_flight == 0


def test_a_generic_nack_answers_any_request() -> None:
    pair = SmppPair.bound()
    submit = pair.client.send(SubmitSm(), pair.now, "submit")
    deliver = pair.server.send(DeliverSm(), pair.now, "deliver")

    pair.client.receive(bytes.fromhex(f"000000108000000000000003{submit:08x}"), pair.now)
    pair.server.receive(bytes.fromhex(f"000000108000000000000008{deliver:08x}"), pair.now)

    [to_client], [to_server] = pair.client.events(), pair.server.events()
    assert isinstance(to_client, ResponseReceived)
    assert isinstance(to_server, ResponseReceived)
    assert (to_client.token, to_client.pdu) == ("submit", GenericNack(3))
    assert (to_server.token, to_server.pdu) == ("deliver", GenericNack(8))


def test_a_generic_nack_that_comes_late_tells_the_outcome_all_the_same() -> None:
    pair = SmppPair.bound(limits=limits(response_timeout_seconds=5))
    sequence = pair.client.send(SubmitSm(), pair.now, "token")
    pair.client.data_to_send()
    pair.client.tick(pair.now + 5)

    pair.client.receive(bytes.fromhex(f"000000108000000000000003{sequence:08x}"), pair.now + 6)

    [expired, late] = pair.client.events()
    assert isinstance(expired, RequestExpired)
    assert isinstance(late, ResponseLate)
    assert late.pdu == GenericNack(3)


@pytest.mark.parametrize("sequence", [0, 5000, 0x80000000, 0xFFFFFFFF])
def test_a_generic_nack_to_nothing_of_ours_is_passed_over(sequence: int) -> None:
    pair = SmppPair.bound()
    pair.client.send(SubmitSm(), pair.now)

    pair.client.receive(bytes.fromhex(f"000000108000000000000003{sequence:08x}"), pair.now)

    assert pair.client.events() == [PduIgnored(0x80000000, sequence, "answers no request of ours")]
    assert pair.client.in_flight == 1


@pytest.mark.parametrize("sequence", [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_any_sequence_of_a_peer_is_echoed(sequence: int) -> None:
    pair = SmppPair.bound()

    pair.server.receive(pair.client._codec.encode(SubmitSm(), sequence), pair.now)
    pair.server.answer(sequence, SubmitSmResp(message_id="1"))

    assert pair.server.data_to_send().hex() == f"000000128000000400000000{sequence:08x}3100"


def test_our_sequences_run_from_1_to_7fffffff_and_around() -> None:
    pair = SmppPair(sequence_first=0x7FFFFFFE).must_bind()

    sequences = [pair.client.send(SubmitSm(), pair.now) for _ in range(3)]

    assert sequences == [0x7FFFFFFF, 1, 2]


def test_a_deliver_is_answered_with_an_empty_id() -> None:
    pair = SmppPair.bound()
    pair.server.send(DeliverSm(short_message=b"TD"), pair.now)
    pair.exchange()
    [event] = pair.client_events
    assert isinstance(event, RequestReceived)

    pair.client.answer(event.sequence, DeliverSmResp())

    assert pair.client.data_to_send().hex() == f"000000118000000500000000{event.sequence:08x}00"


def test_an_alert_is_sent_and_taken_without_an_answer() -> None:
    pair = SmppPair.bound(limits=limits(window_size=1))

    pair.server.send(AlertNotification(source_addr="8613800138000"), pair.now)
    pair.server.send(AlertNotification(source_addr="8613900139000"), pair.now)
    pair.exchange()

    assert pair.server.in_flight == pair.client.owed == 0
    assert len(pair.client_events) == 2
    with pytest.raises(LocalProtocolError):
        pair.client.answer(1, DeliverSmResp())


def test_the_window_holds_so_many_and_no_more() -> None:
    pair = SmppPair.bound(limits=limits(window_size=2))
    pair.client.send(SubmitSm(), pair.now)
    pair.client.send(SubmitSm(), pair.now)

    with pytest.raises(WindowFull):
        pair.client.send(SubmitSm(), pair.now)


def test_a_silent_peer_is_asked_and_given_up() -> None:
    pair = SmppPair.bound(limits=limits(heartbeat_idle_seconds=30, heartbeat_timeout_seconds=10, heartbeat_tries=2))

    pair.client.tick(pair.now + 30)
    assert pair.client.data_to_send().hex() == "00000010000000150000000000000002"
    pair.client.tick(pair.now + 40)
    assert pair.client.data_to_send().hex() == "00000010000000150000000000000003"
    pair.client.tick(pair.now + 50)

    assert pair.client.events() == [Closed(CloseReason.PEER_SILENT, "2 heartbeats unanswered", [])]


def test_a_peer_that_refuses_heartbeats_is_alive() -> None:
    pair = SmppPair.bound(limits=limits(heartbeat_idle_seconds=30, heartbeat_tries=1))
    pair.client.tick(pair.now + 30)

    pair.client.receive(bytes.fromhex("00000010800000000000000300000002"), pair.now + 31)
    pair.client.tick(pair.now + 60)

    assert pair.client.state is State.BOUND


def test_what_is_in_flight_at_the_end_is_told() -> None:
    pair = SmppPair.bound()
    for token in "abc":
        pair.client.send(SubmitSm(), pair.now, token)

    pair.client.receive_eof(pair.now)

    assert pair.client.events() == [Closed(CloseReason.PEER_CLOSED, "", ["a", "b", "c"])]


def test_a_window_of_three_cut_at_every_octet_ends_each_request_once() -> None:
    script = SmppPair.bound()
    for token in range(3):
        script.client.send(SubmitSm(), script.now, token)
    script.server.receive(script.client.data_to_send(), script.now)
    for event in script.server.events():
        assert isinstance(event, RequestReceived)
        script.server.answer(event.sequence, SubmitSmResp(message_id=str(event.sequence)))
    answers = script.server.data_to_send()

    for cut in range(len(answers) + 1):
        pair = SmppPair.bound()
        for token in range(3):
            pair.client.send(SubmitSm(), pair.now, token)
        pair.client.receive(answers[:cut], pair.now)
        pair.client.receive_eof(pair.now)
        *responses, closed = pair.client.events()
        assert isinstance(closed, Closed)
        answered = [event.token for event in responses if isinstance(event, ResponseReceived)]
        assert [*answered, *closed.unanswered] == [0, 1, 2]
        assert len(answered) == cut // 18
