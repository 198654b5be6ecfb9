"""A bound SGIP session: numbers, requests both ways, repetitions, silence and the end."""

import pytest
from msgspec import Struct

from hongyan.wire.errors import EncodeError, LocalProtocolError, WindowFull
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
from hongyan.wire.sgip.pdus import (
    Bind,
    Deliver,
    DeliverResp,
    Report,
    ReportResp,
    Submit,
    SubmitResp,
    Trace,
    TraceNode,
    TraceResp,
    UserRpt,
    UserRptResp,
)
from hongyan.wire.sgip.session import ANSWERED_MAX, SGIP_LIMITS, SgipClientSession, SgipServerSession
from hongyan.wire.states import State

from .pair_sgip import SMG_NODE, SP_NODE, STAMP, SgipPair, stamp

SUBMIT = Submit(sp_number="10690001", user_number=("8613000138000",), message_content=b"\x4f\x60")
DELIVER = Deliver("8613000138000", "10690001", message_content=b"\x00T\x00D")
LIMITS = Limits(window_size=4, response_timeout_seconds=30, unbind_timeout_seconds=5)
OK = bytes(9)


def the_number(counter: int, node: int = SP_NODE) -> int:
    return node << 64 | STAMP << 32 | counter


def test_a_request_carries_node_time_and_counter_and_its_answer_repeats_them() -> None:
    pair = SgipPair.bound()

    sequence = pair.client.send(SUBMIT, pair.now, "token")
    pair.exchange()
    pair.server.answer(sequence, SubmitResp())
    frame = pair.server.data_to_send()

    assert sequence == the_number(2)
    assert frame.hex() == "0000001d80000003b750981942e27fde00000002" + OK.hex()
    pair.client.receive(frame, pair.now)
    assert pair.client.events() == [ResponseReceived(sequence, SUBMIT, SubmitResp(), "token")]
    assert pair.server_events == [RequestReceived(sequence, SUBMIT)]


@pytest.mark.parametrize(
    "request_pdu,response",
    [
        (SUBMIT, SubmitResp(8)),
        (DELIVER, DeliverResp()),
        (Report(bytes(12), 0, "8613000138000"), ReportResp()),
        (UserRpt("10690001", "8613000138000", 1), UserRptResp()),
        (Trace(bytes(12), "8613000138000"), TraceResp((TraceNode(),))),
    ],
    ids=["SUBMIT", "DELIVER", "REPORT", "USERRPT", "TRACE"],
)
def test_once_bound_any_request_goes_either_way(request_pdu: Struct, response: Struct) -> None:
    pair = SgipPair.bound()
    for asking, asked in ((pair.client, pair.server), (pair.server, pair.client)):
        sequence = asking.send(request_pdu, pair.now, "token")
        asked.receive(asking.data_to_send(), pair.now)
        assert asked.events() == [RequestReceived(sequence, request_pdu)]

        asked.answer(sequence, response)
        asking.receive(asked.data_to_send(), pair.now)

        assert asking.events() == [ResponseReceived(sequence, request_pdu, response, "token")]


def test_a_bind_is_not_a_request_once_bound() -> None:
    with pytest.raises(LocalProtocolError, match="Bind is not a request of this role"):
        SgipPair.bound().client.send(Bind(1, "901234"), 0.0)


def test_the_time_in_a_number_is_that_of_its_sending() -> None:
    client = SgipClientSession("901234", "", node=SP_NODE, stamp=int)
    client.bind(0, 5.0)
    client.receive(bytes.fromhex("0000001d80000001b75098190000000500000001") + OK, 5.0)

    assert client.send(SUBMIT, 77.9) == SP_NODE << 64 | 77 << 32 | 2


