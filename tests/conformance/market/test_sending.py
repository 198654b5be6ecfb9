"""What clients send and what they get: the seed's endpoint over real TCP."""

import json
import re
from urllib.parse import quote, urlencode

import pytest

from hongyan.pipeline.submission import (
    AccountSuspended,
    AddressNotAllowed,
    BalanceInsufficient,
    ContentTooLong,
    ContentUnregistered,
    IntakeOverloaded,
    Outcome,
    SignatureMissing,
    StoreUnavailable,
    SubmissionRefused,
)

from .platform import BALANCE, DEBUG_TEXT, IntakeRecorder
from .wire import MOBILE, SEND, Wire, ask, request, signed_headers, target

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_signed_request_is_answered_to_the_byte(port: int, intake: IntakeRecorder) -> None:
    response = ask(port, request(target(mobile="13800000001,13800000002")))

    assert response.status == 200
    assert response.body == (
        b'{"status":"0","balance":-153278040,"list":['
        b'{"mid":"4C2CA88382720003","mobile":"13800000001","result":0},'
        b'{"mid":"4C2CA88382720004","mobile":"13800000002","result":0}]}'
    )
    assert intake.last.content == DEBUG_TEXT
    assert intake.last.mobiles == ["13800000001", "13800000002"]
    assert (intake.last.account_id, intake.last.api_key_id, str(intake.last.address)) == (7, 70, "127.0.0.1")


def test_the_response_headers_are_the_gateways(port: int, intake: IntakeRecorder) -> None:
    first, second = ask(port, request(target())), ask(port, request(target()))

    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["X-Api-ID"] == "api-qxtyzsms"
    assert re.fullmatch("[0-9a-f]{32}", first.headers["X-Api-RequestId"])
    assert first.headers["X-Api-RequestId"] != second.headers["X-Api-RequestId"]
    assert re.fullmatch(r"\d+/20000", first.headers["X-Service-RateLimit"])
    assert re.fullmatch(r"\d+/20000", first.headers["X-UsagePlan-RateLimit"])
    assert first.headers["X-UsagePlan-Quota"] == "unlimited"
    assert first.header("date")


@pytest.mark.parametrize("path", ["/release/qxt_yzm_sms/", "/release/qxt_yzm_sms", "/release/qxt%5Fyzm_sms/"])
def test_the_path_may_end_with_a_slash_or_not(port: int, intake: IntakeRecorder, path: str) -> None:
    query = target().partition("?")[2]

    assert ask(port, request(f"{path}?{query}")).json["status"] == "0"


@pytest.mark.parametrize("body", [None, b""], ids=["without Content-Length", "Content-Length: 0"])
def test_an_empty_body_is_no_body(port: int, intake: IntakeRecorder, body: bytes | None) -> None:
    assert ask(port, request(target(), body=body)).json["status"] == "0"


@pytest.mark.parametrize(
    "query",
    [
        "content={percent}&mobile=13800000001%2C13800000002",
        "content={percent}&mobile=13800000001,13800000002",
        "mobile=13800000001,13800000002&content={percent}",
        "content={raw}&mobile=13800000001,13800000002",
        "mobile=13800000001%2c13800000002&content={raw}",
        "&&content={percent}&&mobile=13800000001,13800000002&",
        "content={percent}&mobile=13800000001,+13800000002%20,",
    ],
)
def test_parameters_may_be_spelled_in_many_ways(port: int, intake: IntakeRecorder, query: str) -> None:
    octets = f"{SEND}?{query}".replace("{percent}", quote(DEBUG_TEXT)).replace("{raw}", DEBUG_TEXT)

    assert ask(port, request(octets)).json["status"] == "0"
    assert intake.last.content == DEBUG_TEXT
    assert intake.last.mobiles == ["13800000001", "13800000002"]


