"""The market client signs as the seed's samples do and reads every sort of answer."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest

from hongyan.cli.market_client import Accepted, Destination, ServiceUnreachable, read_answer, send, signed_headers

from .market_stub import MarketStub, open_market

NOW = parsedate_to_datetime("Sun, 22 Nov 2026 13:55:18 GMT").timestamp()


@pytest.fixture
def market() -> Iterator[MarketStub]:
    with open_market() as stub:
        yield stub


def test_the_signature_is_that_of_the_key_pair_scheme() -> None:
    assert signed_headers("AKIDexample", "testkey0001", now=NOW) == {
        "X-Source": "market",
        "X-Date": "Sun, 22 Nov 2026 13:55:18 GMT",
        "Authorization": (
            'hmac id="AKIDexample", algorithm="hmac-sha1", headers="x-date x-source",'
            ' signature="PZ0j2VDoz8wWYYzLhTJIfVZavrQ="'
        ),
    }


def test_a_request_is_a_post_without_a_body(market: MarketStub) -> None:
    send(
        Destination(market.url, "AKIDexample", "testkey0001"),
        numbers=["13800138000", "13800138001"],
        text="【鸿雁】a+b & c=50%",
        now=NOW,
    )

    assert market.path == "/release/qxt_yzm_sms/"
    assert market.parameters == {"mobile": ["13800138000,13800138001"], "content": ["【鸿雁】a+b & c=50%"]}
    assert market.octets == b""
    assert market.headers["Content-Length"] == "0"
    assert market.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert market.headers["X-Date"] == "Sun, 22 Nov 2026 13:55:18 GMT"


@pytest.mark.parametrize(
    "base, path",
    [
        ("", "/release/qxt_yzm_sms/"),
        ("/", "/release/qxt_yzm_sms/"),
        ("/release/qxt_yzm_sms", "/release/qxt_yzm_sms"),
        ("/behind/a/proxy/", "/behind/a/proxy/"),
    ],
)
def test_an_address_is_the_platforms_or_the_endpoints(market: MarketStub, base: str, path: str) -> None:
    send(Destination(market.url + base, "id", "key"), numbers=["1"], text="x", now=NOW)

    assert market.path == path


def test_an_accepted_answer_lists_its_numbers() -> None:
    body = b'{"status":"0","balance":-153278040,"list":[{"mid":"4C2CA88382720003","mobile":"13800138000","result":0}]}'

    answer = read_answer(200, body)

    assert answer.numbers == [Accepted("13800138000", "4C2CA88382720003", 0)]
    assert answer.balance == -153278040
    assert answer.is_accepted
    assert answer.body == body


def test_one_refused_number_is_enough_not_to_be_accepted() -> None:
    answer = read_answer(200, b'{"status":"0","balance":1,"list":[{"mid":"","mobile":"1","result":12}]}')

    assert not answer.is_accepted


@pytest.mark.parametrize(
    "http_status, body, status, message",
    [
        (200, '{"status":"15","balance":0,"message":"余额不足"}', "15", "余额不足"),
        (401, '{"message":"HMAC signature does not match"}', "", "HMAC signature does not match"),
        (200, '{"status":5}', "5", ""),
        (502, "<html>Bad Gateway</html>", "", ""),
        (200, "[]", "", ""),
        (200, '{"status":"0","list":[{"mid":1}]}', "", ""),
        (200, "", "", ""),
    ],
)
def test_answers_of_every_sort_are_read(http_status: int, body: str, status: str, message: str) -> None:
    answer = read_answer(http_status, body.encode())

    assert (answer.http_status, answer.status, answer.message) == (http_status, status, message)
    assert not answer.is_accepted


@pytest.mark.parametrize("http_status", [429, 502, 503, 504])
def test_some_answers_ask_to_try_later(http_status: int) -> None:
    assert read_answer(http_status, b"{}").is_try_later


@pytest.mark.parametrize("http_status", [200, 401, 404, 500])
def test_others_do_not(http_status: int) -> None:
    assert not read_answer(http_status, b"{}").is_try_later


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", f"http://{'x' * 70}.example"])
def test_an_address_where_nobody_listens_is_unreachable(url: str) -> None:
    with pytest.raises(ServiceUnreachable, match="cannot be reached"):
        send(Destination(url, "id", "key"), numbers=["1"], text="x", now=NOW)


def test_a_server_that_hangs_up_leaves_the_outcome_open(market: MarketStub) -> None:
    market.http_status = 0  # http.server writes a status line that no client can read

    with pytest.raises(ServiceUnreachable, match="whether the text was accepted is not known"):
        send(Destination(market.url, "id", "key"), numbers=["1"], text="x", now=NOW)


def test_a_destination_does_not_show_its_secret() -> None:
    assert "testkey0001" not in repr(Destination("http://h", "AKIDexample", "testkey0001"))
