"""Who is bound to this process: the links of each login, their speed and what they have in hand."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from hongyan.accounts.directory import Directory
from hongyan.accounts.protocol_login import ProtocolLogin
from hongyan.carriers.downstream.protocol import CustomerTerms, ServerProtocol
from hongyan.kit.clock import Clock

from .metrics import LINKS
from .speed import SpeedLimit


class Wire(Protocol):
    """A link as the downstream side uses it: the customer's own connection, or one that we made."""

    @property
    def is_bound(self) -> bool:
        """Whether requests can go out."""
        ...

    @property
    def credit(self) -> int:
        """How many requests may be sent now."""
        ...

    @property
    def version(self) -> int:
        """The version in use."""
        ...

    def send(self, pdu: Struct, token: object) -> int:
        """Send a request; NotBound, WindowFull or EncodeError: then nothing was sent."""
        ...

    def answer(self, sequence: int, pdu: Struct) -> None:
        """Answer a request; without effect once the link is over."""
        ...


class CustomerLink:
    """One bound link of a login."""

    def __init__(
        self, wire: Wire, protocol: ServerProtocol, login: ProtocolLogin, *, sends: bool, receives: bool
    ) -> None:
        self.wire = wire
        self.protocol = protocol
        self.login_id = login.login_id
        self.sends = sends
        self.receives = receives
        self.in_hand = 0
        """Submits that are not answered yet."""
        self.terms: CustomerTerms
        self.window_size: int
        self.agree(login)

    def agree(self, login: ProtocolLogin) -> None:
        """Follow the login as it is now."""
        self.terms = CustomerTerms(login.name, login.settings, self.wire.version)
        self.window_size = login.window_size

    def __repr__(self) -> str:
        return f"CustomerLink({self.protocol.family}, login={self.login_id})"


class _Seat:
    """The links of one login."""

    def __init__(self, login: ProtocolLogin, clock: Clock) -> None:
        self.links: list[CustomerLink] = []
        self.speed = SpeedLimit(login.speed_per_second, clock)


class Roster:
    """The links of all logins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seats: dict[int, _Seat] = {}

    def __iter__(self) -> Iterator[CustomerLink]:
        for seat in list(self._seats.values()):
            yield from list(seat.links)

    def links_of(self, login_id: int) -> Sequence[CustomerLink]:
        """Return the links of a login."""
        seat = self._seats.get(login_id)
        return seat.links if seat is not None else ()

    def count_own(self, login_id: int) -> int:
        """Return how many connections the customer has made, those that we made left out."""
        return sum(link.sends or not link.protocol.dials for link in self.links_of(login_id))

    def receivers(self) -> dict[int, list[CustomerLink]]:
        """Return the links over which may be pushed, by login."""
        found: dict[int, list[CustomerLink]] = {}
        for login_id, seat in self._seats.items():
            links = [link for link in seat.links if link.receives]
            if links:
                found[login_id] = links
        return found

    def may_submit(self, login_id: int, count: int) -> bool:
        """Take from a login's speed; False when it is too fast."""
        seat = self._seats.get(login_id)
        return seat is not None and seat.speed.take(count)

    def join(self, link: CustomerLink, login: ProtocolLogin) -> None:
        """Note that a link is bound."""
        seat = self._seats.get(login.login_id)
        if seat is None:
            seat = self._seats[login.login_id] = _Seat(login, self._clock)
        seat.links.append(link)
        LINKS.labels(link.protocol.family).inc()

    def leave(self, link: CustomerLink) -> None:
        """Note that a link is over; the speed of a login is forgotten with its last one."""
        seat = self._seats.get(link.login_id)
        if seat is None or link not in seat.links:
            return
        seat.links.remove(link)
        LINKS.labels(link.protocol.family).dec()
        if not seat.links:
            del self._seats[link.login_id]

    def follow(self, directory: Directory) -> list[CustomerLink]:
        """Take over what changed about the logins; return the links of those that may not be bound any longer."""
        unwanted: list[CustomerLink] = []
        for login_id, seat in self._seats.items():
            login = directory.login_of(login_id)
            if login is None or not login.is_active:
                unwanted += seat.links
                continue
            seat.speed.per_second = login.speed_per_second
            for link in seat.links:
                link.agree(login)
        return unwanted
