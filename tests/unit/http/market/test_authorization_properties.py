"""Whatever arrives is accepted or refused, never an accident; and only what was signed is accepted."""

import hmac
import re
from base64 import b64encode

from hypothesis import example, given
from hypothesis import strategies as st

from hongyan.http.market.authorization import Authorized, Rules, _split, authorize, read_credentials, read_date
from hongyan.http.market.gateway import GatewayRefusal
from tests.conformance.market.platform import KEY, SECRET_ID, Keys

from .test_authorization import AUTHORIZATION, DATE, NOW, check, credentials, sign

KEYS = Keys()
values = st.one_of(
    st.binary(max_size=300),
    st.text(alphabet='hmacid="=, \tx-', max_size=100).map(str.encode),
    st.sampled_from((b"x-date", b"hmac-sha1", SECRET_ID.encode(), DATE.encode(), AUTHORIZATION.encode())),
)
names = st.one_of(st.sampled_from((b"authorization", b"date", b"x-date", b"x-source")), st.binary(max_size=20))
words = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='",'), min_size=1)


@given(fields=st.dictionaries(names, values), repeated=st.frozensets(names), now=st.floats(allow_nan=False))
@example(fields={b"authorization": b"hmac id=" + b" " * 8000 + b'"'}, repeated=frozenset(), now=NOW)
def test_any_headers_get_an_answer(fields: dict[bytes, bytes], repeated: frozenset[bytes], now: float) -> None:
    verdict = authorize(fields, repeated, keys=KEYS, now=now)

    assert isinstance(verdict, GatewayRefusal)
    assert re.fullmatch(rb'\{"message":"(HMAC .*|Found no validate usage plan)"\}', verdict.body, re.DOTALL)


@given(st.binary(max_size=200))
def test_any_parameters_are_split_or_refused(rest: bytes) -> None:
    parameters = _split(b"hmac " + rest)

    assert parameters is None or set(parameters) <= {b"id", b"algorithm", b"headers", b"signature"}


@given(st.lists(words, min_size=4, max_size=4), st.permutations(range(4)), st.sampled_from(("", " ", "\t ")))
def test_every_spelling_of_four_parameters_reads_the_same(given: list[str], order: list[int], blank: str) -> None:
    pairs = list(zip(("id", "algorithm", "headers", "signature"), given, strict=True))
    usual = ", ".join(f'{name}="{value}"' for name, value in pairs)
    other = f"{blank},{blank}".join(f"{pairs[n][0]}{blank}={blank}{pairs[n][1]}" for n in order)

    expected = {name.encode(): value.encode() for name, value in pairs}
    assert _split(f"hmac {usual}".encode()) == _split(f"hmac {other}".encode()) == expected


@given(st.binary(max_size=64))
def test_any_date_is_read_or_not(value: bytes) -> None:
    unix_seconds = read_date(value)

    assert unix_seconds is None or isinstance(unix_seconds, float)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
def test_any_signed_value_is_accepted_as_signed(source: str) -> None:
    octets = source.encode("latin-1")
    signing_string = b"x-date: " + DATE.encode() + b"\nx-source: " + octets.strip()
    signature = b64encode(hmac.digest(KEY.secret, signing_string, "sha1")).decode()
    fields = {
        b"x-date": DATE.encode(),
        b"x-source": octets,
        b"authorization": credentials("x-date x-source", signature).encode(),
    }

    assert isinstance(authorize(fields, frozenset(), keys=KEYS, now=NOW, rules=Rules()), Authorized)


@given(st.text(min_size=1, max_size=20).filter(lambda text: text.encode() != KEY.secret))
def test_no_other_key_signs(secret: str) -> None:
    signature = sign(f"x-date: {DATE}", "x-source: market", key=secret.encode())
    verdict = check(credentials("x-date x-source", signature))

    assert isinstance(verdict, GatewayRefusal)


@given(st.integers(min_value=0, max_value=len(AUTHORIZATION)))
def test_a_header_cut_anywhere_is_refused(length: int) -> None:
    cut = AUTHORIZATION[:length].encode()
    credentials_or_refusal = read_credentials({b"authorization": cut}, frozenset())

    assert length == len(AUTHORIZATION) or isinstance(credentials_or_refusal, GatewayRefusal)
