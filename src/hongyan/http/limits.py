"""What one client may take of the server: sizes, times and counts, each argued."""

import msgspec


class ServerLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of connections and requests."""

    header_timeout_seconds: float = 10.0
    """From the first octet of a request (or the opening of the connection) to the end of its headers."""
    body_timeout_seconds: float = 30.0
    """From the end of the headers to the end of the body."""
    write_timeout_seconds: float = 30.0
    """How long a client may leave answers unread."""
    keep_alive_seconds: float = 15.0
    """How long a connection may rest between requests."""
    linger_seconds: float = 2.0
    """After a refusal, how long we read on, so that the client gets to read the answer before a reset."""
    header_octets_max: int = 16 * 1024
    """Request line and headers; 200 numbers and a text of 500 percent-encoded characters take 8 kB."""
    headers_max: int = 100
    body_octets_max: int = 1024 * 1024
    pipeline_max: int = 64
    """Requests sent ahead on one connection; no client in use sends more than 16."""
    connections_max: int = 1000
    connections_per_address_max: int = 100
    """Loopback and trusted proxies, behind which everyone is, are not counted."""
