"""Two ends of SMGP on a wire in memory."""

from typing import Self

from hongyan.wire.events import BindRequested
from hongyan.wire.session import Limits
from hongyan.wire.smgp.auth import is_authentic
from hongyan.wire.smgp.dialect import TOLERANCES, VERSIONS, Quirk
from hongyan.wire.smgp.pdus import V30, Login
from hongyan.wire.smgp.session import LoginMode, SmgpClientSession, SmgpServerSession
from hongyan.wire.smgp.statuses import Code

from .pair import SECRET, Pair


class SmgpPair(Pair):
    """An SP and a gateway."""

    def __init__(
        self,
        *,
        version: int = V30,
        versions: frozenset[int] = VERSIONS,
        password: str = SECRET,
        login_mode: int = LoginMode.BOTH,
        limits: Limits | None = None,
        server_limits: Limits | None = None,
        quirks: frozenset[Quirk] = TOLERANCES,
    ) -> None:
        super().__init__(
            SmgpClientSession("901234", password, login_mode=login_mode, version=version, limits=limits, quirks=quirks),
            SmgpServerSession(versions=versions, limits=server_limits or limits, quirks=quirks, now=1000.0),
        )

    @classmethod
    def bound(
        cls,
        *,
        login_mode: int = LoginMode.BOTH,
        limits: Limits | None = None,
        server_limits: Limits | None = None,
        quirks: frozenset[Quirk] = TOLERANCES,
    ) -> Self:
        """Return a pair that is bound, with nothing left to take from it."""
        return cls(login_mode=login_mode, limits=limits, server_limits=server_limits, quirks=quirks).must_bind()

    def decide(self, event: BindRequested) -> None:
        """Let in who knows the secret."""
        assert isinstance(event.request, Login)
        if is_authentic(event.request, SECRET):
            self.server.accept_bind(SECRET, self.now)
        else:
            self.server.refuse_bind(Code.AUTHENTICATION_ERROR)
