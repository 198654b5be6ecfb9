"""SMGP 3.0 for the suite, from the specification and apart from `carriers`."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from msgspec import Struct, structs

from hongyan.wire.session import Limits
from hongyan.wire.smgp.auth import is_authentic
from hongyan.wire.smgp.pdus import ActiveTest, Deliver, DeliverResp, Login, Submit, SubmitResp
from hongyan.wire.smgp.report import Report, decode_report, encode_report
from hongyan.wire.smgp.session import SmgpClientSession, SmgpServerSession
from hongyan.wire.smgp.tlvs import SmgpTlvs

from .speech import ANNA, LOGIN, PASSWORD, BadSubmit, Receipt, Speech, Text, code_text, e164, mobile

FORMATS: Final = {"ascii": 0, "ucs2": 8, "gbk": 15}
CODINGS: Final = {code: name for name, code in FORMATS.items()}
_ID_AT: Final = 3


class Smgp(Speech):
    """The one version that carriers speak."""

    name = "smgp30"
    family = "smgp"
    unknown_login = 21
    wrong_password = 21
    wrong_version = 22
    busy = 1
    busy_codes = frozenset({1})
    unknown_id = 10
    final_codes: ClassVar[Mapping[str, int]] = {
        "bad-source": 46,
        "bad-class": 30,
        "bad-coding": 34,
        "bad-length": 36,
        "bad-count": 47,
        "bad-header": 10,
    }
    report_forms = ("raw id", "id as text", "small keywords", "cut short")
    heartbeat = ActiveTest
    heartbeat_frame = bytes.fromhex("0000000c 00000004 01020304")
    heartbeat_answer = bytes.fromhex("0000000c 80000004 01020304")

    def client_session(self, login: str, password: str, limits: Limits) -> SmgpClientSession:
        return SmgpClientSession(login, password, limits=limits)

    def submit(self, text: Text) -> Submit:
        return Submit(
            msg_format=FORMATS[text.coding],
            src_term_id=text.source,
            dest_term_id=(mobile(text.number),),
            msg_content=text.header + text.content,
            tlvs=SmgpTlvs(tp_udhi=1) if text.header else SmgpTlvs(),
        )

    def silent(self, text: Text) -> Submit:
        return structs.replace(self.submit(text), need_report=0)

    def session_of_wrong_version(self) -> SmgpClientSession:
        return SmgpClientSession(LOGIN, PASSWORD, version=0x40, limits=self.limits())

    def result(self, response: Struct) -> int:
        assert isinstance(response, SubmitResp)
        return response.status

    def key(self, sequence: int, response: Struct) -> str:
        assert isinstance(response, SubmitResp)
        return response.msg_id.hex()

    def receipt_of(self, request: Struct) -> Receipt | None:
        assert isinstance(request, Deliver)
        if not request.is_report:
            return None
        report = decode_report(request.msg_content)
        return Receipt(report.msg_id.hex(), report.stat, e164(request.src_term_id))

    def reply_of(self, request: Struct) -> Text:
        assert isinstance(request, Deliver)
        size = request.msg_content[0] + 1 if request.tlvs.tp_udhi else 0
        content = request.msg_content
        coding = CODINGS[request.msg_format]
        return Text(e164(request.src_term_id), coding, content[size:], content[:size], request.dest_term_id)

    def taken_push(self, request: Struct, code: int = 0) -> DeliverResp:
        assert isinstance(request, Deliver)
        return DeliverResp(request.msg_id, code)

    def server_session(self, limits: Limits, now: float) -> SmgpServerSession:
        return SmgpServerSession(limits=limits, now=now)

    def bind_code(self, request: Struct) -> int:
        assert isinstance(request, Login)
        return 0 if request.client_id == LOGIN and is_authentic(request, PASSWORD) else self.wrong_password

    def text_of(self, submit: Struct) -> Text:
        assert isinstance(submit, Submit)
        (number,) = submit.dest_term_id
        size = submit.msg_content[0] + 1 if submit.tlvs.tp_udhi else 0
        content = submit.msg_content
        return Text(e164(number), CODINGS[submit.msg_format], content[size:], content[:size], submit.src_term_id)

    def taken(self, number: int) -> SubmitResp:
        return SubmitResp(bytes.fromhex(f"{number:020}"))

    def refused(self, code: int) -> SubmitResp:
        return SubmitResp(bytes(10), code)

    def report(self, form: str, receipt: Receipt) -> Deliver:
        msg_id = bytes.fromhex(receipt.key)
        content = encode_report(Report(msg_id, receipt.stat, "001", "001", "2511221401", "2511221402", "000"))
        if form == "id as text":
            content = content[:_ID_AT] + receipt.key.encode() + content[_ID_AT + len(msg_id) :]
        elif form == "small keywords":
            content = content.replace(b"Submit date", b"submit_date").replace(b"done date", b"done_date")
        elif form == "cut short":
            content = content[: content.index(b" err:")]
        return Deliver(
            msg_id=bytes(9) + b"\x63",
            is_report=1,
            recv_time="20251122140200",
            src_term_id=mobile(receipt.number),
            dest_term_id="10690001",
            msg_content=content,
        )

    def reply(self, text: Text) -> Deliver:
        return Deliver(
            msg_id=bytes(9) + b"\x62",
            msg_format=FORMATS[text.coding],
            recv_time="20251122140200",
            src_term_id=mobile(text.number),
            dest_term_id=text.source,
            msg_content=text.header + text.content,
            tlvs=SmgpTlvs(tp_udhi=1) if text.header else SmgpTlvs(),
        )

    def bad_submits(self) -> dict[str, tuple[BadSubmit, ...]]:
        def bad(*codes: int, everywhere: bool = True, **changes: Any) -> BadSubmit:
            return BadSubmit(structs.replace(good, **changes), frozenset(codes), everywhere)

        good = self.submit(Text(ANNA, "ucs2", code_text().encode("utf-16-be")))
        header = {"tlvs": SmgpTlvs(tp_udhi=1), "msg_content": bytes.fromhex("050003")}
        return {
            "bad-source": (bad(69, tlvs=SmgpTlvs(msg_src="999999")), bad(46, src_term_id="10650000", everywhere=False)),
            "bad-class": (bad(30, msg_type=7),),
            "bad-coding": (bad(34, msg_format=77),),
            "bad-length": (
                bad(36, msg_format=0, msg_content=b"x" * 141),
                bad(36, msg_format=8, msg_content=b"\0x" * 71),
            ),
            "bad-count": (bad(10, 47, dest_term_id=()), bad(10, 47, dest_term_id=("not a number",))),
            "bad-header": (bad(10, **header, everywhere=False),),
        }


SMGP_30: Final = Smgp()
