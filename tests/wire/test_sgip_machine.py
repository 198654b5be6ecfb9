"""Two ends of SGIP driven at random."""

from msgspec import Struct

from hongyan.wire.sgip.pdus import Report, ReportResp, Submit, SubmitResp

from .machine import LIMITS, SETTINGS, TwoSessions
from .pair_sgip import SgipPair


class TwoEndsOfSgip(TwoSessions):
    """An SP on its own connection and a gateway that reports there; the gateway may say goodbye when all is quiet."""

    def new_pair(self, choice: int) -> SgipPair:
        return SgipPair.bound(limits=LIMITS, server_idle_seconds=None if choice == 0 else 30.0 * choice)

    def from_client(self, token: int) -> Submit:
        return Submit(message_content=b"%d" % token)

    def from_server(self, token: int) -> Report:
        return Report(token.to_bytes(12, "big"))

    def answer_to(self, request: Struct) -> Struct:
        return SubmitResp() if isinstance(request, Submit) else ReportResp()


TestTwoEndsOfSgip = TwoEndsOfSgip.TestCase
TestTwoEndsOfSgip.settings = SETTINGS
