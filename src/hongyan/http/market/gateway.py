"""What the gateway in front of the API answers by itself: one table of statuses and texts.

Two generations of the gateway's documentation disagree on 401 and 403 and on some texts; each row here is the
pair that its clients know. The texts carry no final period. Each is sent as `{"message": "…"}`.
"""

from enum import Enum

import msgspec

_SUBJECT_LENGTH_MAX = 256


class Fault(Enum):
    """Status and text of each answer; `{}` stands for what the client sent."""

    AUTHORIZATION_MISSING = (
        401,
        "HMAC signature cannot be verified, a validate authorization header is required",
    )
    AUTHORIZATION_UNREADABLE = (401, "HMAC authorization format error")
    PARAMETERS_MISSING = (401, "HMAC authorization headers is invalidate")
    ID_OR_SIGNATURE_MISSING = (401, "HMAC id or signature missing")
    ALGORITHM_UNSUPPORTED = (401, "HMAC algorithm {} not supported")
    HEADER_MISSING = (401, "HMAC signature cannot be verified, a valid {} header is required")
    DATE_MISSING = (401, "HMAC signature cannot be verified, a valid date or x-date header is required")
    DATE_UNREADABLE = (
        401,
        "HMAC signature cannot be verified, a valid {} header is required for HMAC Authentication",
    )
    DATE_OUT_OF_WINDOW = (
        401,
        "HMAC signature cannot be verified, the {} header is out of date for HMAC Authentication",
    )
    HEADER_REPEATED = (401, "HMAC do not support multiple HTTP header")
    KEY_UNKNOWN = (401, "HMAC signature cannot be verified")
    KEY_NOT_BOUND = (401, "HMAC apikey is invalid for API")
    SIGNATURE_DIFFERS = (401, "HMAC signature does not match")
    USAGE_PLAN_MISSING = (403, "Found no validate usage plan")
    ENVIRONMENT_UNKNOWN = (404, "There is no api match env_mapping[{}]")
    PATH_UNKNOWN = (404, "There is no api match uri[{}]")
    METHOD_NOT_ALLOWED = (405, "Method Not Allowed")
    RATE_EXCEEDED = (429, "API rate limit exceeded")


class GatewayRefusal(msgspec.Struct, frozen=True):
    """A request that the gateway answers itself."""

    fault: Fault
    status: int
    body: bytes


def refuse(fault: Fault, subject: str = "") -> GatewayRefusal:
    """Return the answer for a fault, about what the client sent where the text names it."""
    return _PLAIN.get(fault) or _render(fault, subject)


def text_of(fault: Fault, subject: str = "") -> str:
    """Return the text for a fault."""
    return fault.value[1].replace("{}", subject[:_SUBJECT_LENGTH_MAX])


def _render(fault: Fault, subject: str) -> GatewayRefusal:
    return GatewayRefusal(fault, fault.value[0], msgspec.json.encode({"message": text_of(fault, subject)}))


_PLAIN = {fault: _render(fault, "") for fault in Fault if "{}" not in fault.value[1]}
