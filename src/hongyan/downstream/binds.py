"""Who is let in: what is checked of a bind, in which order, and how many of them are looked at.

The password is checked first, in constant time, and against a made-up one when there is no such login, so that nobody
learns from the time or from the words which logins there are. What else is wrong is told only to who knows the password.
An address that keeps failing is answered without a look for a while.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

import structlog

from hongyan.accounts.directory import Directory
from hongyan.accounts.protocol_login import ProtocolLogin
from hongyan.carriers.downstream.protocol import BindFacts, BindRefusal, ServerProtocol
from hongyan.kit.clock import Clock
from hongyan.kit.line_budget import LineBudget
from hongyan.kit.secrets import new_password

from .metrics import BINDS

_log = structlog.get_logger()

FAILURES_MAX: Final = 20
"""How often one address may fail in WATCH_SECONDS before it is no longer looked at."""
WATCH_SECONDS: Final = 10.0
ADDRESSES_MAX: Final = 4096
"""Addresses that are watched at once; with more, all are looked at."""
LINES_MAX: Final = 100
"""Refusals that are logged in WATCH_SECONDS; of the rest, only their number."""


def address_of(peer: str) -> IPv4Address | IPv6Address | None:
    """Return the address of `address:port`; None when it is none."""
    try:
        address = ip_address(peer.rpartition(":")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class BindCheck:
    """Decides about binds of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._lines = LineBudget(clock, lines_max=LINES_MAX, span_seconds=WATCH_SECONDS)
        self._since = clock.monotonic()
        self._nobody = new_password(12)

    def judge(
        self, protocol: ServerProtocol, facts: BindFacts, peer: str, directory: Directory
    ) -> ProtocolLogin | BindRefusal:
        """Return the login that may bind, or why none may; how many links it has is for the caller to ask."""
        self._turn()
        if self._failures.get(_host_of(peer), 0) >= FAILURES_MAX:
            return BindRefusal.BUSY
        login = directory.login(protocol.family, facts.login)
        if not facts.check(self._nobody if login is None else login.password):
            return BindRefusal.LOGIN_UNKNOWN if login is None else BindRefusal.UNAUTHENTIC
        if login is None:
            return BindRefusal.LOGIN_UNKNOWN
        return self._judge_further(protocol, facts, peer, login, directory) or login

    def refused(self, protocol: ServerProtocol, refusal: BindRefusal, facts: BindFacts, peer: str) -> None:
        """Count a refusal and log it, unless there were too many."""
        BINDS.labels(protocol.family, refusal.name.lower()).inc()
        if refusal in (BindRefusal.LOGIN_UNKNOWN, BindRefusal.UNAUTHENTIC):
            host = _host_of(peer)
            if host in self._failures or len(self._failures) < ADDRESSES_MAX:
                self._failures[host] = self._failures.get(host, 0) + 1
        if not self._lines.allows():
            return
        _log.warning(
            "downstream.bind_refused",
            protocol=protocol.family,
            login=facts.login,
            version=f"0x{facts.version:02x}",
            peer=peer,
            reason=refusal.value,
        )

    def _judge_further(
        self, protocol: ServerProtocol, facts: BindFacts, peer: str, login: ProtocolLogin, directory: Directory
    ) -> BindRefusal | None:
        account = directory.account(login.account_id)
        if not login.is_active or account is None or not account.is_active:
            return BindRefusal.DISABLED
        address = address_of(peer)
        if login.ip_allow and (address is None or not any(address in network for network in login.ip_allow)):
            return BindRefusal.ADDRESS_NOT_ALLOWED
        if not protocol.version_allowed(facts.version, login.settings):
            return BindRefusal.VERSION_NOT_ALLOWED
        if not facts.mode_is_allowed or login.settings.system_type not in ("", facts.system_type):
            return BindRefusal.MODE_NOT_ALLOWED
        return None

    def _turn(self) -> None:
        now = self._clock.monotonic()
        if now - self._since < WATCH_SECONDS:
            return
        left_out = self._lines.take_left_out()
        if left_out:
            _log.warning("downstream.more_binds_refused", binds=left_out)
        self._failures.clear()
        self._since = now


def _host_of(peer: str) -> str:
    return peer.rpartition(":")[0]
