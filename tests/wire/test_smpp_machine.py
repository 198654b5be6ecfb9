"""Two ends of SMPP driven at random."""

from msgspec import Struct

from hongyan.wire.smpp.pdus import DataSm, DataSmResp, DeliverSm, DeliverSmResp, GenericNack, SubmitSm, SubmitSmResp
from hongyan.wire.smpp.tlvs import MessageTlvs

from .machine import LIMITS, SETTINGS, TwoSessions
from .pair_smpp import SmppPair


class TwoEndsOfSmpp(TwoSessions):
    """An ESME and an SMSC, at the end of the sequence numbers as well as at their beginning."""

    def new_pair(self, choice: int) -> SmppPair:
        return SmppPair.bound(limits=LIMITS, sequence_first=(1, 0x7FFFFFFC, 0x7FFFFFFF)[choice])

    def from_client(self, token: int) -> SubmitSm | DataSm:
        if token % 5 == 4:
            return DataSm(tlvs=MessageTlvs(message_payload=b"%d" % token))
        return SubmitSm(short_message=b"%d" % token)

    def from_server(self, token: int) -> DeliverSm:
        return DeliverSm(short_message=b"%d" % token)

    def answer_to(self, request: Struct) -> Struct:
        match request:
            case SubmitSm(short_message=content) if content.endswith(b"3"):
                return GenericNack(3)
            case SubmitSm():
                return SubmitSmResp(message_id="1")
            case DataSm():
                return DataSmResp(message_id="2")
            case _:
                return DeliverSmResp()


TestTwoEndsOfSmpp = TwoEndsOfSmpp.TestCase
TestTwoEndsOfSmpp.settings = SETTINGS
