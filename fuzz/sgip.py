"""SGIP under fire."""

from collections.abc import Sequence

from msgspec import Struct

from hongyan.wire.sgip.dialect import SGIP
from hongyan.wire.sgip.pdus import (
    V12,
    Deliver,
    DeliverResp,
    Report,
    ReportResp,
    Submit,
    SubmitResp,
    Trace,
    TraceResp,
    UserRpt,
    UserRptResp,
)
from hongyan.wire.sgip.sequences import SIZE, compose, octets_of, parse, sequence_of, split, text_of
from hongyan.wire.sgip.statuses import status_of
from tests.wire.golden import goldens
from tests.wire.golden_sgip import SGIP_GOLDENS, SGIP_READING
from tests.wire.pair_sgip import SgipPair

from .subject import Subject


class SgipSubject(Subject):
    """SGIP 1.2."""

    name = "sgip"
    dialect = SGIP
    versions = (V12,)
    goldens = (*SGIP_GOLDENS, *goldens("sgip12_quirks", SGIP_READING))

    def pair(self, version: int) -> SgipPair:
        assert version == V12
        return SgipPair()

    def from_client(self, token: int) -> Struct:
        return Submit(user_number=("8613000138000",), message_content=bytes([token]))

    def from_server(self, token: int) -> Struct:
        return Report(token.to_bytes(SIZE, "big"))

    def answer_to(self, request: Struct) -> Struct:
        match request:
            case Submit():
                return SubmitResp()
            case Deliver():
                return DeliverResp()
            case Report():
                status_of(request.error_code)
                return ReportResp()
            case UserRpt():
                return UserRptResp()
            case _:
                assert isinstance(request, Trace)
                return TraceResp()

    def contents(self) -> Sequence[bytes]:
        return [
            golden.fields["submit_sequence_number"]
            for golden in self.goldens
            if "submit_sequence_number" in golden.fields
        ]

    def check_content(self, content: bytes) -> None:
        """Twelve octets are a number whichever way it is written; what else people write is told apart."""
        parse(content.decode("latin-1"))
        octets = content[:SIZE].ljust(SIZE, b"\0")
        sequence = sequence_of(octets)
        assert octets_of(sequence) == octets
        assert compose(*split(sequence)) == sequence == parse(text_of(sequence))


SUBJECT = SgipSubject()
