"""What a protocol adds to a carrier: its face towards customers.

A carrier knows texts, phones, reports and replies; a face knows PDUs. `Face` holds what is the same for
every protocol: it listens, lets logins in, hands submits on, answers them, sends reports and replies. A protocol
is one class that says the rest:

    codes       `bind_codes`, `refusal_codes`, `report_codes`: its own numbers for what is refused and reported
    session     `new_session`: the server session of a connection that comes in
    bind        `bind_ask`: who asks to be let in, and whether the password is known
    submit      `read_submit`: what a PDU asks to be sent; `message_ids` and `submit_response`: what is answered
    pushes      `report`, `reply`: the PDUs that bring them; `result_of`: what the customer answered
    the rest    `take_other`: queries and the like; `id_text`: how ids are shown; `dialled_links`: links
                that the carrier opens itself (SGIP)

`simulator/cmpp.py` is the model. A protocol that is done stands in `FACES` (`simulator/faces.py`).

Nothing in here waits: everything runs in the callbacks of the sockets. Links that are dialled run in `run`.
"""

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from sys import intern
from types import TracebackType
from typing import ClassVar, Final, NamedTuple, Self, cast

import msgspec
from msgspec import Struct

from hongyan.link.client import LinkClient
from hongyan.link.connection import Connection
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.wire.ends import ServerSession
from hongyan.wire.session import Limits

from .behaviour import BindRefusal, Refusal, behaviour_of
from .carrier import Carrier, CarrierView
from .config import TlsConfig
from .faulty_wire import FaultyWire
from .login import Link, Login, Peer
from .numbering import e164_of, spoken
from .outcome import STAT_CODES, Outcome, ReportCode
from .reading import Coding
from .reply import SEPTETS_MAX, ReplyPart
from .segment import Segment
from .user_data import Concatenation

__all__ = [
    "HEARTBEAT_IDLE_SECONDS",
    "BindAsk",
    "BindRefusal",
    "Face",
    "Refusal",
    "ReportWish",
    "Submission",
]

HEARTBEAT_IDLE_SECONDS: Final = 60.0
_DRAIN_SECONDS: Final = 1.0


class BindAsk(NamedTuple):
    """Who asks to be let in."""

    login: str
    proves: Callable[[str], bool]
    """Tells whether whoever asks knows that password."""
    sends: bool = True
    """Whether the link may submit."""
    receives: bool = True
    """Whether the link gets reports and replies."""


class ReportWish(Enum):
    """Which reports a submit asks for."""

    ALWAYS = "always"
    ON_FAILURE = "on_failure"
    NEVER = "never"


class Submission(msgspec.Struct, kw_only=True, gc=False):
    """What a submit PDU asks for, in words that every protocol shares."""

    destinations: Sequence[str]
    """As they are written: a report repeats them."""
    sender: str
    content: bytes
    """Without its user data header (`user_data.split_header`)."""
    coding: Coding
    concatenation: Concatenation | None = None
    """From the header, or else from the protocol's own counters."""
    wish: ReportWish = ReportWish.ALWAYS
    service: str = ""
    expires_at: float | None = None
    """Unix time from which on nobody tries to deliver it (`times.expiry`); None leaves that to the carrier."""
    fault: int = 0
    """The protocol's own code for what is wrong with the submit itself; 0 when nothing is. Numbers are checked
    behind this (`Refusal.BAD_NUMBER`)."""


class _Response(NamedTuple):
    """A submit response on its way."""

    peer: Peer
    sequence: int
    pdu: Struct


