"""Our side as SP: real links and the protocol as dispatch sees it, without a database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct, structs

from hongyan.carriers import PROTOCOLS
from hongyan.carriers.protocol import Outgoing, ReplyFields, ReportFields, Terms, Verdict
from hongyan.carriers.sgip import SGIP_12, reverse_refusal
from hongyan.link.client import LinkClient, LinkConfig
from hongyan.link.listener import Listener, ListenerConfig, ServerLink
from hongyan.wire.errors import DecodeError
from hongyan.wire.session import Limits
from hongyan.wire.sgip.pdus import Bind
from tests.conformance.carriers.speech import ANNA, LOGIN, PASSWORD, SOURCE, STAMP, Speech

from .record import CLOCK, Record, ShortPauses

EXPIRES: Final = timedelta(hours=1)


class OurSide(Record):
    """One link of ours to a carrier; what it is told is noted as dispatch would read it."""

    def __init__(self, speech: Speech, port: int, *, limits: Limits | None = None, **given: Any) -> None:
        """Prepare; given may be login, password, and any of the channel's settings."""
        super().__init__()
        login, password = given.pop("login", LOGIN), given.pop("password", PASSWORD)
        self.speech = speech
        self.protocol = PROTOCOLS[speech.name]
        self.terms = Terms(login, SOURCE, "HELP", structs.replace(speech.settings, **given), password)
        limits = limits or speech.limits(response_timeout_seconds=5.0)
        self.link = LinkClient(
            LinkConfig(host="127.0.0.1", port=port, name="channel-7"),
            session=lambda: self.protocol.session(self.terms, limits, _stamp),
            observer=self,
            clock=CLOCK,
            index=1,
            randomness=ShortPauses(),
        )
        self.reverse: Listener | None = None
        if speech.name == "sgip12":
            self.reverse = Listener(
                ListenerConfig(),
                session=lambda now: SGIP_12.reverse_session(speech.settings.node, limits, _stamp, now=now),
                observer=self,
                clock=CLOCK,
            )
        self._reference = 0x21

    @property
    def reverse_port(self) -> int:
        """Where a gateway of SGIP connects to; 0 for other protocols."""
        return self.reverse.port if self.reverse else 0

    def submits(self, content: str, number: int = ANNA) -> list[Struct]:
        """Return the submits of a text, as dispatch makes them."""
        self._reference += 1
        outgoing = Outgoing(number, content, self._reference, datetime.now(UTC) + EXPIRES)
        return list(self.protocol.submits(self.terms, outgoing))

    def send(self, content: str, *, token: object = None) -> list[int]:
        """Send a text and return the sequences of its submits; the token, or each one's place, comes back."""
        return [
            self.link.send(submit, place if token is None else token)
            for place, submit in enumerate(self.submits(content), 1)
        ]

    @property
    def verdicts(self) -> list[Verdict]:
        """What the carrier's answers mean, in the order they came."""
        return [verdict for _, verdict in self.of("verdict")]

    @property
    def reports(self) -> list[ReportFields]:
        """What was reported."""
        return [fields for (fields,) in self.of("read") if isinstance(fields, ReportFields)]

    @property
    def replies(self) -> list[ReplyFields]:
        """What phones sent."""
        return [fields for (fields,) in self.of("read") if isinstance(fields, ReplyFields)]

    # What links tell ---------------------------------------------------------------------------------

    def link_bound(self, link: LinkClient) -> None:
        self.note("bound")

    def link_lost(self, link: LinkClient | ServerLink, unanswered: list[object], reason: str) -> None:
        if link is self.link:
            self.note("lost", unanswered, reason)

    def response_received(self, link: object, sequence: int, token: object, pdu: Struct) -> None:
        self.note("verdict", token, self.protocol.judge(sequence, pdu, self.terms))

    def response_missing(self, link: object, sequence: int, token: object) -> None:
        self.note("missing", token)

    def request_received(self, link: LinkClient | ServerLink, sequence: int, pdu: Struct) -> None:
        try:
            fields = self.protocol.read(pdu, self.terms)
        except DecodeError as error:
            self.note("malformed", str(error))
        else:
            self.note("read", fields)
        answer = self.protocol.acknowledgement(pdu)
        if answer is not None:
            link.answer(sequence, answer)

    def bind_requested(self, link: ServerLink, request: Struct) -> None:
        assert isinstance(request, Bind)
        refusal = reverse_refusal(request, self.terms)
        if refusal is None:
            link.accept_bind(self.terms.password)
        else:
            link.refuse_bind(refusal)


@asynccontextmanager
async def our_side(speech: Speech, port: int, *, is_bound: bool = True, **given: Any) -> AsyncIterator[OurSide]:
    """Keep a link of ours up for the time of the block."""
    ours = OurSide(speech, port, **given)
    async with AsyncExitStack() as stack:
        if ours.reverse is not None:
            await stack.enter_async_context(ours.reverse)
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        tasks.create_task(ours.link.run())
        try:
            if is_bound:
                await ours.has("bound")
            yield ours
        finally:
            await ours.link.stop(0)


def _stamp(now: float) -> int:
    del now
    return STAMP
