"""An account at a simulated carrier: its links, the reports that wait for it, and what it was seen doing."""

from collections import deque
from typing import Protocol

import msgspec

from .conduct import Conduct
from .config import LoginConfig
from .measures import DoubleMeter, SpeedMeter, WindowMeter
from .reply import ReplyPart
from .segment import Segment
from .times import time_text


class Link(Protocol):
    """What a link must do for a carrier: one that a customer opened, or one that the carrier dialled itself."""

    @property
    def index(self) -> int:
        """Its number; no other link of the carrier has it."""
        ...

    @property
    def version(self) -> int:
        """The version in use: 0x30 is 3.0."""
        ...

    @property
    def credit(self) -> int:
        """How many requests may be sent now."""
        ...

    def send(self, pdu: msgspec.Struct, token: object) -> int:
        """Send a request and return its sequence."""
        ...

    def answer(self, sequence: int, pdu: msgspec.Struct) -> None:
        """Answer a request."""
        ...


class Peer:
    """One bound link of a login."""

    __slots__ = ("address", "bound_at", "dialled", "link", "login", "receives", "sends", "window")

    def __init__(self, link: Link, login: "Login", *, window_size: int, bound_at: float) -> None:
        self.link = link
        self.login = login
        self.window = WindowMeter(window_size)
        self.bound_at = bound_at
        self.address = ""
        """The far end as `address:port`."""
        self.sends = True
        """Whether it may submit."""
        self.receives = True
        """Whether it gets reports and replies."""
        self.dialled = False
        """Whether the carrier opened it, rather than the customer."""


class Counts(msgspec.Struct):
    """What happened on all links of a login since the start."""

    binds: int = 0
    binds_refused: int = 0
    submits: int = 0
    submits_refused: int = 0
    texts: int = 0
    """Texts taken: a submit to several numbers has one for each."""
    texts_doubled: int = 0
    """Texts with the same bytes for the same number as one before."""
    reports_sent: int = 0
    reports_acknowledged: int = 0
    reports_refused: int = 0
    reports_unanswered: int = 0
    """Reports whose answer did not come in time."""
    reports_given_up: int = 0
    replies: int = 0
    """Texts that phones sent to this login."""
    replies_sent: int = 0
    """Their parts, each time one was sent."""
    replies_acknowledged: int = 0
    replies_given_up: int = 0
    windows_exceeded: int = 0
    """Submits that came although the window of their link was full."""


class PeerView(msgspec.Struct, frozen=True):
    """One bound link, as `/stats` shows it."""

    link: int
    peer: str
    version: str
    sends: bool
    receives: bool
    dialled: bool
    bound_at: str
    window_used_max: int
    report_credit: int


class LoginView(msgspec.Struct, frozen=True, kw_only=True):
    """One login, as `/stats` shows it."""

    login: str
    scenario: str
    """The scenario it is treated by; empty for none."""
    links: list[PeerView]
    counts: Counts
    reports_waiting: int
    submits_per_second: int
    submits_per_second_max: int
    submits_per_100_ms_max: int
    window_used_max: int


class Login:
    """One account."""

    __slots__ = (
        "_doubles",
        "_window_used_max",
        "conduct",
        "config",
        "counts",
        "has_own_scenario",
        "name",
        "peers",
        "pushes",
        "speed",
        "will_look_again",
    )

    def __init__(self, config: LoginConfig) -> None:
        self.config = config
        self.name = config.login
        self.peers: list[Peer] = []
        self.pushes: deque[Segment | ReplyPart] = deque()
        """Reports and replies that wait for a place in a window, or for the login to come back."""
        self.conduct: Conduct | None = None
        """How it is treated, where a scenario says so."""
        self.has_own_scenario = False
        """Whether that scenario is its own, rather than the carrier's."""
        self.will_look_again = False
        """Whether a look for room for them is on the agenda."""
        self.counts = Counts()
        self.speed = SpeedMeter()
        self._doubles = DoubleMeter()
        self._window_used_max = 0

    def take(self, segment: Segment) -> None:
        """Count a text that was taken."""
        self.counts.texts += 1
        self._doubles.count(segment.number, segment.content)

    def ready_peer(self) -> Peer | None:
        """Return the link with the most room for reports and replies, None when there is none."""
        best: Peer | None = None
        most = 0
        for peer in self.peers:
            credit = peer.link.credit if peer.receives else 0
            if credit > most:
                best, most = peer, credit
        return best

    def links_open(self) -> int:
        """Return how many links its customer has opened."""
        return sum(not peer.dialled for peer in self.peers)

    def leave(self, peer: Peer) -> None:
        """Forget a link, keeping what it was seen doing."""
        self.peers.remove(peer)
        self.counts.windows_exceeded += peer.window.exceeded
        self._window_used_max = max(self._window_used_max, peer.window.used_max)

    def forget_maxima(self) -> None:
        """Start the measured maxima anew."""
        self.speed.forget_maxima()
        self._window_used_max = 0
        for peer in self.peers:
            peer.window.forget_maximum()

    def view(self, now: float) -> LoginView:
        """Return what `/stats` shows; `now` is monotonic."""
        per_second = self.speed.per_second(now)
        counts = msgspec.structs.replace(
            self.counts,
            texts_doubled=self._doubles.doubled,
            windows_exceeded=self.counts.windows_exceeded + sum(peer.window.exceeded for peer in self.peers),
        )
        return LoginView(
            login=self.name,
            scenario="" if self.conduct is None else self.conduct.name,
            links=[_peer_view(peer) for peer in self.peers],
            counts=counts,
            reports_waiting=len(self.pushes),
            submits_per_second=per_second,
            submits_per_second_max=self.speed.per_second_max,
            submits_per_100_ms_max=self.speed.per_tenth_max,
            window_used_max=max([self._window_used_max, *(peer.window.used_max for peer in self.peers)]),
        )


def _peer_view(peer: Peer) -> PeerView:
    link = peer.link
    version = f"{link.version >> 4}.{link.version & 0xF}"
    return PeerView(
        link=link.index,
        peer=peer.address,
        version=version,
        sends=peer.sends,
        receives=peer.receives,
        dialled=peer.dialled,
        bound_at=time_text(peer.bound_at),
        window_used_max=peer.window.used_max,
        report_credit=link.credit,
    )
