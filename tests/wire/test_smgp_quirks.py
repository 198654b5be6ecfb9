"""Known deviations from SMGP are understood when they are tolerated by name, and only then."""

from collections.abc import Callable

import pytest

from hongyan.wire.errors import DecodeError
from hongyan.wire.smgp.auth import Proof, is_authentic, proof_of
from hongyan.wire.smgp.dialect import TOLERANCES, Quirk
from hongyan.wire.smgp.parts import part_of
from hongyan.wire.smgp.pdus import Deliver, Login, LoginResp, Submit
from hongyan.wire.smgp.report import decode_report
from hongyan.wire.smgp.statuses import login_status
from hongyan.wire.states import State

from .golden import Golden, goldens
from .golden_smgp import SMGP_READING
from .pair_smgp import SmgpPair

QUIRKS = goldens("smgp30_quirks", SMGP_READING)
EVERY = pytest.mark.parametrize("golden", QUIRKS, ids=lambda golden: golden.name)


def knows_the_secret(golden: Golden, quirks: frozenset[Quirk]) -> bool:
    login = golden.decode()
    assert isinstance(login, Login)
    return is_authentic(login, golden.entry["shared_secret"], quirks)


def proves_the_server(golden: Golden, quirks: frozenset[Quirk]) -> bool:
    response = golden.decode()
    assert isinstance(response, LoginResp)
    asked = bytes.fromhex(golden.entry["request_authenticator"])
    return proof_of(response, asked, golden.entry["shared_secret"], quirks) is Proof.MATCHES


def says_why_the_login_failed(golden: Golden, quirks: frozenset[Quirk]) -> bool:
    response = golden.decode()
    assert isinstance(response, LoginResp)
    return login_status(response.status, quirks).name == "authentication_error"


def ends_the_session(golden: Golden, quirks: frozenset[Quirk]) -> bool:
    pair = SmgpPair.bound(quirks=quirks)
    pair.client.unbind(pair.now)
    assert pair.client.data_to_send().hex() == "0000000c0000000600000002"
    pair.client.receive(golden.frame, pair.now)
    return pair.client.state is State.CLOSED


def is_left_to_its_header(golden: Golden, quirks: frozenset[Quirk]) -> bool:
    submit = golden.decode()
    assert isinstance(submit, Submit)
    try:
        return part_of(submit.tlvs, quirks) is None
    except DecodeError:
        return False


def names_the_message(golden: Golden, quirks: frozenset[Quirk]) -> bool:
    deliver = golden.decode()
    assert isinstance(deliver, Deliver)
    try:
        report = decode_report(deliver.msg_content, quirks)
    except DecodeError:
        return False
    return report.msg_id.hex() == golden.entry["fields"]["report"]["id"] and report.stat == "DELIVRD"


UNDERSTOOD: dict[Quirk, Callable[[Golden, frozenset[Quirk]], bool]] = {
    Quirk.PADDED_CLIENT_ID: knows_the_secret,
    Quirk.DIGEST_WIDTH: proves_the_server,
    Quirk.LOGIN_STATUS_3: says_why_the_login_failed,
    Quirk.EXIT_AS_ACTIVE_TEST: ends_the_session,
    Quirk.PART_FROM_0: is_left_to_its_header,
    Quirk.REPORT_KEYWORDS: names_the_message,
    Quirk.REPORT_ID_AS_TEXT: names_the_message,
    Quirk.REPORT_CUT_SHORT: names_the_message,
}


@EVERY
def test_a_deviating_frame_reads_as_its_fields(golden: Golden) -> None:
    pdu = golden.decode()

    for name, value in golden.fields.items():
        assert getattr(pdu, name) == value, name


@EVERY
def test_a_deviation_is_understood_by_its_own_name(golden: Golden) -> None:
    quirk = Quirk(golden.entry["quirk"])

    assert UNDERSTOOD[quirk](golden, frozenset({quirk}))
    assert UNDERSTOOD[quirk](golden, TOLERANCES)


@EVERY
def test_a_deviation_is_not_understood_where_it_is_not_tolerated(golden: Golden) -> None:
    quirk = Quirk(golden.entry["quirk"])

    assert not UNDERSTOOD[quirk](golden, frozenset())
    if quirk is not Quirk.REPORT_KEYWORDS:  # a short report is one whose keywords stand anywhere
        assert not UNDERSTOOD[quirk](golden, TOLERANCES - {quirk})


def test_every_quirk_has_its_vector() -> None:
    assert {golden.entry["quirk"] for golden in QUIRKS} == {quirk.value for quirk in Quirk}


def test_a_client_that_sends_exit_as_a_heartbeat_is_answered_as_it_expects() -> None:
    pair = SmgpPair.bound()

    pair.server.receive(bytes.fromhex("0000000c0000000400000009"), pair.now)

    assert pair.server.data_to_send().hex() == "0000000c8000000400000009"
    assert pair.server.state is State.BOUND
