"""SMPP under fire."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from hongyan.wire.smpp.dialect import SMPP
from hongyan.wire.smpp.pdus import (
    V34,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
)
from hongyan.wire.smpp.receipt import format_receipt, parse_receipt, receipt_of, time_of, verdict_of
from hongyan.wire.smpp.times import moment_of
from hongyan.wire.smpp.tlvs import MessageTlvs
from tests.wire.golden_smpp import SMPP_GOLDENS, SMPP_QUIRKS
from tests.wire.pair_smpp import SmppPair

from .subject import Subject

_NOW = datetime(2026, 11, 22, tzinfo=UTC)


class SmppSubject(Subject):
    """SMPP 3.4."""

    name = "smpp"
    dialect = SMPP
    versions = (V34,)
    goldens = (*SMPP_GOLDENS, *SMPP_QUIRKS)

    def pair(self, version: int) -> SmppPair:
        return SmppPair(interface_version=version)

    def from_client(self, token: int) -> Struct:
        return SubmitSm(destination_addr="8613800138000", tlvs=MessageTlvs(sar_segment_seqnum=token))

    def from_server(self, token: int) -> Struct:
        return DeliverSm(short_message=b"%d" % token)

    def answer_to(self, request: Struct) -> Struct:
        match request:
            case SubmitSm():
                _read_time(request.validity_period)
                return SubmitSmResp(message_id="1")
            case SubmitMulti():
                return SubmitMultiResp(message_id="1")
            case DeliverSm():
                receipt_of(request)
                return DeliverSmResp()
            case DataSm():
                receipt_of(request)
                return DataSmResp(message_id="1")
            case QuerySm(message_id=message_id):
                return QuerySmResp(message_id=message_id)
            case CancelSm():
                return CancelSmResp(0x11)
            case _:
                assert isinstance(request, ReplaceSm)
                return ReplaceSmResp(0x13)

    def contents(self) -> Sequence[bytes]:
        return [golden.fields["short_message"] for golden in self.goldens if golden.fields.get("short_message")]

    def check_content(self, content: bytes) -> None:
        """Whatever a receipt says, it names a message and a stat that are written again and read the same."""
        receipt_of(DeliverSm(esm_class=0x44, short_message=content[:255]))
        receipt = parse_receipt(content)
        time_of(receipt.submit_date)
        time_of(receipt.done_date)
        verdict_of(receipt.stat)
        if receipt.message_id.isalnum() and receipt.stat.isalnum():
            again = parse_receipt(format_receipt(receipt))
            assert (again.message_id, again.stat) == (receipt.message_id, receipt.stat)


def _read_time(written: str) -> None:
    try:
        moment_of(written, _NOW)
    except ValueError:
        return


SUBJECT = SmppSubject()
