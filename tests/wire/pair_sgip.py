"""Two ends of SGIP on a wire in memory."""

from typing import Self

from hongyan.wire.events import BindRequested
from hongyan.wire.session import Limits
from hongyan.wire.sgip.dialect import TOLERANCES, LoginType, Quirk
from hongyan.wire.sgip.pdus import Bind
from hongyan.wire.sgip.session import SgipClientSession, SgipServerSession
from hongyan.wire.sgip.statuses import Result

from .pair import SECRET, Pair

SP_NODE = 3075512345
SMG_NODE = 110000
STAMP = 1122140126


def stamp(now: float) -> int:
    """Return the same moment always."""
    del now
    return STAMP


class SgipPair(Pair):
    """The end that connects, here an SP's, and the end that is connected to, here a gateway's."""

    def __init__(
        self,
        *,
        password: str = SECRET,
        login_type: int = LoginType.SP_TO_SMG,
        limits: Limits | None = None,
        server_limits: Limits | None = None,
        server_idle_seconds: float | None = None,
        quirks: frozenset[Quirk] = TOLERANCES,
    ) -> None:
        super().__init__(
            SgipClientSession(
                "901234", password, node=SP_NODE, stamp=stamp, login_type=login_type, limits=limits, quirks=quirks
            ),
            SgipServerSession(
                node=SMG_NODE,
                stamp=stamp,
                limits=server_limits or limits,
                now=1000.0,
                idle_seconds=server_idle_seconds,
                quirks=quirks,
            ),
        )

    @classmethod
    def bound(
        cls,
        *,
        limits: Limits | None = None,
        server_limits: Limits | None = None,
        server_idle_seconds: float | None = None,
        quirks: frozenset[Quirk] = TOLERANCES,
    ) -> Self:
        """Return a pair that is bound, with nothing left to take from it."""
        pair = cls(limits=limits, server_limits=server_limits, server_idle_seconds=server_idle_seconds, quirks=quirks)
        return pair.must_bind()

    def decide(self, event: BindRequested) -> None:
        """Let in who knows the password and may log in as it does."""
        bind = event.request
        assert isinstance(bind, Bind)
        if bind.login_type not in {LoginType.SP_TO_SMG, LoginType.SMG_TO_SP}:
            self.server.refuse_bind(Result.LOGIN_TYPE_ERROR)
        elif (bind.login_name, bind.login_password) != ("901234", SECRET):
            self.server.refuse_bind(Result.ILLEGAL_LOGIN)
        else:
            self.server.accept_bind(SECRET, self.now)
