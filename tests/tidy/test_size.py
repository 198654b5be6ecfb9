"""A function fits on a screen and a file in a head; taste is lost in the tail, so the tail is what is bound."""

import ast
from collections.abc import Sequence

import pytest

from .sources import Function, Source, functions, sources

FILE_LINES_MAX = 600
FILE_LINES_P90 = 400
FUNCTION_LINES_MAX = 60
FUNCTION_LINES_P90 = 35
TEST_LINES_P90 = 20
POSITIONAL_MAX = 5

SHIPPED = sources("src/hongyan")
EVERYTHING = sources("src/hongyan", "tests", "benchmarks", "fuzz")


def length(function: Function) -> int:
    """Return the lines of a function without its docstring: explaining is free."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def positional(function: Function) -> int:
    """Return how many arguments may be given by position, `self` and `cls` left out."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def p90(numbers: Sequence[int]) -> int:
    """Return the number that nine of ten do not exceed."""
    return sorted(numbers)[int(len(numbers) * 0.9)]


def is_test(function: Function) -> bool:
    """Tell whether pytest runs it."""
    return function.name.startswith("test_")


@pytest.mark.parametrize("source", EVERYTHING, ids=lambda source: source.path)
def test_no_file_or_function_is_beyond_the_limit(source: Source) -> None:
    over = [f"{source.path}: {len(source.lines)} lines"] if len(source.lines) > FILE_LINES_MAX else []
    over += [
        f"{source.at(function)} {function.name}: {length(function)} lines"
        for function in functions(source)
        if length(function) > FUNCTION_LINES_MAX
    ]
    assert over == []


@pytest.mark.parametrize("source", SHIPPED, ids=lambda source: source.path)
def test_few_arguments_go_by_position(source: Source) -> None:
    """More than five cannot be read at the call."""
    over = [source.at(function) for function in functions(source) if positional(function) > POSITIONAL_MAX]
    assert over == []


def test_nine_of_ten_are_well_within_the_limit() -> None:
    assert p90([len(source.lines) for source in SHIPPED]) <= FILE_LINES_P90
    assert p90([length(function) for source in SHIPPED for function in functions(source)]) <= FUNCTION_LINES_P90


def test_nine_of_ten_tests_can_be_read_at_a_glance() -> None:
    tests = [length(function) for source in sources("tests") for function in functions(source) if is_test(function)]
    assert p90(tests) <= TEST_LINES_P90
