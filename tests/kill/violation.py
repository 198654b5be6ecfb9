"""What the checker finds."""

from collections.abc import Iterator

import msgspec


class Violation(msgspec.Struct, frozen=True):
    """A broken promise, with what the three ledgers say of it."""

    rule: str
    """Such as `accepted.lost`; the list is in `checker` and `money`."""
    what: str
    recipient: int = 0
    evidence: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield it for people."""
        yield f"{self.rule}: {self.what}" + (f" ({self.recipient})" if self.recipient else "")
        yield from (f"    {line}" for line in self.evidence)
