"""What a value may be: a test, and the sentence that tells people what passes it."""

from collections.abc import Callable

import msgspec


class Demand(msgspec.Struct, frozen=True):
    """A test of a value and what passes it, in words behind "Give"."""

    words: str
    holds: Callable[[object], bool]

    @property
    def sentence(self) -> str:
        """The demand as an error says it."""
        return f"Give {self.words}."


def within(low: int, high: int) -> Demand:
    """A number from low to high."""
    return Demand(f"{low} to {high}", lambda value: isinstance(value, int | float) and low <= value <= high)


def one_of(*values: str) -> Demand:
    """One of some words; an empty one, which leaves the choice, need not be told."""
    named = [value for value in values if value]
    return Demand(" or ".join([", ".join(named[:-1]), named[-1]]), lambda value: value in values)


def digits(length_max: int, *, length_min: int = 0) -> Demand:
    """ASCII digits, so many."""
    count = f"{length_max}" if length_min == length_max else f"{length_min} to {length_max}"

    def holds(value: object) -> bool:
        is_number = isinstance(value, str) and value.isascii() and (not value or value.isdigit())
        return is_number and length_min <= len(str(value)) <= length_max

    return Demand(f"{count} digits", holds)


def ascii_text(length_max: int, *, length_min: int = 0) -> Demand:
    """Printable ASCII characters, so many."""
    return Demand(
        f"{length_min} to {length_max} printable ASCII characters",
        lambda value: is_printable_ascii(value) and length_min <= len(str(value)) <= length_max,
    )


def truth() -> Demand:
    """Yes or no."""
    return Demand("true or false", lambda value: isinstance(value, bool))


def nothing_or(demand: Demand) -> Demand:
    """What the demand says, or None."""
    return Demand(f"{demand.words}, or none", lambda value: value is None or demand.holds(value))


def is_printable_ascii(value: object) -> bool:
    """Tell whether a value is a text of printable ASCII."""
    return isinstance(value, str) and value.isascii() and value.isprintable()
