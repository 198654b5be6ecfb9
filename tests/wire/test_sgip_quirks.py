"""Known deviations from SGIP are borne when they are tolerated by name, and only then."""

import pytest

from hongyan.wire.errors import DecodeError
from hongyan.wire.events import CloseReason, Event, PduIgnored, RequestReceived
from hongyan.wire.sgip.dialect import SGIP, Quirk, speak
from hongyan.wire.sgip.session import SgipClientSession
from hongyan.wire.states import State

from .golden import Golden, goldens
from .golden_sgip import SGIP_READING
from .pair_sgip import SP_NODE, SgipPair, stamp

QUIRKS = goldens("sgip12_quirks", SGIP_READING)
OF_THE_DIALECT = [golden for golden in QUIRKS if golden.entry["quirk"] == "unbind_resp_with_body"]
OF_UNBIND = [golden for golden in QUIRKS if golden.entry["pdu"] == "UNBIND_RESP"]
OF_REQUESTS = [golden for golden in QUIRKS if golden.entry["quirk"] == "same_connection"]


def tolerating(*quirks: Quirk) -> SgipPair:
    return SgipPair.bound(quirks=frozenset(quirks))


def receive(golden: Golden, *quirks: Quirk) -> tuple[SgipPair, list[Event]]:
    """Let a client that tolerates these get the frame; the BIND was its number 1."""
    pair = tolerating(*quirks)
    if golden in OF_UNBIND:
        pair.client.unbind(pair.now)
    pair.client.receive(golden.frame, pair.now)
    return pair, pair.client.events()


@pytest.mark.parametrize("golden", QUIRKS, ids=lambda golden: golden.name)
def test_a_tolerated_deviation_reads_as_its_fields(golden: Golden) -> None:
    pdu = golden.decode()

    for name, value in golden.fields.items():
        assert getattr(pdu, name) == value, name


@pytest.mark.parametrize("golden", OF_THE_DIALECT, ids=lambda golden: golden.name)
def test_a_deviation_of_a_body_is_an_error_to_a_dialect_that_does_not_tolerate_it(golden: Golden) -> None:
    with pytest.raises(DecodeError):
        speak(frozenset()).codec(golden.version).decode(golden.command, golden.body)


@pytest.mark.parametrize("golden", OF_UNBIND, ids=lambda golden: golden.name)
def test_an_unbind_is_over_by_a_deviating_answer_that_is_tolerated_by_its_name(golden: Golden) -> None:
    pair, events = receive(golden, Quirk(golden.entry["quirk"]))

    assert pair.client.state is State.CLOSED
    assert [type(event).__name__ for event in events] == ["Unbound", "Closed"]


def test_an_answer_with_another_time_does_not_end_a_session_that_does_not_tolerate_it() -> None:
    [golden] = [each for each in QUIRKS if each.entry["quirk"] == "unbind_resp_with_other_stamp"]

    pair, events = receive(golden)

    assert events == [PduIgnored(0x80000002, golden.sequence, "answers no request of ours")]
    assert pair.client.state is State.UNBINDING


@pytest.mark.parametrize("golden", OF_REQUESTS, ids=lambda golden: golden.name)
def test_a_gateway_may_ask_on_the_connection_that_the_sp_opened(golden: Golden) -> None:
    _, events = receive(golden, Quirk.SAME_CONNECTION)

    assert events == [RequestReceived(golden.sequence, golden.decode())]


@pytest.mark.parametrize("golden", OF_REQUESTS, ids=lambda golden: golden.name)
def test_a_gateway_that_asks_there_without_being_tolerated_is_cut_off(golden: Golden) -> None:
    _, events = receive(golden)

    assert [getattr(event, "reason", None) for event in events] == [CloseReason.WRONG_STATE]


def test_a_response_is_matched_by_its_counter_alone() -> None:
    pair = tolerating()
    pair.client.send(OF_REQUESTS[0].decode(), pair.now, "token")

    pair.client.receive(bytes.fromhex("0000001d80000005000000000000000000000002") + bytes(9), pair.now)

    [received] = pair.client.events()
    assert getattr(received, "token", None) == "token"


def test_a_gateway_that_lets_anyone_in_and_then_cuts_is_a_lost_link() -> None:
    """As the mock server of yedamao/go_sgip does with a wrong password."""
    client = SgipClientSession("901234", "wrong", node=SP_NODE, stamp=stamp)
    client.bind(0, 0.0)
    client.receive(bytes.fromhex("0000001d80000001b750981942e27fde00000001") + bytes(9), 0.1)

    client.receive_eof(0.2)

    assert [type(event).__name__ for event in client.events()] == ["Bound", "Closed"]


def test_every_quirk_has_its_vector() -> None:
    assert {golden.entry["quirk"] for golden in QUIRKS} == {quirk.value for quirk in Quirk}
    assert speak(frozenset(Quirk)).commands == SGIP.commands
