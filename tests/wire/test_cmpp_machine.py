"""Two ends of CMPP driven at random."""

from msgspec import Struct

from hongyan.wire.cmpp.pdus import V20, V30, Deliver, DeliverResp, Submit, SubmitResp

from .machine import LIMITS, SETTINGS, TwoSessions
from .pair import SessionPair


class TwoEndsOfCmpp(TwoSessions):
    """An SP and an ISMG."""

    def new_pair(self, choice: int) -> SessionPair:
        return SessionPair.bound(version=V20 if choice == 0 else V30, limits=LIMITS)

    def from_client(self, token: int) -> Submit:
        return Submit(msg_content=b"%d" % token)

    def from_server(self, token: int) -> Deliver:
        return Deliver(msg_id=token)

    def answer_to(self, request: Struct) -> Struct:
        return SubmitResp(1) if isinstance(request, Submit) else DeliverResp(1)


TestTwoEndsOfCmpp = TwoEndsOfCmpp.TestCase
TestTwoEndsOfCmpp.settings = SETTINGS
