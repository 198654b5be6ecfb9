"""Who sent a request: the gateway's key-pair authentication, without sockets or clocks.

    Authorization: hmac id="…", algorithm="hmac-sha1", headers="x-date x-source", signature="base64"

The signature is an HMAC over the listed headers, `name: value` joined by newlines, in the listed order. It covers
neither method nor path nor parameters, and its time has one-second resolution: two requests of one client in one
second carry the same Authorization. So there is no cache of signatures seen; the time window bounds a replay.

The grammar is tolerant where real clients differ (case, order, blanks, missing quotes) and strict where tolerance
would let a forger choose: every parameter once, every signed header once, the date that is judged must be signed.

What costs the same: an unknown id and a wrong key. Both compute one HMAC over the same bytes and one comparison.
"""

import hmac
import re
import secrets
from base64 import b64encode
from collections.abc import Container, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Protocol

import msgspec

from .gateway import Fault, GatewayRefusal, refuse

AUTHORIZATION_OCTETS_MAX: Final = 8192
SIGNED_HEADERS_MAX: Final = 16
WINDOW_SECONDS: Final = 900

# Possessive quantifiers: no input makes these look at a byte more than a few times.
_SCHEME: Final = re.compile(rb"[ \t]*+hmac[ \t]++", re.IGNORECASE)
_PARAMETER: Final = re.compile(rb'([A-Za-z]++)[ \t]*+=[ \t]*+(?:"([^"]*+)"|([^ \t,"]*+))[ \t]*+')
_USUAL: Final = re.compile(
    rb'hmac id="([^"]*+)", ?algorithm="([^"]*+)", ?headers="([^"]*+)", ?signature="([^"]*+)"', re.IGNORECASE
)
"""What nearly every client sends, which the tolerant grammar would take apart with the same result."""
_COMMA: Final = re.compile(rb",[ \t]*+")
_ORDER: Final = (b"id", b"algorithm", b"headers", b"signature")
_PARAMETERS: Final = frozenset(_ORDER)
_ALGORITHMS: Final = {
    b"hmac-sha1": "sha1",
    b"hmac-sha256": "sha256",
    b"hmac-sha384": "sha384",
    b"hmac-sha512": "sha512",
}
_DATE: Final = re.compile(
    r"(?:[A-Za-z]{3,9}, ?)?(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4}) (\d{2}):(\d{2}):(\d{2}) (?:GMT|UTC)", re.ASCII
)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_X_DATE: Final = b"x-date"
_DATE_HEADER: Final = b"date"


class Key(Protocol):
    """What authentication needs to know of an API key."""

    @property
    def secret(self) -> bytes:
        """The key of the HMAC."""
        ...

    @property
    def account_id(self) -> int:
        """Whose key it is."""
        ...

    @property
    def api_key_id(self) -> int:
        """The key's own number."""
        ...

    @property
    def is_active(self) -> bool:
        """Whether the key may sign requests."""
        ...


class KeyLookup(Protocol):
    """Finds an API key by its public half."""

    def key(self, secret_id: str) -> Key | None:
        """Return the key, active or not; None for an unknown id."""
        ...


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may decide about authentication."""

    window_seconds: int = WINDOW_SECONDS
    """How far a signed date may be from our clock, in both directions."""
    date_unchecked: bool = False
    """Believe any `Date`, as the original gateway does; an `X-Date` is always judged."""
    api_key_ids: frozenset[int] | None = None
    """The keys that this API is bound to; None: every key."""
    has_usage_plan: bool = True
    """False closes the API to everyone."""


class Authorized(msgspec.Struct, frozen=True):
    """A request whose signature is good."""

    secret_id: str
    key: Key


class Credentials(msgspec.Struct, frozen=True):
    """The four parameters of an Authorization header."""

    secret_id: str
    digest: str
    """As hashlib calls it."""
    names: tuple[bytes, ...]
    """The signed headers, in lower case, in the order in which they are signed."""
    signature: bytes
    """base64, as sent."""


class _Stranger(msgspec.Struct, frozen=True):
    """Takes the place of the key of an unknown id, with a secret as long as a real one."""

    secret: bytes
    account_id: int = 0
    api_key_id: int = 0
    is_active: bool = False


_STRANGER: Final = _Stranger(secrets.token_bytes(40))
_DEFAULT_RULES: Final = Rules()


def authorize(
    fields: Mapping[bytes, bytes],
    repeated: Container[bytes],
    *,
    keys: KeyLookup,
    now: float,
    rules: Rules = _DEFAULT_RULES,
) -> Authorized | GatewayRefusal:
    """Check a request's signature at Unix time `now`.

    `fields` has the request's headers by lower-case name; `repeated` tells which came more than once.
    """
    credentials = read_credentials(fields, repeated)
    if isinstance(credentials, GatewayRefusal):
        return credentials
    fault = _check_headers(credentials.names, fields, repeated) or _check_date(
        credentials.names, fields, now=now, rules=rules
    )
    if fault is not None:
        return fault
    signing_string = b"\n".join([name + b": " + fields[name].strip() for name in credentials.names])
    return _check_signature(credentials, signing_string, keys=keys, rules=rules)


def read_credentials(fields: Mapping[bytes, bytes], repeated: Container[bytes]) -> Credentials | GatewayRefusal:
    """Take the Authorization header apart; some clients of the gateway's kind send Proxy-Authorization instead."""
    if b"authorization" in repeated or b"proxy-authorization" in repeated:
        return refuse(Fault.HEADER_REPEATED)
    value = fields.get(b"authorization") or fields.get(b"proxy-authorization")
    if not value:
        return refuse(Fault.AUTHORIZATION_MISSING)
    parameters = _split(value)
    if parameters is None:
        return refuse(Fault.AUTHORIZATION_UNREADABLE)
    algorithm, names = parameters.get(b"algorithm"), _read_names(parameters.get(b"headers", b""))
    if not algorithm or not names:
        return refuse(Fault.PARAMETERS_MISSING)
    secret_id, signature = parameters.get(b"id"), parameters.get(b"signature")
    if not secret_id or not signature:
        return refuse(Fault.ID_OR_SIGNATURE_MISSING)
    digest = _ALGORITHMS.get(algorithm.lower())
    if digest is None:
        return refuse(Fault.ALGORITHM_UNSUPPORTED, _text(algorithm))
    return Credentials(_text(secret_id), digest, names, signature)