@pytest.mark.parametrize(
    "encoded, content",
    [
        ("a+b%20c", "a b c"),
        ("a%2Bb", "a+b"),
        ("100%25%26%3D%24%27%22", "100%&=$'\""),
        ("100%", "100%"),
        ("%zz%4", "%zz%4"),
        ("it's", "it's"),
        ("a=b", "a=b"),
        ("%E4%B8%AD%F0%9F%98%80", "中😀"),
        ("line%0D%0Aline", "line\r\nline"),
    ],
)
def test_content_is_decoded_like_a_form(port: int, intake: IntakeRecorder, encoded: str, content: str) -> None:
    ask(port, request(f"{SEND}?content={encoded}&mobile={MOBILE}"))

    assert intake.last.content == content


def test_raw_utf8_may_arrive_octet_by_octet(port: int, intake: IntakeRecorder) -> None:
    with Wire(port) as wire:
        for octet in request(f"{SEND}?content={DEBUG_TEXT}&mobile={MOBILE}"):
            wire.send(bytes((octet,)))

        assert wire.receive().json["status"] == "0"
    assert intake.last.content == DEBUG_TEXT


def test_a_form_fills_in_what_the_query_lacks(port: int, intake: IntakeRecorder) -> None:
    body = urlencode({"content": DEBUG_TEXT, "mobile": "13999999999"}).encode()
    octets = request(f"{SEND}?content=&mobile={MOBILE}", headers={**signed_headers(), **FORM}, body=body)

    assert ask(port, octets).json["status"] == "0"
    assert (intake.last.content, intake.last.mobiles) == (DEBUG_TEXT, [MOBILE])


def test_a_form_alone_will_do_raw_or_chunked(port: int, intake: IntakeRecorder) -> None:
    body = f"content={DEBUG_TEXT}&mobile={MOBILE}".encode()
    chunked = request(SEND, headers={**signed_headers(), **FORM, "Transfer-Encoding": "chunked"}, body=None)
    chunks = b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (body[:5], len(body) - 5, body[5:])

    assert ask(port, request(SEND, headers=signed_headers(), body=body)).json["status"] == "0"
    assert ask(port, chunked + chunks).json["status"] == "0"
    assert [submission.content for submission in intake.submissions] == [DEBUG_TEXT, DEBUG_TEXT]


def test_a_body_that_is_no_form_is_malformed(port: int, intake: IntakeRecorder) -> None:
    headers = {**signed_headers(), "Content-Type": "application/json"}
    response = ask(port, request(SEND, headers=headers, body=json.dumps({"mobile": MOBILE}).encode()))

    assert (response.status, response.json["status"]) == (200, "1")
    assert "application/x-www-form-urlencoded" in response.json["message"]


def test_every_number_gets_an_entry_in_the_order_given(port: int, intake: IntakeRecorder) -> None:
    intake.outcomes = {"13800000002": Outcome.NUMBER_UNROUTABLE, "13800000003": Outcome.SIGNATURE_UNREGISTERED}
    mobiles = ["13800000003", "13800000001", "1380", "13800000002", "13800000001"]
    answer = ask(port, request(target(mobile=",".join(mobiles)))).json

    assert answer["status"] == "0"
    assert [entry["mobile"] for entry in answer["list"]] == mobiles
    assert [entry["result"] for entry in answer["list"]] == [17, 0, 12, 100, 0]
    assert all(re.fullmatch("[0-9A-F]{16}", entry["mid"]) for entry in answer["list"])


@pytest.mark.parametrize("count", [1, 200])
def test_up_to_200_numbers_are_taken(port: int, intake: IntakeRecorder, count: int) -> None:
    mobiles = ",".join(str(13800000000 + number) for number in range(count))

    assert len(ask(port, request(target(mobile=mobiles))).json["list"]) == count


