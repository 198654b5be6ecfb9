"""Reading what a request asks for."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.http.market.authorization import Authorized
from hongyan.http.market.codes import RequestRefused, Status
from hongyan.http.market.parameters import Parameters, read_parameters
from tests.conformance.market.platform import KEY, SECRET_ID

AUTHORIZED = Authorized(SECRET_ID, KEY)
FORM = b"application/x-www-form-urlencoded"


def read(query: bytes, form: bytes = b"", content_type: bytes = FORM) -> Parameters:
    return read_parameters(query, form, content_type, authorized=AUTHORIZED)


def status_of(query: bytes, form: bytes = b"", content_type: bytes = FORM) -> Status:
    with pytest.raises(RequestRefused) as caught:
        read(query, form, content_type)
    return caught.value.status


def test_the_query_wins_over_the_form() -> None:
    assert read(b"content=a", b"content=b&mobile=1") == Parameters("a", ["1"])


def test_an_empty_value_counts_as_not_given() -> None:
    assert read(b"content=&mobile", b"content=b&mobile=1") == Parameters("b", ["1"])
    assert read(b"content=&mobile=") == Parameters("", [])


@pytest.mark.parametrize(
    "content_type",
    [b"", FORM, b"application/x-www-form-urlencoded; charset=UTF-8", b"Application/X-WWW-Form-Urlencoded"],
)
def test_a_form_may_say_what_it_is(content_type: bytes) -> None:
    assert read(b"", b"content=a&mobile=1", content_type) == Parameters("a", ["1"])


@pytest.mark.parametrize("content_type", [b"application/json", b"multipart/form-data; boundary=x", b"text/plain"])
def test_another_kind_of_body_is_malformed(content_type: bytes) -> None:
    assert status_of(b"content=a&mobile=1", b"{}", content_type) is Status.MALFORMED


def test_numbers_are_split_at_commas_and_nowhere_else() -> None:
    assert read(b"content=a&mobile=1,2,,3%2C%204+,").mobiles == ["1", "2", "3", "4"]
    assert read(b"content=a&mobile=1;2").mobiles == ["1;2"]


@pytest.mark.parametrize(
    "query",
    [
        b"content=%B2%E2",
        b"content=\xb2\xe2",
        b"content=%ED%A0%80",
        b"content=%EF%BF%BD",
        b"mobile=%FF&content=a",
        b"content=%00",
        b"content=a&mobile=%00",
        b"content=a&content=b",
        b"mobile=1&mobile=1",
        b"content=a&mobile=1&version=1&version=1",
        b"content=a&mobile=1&extno=%FF",
    ],
)
def test_what_cannot_be_read_is_malformed(query: bytes) -> None:
    assert status_of(query) is Status.MALFORMED


def test_parameters_nobody_knows_are_ignored() -> None:
    assert read(b"content=a&mobile=1&x=%FF&x=2&action=send&rt=json") == Parameters("a", ["1"])


@pytest.mark.parametrize("version", [b"2", b"v2", b"1.1", b"0"])
def test_an_unknown_version_is_refused(version: bytes) -> None:
    assert status_of(b"content=a&mobile=1&version=" + version) is Status.VERSION_UNSUPPORTED


@pytest.mark.parametrize(
    "password", ["testkey0001", "3f2c2ebcb4b32dd40d583eeaa3276fa7", "3F2C2EBCB4B32DD40D583EEAA3276FA7"]
)
def test_a_password_is_the_key_or_its_md5_over_the_request(password: str) -> None:
    query = f"content={quote('内容')}&mobile=1,2&account={SECRET_ID}&password={password}"

    assert read(query.encode()).mobiles == ["1", "2"]


@pytest.mark.parametrize("query", [b"account=x", b"password=x", b"password=%E4%B8%AD", b"account=%E4%B8%AD"])
def test_a_wrong_account_or_password_is_refused(query: bytes) -> None:
    assert status_of(b"content=a&mobile=1&" + query) is Status.CREDENTIALS_WRONG


def test_an_extension_is_refused() -> None:
    assert status_of(b"content=a&mobile=1&extno=01") is Status.EXTENSION_WRONG


def test_refusals_quote_no_values() -> None:
    for query in (b"content=secret&content=secret", b"mobile=13800138000&mobile=13800138000&password=secret"):
        with pytest.raises(RequestRefused) as caught:
            read(query)
        assert "secret" not in caught.value.message
        assert "13800138000" not in caught.value.message


@given(st.binary(max_size=300), st.binary(max_size=300), st.sampled_from((b"", FORM, b"text/plain")))
def test_any_octets_are_read_or_refused(query: bytes, form: bytes, content_type: bytes) -> None:
    try:
        parameters = read(query, form, content_type)
    except RequestRefused:
        return
    assert isinstance(parameters, Parameters)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffd"), max_size=80))
def test_any_text_arrives_as_it_was_sent(content: str) -> None:
    given: dict[str, Any] = {"encoded": quote(content).encode(), "raw": content.encode()}

    assert read(b"mobile=1&content=%b" % given["encoded"]).content == content
    if not set(content) & set("%&+"):
        assert read(b"mobile=1&content=%b" % given["raw"]).content == content
