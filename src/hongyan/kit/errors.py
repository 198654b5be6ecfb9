"""The root of every error that Hongyan raises on purpose.

Error
├── the errors of each area (`<area>/errors.py`)
└── db.errors: what the database refuses or cannot do

A class has a stable `code`, a `kind` that says what sort of failure it is, and a docstring that
is its default text. `remedy` says what the reader can do about it. Attributes given by keyword become
`details`. Domain errors know no HTTP; the surfaces map the kinds to statuses in one table each.
"""

from enum import StrEnum
from typing import ClassVar


class ErrorKind(StrEnum):
    """What sort of failure an error is; each surface maps these to its own statuses."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    CONFLICT = "conflict"
    EXHAUSTED = "exhausted"
    UNAVAILABLE = "unavailable"


class Error(Exception):
    """Something went wrong that has a name."""

    code: ClassVar[str] = "error"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    remedy: ClassVar[str | None] = None

    def __init__(self, message: str | None = None, **details: str | int | None) -> None:
        self.message = message or (self.__doc__ or self.code).strip().splitlines()[0]
        self.details = details
        super().__init__(self.message)