@pytest.mark.parametrize(
    "query, status",
    [
        ("content=x", "8"),
        ("content=x&mobile=", "8"),
        ("content=x&mobile=,%20,", "8"),
        ("mobile=13800000001", "9"),
        ("content=&mobile=13800000001", "9"),
        ("content=&mobile=", "8"),
        ("", "8"),
        ("content=x&mobile=" + "1," * 201, "102"),
        ("content=x&content=y&mobile=13800000001", "1"),
        ("content=x&mobile=13800000001&mobile=13800000002", "1"),
        ("content=%B2%E2%CA%D4&mobile=13800000001", "1"),
        ("content=a%00b&mobile=13800000001", "1"),
        ("content=x&mobile=13800000001&version=2", "4"),
        ("content=x&mobile=13800000001&v=cmpp", "4"),
        ("content=x&mobile=13800000001&extno=01", "10"),
        ("content=x&mobile=13800000001&account=someone", "3"),
        ("content=x&mobile=13800000001&password=guess", "3"),
        ("content=x&mobile=13800000001&account=AKIDtestid00000000000000000000000001&password=guess", "3"),
    ],
)
def test_bad_parameters_get_a_status_and_a_message(port: int, intake: IntakeRecorder, query: str, status: str) -> None:
    response = ask(port, request(f"{SEND}?{query}"))

    assert response.status == 200
    assert list(response.json) == ["status", "balance", "message"]
    assert (response.json["status"], response.json["balance"]) == (status, BALANCE)
    assert response.json["message"]


@pytest.mark.parametrize(
    "others",
    [
        {"version": "1"},
        {"v": "V1"},
        {"rt": "json", "action": "send"},
        {"account": "AKIDtestid00000000000000000000000001"},
        {"account": "AKIDtestid00000000000000000000000001", "password": "testkey0001"},
        {"password": "a4989d1f8b17ca05b2cd16cbf9d4dda0"},
        {"extno": "", "account": "", "password": ""},
    ],
    ids=str,
)
def test_parameters_of_the_native_interface_may_be_there(
    port: int, intake: IntakeRecorder, others: dict[str, str]
) -> None:
    assert ask(port, request(target(content="x", mobile="13800000001", **others))).json["status"] == "0"


@pytest.mark.parametrize(
    "refusal, status",
    [
        (AddressNotAllowed(), "2"),
        (ContentTooLong(), "5"),
        (SubmissionRefused(), "5"),
        (AccountSuspended(), "7"),
        (BalanceInsufficient(), "15"),
        (SignatureMissing(), "17"),
        (ContentUnregistered(), "1"),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_a_business_failure_is_http_200_without_a_list(
    port: int, intake: IntakeRecorder, refusal: SubmissionRefused, status: str
) -> None:
    intake.error = refusal
    response = ask(port, request(target()))

    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    assert list(response.json) == ["status", "balance", "message"]
    assert (response.json["status"], response.json["balance"]) == (status, BALANCE)


@pytest.mark.parametrize(
    "error, http_status, retry_after",
    [(StoreUnavailable(), 503, "2"), (IntakeOverloaded(), 429, "1")],
    ids=["store", "overload"],
)
def test_not_now_says_when_to_try_again(
    port: int, intake: IntakeRecorder, error: Exception, http_status: int, retry_after: str
) -> None:
    intake.error = error
    response = ask(port, request(target()))

    assert (response.status, response.headers["Retry-After"]) == (http_status, retry_after)
    assert response.json["status"] == "11"


def test_what_nobody_foresaw_is_an_internal_error(port: int, intake: IntakeRecorder) -> None:
    intake.error = RuntimeError(f"about {MOBILE}")
    response = ask(port, request(target()))

    assert (response.status, response.json["status"]) == (500, "11")
    assert MOBILE.encode() not in response.body


def test_an_address_outside_the_keys_allow_list_is_refused(port: int, intake: IntakeRecorder) -> None:
    response = ask(port, request(target(), headers=signed_headers(secret_id="AKIDfar")))

    assert (response.status, response.json["status"], response.json["balance"]) == (200, "2", BALANCE)


def test_keys_may_hold_any_character(port: int, intake: IntakeRecorder) -> None:
    headers = signed_headers(secret_id="AKIDodd", key="p%q&r'$ \"s")

    assert ask(port, request(target(), headers=headers)).json["status"] == "0"


def test_two_texts_signed_in_one_second_are_both_taken(port: int, intake: IntakeRecorder) -> None:
    headers = signed_headers()
    for content in ("one", "two", "two"):
        assert ask(port, request(target(content=content), headers=headers)).json["status"] == "0"

    assert [submission.content for submission in intake.submissions] == ["one", "two", "two"]
