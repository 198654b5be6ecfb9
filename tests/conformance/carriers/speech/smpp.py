"""SMPP 3.4 for the suite, from the specification and apart from `carriers`."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from msgspec import Struct, structs

from hongyan.wire.session import Limits
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX
from hongyan.wire.smpp.pdus import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    SubmitSm,
    SubmitSmResp,
)
from hongyan.wire.smpp.receipt import receipt_of
from hongyan.wire.smpp.session import BindMode, SmppClientSession, SmppServerSession
from hongyan.wire.smpp.tlvs import MessageTlvs

from .speech import ANNA, LOGIN, PASSWORD, BadSubmit, Receipt, Speech, Text, code_text, e164

DATA_CODINGS: Final = {"gsm7": 0, "ascii": 1, "ucs2": 8, "gbk": 15}
"""15 for GBK is no standard (SMPP 3.4 §5.2.19 reserves it) and the custom of Chinese upstreams."""
CODINGS: Final = {code: name for name, code in DATA_CODINGS.items()}
STATES: Final = {"DELIVRD": 2, "UNDELIV": 5, "ENROUTE": 1}
_UDHI: Final = 0x40
_RECEIPT: Final = 0x04


class Smpp(Speech):
    """The one version."""

    name = "smpp34"
    family = "smpp"
    unknown_login = 0x0F
    wrong_password = 0x0E
    busy = 0x58
    busy_codes = frozenset({0x14, 0x58})
    unknown_id = 0x0C
    final_codes: ClassVar[Mapping[str, int]] = {
        "bad-source": 0x0A,
        "bad-class": 0x43,
        "bad-coding": 0x45,
        "bad-length": 0x01,
        "bad-count": 0x33,
        "bad-header": 0x43,
    }
    report_forms = ("text", "parameters", "both")
    heartbeat = EnquireLink
    heartbeat_frame = bytes.fromhex("00000010 00000015 00000000 01020304")
    heartbeat_answer = bytes.fromhex("00000010 80000015 00000000 01020304")

    def client_session(
        self, login: str, password: str, limits: Limits, *, bind: BindMode = BindMode.TRANSCEIVER
    ) -> SmppClientSession:
        return SmppClientSession(login, password, bind=bind, limits=limits)

    def submit(self, text: Text) -> SubmitSm:
        return SubmitSm(
            source_addr=text.source,
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=str(text.number),
            esm_class=_UDHI if text.header else 0,
            registered_delivery=1,
            data_coding=DATA_CODINGS[text.coding],
            short_message=text.header + text.content,
        )

    def silent(self, text: Text) -> SubmitSm:
        return structs.replace(self.submit(text), registered_delivery=0)

    def result(self, response: Struct) -> int:
        assert isinstance(response, SubmitSmResp)
        return response.command_status

    def key(self, sequence: int, response: Struct) -> str:
        assert isinstance(response, SubmitSmResp)
        return response.message_id

    def receipt_of(self, request: Struct) -> Receipt | None:
        assert isinstance(request, DeliverSm)
        receipt = receipt_of(request)
        return None if receipt is None else Receipt(receipt.message_id, receipt.stat, e164(request.source_addr))

    def reply_of(self, request: Struct) -> Text:
        assert isinstance(request, DeliverSm)
        content = request.tlvs.message_payload or request.short_message
        size = content[0] + 1 if request.esm_class & _UDHI else 0
        coding = CODINGS[request.data_coding]
        return Text(e164(request.source_addr), coding, content[size:], content[:size], request.destination_addr)

    def taken_push(self, request: Struct, code: int = 0) -> DeliverSmResp:
        return DeliverSmResp(code)

    def limits(self, **given: float) -> Limits:
        return super().limits(**{"frame_size_max": FRAME_SIZE_MAX, **given})

    def server_session(self, limits: Limits, now: float) -> SmppServerSession:
        return SmppServerSession(limits=limits, now=now)

    def bind_code(self, request: Struct) -> int:
        assert isinstance(request, BindTransceiver | BindTransmitter | BindReceiver)
        if request.system_id != LOGIN:
            return self.unknown_login
        return 0 if request.password == PASSWORD else self.wrong_password

    def text_of(self, submit: Struct) -> Text:
        assert isinstance(submit, SubmitSm)
        content = submit.tlvs.message_payload or submit.short_message
        size = content[0] + 1 if submit.esm_class & _UDHI else 0
        coding = CODINGS[submit.data_coding]
        return Text(e164(submit.destination_addr), coding, content[size:], content[:size], submit.source_addr)

    def taken(self, number: int) -> SubmitSmResp:
        return SubmitSmResp(message_id=str(number))

    def refused(self, code: int) -> SubmitSmResp:
        return SubmitSmResp(code)

    def report(self, form: str, receipt: Receipt) -> DeliverSm:
        words = (
            f"id:{receipt.key} sub:001 dlvrd:001 submit date:2511221401 done date:2511221402 stat:{receipt.stat} "
            "err:000 text:"
        )
        tlvs = MessageTlvs(receipted_message_id=receipt.key, message_state=STATES[receipt.stat])
        return DeliverSm(
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr=str(receipt.number),
            destination_addr="10690001",
            esm_class=_RECEIPT,
            short_message=b"" if form == "parameters" else words.encode(),
            tlvs=MessageTlvs() if form == "text" else tlvs,
        )

    def reply(self, text: Text) -> DeliverSm:
        return DeliverSm(
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr=str(text.number),
            destination_addr=text.source,
            esm_class=_UDHI if text.header else 0,
            data_coding=DATA_CODINGS[text.coding],
            short_message=text.header + text.content,
        )

    def bad_submits(self) -> dict[str, tuple[BadSubmit, ...]]:
        def bad(*codes: int, everywhere: bool = True, **changes: Any) -> BadSubmit:
            return BadSubmit(structs.replace(good, **changes), frozenset(codes), everywhere)

        good = self.submit(Text(ANNA, "ucs2", code_text().encode("utf-16-be")))
        return {
            "bad-source": (bad(0x0A, source_addr="not a number"), bad(0x0A, source_addr="10650000", everywhere=False)),
            "bad-class": (bad(0x43, esm_class=0x02), bad(0x43, esm_class=0x08)),
            "bad-coding": (bad(0x45, data_coding=0x77),),
            "bad-length": (
                bad(0x01, data_coding=1, short_message=b"x" * 161),
                bad(0x01, data_coding=8, short_message=b"\0x" * 71),
            ),
            "bad-count": (bad(0x0B, destination_addr=""), bad(0x0B, destination_addr="not a number")),
            "bad-header": (bad(0x43, 0x45, 0x01, esm_class=_UDHI, short_message=bytes.fromhex("050003")),),
        }


SMPP_34: Final = Smpp()
