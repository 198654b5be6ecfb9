"""Checking the signature of a request: the gateway's table, its test vectors, its tolerance."""

import hmac
from base64 import b64encode
from collections.abc import Iterable

import pytest

from hongyan.http.market.authorization import Authorized, Rules, authorize, read_date
from hongyan.http.market.gateway import GatewayRefusal
from tests.conformance.market.platform import DISABLED_KEY, KEY, SECRET_ID, Keys

DATE = "Sun, 22 Nov 2026 13:55:18 GMT"
NOW = 1_795_355_718.0
"""That date."""
SIGNATURE = "PZ0j2VDoz8wWYYzLhTJIfVZavrQ="
"""Over x-date and x-source, as the documentation of the protocol has it for the key testkey0001."""
AUTHORIZATION = f'hmac id="{SECRET_ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{SIGNATURE}"'
KEYS = Keys()


def check(
    authorization: str | None = AUTHORIZATION,
    *,
    now: float = NOW,
    rules: Rules | None = None,
    repeated: Iterable[bytes] = (),
    **headers: str | None,
) -> Authorized | GatewayRefusal:
    """Authorize the sample request with some headers changed; None takes one away."""
    given = {"authorization": authorization, "x_date": DATE, "x_source": "market", **headers}
    fields = {
        name.replace("_", "-").encode(): value.encode("latin-1") for name, value in given.items() if value is not None
    }
    return authorize(fields, frozenset(repeated), keys=KEYS, now=now, rules=rules or Rules())


def sign(*lines: str, key: bytes = KEY.secret, algorithm: str = "sha1") -> str:
    return b64encode(hmac.digest(key, "\n".join(lines).encode(), algorithm)).decode()


def credentials(names: str, signature: str, *, secret_id: str = SECRET_ID, algorithm: str = "hmac-sha1") -> str:
    return f'hmac id="{secret_id}", algorithm="{algorithm}", headers="{names}", signature="{signature}"'


def assert_refused(verdict: Authorized | GatewayRefusal, status: int, body: bytes) -> None:
    assert isinstance(verdict, GatewayRefusal)
    assert (verdict.status, verdict.body) == (status, body)


def test_the_documented_x_date_vector_is_accepted() -> None:
    verdict = check()

    assert isinstance(verdict, Authorized)
    assert (verdict.secret_id, verdict.key) == (SECRET_ID, KEY)


def test_the_documented_date_vector_is_accepted() -> None:
    authorization = credentials("date source", "XrMwqjIiRWs9Xs5My8hE4XbsRIE=")

    assert isinstance(check(authorization, x_date=None, x_source=None, date=DATE, source="source"), Authorized)


# ── the table of the gateway's answers, row by row ──────────────────────────────────────────────────────────────────


def test_no_authorization() -> None:
    body = b'{"message":"HMAC signature cannot be verified, a validate authorization header is required"}'

    assert_refused(check(None), 401, body)
    assert_refused(check(""), 401, body)


@pytest.mark.parametrize("authorization", ["Basic dXNlcjpwYXNz", "hmac", "hmac ", "nonsense", "hmac id"])
def test_not_hmac_or_not_readable(authorization: str) -> None:
    assert_refused(check(authorization), 401, b'{"message":"HMAC authorization format error"}')


@pytest.mark.parametrize(
    "authorization",
    [
        'hmac id="a"',
        'hmac id="a", signature="b"',
        'hmac id="a", algorithm="hmac-sha1", signature="b"',
        'hmac id="a", headers="x-date", signature="b"',
        'hmac id="a", algorithm="hmac-sha1", headers="", signature="b"',
        'hmac id="a", algorithm="", headers="x-date", signature="b"',
    ],
)
def test_too_few_parameters(authorization: str) -> None:
    assert_refused(check(authorization), 401, b'{"message":"HMAC authorization headers is invalidate"}')


@pytest.mark.parametrize(
    "authorization",
    [
        'hmac algorithm="hmac-sha1", headers="x-date", signature="b"',
        'hmac id="a", algorithm="hmac-sha1", headers="x-date"',
        'hmac id="", algorithm="hmac-sha1", headers="x-date", signature="b"',
        'hmac id="a", algorithm="hmac-sha1", headers="x-date", signature=""',
    ],
)
def test_no_id_or_no_signature(authorization: str) -> None:
    assert_refused(check(authorization), 401, b'{"message":"HMAC id or signature missing"}')


