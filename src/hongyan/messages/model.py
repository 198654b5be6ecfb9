"""The states of a message and which of them are final."""

from enum import IntEnum


class State(IntEnum):
    """Where a message stands; the numbers are what the tables hold."""

    ACCEPTED = 0
    SENDING = 1
    SUBMITTED = 2
    IN_DOUBT = 3
    DELIVERED = 10
    UNDELIVERED = 11
    EXPIRED = 12
    REJECTED = 13
    CANCELED = 14

    @property
    def is_final(self) -> bool:
        """Tell whether nothing can change any more."""
        return self >= State.DELIVERED
