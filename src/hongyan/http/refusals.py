"""What the server itself answers, before any application is asked: a status and a sentence each."""

import msgspec

from .exchange import status_line


class Refusal(msgspec.Struct, frozen=True):
    """Why the server ends a connection: a status and a sentence."""

    status: int
    message: str
    retry_after_seconds: int | None = None

    def encode(self) -> bytes:
        """Return the whole response."""
        body = msgspec.json.encode({"message": self.message})
        head = [status_line(self.status), b"content-type: application/json\r\n"]
        if self.retry_after_seconds is not None:
            head.append(b"retry-after: %d\r\n" % self.retry_after_seconds)
        return b"%bcontent-length: %d\r\nconnection: close\r\n\r\n%b" % (b"".join(head), len(body), body)


UNREADABLE = Refusal(400, "请求不是有效的 HTTP 报文 / the request is not valid HTTP")
HOST_REPEATED = Refusal(400, "Host 头只能有一个 / more than one Host header")
HEADERS_LATE = Refusal(408, "请求头没有在规定时间内发完 / the request headers did not arrive in time")
BODY_LATE = Refusal(408, "请求体没有在规定时间内发完 / the request body did not arrive in time")
BODY_TOO_LARGE = Refusal(413, "请求体过大 / the request body is too large")
HEADERS_TOO_LARGE = Refusal(431, "请求行和请求头过大 / the request line and headers are too large")
TOO_MANY_AHEAD = Refusal(503, "同一连接上未答复的请求过多 / too many requests sent ahead on one connection", 1)
TOO_MANY_CONNECTIONS = Refusal(503, "连接数过多,请稍后再试 / too many connections, try again later", 1)
VERSION_UNSUPPORTED = Refusal(505, "只支持 HTTP/1.0 和 HTTP/1.1 / only HTTP/1.0 and HTTP/1.1 are supported")
