"""What a channel's carrier asks of us, over whichever connection it comes: reports, and texts from phones.

Nothing is acknowledged before it is committed, so that a carrier keeps what we have not. What is malformed is acknowledged
all the same: sent again, it would be no better, and it would hold up what comes after it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import structlog
from msgspec import Struct

from hongyan.carriers import PROTOCOLS
from hongyan.carriers.protocol import ReplyFields, ReportFields, Terms
from hongyan.kit.clock import Clock
from hongyan.replies.model import Part
from hongyan.routing.model import Channel
from hongyan.wire.errors import DecodeError

from .reports import Report
from .settle import Settler

_log = structlog.get_logger()


class AnswerableLink(Protocol):
    """A connection over which a request came: of ours, or one that the carrier made."""

    @property
    def index(self) -> int:
        """Its number, for the log."""
        ...

    def answer(self, sequence: int, pdu: Struct) -> None:
        """Answer the request of that sequence; without effect when the connection is gone."""
        ...


class ReplySink(Protocol):
    """Who keeps what phones send."""

    def received(self, part: Part, acknowledge: Callable[[], None]) -> None:
        """Keep a short message; `acknowledge` is called once it is committed."""
        ...


class Inbox:
    """Hands a carrier's requests on to those who keep what they say."""

    def __init__(self, channel: Channel, settler: Settler, replies: ReplySink, clock: Clock) -> None:
        self._protocol = PROTOCOLS[channel.protocol]
        self._settler = settler
        self._replies = replies
        self._clock = clock
        self.adopt(channel)

    def adopt(self, channel: Channel) -> None:
        """Read by changed settings from here on."""
        self._channel = channel
        self._terms = terms_of(channel)

    def take(self, link: AnswerableLink, sequence: int, pdu: Struct) -> None:
        """Take a request and answer it, now or when what it says is kept."""
        response = self._protocol.acknowledgement(pdu)

        def acknowledge() -> None:
            if response is not None:
                link.answer(sequence, response)

        try:
            told = self._protocol.read(pdu, self._terms, sequence)
        except DecodeError as error:
            _log.warning("report.malformed", channel=self._channel.name, link=link.index, error=str(error))
            told = None
        received_at = datetime.fromtimestamp(self._clock.now(), UTC)
        channel_id = self._channel.channel_id
        match told:
            case ReportFields(carrier_message_id, stat, recipient):
                report = Report(channel_id, carrier_message_id, recipient, stat, received_at)
                self._settler.reported(report, acknowledge)
            case ReplyFields():
                self._replies.received(_part_of(told, channel_id, received_at), acknowledge)
            case None:
                acknowledge()


def terms_of(channel: Channel) -> Terms:
    """Return what was agreed with the channel's carrier."""
    return Terms(channel.login, channel.src_id, channel.service_id, channel.settings, channel.password)


def _part_of(told: ReplyFields, channel_id: int, received_at: datetime) -> Part:
    return Part(
        channel_id=channel_id,
        from_number=told.from_number,
        to_number=told.destination,
        content=told.content,
        alphabet=told.alphabet,
        concatenation=told.concatenation,
        carrier_message_id=told.carrier_message_id,
        received_at=received_at,
    )