@pytest.mark.parametrize("algorithm", ["hmac-md5", "none", "sha1", "hmac-sha1 ", "hmac-sha512/256"])
def test_an_algorithm_that_is_not_in_the_list(algorithm: str) -> None:
    verdict = check(credentials("x-date x-source", SIGNATURE, algorithm=algorithm))

    assert_refused(verdict, 401, b'{"message":"HMAC algorithm %b not supported"}' % algorithm.encode())


def test_a_listed_header_is_absent() -> None:
    body = b'{"message":"HMAC signature cannot be verified, a valid x-source header is required"}'

    assert_refused(check(x_source=None), 401, body)


def test_neither_date_nor_x_date() -> None:
    body = b'{"message":"HMAC signature cannot be verified, a valid date or x-date header is required"}'

    assert_refused(check(x_date=None), 401, body)
    assert_refused(check(credentials("x-source", sign("x-source: market")), x_date=None), 401, body)
    assert_refused(check(credentials("x-source", sign("x-source: market"))), 401, body)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "2026-11-22T13:55:18Z", "Sun, 32 Nov 2026 13:55:18 GMT", "1795355718"]
)
def test_an_x_date_that_cannot_be_read(date: str) -> None:
    body = b'{"message":"HMAC signature cannot be verified, a valid x-date header is required for HMAC Authentication"}'

    assert_refused(check(x_date=date), 401, body)


def test_an_x_date_that_is_signed_but_not_sent() -> None:
    body = b'{"message":"HMAC signature cannot be verified, a valid x-date header is required for HMAC Authentication"}'

    assert_refused(check(x_date=None, date=DATE), 401, body)


@pytest.mark.parametrize("offset", [901, -901, 86_400, -86_400, 1e12])
def test_an_x_date_out_of_the_window(offset: float) -> None:
    body = b'{"message":"HMAC signature cannot be verified, the x-date header is out of date for HMAC Authentication"}'

    assert_refused(check(now=NOW + offset), 401, body)


@pytest.mark.parametrize("name", [b"authorization", b"x-date", b"date", b"x-source", b"proxy-authorization"])
def test_a_header_given_twice(name: bytes) -> None:
    assert_refused(check(repeated=[name]), 401, b'{"message":"HMAC do not support multiple HTTP header"}')


@pytest.mark.parametrize("secret_id", ["AKIDnobody", DISABLED_KEY.secret_id, "AKID\u00e4"])
def test_an_unknown_or_disabled_id(secret_id: str) -> None:
    verdict = check(credentials("x-date x-source", SIGNATURE, secret_id=secret_id))

    assert_refused(verdict, 401, b'{"message":"HMAC signature cannot be verified"}')


def test_a_key_that_is_not_bound_to_this_api() -> None:
    body = b'{"message":"HMAC apikey is invalid for API"}'

    assert_refused(check(rules=Rules(api_key_ids=frozenset((1, 2)))), 401, body)
    assert isinstance(check(rules=Rules(api_key_ids=frozenset((70,)))), Authorized)


@pytest.mark.parametrize("signature", [SIGNATURE[:-1], SIGNATURE.lower(), "x", "\u00e4", SIGNATURE + "="])
def test_a_signature_that_differs(signature: str) -> None:
    verdict = check(credentials("x-date x-source", signature))

    assert_refused(verdict, 401, b'{"message":"HMAC signature does not match"}')


def test_an_api_without_a_usage_plan() -> None:
    verdict = check(rules=Rules(has_usage_plan=False))

    assert_refused(verdict, 403, b'{"message":"Found no validate usage plan"}')


def test_only_who_holds_the_secret_learns_what_a_key_may_do() -> None:
    forged = credentials("x-date x-source", "forged")

    assert_refused(
        check(forged, rules=Rules(api_key_ids=frozenset(), has_usage_plan=False)),
        401,
        b'{"message":"HMAC signature does not match"}',
    )


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("offset", [0, 900, -900, 899.9, -899.9])
def test_a_date_within_900_seconds_is_good(offset: float) -> None:
    assert isinstance(check(now=NOW + offset), Authorized)


def test_a_date_header_is_judged_like_an_x_date() -> None:
    authorization = credentials("date", sign(f"date: {DATE}"))
    body = b'{"message":"HMAC signature cannot be verified, the date header is out of date for HMAC Authentication"}'

    assert isinstance(check(authorization, x_date=None, date=DATE), Authorized)
    assert_refused(check(authorization, x_date=None, date=DATE, now=NOW + 901), 401, body)


