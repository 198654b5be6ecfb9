"""CMPP 2.0 and 3.0 for the suite, from the specification and apart from `carriers`."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from msgspec import Struct, structs

from hongyan.wire.cmpp.auth import is_authentic
from hongyan.wire.cmpp.pdus import V20, V30, ActiveTest, Connect, Deliver, DeliverResp, Submit, SubmitResp
from hongyan.wire.cmpp.report import Report, decode_report, encode_report
from hongyan.wire.cmpp.session import CmppClientSession, CmppServerSession
from hongyan.wire.session import Limits

from .speech import ANNA, LOGIN, PASSWORD, BadSubmit, Receipt, Speech, Text, code_text, e164, mobile

FORMATS: Final = {"ascii": 0, "ucs2": 8, "gbk": 15}
CODINGS: Final = {code: name for name, code in FORMATS.items()}


class Cmpp(Speech):
    """One version."""

    family = "cmpp"
    unknown_login = 2
    wrong_password = 3
    wrong_version = 4
    busy = 8
    busy_codes = frozenset({8})
    unknown_id = 9
    final_codes: ClassVar[Mapping[str, int]] = {
        "bad-source": 10,
        "bad-class": 2,
        "bad-coding": 9,
        "bad-length": 4,
        "bad-count": 1,
        "bad-header": 1,
    }
    heartbeat = ActiveTest
    heartbeat_frame = bytes.fromhex("0000000c 00000008 01020304")
    heartbeat_answer = bytes.fromhex("0000000d 80000008 01020304 00")

    def __init__(self, name: str, version: int) -> None:
        self.name = name
        self.version = version
        self.report_forms = ("60", "71")

    def client_session(self, login: str, password: str, limits: Limits) -> CmppClientSession:
        return CmppClientSession(login, password, version=self.version, limits=limits)

    def submit(self, text: Text) -> Submit:
        return Submit(
            pk_total=text.header[-2] if text.header else 1,
            pk_number=text.header[-1] if text.header else 1,
            tp_udhi=int(bool(text.header)),
            msg_fmt=FORMATS[text.coding],
            msg_src=LOGIN,
            src_id=text.source,
            dest_terminal_id=(mobile(text.number),),
            msg_content=text.header + text.content,
        )

    def silent(self, text: Text) -> Submit:
        return structs.replace(self.submit(text), registered_delivery=0)

    def session_of_wrong_version(self) -> CmppClientSession:
        return CmppClientSession(LOGIN, PASSWORD, version=0x40, limits=self.limits())

    def result(self, response: Struct) -> int:
        assert isinstance(response, SubmitResp)
        return response.result

    def key(self, sequence: int, response: Struct) -> str:
        assert isinstance(response, SubmitResp)
        return str(response.msg_id)

    def receipt_of(self, request: Struct) -> Receipt | None:
        assert isinstance(request, Deliver)
        if not request.registered_delivery:
            return None
        report = decode_report(request.msg_content)
        return Receipt(str(report.msg_id), report.stat, e164(report.dest_terminal_id))

    def reply_of(self, request: Struct) -> Text:
        assert isinstance(request, Deliver)
        size = request.msg_content[0] + 1 if request.tp_udhi else 0
        content = request.msg_content
        number = e164(request.src_terminal_id)
        return Text(number, CODINGS[request.msg_fmt], content[size:], content[:size], request.dest_id)

    def taken_push(self, request: Struct, code: int = 0) -> DeliverResp:
        assert isinstance(request, Deliver)
        return DeliverResp(request.msg_id, code)

    def server_session(self, limits: Limits, now: float) -> CmppServerSession:
        return CmppServerSession(versions=frozenset({self.version}), limits=limits, now=now)

    def bind_code(self, request: Struct) -> int:
        assert isinstance(request, Connect)
        if request.source_addr != LOGIN:
            return self.unknown_login
        return 0 if is_authentic(request, PASSWORD) else self.wrong_password

    def text_of(self, submit: Struct) -> Text:
        assert isinstance(submit, Submit)
        (number,) = submit.dest_terminal_id
        size = submit.msg_content[0] + 1 if submit.tp_udhi else 0
        content = submit.msg_content
        return Text(e164(number), CODINGS[submit.msg_fmt], content[size:], content[:size], submit.src_id)

    def taken(self, number: int) -> SubmitResp:
        return SubmitResp(number)

    def refused(self, code: int) -> SubmitResp:
        return SubmitResp(0, code)

    def report(self, form: str, receipt: Receipt) -> Deliver:
        number = mobile(receipt.number)
        report = Report(int(receipt.key), receipt.stat, "2511221401", "2511221402", number, 7)
        content = encode_report(report, int(form))
        return Deliver(
            msg_id=99, dest_id="10690001", src_terminal_id=number, registered_delivery=1, msg_content=content
        )

    def reply(self, text: Text) -> Deliver:
        return Deliver(
            msg_id=98,
            dest_id=text.source,
            tp_udhi=int(bool(text.header)),
            msg_fmt=FORMATS[text.coding],
            src_terminal_id=mobile(text.number),
            msg_content=text.header + text.content,
        )

    def bad_submits(self) -> dict[str, tuple[BadSubmit, ...]]:
        def bad(*codes: int, everywhere: bool = True, **changes: Any) -> BadSubmit:
            return BadSubmit(structs.replace(good, **changes), frozenset(codes), everywhere)

        good = self.submit(Text(ANNA, "ucs2", code_text().encode("utf-16-be")))
        cut_header = {"tp_udhi": 1, "msg_content": bytes.fromhex("050003")}
        return {
            "bad-source": (bad(11, msg_src="999999"), bad(10, src_id="10650000", everywhere=False)),
            "bad-class": (bad(2, registered_delivery=2, everywhere=False),),
            "bad-coding": (bad(101, msg_fmt=77, everywhere=False),),
            "bad-length": (bad(4, 6, msg_fmt=0, msg_content=b"x" * 161), bad(4, 6, msg_fmt=8, msg_content=b"\0x" * 71)),
            "bad-count": (bad(1, 13, dest_terminal_id=()), bad(1, 13, dest_terminal_id=("not a number",))),
            "bad-header": (bad(1, **cut_header, everywhere=False),),
        }


CMPP_20: Final = Cmpp("cmpp20", V20)
CMPP_30: Final = Cmpp("cmpp30", V30)