class Face(ABC):
    """A carrier's end of one protocol. An async context manager: inside it, customers can connect."""

    protocol: ClassVar[str]
    """As `/stats` shows it."""
    header_size: ClassVar[int]
    """Octets of a PDU's header; its last four count the sequence, whatever stands before them."""
    bind_codes: ClassVar[Mapping[BindRefusal, int]]
    refusal_codes: ClassVar[Mapping[Refusal, int]]
    report_codes: ClassVar[Mapping[Outcome, ReportCode]] = STAT_CODES
    reply_codings: ClassVar[frozenset[Coding]] = frozenset({Coding.ASCII, Coding.UCS2, Coding.GBK})
    """Codings that `reply` can write."""
    septets_max: ClassVar[int] = SEPTETS_MAX
    """Characters of ASCII or GSM 7-bit in one message."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.config = carrier.config
        self.peers: dict[Link, Peer] = {}
        self._wires: dict[Link, FaultyWire] = {}  # of all connections, bound or not
        self._dialled: dict[LinkClient, Login] = {}
        self._id_text = self.id_text  # one for all segments
        self._listener = self._new_listener()
        carrier.speak_by(self)

    # What a protocol says ----------------------------------------------------------------------------

    @abstractmethod
    def new_session(self, now: float) -> ServerSession:
        """Return the server session of a connection that came in at that monotonic time, with `self.limits()`."""

    @abstractmethod
    def bind_ask(self, request: Struct) -> BindAsk:
        """Return who asks to be let in by that PDU."""

    @abstractmethod
    def read_submit(self, peer: Peer, pdu: Struct) -> Submission | None:
        """Return what a PDU asks to be sent, None when it is no submit."""

    @abstractmethod
    def message_ids(self, sequence: int, count: int) -> Sequence[int]:
        """Return the ids of the texts of a submit that is taken, one for each number."""

    @abstractmethod
    def submit_response(self, pdu: Struct, message_id: int, result: int) -> Struct:
        """Return the answer to a submit: the first of its ids (0 when it is refused) and the code (0 when it is not)."""

    @abstractmethod
    def report(self, link: Link, segment: Segment) -> Struct:
        """Return the PDU that reports on a text: `segment.code` at `self.carrier.wall()`."""

    @abstractmethod
    def reply(self, link: Link, part: ReplyPart) -> Struct:
        """Return the PDU that brings a part of a reply: its header, if any, stands in front of its content."""

    @abstractmethod
    def result_of(self, response: Struct) -> int:
        """Return what a customer answered to a report or reply; 0 means that it has it."""

    def take_other(self, peer: Peer, sequence: int, pdu: Struct) -> None:
        """Answer what is no submit, such as a query; unless a protocol does, it stays without answer."""
        del peer, sequence, pdu

    def id_text(self, message_id: int) -> str:
        """Return an id as the protocol writes it."""
        return str(message_id)

    def phone_text(self, number: int) -> str:
        """Return a phone's number as the protocol writes it, where no customer has shown how: 13800138000."""
        return spoken(number).removeprefix("+")

    def dialled_links(self, login: Login) -> Sequence[LinkClient]:
        """Return links that the carrier keeps up itself, each with this face as observer and `self.wrap` as wrap.

        Each index is its own; those of links that come in count from 1, so use negative ones.
        """
        del login
        return ()

    # Life --------------------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        """The port in use."""
        return self._listener.port

    def view(self) -> CarrierView:
        """Return what `/stats` shows."""
        return self.carrier.view(protocol=self.protocol, port=self.port)

    async def __aenter__(self) -> Self:
        """Listen; OSError when the address cannot be had."""
        await self._listener.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye to all."""
        self.carrier.close()
        await self._listener.stop(_DRAIN_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep up the links that this side dials, until `stop` is set."""
        self._dialled = {link: login for login in self.carrier.logins.values() for link in self.dialled_links(login)}
        async with asyncio.TaskGroup() as tasks:
            for link in self._dialled:
                tasks.create_task(link.run(), name="dialled link")
            await stop.wait()
            for link in self._dialled:
                await link.stop(_DRAIN_SECONDS)

    # What links call ---------------------------------------------------------------------------------

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        """Let in who knows the password."""
        ask = self.bind_ask(request)
        login = self.carrier.logins.get(ask.login)
        if login is None:
            link.refuse_bind(self.bind_codes[BindRefusal.UNKNOWN_LOGIN])
            return
        refusal = _bind_refusal(ask, login)
        if refusal is not None:
            login.counts.binds_refused += 1
            link.refuse_bind(refusal if isinstance(refusal, int) else self.bind_codes[refusal])
            return
        link.accept_bind(login.config.password)
        peer = self._new_peer(link, login, link.peer)
        peer.sends, peer.receives = ask.sends, ask.receives
        self._spoil_as(link)
        self.carrier.join(peer)

    def link_bound(self, link: LinkClient) -> None:
        """Let a link that was dialled take reports and replies."""
        peer = self._new_peer(link, self._dialled[link], f"{link.config.host}:{link.config.port}")
        peer.sends, peer.dialled = False, True
        self._spoil_as(link)
        self.carrier.join(peer)

    def link_lost(self, link: Link, unanswered: list[object], reason: str) -> None:
        """Keep for later what the lost link had not acknowledged."""
        del reason
        peer = self.peers.pop(link, None)
        if peer is not None:
            self.carrier.leave(peer, unanswered)

    def request_received(self, link: Link, sequence: int, pdu: Struct) -> None:
        """Take a submit, or leave the request to the protocol."""
        peer = self.peers[link]
        submission = self.read_submit(peer, pdu)
        if submission is None:
            self.take_other(peer, sequence, pdu)
        else:
            self._take_submit(peer, sequence, pdu, submission)

    def response_received(self, link: Link, sequence: int, token: object, pdu: Struct) -> None:
        """Take the answer to a report or reply."""
        assert isinstance(token, Segment | ReplyPart)
        self.carrier.push_answered(self.peers[link], sequence, token, self.result_of(pdu))

    def response_missing(self, link: Link, sequence: int, token: object) -> None:
        """Note that a report or reply was not answered."""
        del sequence
        assert isinstance(token, Segment | ReplyPart)
        self.carrier.push_unanswered(self.peers[link], token)

    # What the carrier calls --------------------------------------------------------------------------

    def send_report(self, link: Link, segment: Segment) -> int:
        """Send the report on a text; return its sequence."""
        carrier = self.carrier
        if carrier.is_skewed:
            carrier.look_at_clock_of(carrier.logins[segment.login])
        return link.send(self.report(link, segment), segment)

    def send_reply(self, link: Link, part: ReplyPart) -> int:
        """Send a part of a reply; return its sequence."""
        return link.send(self.reply(link, part), part)

    def scenario_changed(self) -> None:
        """Do to the octets of every link what its scenario says now."""
        for link in self._wires:
            self._spoil(link)

    def wrap(self, connection: Connection) -> FaultyWire:
        """Return what stands between a socket and its connection, so that its octets can be spoiled."""
        link = cast("Link", connection.owner)
        wire = FaultyWire(
            connection,
            header_size=self.header_size,
            clock=self.carrier.clock,
            random=self.carrier.random,
            on_gone=lambda: self._forget_wire(link),
        )
        self._wires[link] = wire
        self._spoil(link)
        return wire

    # Inside ------------------------------------------------------------------------------------------

    def limits(self) -> Limits:
        """Return the limits of a session."""
        return Limits(
            window_size=self.config.report_window_size,
            response_timeout_seconds=self.config.report_timeout_seconds,
            heartbeat_idle_seconds=HEARTBEAT_IDLE_SECONDS,
        )

    def _new_listener(self) -> Listener:
        config = self.config
        return Listener(
            ListenerConfig(host=config.host, port=config.port, name=config.name, tls=_tls(config.tls)),
            session=self.new_session,
            observer=self,
            clock=self.carrier.clock,
            wrap=self.wrap,
        )

    def _new_peer(self, link: Link, login: Login, address: str) -> Peer:
        peer = self.peers[link] = Peer(
            link, login, window_size=self.config.window_size, bound_at=self.carrier.clock.now()
        )
        peer.address = address
        return peer

    def _spoil_as(self, link: Link) -> None:
        """Set the faults of the login that a link turned out to be of; the same ones go on as they have begun."""
        conduct = self.peers[link].login.conduct
        if self._wires[link].faults is not (None if conduct is None else conduct.faults):
            self._spoil(link)

    def _spoil(self, link: Link) -> None:
        """Set the faults of a link: those of its login, or those for everybody while it has none."""
        peer = self.peers.get(link)
        conduct = self.carrier.conduct if peer is None else peer.login.conduct
        self._wires[link].set_faults(None if conduct is None else conduct.faults)

    def _forget_wire(self, link: Link) -> None:
        self._wires.pop(link, None)

    def _take_submit(self, peer: Peer, sequence: int, pdu: Struct, submission: Submission) -> None:
        carrier = self.carrier
        login = peer.login
        login.counts.submits += 1
        login.speed.count(carrier.clock.monotonic())
        peer.window.arrive()
        segments = self._segments(peer, sequence, submission)
        result = submission.fault
        if not result and (refusal := _bad_number(segments) or carrier.refusal_of(login, segments)) is not None:
            result = refusal if isinstance(refusal, int) else self.refusal_codes[refusal]
        if carrier.is_skewed:
            carrier.look_at_clock_of(login)
        ids: Sequence[int] = ()
        if result:
            login.counts.submits_refused += 1
        else:
            ids = self.message_ids(sequence, len(segments))
        response = _Response(peer, sequence, self.submit_response(pdu, ids[0] if ids else 0, result))
        if login.conduct is not None and login.conduct.loses_response():
            self._wires[peer.link].swallow(sequence)
        delay = carrier.response_delay(login, segments)
        if delay:
            carrier.later(delay, self._respond, response)
        else:
            self._respond(response)
        for index, segment in enumerate(segments):
            if not result:
                segment.message_id = ids[index]
            carrier.note_submit(segment, result)
            if not result:
                carrier.take(peer, segment)

    def _segments(self, peer: Peer, sequence: int, submission: Submission) -> list[Segment]:
        """Return one segment for each number of a submit."""
        now = self.carrier.clock.now()
        expires_at = submission.expires_at or now + self.config.validity_seconds
        wish = submission.wish
        segments = []
        for destination in submission.destinations:
            number = e164_of(destination) or 0
            behaviour = behaviour_of(number)
            segments.append(
                Segment(
                    carrier=self.config.name,
                    login=peer.login.name,
                    link=peer.link.index,
                    sequence=sequence,
                    message_id=0,
                    number=number,
                    destination=destination,
                    sender=intern(submission.sender),  # the same few over and over
                    service=submission.service,
                    coding=submission.coding,
                    content=submission.content,
                    concatenation=submission.concatenation,
                    behaviour=behaviour,
                    code=self.report_codes[behaviour.outcome],
                    reports_due=0 if wish is ReportWish.NEVER else behaviour.reports,
                    reports_failure_only=wish is ReportWish.ON_FAILURE,
                    report_first=behaviour.report_first,
                    expires_at=expires_at,
                    submitted_at=now,
                    id_text=self._id_text,
                )
            )
        return segments

    def _respond(self, response: _Response) -> None:
        peer = response.peer
        peer.link.answer(response.sequence, response.pdu)
        if peer.window.answer():
            self.carrier.at_end_of_turn(peer.window.end_turn)


def _bind_refusal(ask: BindAsk, login: Login) -> BindRefusal | int | None:
    """Return why a known login is not let in, or the protocol's own code for it; None when it is."""
    if login.conduct is not None and (refusal := login.conduct.bind_refusal()) is not None:
        return refusal
    if not ask.proves(login.config.password):
        return BindRefusal.WRONG_PASSWORD
    if login.links_open() >= login.config.links_max:
        return BindRefusal.TOO_MANY_LINKS
    return None


def _tls(config: TlsConfig | None) -> ssl.SSLContext | None:
    """Return what a listener with that certificate needs; OSError (ssl.SSLError) when it cannot be read."""
    if config is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(config.certificate, config.key)
    return context


def _bad_number(segments: list[Segment]) -> Refusal | None:
    """Return a refusal when a submit has no number, or one that is none."""
    if not segments:
        return Refusal.BAD_NUMBER
    for segment in segments:
        if not segment.number:
            return Refusal.BAD_NUMBER
    return None
