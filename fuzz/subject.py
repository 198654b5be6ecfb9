"""What fuzzing must know of a protocol; each has a module with its `SUBJECT`, and `fuzz.subjects` lists them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct

from hongyan.wire.dialect import Dialect
from tests.wire.golden import Golden
from tests.wire.pair import Pair


class Subject(ABC):
    """A carrier protocol under fire."""

    name: ClassVar[str]
    dialect: ClassVar[Dialect]
    versions: ClassVar[Sequence[int]]
    """One or two, whose layouts differ."""
    goldens: ClassVar[Sequence[Golden]]
    """Captured frames to start from."""

    @abstractmethod
    def pair(self, version: int) -> Pair:
        """Return a client and a server that agree on a secret and have not begun to bind."""

    @abstractmethod
    def from_client(self, token: int) -> Struct:
        """Return a request that a bound client may send."""

    @abstractmethod
    def from_server(self, token: int) -> Struct:
        """Return a request that a bound server may send."""

    @abstractmethod
    def answer_to(self, request: Struct) -> Struct:
        """Return the response to a request of either side."""

    def contents(self) -> Sequence[bytes]:
        """Return what `check_content` starts from; unless a protocol says otherwise, the texts of captured frames."""
        return [golden.fields["msg_content"] for golden in self.goldens if "msg_content" in golden.fields]

    @abstractmethod
    def check_content(self, content: bytes) -> None:
        """Read what a PDU may carry in its text, such as a report; raises when a promise is broken."""
