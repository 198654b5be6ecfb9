"""What the connections of one server share, and how many there may be."""

import asyncio
from collections.abc import Sequence

from uvicorn.server import ServerState

from .addresses import Network, is_within, read_address
from .limits import ServerLimits


class HttpState(ServerState):
    """What the connections of one server share."""

    def __init__(self, limits: ServerLimits, trusted: Sequence[Network]) -> None:
        super().__init__()
        self.limits = limits
        self.trusted = trusted
        """Networks whose addresses `connections_per_address_max` does not bind."""
        self.per_address: dict[str, int] = {}
        self.common_head = b""
        """The header lines of every response."""
        self.empty = asyncio.Event()
        """Set while there is no connection."""
        self.empty.set()

    def admit(self, address: str | None) -> bool:
        """Count a connection; False if it is one too many."""
        self.empty.clear()
        count = 0
        if address is not None and not self._is_trusted(address):
            self.per_address[address] = count = self.per_address.get(address, 0) + 1
        return len(self.connections) <= self.limits.connections_max and count <= self.limits.connections_per_address_max

    def _is_trusted(self, text: str) -> bool:
        address = read_address(text)
        return address is not None and is_within(address, self.trusted)

    def dismiss(self, address: str | None) -> None:
        """Forget a connection that is closed."""
        if address is not None and address in self.per_address:
            self.per_address[address] -= 1
            if not self.per_address[address]:
                del self.per_address[address]
        if not self.connections:
            self.empty.set()
