"""Every error has a code of its own, for ever, and says what is wrong."""

import importlib
import pkgutil
import re

import pytest

import hongyan
from hongyan.kit.errors import Error, ErrorKind

# Importing these runs or needs what a test has not: a command line, the embedded server's own entry point.
_LEFT_OUT = {"hongyan.__main__"}


def all_errors() -> list[type[Error]]:
    for module in pkgutil.walk_packages(hongyan.__path__, "hongyan."):
        if module.name not in _LEFT_OUT:
            importlib.import_module(module.name)
    found: dict[type[Error], None] = {}
    waiting: list[type[Error]] = [Error]
    while waiting:
        error = waiting.pop()
        found[error] = None
        waiting += error.__subclasses__()
    return sorted((error for error in found if error.__module__.startswith("hongyan.")), key=lambda e: e.__qualname__)


ERRORS = all_errors()


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in ERRORS]

    assert sorted({code for code in codes if codes.count(code) > 1}) == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__qualname__)
def test_an_error_has_its_own_code_and_says_what_is_wrong(error: type[Error]) -> None:
    assert "code" in vars(error), "a code is not inherited"
    assert error is Error or re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", error.code)
    assert isinstance(error.kind, ErrorKind)
    first_line = (vars(error).get("__doc__") or "").strip().splitlines()[:1]
    assert first_line, "the docstring is the default text"
    assert first_line[0].endswith("."), "the default text is a sentence"
    assert error.remedy is None or error.remedy.strip()
