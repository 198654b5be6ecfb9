"""What a carrier does apart from its protocol; over a real link it is tested in tests/integration."""

import asyncio
from random import Random
from typing import Any

from hongyan.kit.clock import SystemClock
from hongyan.simulator.behaviour import behaviour_of
from hongyan.simulator.carrier import Carrier
from hongyan.simulator.config import CarrierConfig, LoginConfig
from hongyan.simulator.login import Peer
from hongyan.simulator.outcome import STAT_CODES
from hongyan.simulator.phones import Phones
from hongyan.simulator.reply import ReplyPart
from hongyan.simulator.segment import Segment

from .builders import a_segment


class _Link:
    """A link with as much room as it is told."""

    index = 1
    version = 0x30

    def __init__(self, credit: int) -> None:
        self.credit = credit

    def send(self, pdu: Any, token: object) -> int:
        raise NotImplementedError

    def answer(self, sequence: int, pdu: Any) -> None:
        raise NotImplementedError


class _Sender:
    """Sends nowhere; what was sent takes a place of the link's room."""

    report_codes = STAT_CODES

    def __init__(self) -> None:
        self.sent: list[Segment] = []
        self.something = asyncio.Event()

    def send_report(self, link: Any, segment: Segment) -> int:
        link.credit -= 1
        self.sent.append(segment)
        self.something.set()
        return len(self.sent)

    def send_reply(self, link: Any, part: ReplyPart) -> int:
        raise NotImplementedError

    def scenario_changed(self) -> None:
        raise NotImplementedError


def a_carrier(sender: _Sender, **changes: Any) -> Carrier:
    """Return a carrier with one login."""
    logins = (LoginConfig(login="910001", password="secret"),)
    config = CarrierConfig(name="mobile", port=0, logins=logins, **changes)
    clock = SystemClock()
    carrier = Carrier(config, clock=clock, random=Random(7), phones=Phones(clock), journal=None)
    carrier.speak_by(sender)
    return carrier


def a_peer(carrier: Carrier, link: _Link) -> Peer:
    """Return the peer at the end of a link, bound."""
    peer = Peer(link, carrier.logins["910001"], window_size=16, bound_at=0.0)
    carrier.join(peer)
    return peer


async def test_a_peer_that_makes_room_without_a_word_gets_its_reports() -> None:
    sender, link = _Sender(), _Link(credit=0)
    carrier = a_carrier(sender)
    peer = a_peer(carrier, link)
    segment = a_segment(behaviour=behaviour_of(9004), report_first=True)
    carrier.take(peer, segment)
    link.credit = 5

    async with asyncio.timeout(5):
        await sender.something.wait()
    carrier.close()

    assert sender.sent == [segment]


async def test_reports_that_wait_for_a_login_are_bounded() -> None:
    carrier = a_carrier(_Sender(), backlog_max=2)
    login = carrier.logins["910001"]
    peer = a_peer(carrier, _Link(credit=0))
    first = a_segment("first")
    carrier.leave(peer, [first, a_segment("second")])

    for text in ("third", "fourth"):
        carrier.pushes._queue(a_segment(text))
    carrier.close()

    assert (len(login.pushes), login.pushes[0], login.counts.reports_given_up) == (2, first, 2)
