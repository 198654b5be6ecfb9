"""The gateway (ISMG) of a simulated carrier: CMPP 2.0 and 3.0 in front of what every carrier does.

It refuses what a strict gateway refuses, by the codes of CMPP 3.0 §7.4.3.2: a Msg_src that is not the
login's (11), no number or one that is none (13), a text that is too long (6), and more than it can keep (8).
"""

from sys import intern
from types import TracebackType
from typing import Final, NamedTuple, Self

from msgspec import Struct

from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.wire.cmpp.auth import is_authentic
from hongyan.wire.cmpp.dialect import V20, V21, V30
from hongyan.wire.cmpp.pdus import (
    Cancel,
    CancelResp,
    Connect,
    Deliver,
    DeliverResp,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
)
from hongyan.wire.cmpp.report import SIZE_SHORT, Report, encode_report
from hongyan.wire.cmpp.statuses import ConnectStatus, SubmitResult
from hongyan.wire.session import Limits

from .behaviour import Refusal, behaviour_of
from .carrier import Carrier, CarrierView
from .login import Peer
from .message_ids import MessageIds
from .numbering import e164_of
from .segment import Segment
from .times import report_stamp
from .user_data import Concatenation, split_header

ASCII_SIZE_MAX: Final = 160
"""CMPP 3.0 §7.4.3.1 says "<160"; gateways in the field take 160."""
CONTENT_SIZE_MAX: Final = 140
HEARTBEAT_IDLE_SECONDS: Final = 60.0
_DRAIN_SECONDS: Final = 1.0

_RESULTS: Final = {
    None: SubmitResult.OK,
    Refusal.BAD_NUMBER: SubmitResult.DEST_TERMINAL_ID_ERROR,
    Refusal.BUSY: SubmitResult.FLOW_CONTROL,
}


class _Response(NamedTuple):
    """A submit response on its way."""

    peer: Peer
    sequence: int
    pdu: SubmitResp


