"""`hongyan send`: where it takes its key from, what it prints, how it exits."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hongyan.cli.main import EXIT_UNAVAILABLE, build, exit_code_of
from hongyan.http.market import codes

from .market_stub import MarketStub, open_market

ACCEPTED = {
    "status": "0",
    "balance": 99955,
    "list": [{"mid": "4C2CA88382720003", "mobile": "13800138000", "result": 0}],
}
VARIABLES = {"HONGYAN_SECRET_ID": "AKIDexample", "HONGYAN_SECRET_KEY": "testkey0001"}


@pytest.fixture
def market() -> Iterator[MarketStub]:
    with open_market() as stub:
        stub.answers(ACCEPTED)
        yield stub


def run(*arguments: str, **variables: str) -> Result:
    unset: dict[str, str | None] = dict.fromkeys(["HONGYAN_URL", *VARIABLES])
    runner = CliRunner(env=unset | variables)
    return runner.invoke(build(["send"]), ["send", "--to", "13800138000", "--text", "【鸿雁】hi", *arguments])


def signed_by(market: MarketStub) -> str:
    return market.headers["Authorization"].split('"')[1]


def test_an_accepted_text_prints_a_table_and_the_balance(market: MarketStub) -> None:
    result = run(HONGYAN_URL=market.url, **VARIABLES)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "NUMBER       MID               RESULT  MEANING",
        "13800138000  4C2CA88382720003  0       accepted 提交成功",
    ]
    assert result.stderr == "balance: ¥99.955\n"


def test_json_is_the_answer_itself(market: MarketStub) -> None:
    result = run("--json", HONGYAN_URL=market.url, **VARIABLES)

    assert result.exit_code == 0
    assert result.stdout == json.dumps(ACCEPTED) + "\n"


def test_numbers_are_taken_from_every_to_and_every_comma(market: MarketStub) -> None:
    run("--to", "13800138001, 13800138002,", HONGYAN_URL=market.url, **VARIABLES)

    assert market.parameters["mobile"] == ["13800138000,13800138001,13800138002"]


def test_options_go_before_variables(market: MarketStub) -> None:
    variables = {"HONGYAN_SECRET_ID": "AKIDother", "HONGYAN_SECRET_KEY": "other", "HONGYAN_URL": "http://127.0.0.1:1"}

    result = run("--url", market.url, "--secret-id", "AKIDexample", "--secret-key", "testkey0001", **variables)

    assert result.exit_code == 0
    assert signed_by(market) == "AKIDexample"


def a_demo(directory: Path, api_url: str) -> None:
    demo = {
        "api_url": api_url,
        "send_url": f"{api_url}/release/qxt_yzm_sms/",
        "secret_id": "AKIDdemo",
        "secret_key": "demokey",
        "phone_url": "http://127.0.0.1:18080",
        "database_url": "postgresql:///hongyan",
    }
    (directory / "demo.json").write_text(json.dumps(demo))


def test_without_any_the_demonstrations_address_and_key_are_used(market: MarketStub, tmp_path: Path) -> None:
    a_demo(tmp_path, market.url)

    result = run("--data", str(tmp_path))

    assert result.exit_code == 0
    assert signed_by(market) == "AKIDdemo"


def test_a_key_of_ones_own_works_at_the_demonstrations_address(market: MarketStub, tmp_path: Path) -> None:
    a_demo(tmp_path, market.url)

    run("--data", str(tmp_path), **VARIABLES)

    assert signed_by(market) == "AKIDexample"


@pytest.mark.parametrize(
    "body, http_status, told",
    [
        ({"status": "15", "balance": 0, "message": "余额不足"}, 200, "hongyan: refused, status 15: 余额不足"),
        (
            {"message": "HMAC signature does not match"},
            401,
            (
                "hongyan: refused, HTTP 401: HMAC signature does not match "
                "(the secret key is not the one that belongs to this id)"
            ),
        ),
        (b"<html>hello</html>", 200, "hongyan: refused, HTTP 200: <html>hello</html>"),
        (b"", 404, "hongyan: refused, HTTP 404: nothing"),
    ],
)
def test_a_refusal_says_why_and_exits_1(market: MarketStub, body: object, http_status: int, told: str) -> None:
    market.answers(body, http_status)

    result = run(HONGYAN_URL=market.url, **VARIABLES)

    assert result.exit_code == 1
    assert result.stderr.strip() == told


def test_a_refused_number_is_explained_and_exits_1(market: MarketStub) -> None:
    market.answers({"status": "0", "balance": 5, "list": [{"mid": "4C2CA88382720003", "mobile": "12", "result": 12}]})

    result = run(HONGYAN_URL=market.url, **VARIABLES)

    assert result.exit_code == 1
    assert "not a mobile number that can be sent to 手机号码格式错误" in result.stdout


@pytest.mark.parametrize("given", codes.Result)
def test_every_result_that_the_api_gives_is_explained(market: MarketStub, given: codes.Result) -> None:
    number = {"mid": "4C2CA88382720003", "mobile": "13800138000", "result": given.value}
    market.answers({"status": "0", "balance": 5, "list": [number]})

    assert "未知结果码" not in run(HONGYAN_URL=market.url, **VARIABLES).stdout


@pytest.mark.parametrize("http_status", [429, 503])
def test_try_later_exits_3(market: MarketStub, http_status: int) -> None:
    market.answers({"status": "11", "message": "系统繁忙"}, http_status)

    assert run(HONGYAN_URL=market.url, **VARIABLES).exit_code == 3


def test_an_address_where_nobody_listens_exits_3() -> None:
    result = run(HONGYAN_URL="http://127.0.0.1:1", **VARIABLES)

    assert isinstance(result.exception, Exception)
    assert exit_code_of(result.exception) == EXIT_UNAVAILABLE


@pytest.mark.parametrize(
    "arguments, variables, told",
    [
        (["--to", ","], VARIABLES | {"HONGYAN_URL": "127.0.0.1:8080"}, "is not an address"),
        ([], VARIABLES | {"HONGYAN_URL": "ftp://127.0.0.1"}, "is not an address"),
        ([], VARIABLES | {"HONGYAN_URL": "http://"}, "is not an address"),
        ([], VARIABLES | {"HONGYAN_URL": "http://h:99999"}, "is not an address"),
        ([], VARIABLES | {"HONGYAN_URL": "http://h/a b"}, "is not an address"),
        ([], VARIABLES | {"HONGYAN_URL": "http://h/?content=x"}, "is not an address"),
        ([], {"HONGYAN_URL": "http://h", "HONGYAN_SECRET_ID": "AKID"}, "--secret-key: the two halves"),
        ([], {"HONGYAN_URL": "http://h", "HONGYAN_SECRET_KEY": "k"}, "--secret-id: the two halves"),
        ([], {"HONGYAN_URL": "http://h", "HONGYAN_SECRET_ID": 'A"K', "HONGYAN_SECRET_KEY": "k"}, "no API key has"),
        (["--text", "\udce4"], VARIABLES | {"HONGYAN_URL": "http://h"}, "the text is not UTF-8"),
        (["--data", "/nowhere"], {}, "/nowhere/demo.json cannot be read"),
    ],
)
def test_wrong_usage_exits_2_and_names_the_option(arguments: list[str], variables: dict[str, str], told: str) -> None:
    result = run(*arguments, **variables)

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def test_no_number_at_all_is_wrong_usage() -> None:
    result = CliRunner().invoke(build(["send"]), ["send", "--to", " , ", "--text", "x"])

    assert result.exit_code == 2
    assert "give at least one number" in result.stderr


def test_a_damaged_demo_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{")

    result = run("--data", str(tmp_path))

    assert result.exit_code == 2
    assert "is not the demo.json" in " ".join(result.stderr.split())