def _split(value: bytes) -> dict[bytes, bytes] | None:
    """Return the parameters by lower-case name; None if this is no `hmac` header or a parameter comes twice."""
    if len(value) > AUTHORIZATION_OCTETS_MAX:
        return None
    if usual := _USUAL.fullmatch(value):
        return dict(zip(_ORDER, usual.groups(), strict=True))
    scheme = _SCHEME.match(value)
    if scheme is None:
        return None
    value = value.rstrip(b" \t")
    parameters: dict[bytes, bytes] = {}
    position = scheme.end()
    while parameter := _PARAMETER.match(value, position):
        name, quoted, bare = parameter.groups()
        name = name.lower()
        if name not in _PARAMETERS or name in parameters:
            return None
        parameters[name] = bare if quoted is None else quoted
        position = parameter.end()
        if position == len(value):
            return parameters
        comma = _COMMA.match(value, position)
        if comma is None:
            return None
        position = comma.end()
    return None


@lru_cache(maxsize=256)  # clients sign the same headers again and again
def _read_names(value: bytes) -> tuple[bytes, ...]:
    """Return the signed headers in lower case; none if one comes twice or there are too many."""
    names = tuple(value.lower().split())
    return names if len(names) <= SIGNED_HEADERS_MAX and len(set(names)) == len(names) else ()


def _check_headers(
    names: tuple[bytes, ...], fields: Mapping[bytes, bytes], repeated: Container[bytes]
) -> GatewayRefusal | None:
    if _X_DATE in repeated or _DATE_HEADER in repeated:
        return refuse(Fault.HEADER_REPEATED)
    if _X_DATE not in fields and _DATE_HEADER not in fields:
        return refuse(Fault.DATE_MISSING)
    for name in names:
        if name in repeated:
            return refuse(Fault.HEADER_REPEATED)
        if name not in fields:
            return refuse(Fault.DATE_UNREADABLE if name == _X_DATE else Fault.HEADER_MISSING, _text(name))
    return None


def _check_date(
    names: tuple[bytes, ...], fields: Mapping[bytes, bytes], *, now: float, rules: Rules
) -> GatewayRefusal | None:
    """Judge the request's time by X-Date, or by Date where there is no X-Date; it must be one that is signed."""
    used = _X_DATE if _X_DATE in fields else _DATE_HEADER
    if used not in names:
        # An X-Date that nobody signed could be written by whoever replays the request.
        return refuse(Fault.DATE_UNREADABLE, "x-date") if _DATE_HEADER in names else refuse(Fault.DATE_MISSING)
    if used == _DATE_HEADER and rules.date_unchecked:
        return None
    sent_at = read_date(fields[used].strip())
    if sent_at is None:
        return refuse(Fault.DATE_UNREADABLE, _text(used))
    if abs(now - sent_at) > rules.window_seconds:
        return refuse(Fault.DATE_OUT_OF_WINDOW, _text(used))
    return None


def _check_signature(
    credentials: Credentials, signing_string: bytes, *, keys: KeyLookup, rules: Rules
) -> Authorized | GatewayRefusal:
    key = keys.key(credentials.secret_id) or _STRANGER
    expected = b64encode(hmac.digest(key.secret, signing_string, credentials.digest))
    matches = hmac.compare_digest(expected, credentials.signature)
    if not key.is_active:
        return refuse(Fault.KEY_UNKNOWN)
    if not matches:
        return refuse(Fault.SIGNATURE_DIFFERS)
    # Only who holds the secret learns what the key may do.
    if rules.api_key_ids is not None and key.api_key_id not in rules.api_key_ids:
        return refuse(Fault.KEY_NOT_BOUND)
    if not rules.has_usage_plan:
        return refuse(Fault.USAGE_PLAN_MISSING)
    return Authorized(credentials.secret_id, key)


@lru_cache(maxsize=64)  # a busy client sends the same second many times
def read_date(value: bytes) -> float | None:
    """Return the Unix time of an RFC 1123 date in GMT; None if it is none."""
    match = _DATE.fullmatch(_text(value))
    if match is None:
        return None
    day, month, year, hour, minute, second = match.groups()
    try:
        return datetime(
            int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=UTC
        ).timestamp()
    except (KeyError, ValueError):
        return None


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