def test_a_date_header_may_be_left_unchecked_but_an_x_date_never() -> None:
    rules = Rules(date_unchecked=True)
    old = "Mon, 19 Mar 2018 12:08:40 GMT"

    assert isinstance(check(credentials("date", sign(f"date: {old}")), x_date=None, date=old, rules=rules), Authorized)
    assert isinstance(check(now=NOW + 901, rules=rules), GatewayRefusal)


@pytest.mark.parametrize("rules", [Rules(), Rules(date_unchecked=True)])
def test_of_two_dates_the_x_date_decides(rules: Rules) -> None:
    old = "Mon, 19 Mar 2018 12:08:40 GMT"
    both = "date x-date"

    good = check(credentials(both, sign(f"date: {old}", f"x-date: {DATE}")), date=old, rules=rules)
    assert isinstance(good, Authorized)

    bad = check(credentials(both, sign(f"date: {DATE}", f"x-date: {old}")), date=DATE, x_date=old, rules=rules)
    assert isinstance(bad, GatewayRefusal)
    assert b"x-date header is out of date" in bad.body


@pytest.mark.parametrize("rules", [Rules(), Rules(date_unchecked=True)])
def test_an_x_date_that_nobody_signed_cannot_freshen_an_old_request(rules: Rules) -> None:
    verdict = check(credentials("date", sign(f"date: {DATE}")), date=DATE, rules=rules)

    assert isinstance(verdict, GatewayRefusal)
    assert b"a valid x-date header is required" in verdict.body


@pytest.mark.parametrize(
    "text, unix_seconds",
    [
        ("Sun, 22 Nov 2026 13:55:18 GMT", 1_795_355_718.0),
        ("Sun, 22 Nov 2026 13:55:18 UTC", 1_795_355_718.0),
        ("sun, 22 nov 2026 13:55:18 GMT", 1_795_355_718.0),
        ("22 Nov 2026 13:55:18 GMT", 1_795_355_718.0),
        ("Sunday, 22-Nov-2026 13:55:18 GMT", 1_795_355_718.0),
        ("Mon, 2 Nov 2026 00:00:00 GMT", 1_793_577_600.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 13:55:18 +0800", None),
        ("Sun, 22 Nov 2026 13:55:18", None),
        ("Sun, 22 Nov 26 13:55:18 GMT", None),
        ("Sun, 22 Nov 2026 24:00:00 GMT", None),
        ("Sun, 29 Feb 2026 13:55:18 GMT", None),
        ("Sun, 22 Foo 2026 13:55:18 GMT", None),
        ("Sun, 22 Nov 0000 13:55:18 GMT", None),
        ("Sun, ٢٢ Nov 2026 13:55:18 GMT", None),
        ("Sun, 22 Nov 2026 13:55:18 GMT\n", None),
        ("", None),
    ],
)
def test_dates_are_read_strictly_and_in_gmt_only(text: str, unix_seconds: float | None) -> None:
    assert read_date(text.encode()) == unix_seconds


# ── signing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_each_algorithm_signs(algorithm: str) -> None:
    signature = sign(f"x-date: {DATE}", "x-source: market", algorithm=algorithm)

    assert isinstance(check(credentials("x-date x-source", signature, algorithm=f"hmac-{algorithm}")), Authorized)
    assert isinstance(check(credentials("x-date x-source", signature, algorithm=f"HMAC-{algorithm}")), Authorized)


def test_headers_are_signed_in_the_order_listed_with_blanks_around_values_off() -> None:
    backwards = credentials("x-source x-date", sign("x-source: market", f"x-date: {DATE}"))

    assert isinstance(check(backwards, x_source=" market\t"), Authorized)
    assert isinstance(check(credentials("x-source x-date", SIGNATURE)), GatewayRefusal)


def test_names_are_compared_without_case_and_signed_in_lower_case() -> None:
    authorization = credentials("Date Host", sign(f"date: {DATE}", "host: 127.0.0.1:8000"))

    assert isinstance(check(authorization, x_date=None, date=DATE, host="127.0.0.1:8000"), Authorized)


def test_a_value_may_hold_octets_beyond_ascii() -> None:
    signature = b64encode(hmac.digest(KEY.secret, f"x-date: {DATE}\nx-source: ".encode() + b"\xe4", "sha1")).decode()

    assert isinstance(check(credentials("x-date x-source", signature), x_source="\xe4"), Authorized)


def test_proxy_authorization_will_do() -> None:
    assert isinstance(check(None, proxy_authorization=AUTHORIZATION), Authorized)
