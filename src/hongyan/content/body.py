"""Template bodies: fixed text with variables, `{1}` or `${name}`.

`您的验证码是{1}，{2}分钟内有效` is the literals `您的验证码是`, `，`, `分钟内有效` around two variables. A body of
n variables has n + 1 literals; the first and the last may be empty, the others not, since nobody could say
where one of two adjacent variables ends.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from hongyan.kit.fields import is_plain_text

BODY_LENGTH_MAX: Final = 500
VARIABLES_MAX: Final = 30
FIXED_CHARACTERS_MIN: Final = 2

_variable = re.compile(r"(?<!\$)\{[1-9][0-9]?\}|\$\{[A-Za-z_][A-Za-z0-9_]{0,31}\}")
_left_over = re.compile(r"\$?\{[^{}]{0,40}\}?|\}")


class Body(msgspec.Struct, frozen=True):
    """A template's body, taken apart."""

    literals: tuple[str, ...]
    """The fixed text between the variables: one more than there are variables."""
    variables: tuple[str, ...]
    """As they are written, braces and all."""

    @property
    def fixed_characters(self) -> int:
        """Return how many characters of the text the body fixes."""
        return sum(map(len, self.literals))


def take_apart(body: str) -> Body:
    """Split a body at its variables; whether it makes sense is for `flaws`."""
    return Body(tuple(_variable.split(body)), tuple(_variable.findall(body)))


def flaws(body: str) -> Iterator[str]:
    """Yield what has to be mended before a body can be registered, a sentence each."""
    if not body.strip():
        yield "The template is empty."
        return
    if len(body) > BODY_LENGTH_MAX:
        yield f"The template has {len(body)} characters; at most {BODY_LENGTH_MAX} are allowed."
    if "【" in body or "】" in body:
        yield "Leave the signature and its 【】 out of the template; it is put in front of the text when sending."
    if not is_plain_text(body):
        yield "The template holds a control character; only line breaks are allowed."
    if body != body.strip():
        yield "Remove the blanks before and after the template."
    yield from _flaws_of_variables(take_apart(body))


def _flaws_of_variables(parts: Body) -> Iterator[str]:
    for literal in parts.literals:
        for piece in _left_over.findall(literal):
            yield f"{piece} is not a variable; write {{1}} to {{99}} or ${{name}}, and no other braces."
    if not all(parts.literals[1:-1]):
        yield "Two variables stand side by side; put fixed text between them or make them one."
    for variable in sorted({name for name in parts.variables if parts.variables.count(name) > 1}):
        yield f"{variable} stands more than once; give each place a variable of its own."
    if len(parts.variables) > VARIABLES_MAX:
        yield f"The template has {len(parts.variables)} variables; at most {VARIABLES_MAX} are allowed."
    if parts.fixed_characters < FIXED_CHARACTERS_MIN:
        yield "The template is nothing but variables; add the fixed text that says what it is about."
