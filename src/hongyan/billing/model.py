"""What money is here: balances, ledger entries and what can be wrong with them. All amounts are 厘."""

from datetime import datetime
from enum import IntEnum

import msgspec


class EntryKind(IntEnum):
    """Why money moved; the numbers are what the ledger holds.

    | entry | available_change | held_change |
    | --- | --- | --- |
    | HOLD | -charge | +charge |
    | POST | 0 | -charge |
    | VOID | +charge | -charge |
    | RECHARGE, TRIAL | +amount | 0 |
    | ADJUSTMENT | either way | 0 |
    """

    HOLD = 0
    POST = 1
    VOID = 2
    RECHARGE = 3
    ADJUSTMENT = 4
    TRIAL = 5


class Balance(msgspec.Struct, frozen=True):
    """What an account has."""

    available: int
    """To be spent; negative on credit."""
    held: int
    """Set aside for messages that no carrier has answered yet."""
    overdraft_limit: int
    """How far below zero `available` may go."""


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change of money."""

    subject_id: int
    """The message's id, or an id of the same form for what concerns no message."""
    kind: EntryKind
    available_change: int
    held_change: int
    at: datetime
    note: str | None


class Statement(msgspec.Struct, frozen=True):
    """A page of an account's ledger, newest first."""

    entries: list[LedgerEntry]
    next_before: int | None
    """Ask for the next page with this; None on the last one."""


class Discrepancy(msgspec.Struct, frozen=True):
    """Two accounts of the same money that differ."""

    account_id: int
    what: str
    expected: int
    found: int
