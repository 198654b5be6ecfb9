"""Mistakes to put into the platform under test, from outside, so that the checker can show that it finds them.

Each is a folder with a `sitecustomize.py`, which Python runs at the start of every process that has the folder on
its PYTHONPATH. It patches the product before the product runs; the product knows nothing of it.
"""

from typing import Final

import msgspec


class Mutant(msgspec.Struct, frozen=True):
    """One mistake."""

    mistake: str
    breaks: frozenset[str]
    """The rules of which one at least must find it."""


MUTANTS: Final = {
    "answer_before_commit": Mutant(
        "clients are told that a batch is accepted while it is still being committed",
        frozenset({"accepted.lost"}),
    ),
    "forget_in_doubt": Mutant(
        "what was on the wire when a link or a dispatcher died is queued again as if it had never left",
        frozenset({"submit.doubled"}),
    ),
    "overwrite_final": Mutant(
        "a later report rewrites the state of a message that is final already",
        frozenset({"final.overwritten"}),
    ),
}
