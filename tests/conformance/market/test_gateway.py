"""What the gateway itself answers: wrong signatures, paths and methods."""

import pytest

from .platform import IntakeRecorder
from .wire import SEND, Wire, ask, http_date, request, request_signature, signed_headers, target


def test_a_request_without_authorization_is_refused(port: int, intake: IntakeRecorder) -> None:
    response = ask(port, request(target(), headers={}))

    assert response.status == 401
    assert response.headers["Content-Type"] == "application/json"
    assert (
        response.body == b'{"message":"HMAC signature cannot be verified, a validate authorization header is required"}'
    )
    assert len(response.headers["X-Api-RequestId"]) == 32
    assert intake.submissions == []


@pytest.mark.parametrize(
    "headers, message",
    [
        (signed_headers(key="wrong"), "HMAC signature does not match"),
        (signed_headers(secret_id="AKIDnobody"), "HMAC signature cannot be verified"),
        (signed_headers(secret_id="AKIDdisabled"), "HMAC signature cannot be verified"),
    ],
    ids=["wrong key", "unknown id", "disabled key"],
)
def test_a_wrong_signature_is_refused(port: int, intake: IntakeRecorder, headers: dict[str, str], message: str) -> None:
    response = ask(port, request(target(), headers=headers))

    assert (response.status, response.json) == (401, {"message": message})
    assert intake.submissions == []


def test_the_pages_curl_spelling_is_understood(port: int, intake: IntakeRecorder) -> None:
    signed = {"Date": http_date(), "Source": "source"}
    authorization = (
        'hmac id = "AKIDtestid00000000000000000000000001", algorithm = "hmac-sha1", headers = "date source", '
        f"signature = {request_signature(signed)}"
    )

    assert ask(port, request(target(), headers={**signed, "Authorization": authorization})).json["status"] == "0"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_four_algorithms_are_understood(port: int, intake: IntakeRecorder, algorithm: str) -> None:
    signed = {"X-Date": http_date(), "Host": "127.0.0.1"}
    signature = request_signature(signed, algorithm=algorithm)
    authorization = (
        f'hmac id="AKIDtestid00000000000000000000000001", algorithm="hmac-{algorithm}", headers="x-date host", '
        f'signature="{signature}"'
    )

    octets = request(target(), headers={"X-Date": signed["X-Date"], "Authorization": authorization})
    assert ask(port, octets).json["status"] == "0"


@pytest.mark.parametrize("offset_seconds, status", [(-880, 200), (880, 200), (-920, 401), (920, 401)])
def test_a_date_is_good_for_15_minutes_both_ways(
    port: int, intake: IntakeRecorder, offset_seconds: int, status: int
) -> None:
    signed = {"X-Date": http_date(offset_seconds)}
    authorization = (
        'hmac id="AKIDtestid00000000000000000000000001", algorithm="hmac-sha1", headers="x-date", '
        f'signature="{request_signature(signed)}"'
    )

    assert ask(port, request(target(), headers={**signed, "Authorization": authorization})).status == status


def test_a_header_given_twice_is_refused(port: int, intake: IntakeRecorder) -> None:
    octets = request(target()).replace(b"X-Source: market", b"X-Source: market\r\nx-source: market")

    response = ask(port, octets)
    assert (response.status, response.json) == (401, {"message": "HMAC do not support multiple HTTP header"})


@pytest.mark.parametrize(
    "path, message",
    [
        ("/release/qxt_yzm_sms2/", "There is no api match uri[/release/qxt_yzm_sms2/]"),
        ("/release/", "There is no api match uri[/release/]"),
        ("/release/qxt_yzm_sms/more?x=1", "There is no api match uri[/release/qxt_yzm_sms/more]"),
        ("/prepub/qxt_yzm_sms/", "There is no api match env_mapping[prepub]"),
        ("/test/qxt_yzm_sms", "There is no api match env_mapping[test]"),
        ("/qxt_yzm_sms/", "There is no api match env_mapping[qxt_yzm_sms]"),
        ("/nowhere", "There is no api match uri[/nowhere]"),
        ("/nowhere/%22%3C/", 'There is no api match uri[/nowhere/"</]'),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_an_unknown_path_is_404_with_the_gateways_text(port: int, path: str, message: str, method: str) -> None:
    response = ask(port, request(path, method=method))

    assert (response.status, response.json["message"]) == (404, message)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_any_other_method_is_405(port: int, intake: IntakeRecorder, method: str) -> None:
    response = ask(port, request(target(), method=method))

    assert (response.status, response.body) == (405, b'{"message":"Method Not Allowed"}')
    assert response.headers["Allow"] == "POST"
    assert intake.submissions == []


def test_a_head_request_gets_405_without_a_body(port: int, intake: IntakeRecorder) -> None:
    with Wire(port) as wire:
        wire.send(request(SEND, method="HEAD"))
        assert wire.receive(to_head=True).status == 405

        wire.send(request(target()))
        assert wire.receive().json["status"] == "0"
