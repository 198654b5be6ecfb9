"""Input that is checked field by field, so that one answer names everything to be mended."""

import re
from collections.abc import Iterable

import msgspec

from .errors import Error

_not_text = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def is_plain_text(text: str) -> bool:
    """Tell whether a text holds nothing but characters and line breaks: no control characters, no half ones."""
    return _not_text.search(text) is None


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field, in a sentence that says what it has to be."""

    field: str
    problem: str


class InvalidFields(Error):
    """Some fields cannot be accepted as they are."""

    code = "fields.invalid"

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(f"{problem.field}: {problem.problem}" for problem in self.problems))


class FieldChecks:
    """Collects what is wrong, then raises it all at once."""

    def __init__(self) -> None:
        self._problems: list[FieldProblem] = []

    def expect(self, holds: bool, field: str, demand: str) -> None:  # noqa: FBT001 - the condition reads first
        """Note that the field is not as the sentence demands, unless the condition holds."""
        if not holds:
            self._problems.append(FieldProblem(field, demand))

    def raise_as(self, error: type[InvalidFields]) -> None:
        """Raise the error if anything was noted."""
        if self._problems:
            raise error(self._problems)