class CmppGateway:
    """Listens for a carrier's customers. An async context manager: inside it, they can connect."""

    def __init__(self, carrier: Carrier) -> None:
        config = carrier.config
        versions = {version.number for version in config.versions}
        self._carrier = carrier
        self._ids = MessageIds(carrier.clock, config.gateway_code)
        self._peers: dict[ServerLink, Peer] = {}
        self._listener = Listener(
            ListenerConfig(
                host=config.host,
                port=config.port,
                name=config.name,
                versions=frozenset(versions | ({V21} if V20 in versions else set())),
                limits=Limits(
                    window_size=config.report_window_size,
                    response_timeout_seconds=config.report_timeout_seconds,
                    heartbeat_idle_seconds=HEARTBEAT_IDLE_SECONDS,
                ),
            ),
            observer=self,
            clock=carrier.clock,
        )
        carrier.speak_by(self)

    @property
    def port(self) -> int:
        """The port in use."""
        return self._listener.port

    def view(self) -> CarrierView:
        """Return what `/stats` shows."""
        return self._carrier.view(protocol="cmpp", port=self.port)

    async def __aenter__(self) -> Self:
        """Listen; OSError when the address cannot be had."""
        await self._listener.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye to all."""
        self._carrier.close()
        await self._listener.stop(_DRAIN_SECONDS)

    # What the listener calls -------------------------------------------------------------------------

    def bind_requested(self, link: ServerLink, connect_pdu: Connect) -> None:
        """Let in who knows the password (CMPP 3.0 §7.4.1)."""
        login = self._carrier.logins.get(connect_pdu.source_addr)
        if login is None:
            link.refuse_bind(ConnectStatus.ILLEGAL_SOURCE_ADDRESS)
        elif not is_authentic(connect_pdu, login.config.password):
            login.counts.binds_refused += 1
            link.refuse_bind(ConnectStatus.AUTHENTICATION_ERROR)
        elif len(login.peers) >= login.config.links_max:
            login.counts.binds_refused += 1
            link.refuse_bind(ConnectStatus.OTHER)
        else:
            link.accept_bind(login.config.password)
            self._peers[link] = self._carrier.join(link, login)

    def link_lost(self, link: ServerLink, unanswered: list[object], reason: str) -> None:
        """Keep for later what the lost link had not acknowledged."""
        del reason
        peer = self._peers.pop(link, None)
        if peer is not None:
            self._carrier.leave(peer, unanswered)

    def request_received(self, link: ServerLink, sequence: int, pdu: Struct) -> None:
        """Answer a request."""
        peer = self._peers[link]
        if isinstance(pdu, Submit):
            self._take_submit(peer, sequence, pdu)
        elif isinstance(pdu, Cancel):
            link.answer(sequence, CancelResp(1))  # §7.4.6.2: it could not be withdrawn; real gateways seldom can
        elif isinstance(pdu, Query):
            texts = peer.login.counts.texts
            answer = QueryResp(pdu.time, pdu.query_type, pdu.query_code, mt_tlmsg=texts, mt_tlusr=texts, mt_scs=texts)
            link.answer(sequence, answer)

    def response_received(self, link: ServerLink, sequence: int, token: object, pdu: Struct) -> None:
        """Take the answer to a report."""
        assert isinstance(token, Segment)
        assert isinstance(pdu, DeliverResp)
        self._carrier.report_answered(self._peers[link], sequence, token, pdu.result)

    def response_missing(self, link: ServerLink, sequence: int, token: object) -> None:
        """Note that a report was not answered."""
        del sequence
        assert isinstance(token, Segment)
        self._carrier.report_unanswered(self._peers[link], token)

    # What the carrier calls --------------------------------------------------------------------------

    def send_report(self, link: ServerLink, segment: Segment) -> int:
        """Send a report (CMPP 3.0 §7.4.5.1); in 2.0 it always has 60 octets."""
        now = self._carrier.clock.now()
        report = Report(
            segment.message_id,
            segment.behaviour.stat,
            report_stamp(segment.submitted_at),
            report_stamp(now),
            segment.destination,
            segment.sequence,
        )
        size = self._carrier.config.report_size if link.version >= V30 else SIZE_SHORT
        deliver = Deliver(
            msg_id=self._ids.next(),
            dest_id=segment.sender,
            service_id=segment.service_id,
            src_terminal_id=segment.destination,
            registered_delivery=1,
            msg_content=encode_report(report, size),
        )
        return link.send(deliver, segment)

    # Submits -----------------------------------------------------------------------------------------

    def _take_submit(self, peer: Peer, sequence: int, pdu: Submit) -> None:
        carrier = self._carrier
        login = peer.login
        login.counts.submits += 1
        login.speed.count(carrier.clock.monotonic())
        peer.window.arrive()
        segments = self._segments(peer, sequence, pdu)
        result = fault_of(pdu, segments, login.name) or _RESULTS[carrier.refusal_of(segments)]
        message_id = 0
        if result:
            login.counts.submits_refused += 1
        else:
            message_id = self._ids.next(len(segments))
        delay = carrier.response_delay(segments)
        response = _Response(peer, sequence, SubmitResp(message_id, result))
        if delay:
            carrier.later(delay, self._respond, response)
        else:
            self._respond(response)
        for offset, segment in enumerate(segments):
            if not result:
                # CMPP 3.0, appendix 1: the response stands for this id and those that follow it.
                segment.message_id = message_id + offset
            carrier.note_submit(segment, result)
            if not result:
                carrier.take(peer, segment)

    def _segments(self, peer: Peer, sequence: int, pdu: Submit) -> list[Segment]:
        """Return one segment for each number of a submit."""
        concatenation: Concatenation | None = None
        content = pdu.msg_content
        if pdu.tp_udhi & 1:
            concatenation, content = split_header(content)
        if concatenation is None and 1 <= pdu.pk_number <= pdu.pk_total > 1:
            concatenation = Concatenation(0, 0, pdu.pk_total, pdu.pk_number)
        now = self._carrier.clock.now()
        segments = []
        for destination in pdu.dest_terminal_id:
            number = e164_of(destination) or 0
            behaviour = behaviour_of(number)
            segments.append(
                Segment(
                    carrier=self._carrier.config.name,
                    login=peer.login.name,
                    link=peer.link.index,
                    sequence=sequence,
                    message_id=0,
                    number=number,
                    destination=destination,
                    sender=intern(pdu.src_id),  # the same few over and over
                    service_id=pdu.service_id,
                    message_format=pdu.msg_fmt,
                    content=content,
                    concatenation=concatenation,
                    behaviour=behaviour,
                    reports_due=behaviour.reports if pdu.registered_delivery == 1 else 0,
                    submitted_at=now,
                )
            )
        return segments

    def _respond(self, response: _Response) -> None:
        peer = response.peer
        peer.link.answer(response.sequence, response.pdu)
        if peer.window.answer():
            self._carrier.at_end_of_turn(peer.window.end_turn)


def fault_of(pdu: Submit, segments: list[Segment], login: str) -> SubmitResult:
    """Return the code for what is wrong with a submit itself, OK when nothing is."""
    if pdu.msg_src != login:
        return SubmitResult.MSG_SRC_ERROR
    if not segments:
        return SubmitResult.DEST_TERMINAL_ID_ERROR
    for segment in segments:
        if not segment.number:
            return SubmitResult.DEST_TERMINAL_ID_ERROR
    if len(pdu.msg_content) > (CONTENT_SIZE_MAX if pdu.msg_fmt else ASCII_SIZE_MAX):
        return SubmitResult.TOO_LONG
    return SubmitResult.OK
