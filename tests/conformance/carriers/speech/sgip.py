"""SGIP 1.2 for the suite, from the specification and apart from `carriers`."""

from collections.abc import Mapping
from itertools import count
from typing import Any, ClassVar, Final

from msgspec import Struct, structs

from hongyan.carriers.settings import ChannelSettings
from hongyan.wire.session import Limits
from hongyan.wire.sgip.pdus import Bind, Deliver, DeliverResp, Report, ReportResp, Submit, SubmitResp
from hongyan.wire.sgip.session import SgipClientSession, SgipServerSession

from .speech import ANNA, LOGIN, PASSWORD, STAMP, BadSubmit, Receipt, Speech, Text, code_text, e164

SP_NODE: Final = 3075512345
SMG_NODE: Final = 110000
FORMATS: Final = {"ascii": 0, "ucs2": 8, "gbk": 15}
CODINGS: Final = {code: name for name, code in FORMATS.items()}
STATES: Final = {"DELIVRD": 0, "ENROUTE": 1, "UNDELIV": 2}
STATS: Final = {state: stat for stat, state in STATES.items()}


class Sgip(Speech):
    """The one version."""

    name = "sgip12"
    family = "sgip"
    unknown_login = 1
    wrong_password = 1
    busy = 88
    busy_codes = frozenset({11, 33, 88})
    unknown_id = 7
    final_codes: ClassVar[Mapping[str, int]] = {
        "bad-source": 5,
        "bad-class": 5,
        "bad-coding": 5,
        "bad-length": 8,
        "bad-count": 6,
        "bad-header": 5,
    }
    report_forms = ("own connection", "same connection")
    settings = ChannelSettings(node=SP_NODE)
    heartbeat = None

    def __init__(self) -> None:
        self._counter = count(1).__next__

    def client_session(
        self, login: str, password: str, limits: Limits, *, login_type: int = 1, node: int = SP_NODE
    ) -> SgipClientSession:
        return SgipClientSession(
            login,
            password,
            node=node,
            stamp=lambda now: STAMP,
            login_type=login_type,
            limits=limits,
            counter=self._counter,
        )

    def submit(self, text: Text) -> Submit:
        return Submit(
            sp_number=text.source,
            user_number=(str(text.number),),
            corp_id="12345",
            tp_udhi=int(bool(text.header)),
            message_coding=FORMATS[text.coding],
            message_content=text.header + text.content,
        )

    def silent(self, text: Text) -> Submit:
        return structs.replace(self.submit(text), report_flag=2)

    def result(self, response: Struct) -> int:
        assert isinstance(response, SubmitResp)
        return response.result

    def key(self, sequence: int, response: Struct) -> str:
        return sequence.to_bytes(12, "big").hex()

    def receipt_of(self, request: Struct) -> Receipt | None:
        if not isinstance(request, Report):
            return None
        return Receipt(request.submit_sequence_number.hex(), STATS[request.state], e164(request.user_number))

    def reply_of(self, request: Struct) -> Text:
        assert isinstance(request, Deliver)
        size = request.message_content[0] + 1 if request.tp_udhi else 0
        content = request.message_content
        coding = CODINGS[request.message_coding]
        return Text(e164(request.user_number), coding, content[size:], content[:size], request.sp_number)

    def taken_push(self, request: Struct, code: int = 0) -> Struct:
        return ReportResp(code) if isinstance(request, Report) else DeliverResp(code)

    def server_session(self, limits: Limits, now: float) -> SgipServerSession:
        return SgipServerSession(node=SMG_NODE, stamp=lambda now: STAMP, limits=limits, now=now, counter=self._counter)

    def bind_code(self, request: Struct) -> int:
        assert isinstance(request, Bind)
        return 0 if (request.login_name, request.login_password) == (LOGIN, PASSWORD) else self.wrong_password

    def text_of(self, submit: Struct) -> Text:
        assert isinstance(submit, Submit)
        (number,) = submit.user_number
        size = submit.message_content[0] + 1 if submit.tp_udhi else 0
        content = submit.message_content
        return Text(e164(number), CODINGS[submit.message_coding], content[size:], content[:size], submit.sp_number)

    def taken(self, number: int) -> SubmitResp:
        return SubmitResp()

    def refused(self, code: int) -> SubmitResp:
        return SubmitResp(code)

    def report(self, form: str, receipt: Receipt) -> Report:
        state = STATES[receipt.stat]
        error = 29 if state == STATES["UNDELIV"] else 0
        return Report(bytes.fromhex(receipt.key), 0, str(receipt.number), state, error)

    def reply(self, text: Text) -> Deliver:
        return Deliver(
            user_number=str(text.number),
            sp_number=text.source,
            tp_udhi=int(bool(text.header)),
            message_coding=FORMATS[text.coding],
            message_content=text.header + text.content,
        )

    def bad_submits(self) -> dict[str, tuple[BadSubmit, ...]]:
        def bad(*codes: int, everywhere: bool = True, **changes: Any) -> BadSubmit:
            return BadSubmit(structs.replace(good, **changes), frozenset(codes), everywhere)

        good = self.submit(Text(ANNA, "ucs2", code_text().encode("utf-16-be")))
        return {
            "bad-source": (bad(5, 64, sp_number="not a number"), bad(64, sp_number="10650000", everywhere=False)),
            "bad-class": (bad(5, message_type=9),),
            "bad-coding": (bad(5, message_coding=77),),
            "bad-length": (
                bad(8, message_coding=0, message_content=b"x" * 161),
                bad(8, message_coding=8, message_content=b"\0x" * 71),
            ),
            "bad-count": (bad(5, 6, user_number=()), bad(5, 6, user_number=("not a number",))),
            "bad-header": (bad(5, tp_udhi=1, message_content=bytes.fromhex("050003")),),
        }


SGIP_12: Final = Sgip()
