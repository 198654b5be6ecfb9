"""Eighty and more Authorization headers made by hand: which are taken, and what is said about the others."""

import pytest

from hongyan.http.market.authorization import Authorized
from hongyan.http.market.gateway import Fault
from tests.conformance.market.platform import SECRET_ID

from .test_authorization import DATE, SIGNATURE, check, sign

ID = SECRET_ID
S = SIGNATURE
GOOD = [
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}",algorithm="hmac-sha1",headers="x-date x-source",signature="{S}"',
    f'hmac id = "{ID}", algorithm = "hmac-sha1", headers = "x-date x-source", signature = {S}',
    f'hmac id={ID}, algorithm=hmac-sha1, headers="x-date x-source", signature={S}',
    f'hmac id={ID},algorithm=hmac-sha1,headers="x-date x-source",signature={S}',
    f'Hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'HMAC id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hMaC id="{ID}", algorithm="HMAC-SHA1", headers="X-Date X-Source", signature="{S}"',
    f'hmac ID="{ID}", Algorithm="hmac-sha1", HEADERS="x-date x-source", Signature="{S}"',
    f'hmac signature="{S}", headers="x-date x-source", algorithm="hmac-sha1", id="{ID}"',
    f'hmac headers="x-date x-source", id="{ID}", signature={S}, algorithm=hmac-sha1',
    f'hmac   id="{ID}",   algorithm="hmac-sha1",   headers="x-date x-source",   signature="{S}"',
    f'hmac\tid="{ID}"\t,\talgorithm="hmac-sha1"\t,\theaders="x-date x-source"\t,\tsignature="{S}"',
    f'hmac id="{ID}" , algorithm="hmac-sha1" , headers="x-date x-source" , signature="{S}" ',
    f' hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date   x-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers=" x-date x-source ", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date\tx-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="X-DATE x-SOURCE", signature="{S}"',
    f'hmac id="{ID}", algorithm=hmac-sha1, headers=x-date, signature={sign(f"x-date: {DATE}")}',
]
UNREADABLE = [
    "hmac",
    "hmac ",
    "hmac\t",
    "hmac,",
    "hmac =",
    'hmac ="x"',
    "hmac id",
    'hmac "id"="x"',
    "hmacid=x",
    f'hmac-sha1 id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'mac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    "Basic QUtJRDp4",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Digest username=x",
    "TC3-HMAC-SHA256 Credential=x/2026-11-22/sms/tc3_request, SignedHeaders=host, Signature=x",
    f'id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}, algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id={ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers=x-date x-source, signature="{S}"',
    f'hmac id="{ID}" algorithm="hmac-sha1" headers="x-date x-source" signature="{S}"',
    f'hmac id="{ID}"; algorithm="hmac-sha1"; headers="x-date x-source"; signature="{S}"',
    f'hmac id="{ID}",, algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac , id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}",',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}", ',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}" x',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}", x',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}", x="y"',
    f'hmac realm="x", id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}", id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}", ID="other", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date", headers="x-source", signature="{S}"',
    f"hmac id='{ID}', algorithm='hmac-sha1', headers='x-date x-source', signature='{S}'",
    f'hmac id:"{ID}", algorithm:"hmac-sha1", headers:"x-date x-source", signature:"{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S[:8]}" "{S[8:]}"',
    f'hmac id_="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    "hmac " + "a" * 9000,
    f'hmac id="{"x" * 9000}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    "hmac id=" + " " * 8000 + '"x',
    "hmac " + "id=x," * 1500,
    "hmac" + " " * 8100,
]
INVALID_HEADERS = [
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers=, signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="   ", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-date", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date X-Date x-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="{" ".join(f"h{number}" for number in range(17))}", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", signature="{S}"',
    f'hmac id="{ID}", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}"',
    f"hmac signature={S}",
    'hmac algorithm="hmac-sha1"',
    'hmac headers="x-date"',
]
INCOMPLETE = [
    f'hmac algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source"',
    'hmac algorithm="hmac-sha1", headers="x-date x-source"',
    f'hmac id="", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id=, algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature=""',
    f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature=',
]
OTHERS = [
    (f'hmac id="{ID}", algorithm="none", headers="x-date x-source", signature="{S}"', Fault.ALGORITHM_UNSUPPORTED),
    (f'hmac id="{ID}", algorithm="sha1", headers="x-date x-source", signature="{S}"', Fault.ALGORITHM_UNSUPPORTED),
    (f'hmac id="{ID}", algorithm="hmac-md5", headers="x-date x-source", signature="{S}"', Fault.ALGORITHM_UNSUPPORTED),
    (f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-other", signature="{S}"', Fault.HEADER_MISSING),
    (f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date request-line", signature="{S}"', Fault.HEADER_MISSING),
    (f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date,x-source", signature="{S}"', Fault.HEADER_MISSING),
    (f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-source", signature="{S}"', Fault.DATE_MISSING),
    (f'hmac id="x y", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"', Fault.KEY_UNKNOWN),
    (f'hmac id="{ID} ", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"', Fault.KEY_UNKNOWN),
    (f'hmac id="{ID.lower()}", algorithm="hmac-sha1", headers="x-date x-source", signature="{S}"', Fault.KEY_UNKNOWN),
    (f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-source x-date", signature="{S}"', Fault.SIGNATURE_DIFFERS),
    (f'hmac id="{ID}", algorithm="hmac-sha256", headers="x-date x-source", signature="{S}"', Fault.SIGNATURE_DIFFERS),
    (f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date", signature="{S}"', Fault.SIGNATURE_DIFFERS),
    (f'hmac id="{ID}", algorithm="hmac-sha1", headers="x-date x-source", signature=" {S}"', Fault.SIGNATURE_DIFFERS),
]
FAULTS = [
    *((authorization, Fault.AUTHORIZATION_UNREADABLE) for authorization in UNREADABLE),
    *((authorization, Fault.PARAMETERS_MISSING) for authorization in INVALID_HEADERS),
    *((authorization, Fault.ID_OR_SIGNATURE_MISSING) for authorization in INCOMPLETE),
    *OTHERS,
]


@pytest.mark.parametrize("authorization", GOOD)
def test_what_means_the_same_is_taken(authorization: str) -> None:
    assert isinstance(check(authorization), Authorized)


@pytest.mark.parametrize("authorization, fault", FAULTS, ids=[text[:80] for text, _ in FAULTS])
def test_everything_else_is_refused_with_its_own_text(authorization: str, fault: Fault) -> None:
    verdict = check(authorization)

    assert not isinstance(verdict, Authorized)
    assert verdict.fault is fault


def test_the_table_is_long_enough() -> None:
    assert len(set(GOOD) | {authorization for authorization, _ in FAULTS}) >= 80
