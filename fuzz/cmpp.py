"""CMPP under fire."""

from msgspec import Struct

from hongyan.wire.cmpp.dialect import CMPP
from hongyan.wire.cmpp.pdus import (
    V20,
    V30,
    Cancel,
    CancelResp,
    Deliver,
    DeliverResp,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
)
from hongyan.wire.cmpp.report import decode_report, encode_report, time_of, verdict_of
from hongyan.wire.errors import DecodeError
from tests.wire.golden import CMPP_GOLDENS
from tests.wire.pair import SessionPair

from .subject import Subject


class CmppSubject(Subject):
    """CMPP 2.0 and 3.0."""

    name = "cmpp"
    dialect = CMPP
    versions = (V20, V30)
    goldens = CMPP_GOLDENS

    def pair(self, version: int) -> SessionPair:
        return SessionPair(version=version)

    def from_client(self, token: int) -> Struct:
        return Submit(dest_terminal_id=("13800138000",))

    def from_server(self, token: int) -> Struct:
        return Deliver(msg_id=token)

    def answer_to(self, request: Struct) -> Struct:
        match request:
            case Deliver():
                return DeliverResp(request.msg_id)
            case Submit():
                return SubmitResp(1)
            case Query():
                return QueryResp(request.time)
            case _:
                assert isinstance(request, Cancel)
                return CancelResp(1)

    def check_content(self, content: bytes) -> None:
        """What reads as a report is written again to the same; its times and its Stat never raise."""
        try:
            report = decode_report(content)
        except DecodeError:
            return
        assert decode_report(encode_report(report, len(content))) == report
        time_of(report.submit_time)
        time_of(report.done_time)
        verdict_of(report.stat)


SUBJECT = CmppSubject()
