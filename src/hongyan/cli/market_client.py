"""A client of the market API, as an application would write one: sign, send, read the answer."""

import hmac
import http.client
import ssl
from base64 import b64encode
from email.utils import formatdate
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit

import msgspec

from hongyan.kit.errors import Error, ErrorKind

SEND_PATH: Final = "/release/qxt_yzm_sms/"
TIMEOUT_SECONDS: Final = 10.0
_SOURCE: Final = "market"


class ServiceUnreachable(Error):
    """The API does not answer."""

    code = "send.unreachable"
    kind = ErrorKind.UNAVAILABLE
    remedy = "See that Hongyan runs there (hongyan up) and that --url is right."


class Destination(msgspec.Struct, frozen=True):
    """Where to send to, and as whom."""

    url: str
    """Of the platform, or of the send endpoint itself."""
    secret_id: str
    secret_key: str

    def __repr__(self) -> str:
        return f"Destination({self.url}, {self.secret_id})"


class Accepted(msgspec.Struct, frozen=True):
    """The answer for one number."""

    mobile: str
    mid: str
    result: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: of the API, or of the gateway before it, which sends only a message."""

    http_status: int
    body: bytes
    status: str = ""
    message: str = ""
    balance: int | None = None
    """厘."""
    numbers: list[Accepted] = []

    @property
    def is_accepted(self) -> bool:
        """Tell whether every number was accepted."""
        return self.status == "0" and all(number.result == 0 for number in self.numbers)

    @property
    def is_try_later(self) -> bool:
        """Tell whether the same request may succeed later."""
        return self.http_status in (429, 502, 503, 504)


class _Body(msgspec.Struct, frozen=True):
    status: str | int = ""
    message: str = ""
    balance: int | None = None
    numbers: list[Accepted] = msgspec.field(name="list", default_factory=list)


def signed_headers(secret_id: str, secret_key: str, *, now: float) -> dict[str, str]:
    """Return the headers that prove who sends, at this Unix time."""
    date = formatdate(now, usegmt=True)
    signed = f"x-date: {date}\nx-source: {_SOURCE}"
    signature = b64encode(hmac.digest(secret_key.encode(), signed.encode(), "sha1")).decode()
    authorization = f'hmac id="{secret_id}", algorithm="hmac-sha1", headers="x-date x-source", signature="{signature}"'
    return {"X-Source": _SOURCE, "X-Date": date, "Authorization": authorization}


def send(destination: Destination, *, numbers: list[str], text: str, now: float) -> Answer:
    """Send one text to some numbers; ServiceUnreachable when nothing answers."""
    url = urlsplit(destination.url)
    path = SEND_PATH if url.path in ("", "/") else url.path
    parameters = urlencode({"content": text, "mobile": ",".join(numbers)})
    headers = {
        **signed_headers(destination.secret_id, destination.secret_key, now=now),
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": "0",
        "Connection": "close",
    }
    connection = _connection_to(url)
    try:
        connection.connect()
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that the DNS cannot hold
        raise ServiceUnreachable(f"{url.netloc} cannot be reached: {_reason(error)}.") from error
    try:
        connection.request("POST", f"{path}?{parameters}", headers=headers)
        response = connection.getresponse()
        return read_answer(response.status, response.read())
    except (OSError, http.client.HTTPException) as error:
        raise ServiceUnreachable(
            f"{url.netloc} did not answer: {_reason(error)}; whether the text was accepted is not known."
        ) from error
    finally:
        connection.close()


def read_answer(http_status: int, body: bytes) -> Answer:
    """Return what an answer says; one that is not the API's has no status."""
    try:
        told = msgspec.json.decode(body, type=_Body)
    except msgspec.DecodeError:
        return Answer(http_status=http_status, body=body)
    return Answer(
        http_status=http_status,
        body=body,
        status=str(told.status),
        message=told.message,
        balance=told.balance,
        numbers=told.numbers,
    )


def _connection_to(url: SplitResult) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        return http.client.HTTPSConnection(
            host, url.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    return http.client.HTTPConnection(host, url.port, timeout=TIMEOUT_SECONDS)


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason or type(error).__name__
