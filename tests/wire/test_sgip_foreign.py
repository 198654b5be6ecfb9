"""Whole captured conversations of foreign implementations of SGIP, with one of their ends replaced by ours."""

import pytest
from msgspec import Struct

from hongyan.wire.events import BindRequested, RequestReceived
from hongyan.wire.sgip.pdus import Bind, Deliver, DeliverResp, Report, ReportResp, Submit, SubmitResp
from hongyan.wire.sgip.sequences import split
from hongyan.wire.sgip.session import SgipClientSession, SgipServerSession
from hongyan.wire.states import State

from .golden import Golden
from .golden_sgip import SGIP_GOLDENS

CONVERSATIONS = ["smsgate_sgip", "go_sgipC_go_sgipS_sgip"]
RESPONSE_BIT = 0x8000_0000


def frames_of(session: str) -> tuple[list[Golden], dict[int, Golden]]:
    """Return the requests of a conversation, and its responses by the counter of their request."""
    frames = [golden for golden in SGIP_GOLDENS if golden.entry.get("session") == session]
    requests = [golden for golden in frames if not golden.command & RESPONSE_BIT]
    responses = {golden.words[-1]: golden for golden in frames if golden.command & RESPONSE_BIT}
    return requests, responses


def answer_to(request: Struct) -> Struct:
    match request:
        case Submit():
            return SubmitResp()
        case Deliver():
            return DeliverResp()
        case _:
            assert isinstance(request, Report)
            return ReportResp()


@pytest.mark.parametrize("session", CONVERSATIONS)
def test_a_foreign_client_is_answered_to_the_octet_as_its_own_server_answered_it(session: str) -> None:
    requests, responses = frames_of(session)
    server = SgipServerSession(node=110000, stamp=int)

    for request in requests:
        server.receive(request.frame, 0.0)
        for event in server.events():
            if isinstance(event, BindRequested):
                server.accept_bind("", 0.0)
            elif isinstance(event, RequestReceived):
                server.answer(event.sequence, answer_to(event.pdu))
        answer = server.data_to_send()

        if request.entry["pdu"] == "UNBIND":  # answered with another time, or not captured
            assert answer == b"\0\0\0\x14\x80\0\0\x02" + request.frame[8:20]
        elif request.words[-1] in responses:
            assert answer == responses[request.words[-1]].frame
    assert server.state is State.CLOSED


@pytest.mark.parametrize("session", CONVERSATIONS)
def test_our_client_says_to_the_octet_what_the_foreign_client_said_and_understands_its_server(session: str) -> None:
    requests, responses = frames_of(session)
    bind = requests[0].decode()
    assert isinstance(bind, Bind)
    stamps = {number: split(request.sequence).stamp for number, request in enumerate(requests)}
    client = SgipClientSession(
        bind.login_name,
        bind.login_password,
        node=split(requests[0].sequence).node,
        stamp=lambda now: stamps[int(now)],
        counter=iter([request.words[-1] for request in requests]).__next__,
    )

    for number, request in enumerate(requests):
        match request.decode():
            case Bind():
                client.bind(0, float(number))
            case Submit() as submit:
                client.send(submit, float(number), request.name)
            case _:
                client.unbind(float(number))
        assert client.data_to_send() == request.frame
        if request.words[-1] in responses:
            client.receive(responses[request.words[-1]].frame, float(number))

    said = [type(event).__name__ for event in client.events()]
    assert said[0] == "Bound"
    assert "PduIgnored" not in said
    assert said.count("ResponseReceived") == sum(
        request.entry["pdu"].startswith("SUBMIT") and request.words[-1] in responses for request in requests
    )


@pytest.mark.parametrize("session", ["smsgate_sgip_rev", "go_smgC_go_sgipReceiver"])
def test_a_foreign_gateway_that_dialled_us_is_answered_to_the_octet_as_its_own_peer_answered_it(session: str) -> None:
    requests, responses = frames_of(session)
    server = SgipServerSession(node=3075512345, stamp=int)
    server.receive(bytes.fromhex("0000003d000000010001adb042e27fdf00000001") + b"\x02" + bytes(40), 0.0)
    server.accept_bind("", 0.0)
    server.events()
    server.data_to_send()

    for request in requests:
        server.receive(request.frame, 0.0)
        [event] = server.events()
        assert isinstance(event, RequestReceived)
        server.answer(event.sequence, answer_to(event.pdu))
        answer = server.data_to_send()

        if request.words[-1] in responses:
            assert answer == responses[request.words[-1]].frame