def test_sessions_that_share_a_counter_never_give_the_same_number_twice() -> None:
    numbers = iter([0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_0000_0000, 1])
    sessions = [SgipClientSession("901234", "", node=7, stamp=stamp, counter=numbers.__next__) for _ in range(2)]
    for session in sessions:
        session.bind(0, 0.0)
        bind = session.data_to_send()
        session.receive(b"\0\0\0\x1d\x80\0\0\x01" + bind[8:20] + OK, 0.0)

    assert [session.send(SUBMIT, 0.0) for session in sessions] == [the_number(0, node=7), the_number(1, node=7)]


def test_a_number_that_waits_for_its_answer_is_not_given_again() -> None:
    numbers = iter([1, 2, 2, 3])
    client = SgipClientSession("901234", "", node=SP_NODE, stamp=stamp, counter=numbers.__next__)
    client.bind(0, 0.0)
    client.receive(bytes.fromhex("0000001d80000001b750981942e27fde00000001") + OK, 0.0)

    assert [client.send(SUBMIT, 0.0) for _ in range(2)] == [the_number(2), the_number(3)]


def test_a_server_without_a_node_of_its_own_takes_that_of_who_connects() -> None:
    server = SgipServerSession(node=0, stamp=stamp)
    server.receive(bytes.fromhex("0000003d00000001b750981942e27fde00000001") + b"\1" + bytes(40), 0.0)
    server.accept_bind("", 0.0)

    assert server.send(DELIVER, 0.0) == the_number(1)


def test_the_defaults_are_the_specifications() -> None:
    pair = SgipPair.bound()

    assert pair.client.credit == 32
    pair.client.send(SUBMIT, pair.now)
    assert pair.client.deadline() == pair.now + 30
    assert SGIP_LIMITS.frame_size_max == 4096


def test_no_more_requests_than_the_window_holds_are_unanswered() -> None:
    pair = SgipPair.bound(limits=LIMITS)
    for _ in range(4):
        pair.client.send(SUBMIT, pair.now)

    with pytest.raises(WindowFull):
        pair.client.send(SUBMIT, pair.now)


def test_a_request_that_does_not_fit_leaves_the_window_as_it_was() -> None:
    pair = SgipPair.bound()

    with pytest.raises(EncodeError, match=r"Submit\.user_number: \[0\] is 22 octets long, 21 fit"):
        pair.client.send(Submit(user_number=("8" * 22,)), pair.now)

    assert pair.client.in_flight == 0
    assert pair.client.data_to_send() == b""


def test_a_node_on_the_way_that_does_not_fit_is_named() -> None:
    pair = SgipPair.bound()
    pair.client.send(Trace(bytes(12)), pair.now)
    pair.exchange()

    with pytest.raises(EncodeError, match=r"TraceResp\.nodes: node_id must be exactly 6 octets"):
        pair.server.answer(the_number(2), TraceResp((TraceNode(node_id=b"1"),)))
    with pytest.raises(EncodeError, match=r"TraceResp\.nodes: must be at most 255 nodes"):
        pair.server.answer(the_number(2), TraceResp((TraceNode(),) * 256))


# Repetitions (SGIP 1.2 §3.7.2.4.3) -----------------------------------------------------------------------


def a_deliver(content: bytes = b"TD", counter: int = 7) -> bytes:
    body = b"8613000138000".ljust(21, b"\0") + b"10690001".ljust(21, b"\0") + b"\0\0\0" + bytes([0, 0, 0, len(content)])
    frame = body + content + bytes(8)
    return bytes.fromhex(f"{20 + len(frame):08x}000000040001adb042e27fdf{counter:08x}") + frame


def test_a_request_that_comes_again_is_answered_again_and_told_once() -> None:
    pair = SgipPair.bound()
    pair.client.receive(a_deliver(), pair.now)
    [first] = pair.client.events()
    assert isinstance(first, RequestReceived)
    pair.client.answer(first.sequence, DeliverResp())
    answer = pair.client.data_to_send()

    pair.client.receive(a_deliver(), pair.now + 31)

    assert pair.client.data_to_send() == answer
    assert pair.client.events() == [PduIgnored(4, first.sequence, "repeats a request")]
    assert pair.client.owed == 0


