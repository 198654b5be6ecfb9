"""Errors of our own API as `application/problem+json` (RFC 9457): one table from seven kinds to statuses."""

import http
from typing import Final

import msgspec

from hongyan.kit.errors import Error, ErrorKind

MEDIA_TYPE: Final = "application/problem+json"
STATUSES: Final = {
    ErrorKind.INVALID: 400,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.MISSING: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.EXHAUSTED: 429,
    ErrorKind.UNAVAILABLE: 503,
}
RETRY_AFTER_SECONDS: Final = 2


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, for programs (`code`) and for people (`detail`)."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    details: dict[str, str | int | None] = {}
    """What the error is about: names of fields, limits, ids."""
    message: str = ""
    """The gateway's word for it, where clients of the market API look."""

    def encode(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.encode(self)


def problem_of(error: Error) -> Problem:
    """Describe one of our errors."""
    status = STATUSES[error.kind]
    return Problem(title=_title(status), status=status, code=error.code, detail=error.message, details=error.details)


def problem(status: int, code: str, detail: str, *, message: str = "") -> Problem:
    """Describe what has no error class: a path without an endpoint, a method it does not know."""
    return Problem(title=_title(status), status=status, code=code, detail=detail, message=message)


def headers_of(status: int) -> dict[str, str]:
    """Return the headers that belong to a status: when it is worth trying again."""
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if status in {429, 503} else {}


def _title(status: int) -> str:
    return http.HTTPStatus(status).phrase
