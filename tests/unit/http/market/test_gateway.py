"""The gateway's answers."""

import json

import pytest

from hongyan.http.market.gateway import Fault, refuse, text_of


@pytest.mark.parametrize(
    "fault, subject, status, body",
    [
        (Fault.ENVIRONMENT_UNKNOWN, "prepub", 404, b'{"message":"There is no api match env_mapping[prepub]"}'),
        (Fault.PATH_UNKNOWN, "/release/x", 404, b'{"message":"There is no api match uri[/release/x]"}'),
        (Fault.METHOD_NOT_ALLOWED, "", 405, b'{"message":"Method Not Allowed"}'),
        (Fault.RATE_EXCEEDED, "", 429, b'{"message":"API rate limit exceeded"}'),
        (Fault.HEADER_MISSING, 'a"\\b', 401, b""),
    ],
)
def test_an_answer_is_json(fault: Fault, subject: str, status: int, body: bytes) -> None:
    refusal = refuse(fault, subject)

    assert refusal.status == status
    assert json.loads(refusal.body) == {"message": text_of(fault, subject)}
    assert not body or refusal.body == body


def test_no_text_ends_with_a_period() -> None:
    assert not [fault for fault in Fault if fault.value[1].endswith(".")]


def test_what_is_quoted_is_cut() -> None:
    assert len(text_of(Fault.PATH_UNKNOWN, "/" * 10_000)) < 300
