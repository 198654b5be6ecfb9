"""What a carrier asks of us is kept before it is answered, whoever's connection it came over."""

from collections.abc import Callable
from typing import Any, cast

import msgspec
from msgspec import Struct

from hongyan.carriers.settings import ChannelSettings
from hongyan.kit.clock import ManualClock
from hongyan.pipeline.inbox import Inbox
from hongyan.pipeline.settle import Settler
from hongyan.replies.model import Part
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation
from hongyan.wire.cmpp.pdus import Deliver, DeliverResp
from hongyan.wire.cmpp.report import Report, encode_report
from hongyan.wire.smpp.pdus import DeliverSm
from tests.unit.routing.test_table import a_channel


class Desk:
    """An inbox, and everybody around it."""

    index = 1

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.settler = Settler(cast("Any", None), self.clock)
        self.inbox = Inbox(a_channel(7), self.settler, self, self.clock)
        self.parts: list[Part] = []
        self.acknowledge: list[Callable[[], None]] = []
        self.answers: list[tuple[int, Struct]] = []

    def received(self, part: Part, acknowledge: Callable[[], None]) -> None:
        self.parts.append(part)
        self.acknowledge.append(acknowledge)

    def answer(self, sequence: int, pdu: Struct) -> None:
        self.answers.append((sequence, pdu))


def test_a_report_is_answered_when_it_is_kept() -> None:
    desk = Desk()
    content = encode_report(Report(msg_id=42, stat="DELIVRD", dest_terminal_id="13800138000"))
    desk.inbox.take(desk, 5, Deliver(msg_id=9, registered_delivery=1, msg_content=content))

    (report,) = desk.settler._batch.reports
    assert (report.channel_id, report.carrier_message_id, report.stat) == (7, "42", "DELIVRD")
    assert (report.recipient, desk.answers) == (8613800138000, [])
    desk.settler._batch.acknowledge[0]()
    assert desk.answers == [(5, DeliverResp(9))]


def test_a_text_from_a_phone_is_answered_when_it_is_kept() -> None:
    desk = Desk()
    content = b"\x05\x00\x03\x2a\x02\x01" + "退订".encode("utf-16-be")
    desk.inbox.take(
        desk,
        6,
        Deliver(
            msg_id=10, dest_id="106900010088", src_terminal_id="13800138000", tp_udhi=1, msg_fmt=8, msg_content=content
        ),
    )

    (part,) = desk.parts
    assert (part.channel_id, part.from_number, part.to_number) == (7, 8613800138000, "106900010088")
    assert (part.content, part.alphabet) == ("退订".encode("utf-16-be"), Alphabet.UCS2)
    assert (part.concatenation, part.carrier_message_id) == (Concatenation(42, 2, 1), "10")
    assert desk.answers == []
    desk.acknowledge[0]()
    assert desk.answers == [(6, DeliverResp(10))]


def test_a_malformed_report_is_answered_at_once_and_kept_nowhere() -> None:
    desk = Desk()
    desk.inbox.take(desk, 7, Deliver(msg_id=11, registered_delivery=1, msg_content=b"short"))

    assert desk.answers == [(7, DeliverResp(11))]
    assert (desk.settler._batch.reports, desk.parts) == ([], [])


def test_a_text_of_nobody_knows_whom_is_answered_at_once() -> None:
    desk = Desk()
    desk.inbox.take(desk, 8, Deliver(msg_id=12, src_terminal_id="nobody", msg_content=b"T"))

    assert desk.answers == [(8, DeliverResp(12))]
    assert desk.parts == []


def test_changed_settings_hold_for_what_comes_from_then_on() -> None:
    desk = Desk()
    channel = msgspec.structs.replace(a_channel(7), protocol="smpp34")
    inbox = Inbox(channel, desk.settler, desk, desk.clock)
    receipt = DeliverSm(esm_class=0x04, short_message=b"id:0000255 sub:001 dlvrd:001 stat:DELIVRD err:000 text:")
    inbox.take(desk, 1, receipt)
    inbox.adopt(msgspec.structs.replace(channel, settings=ChannelSettings(id_form="hex_to_decimal")))
    inbox.take(desk, 2, receipt)

    first, second = (report.carrier_message_id for report in desk.settler._batch.reports)
    assert first == "0000255"
    assert second != first