def test_a_request_that_comes_again_before_its_answer_gets_that_answer_once() -> None:
    pair = SgipPair.bound()
    pair.client.receive(a_deliver() + a_deliver(), pair.now)
    first, again = pair.client.events()
    assert isinstance(first, RequestReceived)
    assert isinstance(again, PduIgnored)
    assert pair.client.data_to_send() == b""

    pair.client.answer(first.sequence, DeliverResp())

    assert len(pair.client.data_to_send()) == 29
    assert pair.client.owed == 0


@pytest.mark.parametrize("answered", [False, True], ids=["unanswered", "answered"])
def test_another_request_with_the_same_number_is_refused_with_9(*, answered: bool) -> None:
    pair = SgipPair.bound()
    pair.client.receive(a_deliver(), pair.now)
    [first] = pair.client.events()
    assert isinstance(first, RequestReceived)
    if answered:
        pair.client.answer(first.sequence, DeliverResp())
        pair.client.data_to_send()

    pair.client.receive(a_deliver(b"HELP"), pair.now)

    assert pair.client.data_to_send() == bytes.fromhex("0000001d800000040001adb042e27fdf0000000709") + bytes(8)
    assert pair.client.events() == [PduIgnored(4, first.sequence, "has the sequence number of another request")]


def test_an_answer_given_twice_by_mistake_is_kept_once() -> None:
    pair = SgipPair.bound()
    pair.client.receive(a_deliver(counter=1) + a_deliver(counter=2), pair.now)
    pair.client.answer(the_number(1, SMG_NODE) + (1 << 32), DeliverResp())
    pair.client.answer(the_number(1, SMG_NODE) + (1 << 32), DeliverResp(5))
    pair.client.data_to_send()

    pair.client.receive(a_deliver(counter=1), pair.now)

    assert pair.client.data_to_send()[20] == 0


def test_only_so_many_answers_are_kept() -> None:
    pair = SgipPair.bound()
    for counter in range(ANSWERED_MAX + 1):
        pair.client.receive(a_deliver(counter=counter), pair.now)
        [received] = pair.client.events()
        assert isinstance(received, RequestReceived)
        pair.client.answer(received.sequence, DeliverResp())
    pair.client.data_to_send()

    pair.client.receive(a_deliver(counter=0) + a_deliver(counter=1), pair.now)

    forgotten, kept = pair.client.events()
    assert isinstance(forgotten, RequestReceived)
    assert isinstance(kept, PduIgnored)


@pytest.mark.parametrize(
    "command,answer",
    [
        (3, "0000001d800000030001adb042e27fdf0000000908" + "00" * 8),
        (4, "0000001d800000040001adb042e27fdf0000000908" + "00" * 8),
        (5, "0000001d800000050001adb042e27fdf0000000908" + "00" * 8),
        (0x11, "0000001d800000110001adb042e27fdf0000000908" + "00" * 8),
        (0x1000, "00000044800010000001adb042e27fdf000000090108" + "00" * 46),
    ],
    ids=["SUBMIT", "DELIVER", "REPORT", "USERRPT", "TRACE"],
)
def test_a_request_that_cannot_be_read_is_refused_for_its_length_as_often_as_it_comes(
    command: int, answer: str
) -> None:
    pair = SgipPair.bound()
    frame = bytes.fromhex(f"00000015{command:08x}0001adb042e27fdf00000009ff")

    for _ in range(2):
        pair.client.receive(frame, pair.now)
        assert pair.client.data_to_send().hex() == answer
    assert [type(event) for event in pair.client.events()] == [PduIgnored, PduIgnored]


# Silence ------------------------------------------------------------------------------------------------


def test_an_idle_session_without_heartbeat_is_never_due() -> None:
    pair = SgipPair.bound()

    assert pair.client.deadline() is None
    pair.advance(86_400)
    assert pair.client.state is pair.server.state is State.BOUND
    assert pair.client_events == pair.server_events == []


