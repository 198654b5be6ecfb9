"""Two ends of SMPP on a wire in memory."""

from typing import Self

from hongyan.wire.events import BindRequested
from hongyan.wire.session import Limits
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX
from hongyan.wire.smpp.session import Bind, BindMode, SmppClientSession, SmppServerSession
from hongyan.wire.smpp.statuses import CommandStatus

from .pair import Pair

PASSWORD = "pass123"


class SmppPair(Pair):
    """An ESME and an SMSC."""

    client: SmppClientSession
    server: SmppServerSession

    def __init__(
        self,
        *,
        mode: BindMode = BindMode.TRANSCEIVER,
        password: str = PASSWORD,
        interface_version: int = 0x34,
        limits: Limits | None = None,
        sequence_first: int = 1,
    ) -> None:
        client = SmppClientSession(
            "901234",
            password,
            bind=mode,
            interface_version=interface_version,
            limits=limits,
            sequence_first=sequence_first,
        )
        super().__init__(client, SmppServerSession(limits=limits, now=1000.0))

    @classmethod
    def bound(
        cls, *, mode: BindMode = BindMode.TRANSCEIVER, limits: Limits | None = None, sequence_first: int = 1
    ) -> Self:
        """Return a pair that is bound, with nothing left to take from it."""
        return cls(mode=mode, limits=limits, sequence_first=sequence_first).must_bind()

    def decide(self, event: BindRequested) -> None:
        """Let in who knows the password."""
        assert isinstance(event.request, Bind)
        if event.request.password == PASSWORD:
            self.server.accept_bind(PASSWORD, self.now)
        else:
            self.server.refuse_bind(CommandStatus.INVALID_PASSWORD)


def limits(**given: float) -> Limits:
    """Return limits that are SMPP's but for what is given."""
    return Limits(**{"frame_size_max": FRAME_SIZE_MAX, **given})  # type: ignore[arg-type]
