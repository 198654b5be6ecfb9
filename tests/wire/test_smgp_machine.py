"""Two ends of SMGP driven at random."""

from msgspec import Struct

from hongyan.wire.smgp.pdus import Deliver, DeliverResp, Query, QueryResp, Submit, SubmitResp
from hongyan.wire.smgp.session import LoginMode

from .machine import LIMITS, SETTINGS, TwoSessions
from .pair_smgp import SmgpPair


class TwoEndsOfSmgp(TwoSessions):
    """An SP and a gateway, in any login mode."""

    def new_pair(self, choice: int) -> SmgpPair:
        return SmgpPair.bound(login_mode=LoginMode(choice), limits=LIMITS)

    def from_client(self, token: int) -> Struct:
        return Query("20261122", query_code=str(token)) if token % 3 == 0 else Submit(msg_content=b"%d" % token)

    def from_server(self, token: int) -> Deliver:
        return Deliver(msg_id=token.to_bytes(10, "big"))

    def answer_to(self, request: Struct) -> Struct:
        match request:
            case Submit():
                return SubmitResp(bytes(10))
            case Query():
                return QueryResp(request.query_time)
            case _:
                assert isinstance(request, Deliver)
                return DeliverResp(request.msg_id)


TestTwoEndsOfSmgp = TwoEndsOfSmgp.TestCase
TestTwoEndsOfSmgp.settings = SETTINGS
