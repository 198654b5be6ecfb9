"""SMGP under fire."""

from msgspec import Struct

from hongyan.wire.errors import DecodeError, EncodeError
from hongyan.wire.smgp.dialect import SMGP
from hongyan.wire.smgp.msg_id import split
from hongyan.wire.smgp.parts import part_of
from hongyan.wire.smgp.pdus import V30, Deliver, DeliverResp, Query, QueryResp, Submit, SubmitResp
from hongyan.wire.smgp.report import decode_report, encode_report
from hongyan.wire.smgp.tlvs import SmgpTlvs
from tests.wire.golden import goldens
from tests.wire.golden_smgp import SMGP_GOLDENS, SMGP_READING
from tests.wire.pair_smgp import SmgpPair

from .subject import Subject


class SmgpSubject(Subject):
    """SMGP 3.0."""

    name = "smgp"
    dialect = SMGP
    versions = (V30,)
    goldens = (*SMGP_GOLDENS, *goldens("smgp30_quirks", SMGP_READING))

    def pair(self, version: int) -> SmgpPair:
        return SmgpPair(version=version)

    def from_client(self, token: int) -> Struct:
        return Submit(dest_term_id=("13300138000",), tlvs=SmgpTlvs(pk_total=3, pk_number=token + 1))

    def from_server(self, token: int) -> Struct:
        return Deliver(msg_id=token.to_bytes(10, "big"))

    def answer_to(self, request: Struct) -> Struct:
        match request:
            case Deliver():
                _read_part(request.tlvs)
                return DeliverResp(request.msg_id)
            case Submit():
                _read_part(request.tlvs)
                return SubmitResp(bytes(10))
            case _:
                assert isinstance(request, Query)
                return QueryResp(request.query_time)

    def check_content(self, content: bytes) -> None:
        """What reads as a report names ten octets and a stat, and is written again to the same if it fits."""
        try:
            report = decode_report(content)
        except DecodeError:
            return
        assert len(report.msg_id) == 10
        assert report.stat
        split(report.msg_id)
        try:
            written = encode_report(report)
        except EncodeError:
            return
        assert decode_report(written, frozenset()) == report


def _read_part(tlvs: SmgpTlvs) -> None:
    try:
        part = part_of(tlvs)
    except DecodeError:
        return
    assert part is None or 1 <= part.number <= part.total


SUBJECT = SmgpSubject()