def test_a_peer_that_lets_a_request_expire_and_says_nothing_else_is_dead() -> None:
    pair = SgipPair.bound(limits=LIMITS)
    first = pair.client.send(SUBMIT, pair.now, "first")
    pair.advance(10, silent=True)
    pair.client.send(SUBMIT, pair.now, "second")

    pair.advance(20, silent=True)

    assert pair.client_events == [
        RequestExpired(first, SUBMIT, "first"),
        Closed(CloseReason.PEER_SILENT, "a request expired and nothing else came meanwhile", ["second"]),
    ]


def test_a_peer_that_answers_something_else_meanwhile_lives() -> None:
    pair = SgipPair.bound(limits=LIMITS)
    lost = pair.client.send(SUBMIT, pair.now, "lost")
    pair.client.data_to_send()
    pair.advance(1)
    answered = pair.client.send(SUBMIT, pair.now, "answered")
    pair.exchange()
    pair.server.answer(answered, SubmitResp())
    pair.exchange()

    pair.advance(30)

    assert pair.client_events == [
        ResponseReceived(answered, SUBMIT, SubmitResp(), "answered"),
        RequestExpired(lost, SUBMIT, "lost"),
    ]
    assert pair.client.state is State.BOUND


def test_an_answer_that_comes_late_is_told() -> None:
    pair = SgipPair.bound(limits=LIMITS)
    sequence = pair.client.send(SUBMIT, pair.now, "token")
    pair.exchange()
    pair.advance(15)
    pair.server.send(DELIVER, pair.now)  # a sign of life
    pair.exchange()
    pair.advance(15)
    pair.client_events.clear()

    pair.server.answer(sequence, SubmitResp())
    pair.exchange()

    assert pair.client_events == [ResponseLate(sequence, SUBMIT, SubmitResp(), "token")]


def test_a_server_with_an_idle_time_says_goodbye_when_nothing_came_for_so_long() -> None:
    pair = SgipPair.bound(server_idle_seconds=60)
    assert pair.server.deadline() == pair.now + 60
    pair.advance(59)
    pair.client.send(SUBMIT, pair.now)
    pair.exchange()
    pair.server.answer(the_number(2), SubmitResp())
    pair.exchange()

    pair.advance(59.5)
    assert pair.server.state is State.BOUND
    pair.advance(0.5)

    assert pair.server_events[-2:] == [Unbound(), Closed(CloseReason.UNBOUND, "", [])]
    assert pair.client_events[-1] == Closed(CloseReason.UNBOUND, "", [])


def test_an_idle_client_that_is_gone_is_given_up() -> None:
    pair = SgipPair.bound(server_idle_seconds=60, limits=LIMITS)

    pair.advance(65, silent=True)

    assert pair.server_events == [Closed(CloseReason.UNBIND_TIMEOUT, "", [])]


# The end ------------------------------------------------------------------------------------------------


def test_either_side_may_end_it_and_what_is_in_flight_may_still_be_answered() -> None:
    pair = SgipPair.bound()
    pair.server.send(DELIVER, pair.now, "token")
    pair.client.unbind(pair.now)
    pair.client.receive(pair.server.data_to_send(), pair.now)
    [received] = pair.client.events()
    assert isinstance(received, RequestReceived)
    pair.client.answer(received.sequence, DeliverResp())
    pair.exchange()

    assert pair.client_events == [Unbound(), Closed(CloseReason.UNBOUND, "", [])]
    assert pair.server_events == [Unbound(), Closed(CloseReason.UNBOUND, "", ["token"])]


def test_an_unbind_is_echoed_to_the_octet() -> None:
    pair = SgipPair.bound()

    pair.server.receive(bytes.fromhex("0000001400000002b750981942e27fe30645795c"), pair.now)

    assert pair.server.data_to_send().hex() == "0000001480000002b750981942e27fe30645795c"
    assert SMG_NODE != SP_NODE
