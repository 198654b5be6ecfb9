"""Knowing whether the other end is there."""

from hongyan.wire.cmpp.pdus import Deliver, Submit
from hongyan.wire.events import Closed, CloseReason
from hongyan.wire.session import Limits
from hongyan.wire.states import State

from .pair import SessionPair

LIMITS = Limits(
    heartbeat_idle_seconds=30, heartbeat_timeout_seconds=10, heartbeat_tries=3, response_timeout_seconds=500
)
NEVER = Limits(heartbeat_idle_seconds=10_000)
ACTIVE_TEST = "0000000c00000008"
ACTIVE_TEST_RESP = "0000000d80000008"


def test_silence_is_broken_by_a_heartbeat_from_the_client() -> None:
    pair = SessionPair.bound(limits=LIMITS, server_limits=NEVER)
    assert pair.client.deadline() == pair.now + 30

    pair.client.tick(pair.now + 29.9)
    assert pair.client.data_to_send() == b""
    pair.client.tick(pair.now + 30)

    assert pair.client.data_to_send().hex() == ACTIVE_TEST + "00000002"


def test_silence_is_broken_by_a_heartbeat_from_the_server() -> None:
    pair = SessionPair.bound(limits=NEVER, server_limits=LIMITS)

    pair.server.tick(pair.now + 30)

    assert pair.server.data_to_send().hex() == ACTIVE_TEST + "00000001"


def test_an_answered_heartbeat_keeps_an_idle_session_alive_for_ever() -> None:
    pair = SessionPair.bound(limits=LIMITS)

    pair.advance(3600)

    assert pair.client.state is pair.server.state is State.BOUND
    assert pair.client_events == pair.server_events == []


def test_traffic_makes_heartbeats_needless() -> None:
    pair = SessionPair.bound(limits=LIMITS, server_limits=NEVER)
    pair.now += 20
    pair.server.send(Deliver(msg_id=1), pair.now)
    pair.exchange()

    assert pair.client.deadline() == pair.now + 30


def test_a_dead_peer_is_found_after_three_tries() -> None:
    pair = SessionPair.bound(limits=LIMITS, server_limits=NEVER)
    pair.client.send(Submit(), pair.now, "token")

    pair.advance(59.9, silent=True)
    assert pair.client.state is State.BOUND
    pair.advance(0.1, silent=True)

    assert pair.client_events == [Closed(CloseReason.PEER_SILENT, "3 heartbeats unanswered", ["token"])]


def test_anything_that_comes_resets_the_tries() -> None:
    pair = SessionPair.bound(limits=LIMITS, server_limits=NEVER)
    pair.advance(55, silent=True)
    pair.client.receive(bytes.fromhex(ACTIVE_TEST_RESP + "0000000200"), pair.now)

    pair.advance(29.9, silent=True)

    assert pair.client.state is State.BOUND
    assert pair.client.deadline() == 1055 + 30


def test_a_peers_heartbeat_is_answered_at_any_time() -> None:
    pair = SessionPair()
    for session in (pair.client, pair.server):
        session.receive(bytes.fromhex(ACTIVE_TEST + "00000009"), pair.now)
        assert session.data_to_send().hex() == ACTIVE_TEST_RESP + "0000000900"
        assert session.state is State.OPEN


def test_an_answer_without_its_reserved_octet_counts() -> None:
    pair = SessionPair.bound(limits=LIMITS, server_limits=NEVER)
    pair.advance(55, silent=True)

    pair.client.receive(bytes.fromhex("0000000c8000000800000002"), pair.now)

    assert pair.client.events() == []
    assert pair.client.deadline() == pair.now + 30


def test_a_peer_that_answers_a_heartbeat_by_another_one_is_alive() -> None:
    """As the mock server of yedamao/go_cmpp does: 0x00000008 instead of 0x80000008, same sequence."""
    pair = SessionPair.bound(limits=LIMITS, server_limits=NEVER)
    pair.client.tick(pair.now + 30)
    heartbeat = pair.client.data_to_send()

    pair.client.receive(heartbeat, pair.now + 31)

    assert pair.client.deadline() == pair.now + 61
    assert pair.client.data_to_send().hex() == ACTIVE_TEST_RESP + "0000000200"
    assert pair.client.state is State.BOUND


def test_a_peer_that_we_keep_from_being_heard_is_not_taken_for_dead() -> None:
    pair = SessionPair.bound(limits=LIMITS, server_limits=NEVER)
    pair.advance(55, silent=True)

    pair.client.heard(pair.now)

    assert pair.client.deadline() == pair.now + 30
