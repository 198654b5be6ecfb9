"""Errors as problem documents."""

import json
from typing import ClassVar

import pytest

from hongyan.http.problems import STATUSES, headers_of, problem, problem_of
from hongyan.kit.errors import Error, ErrorKind


class NumberTaken(Error):
    """The number is taken."""

    code: ClassVar[str] = "test.number_taken"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT


def test_every_kind_has_a_status() -> None:
    assert {kind.value: STATUSES[kind] for kind in ErrorKind} == {
        "invalid": 400,
        "unauthenticated": 401,
        "forbidden": 403,
        "missing": 404,
        "conflict": 409,
        "exhausted": 429,
        "unavailable": 503,
    }


def test_an_error_tells_its_code_and_details() -> None:
    assert json.loads(problem_of(NumberTaken(field="number", limit=3)).encode()) == {
        "title": "Conflict",
        "status": 409,
        "code": "test.number_taken",
        "detail": "The number is taken.",
        "details": {"field": "number", "limit": 3},
    }


def test_what_is_empty_is_left_out() -> None:
    assert json.loads(problem(404, "path.unknown", "Nothing is here.").encode()) == {
        "title": "Not Found",
        "status": 404,
        "code": "path.unknown",
        "detail": "Nothing is here.",
    }


@pytest.mark.parametrize("status, headers", [(503, {"Retry-After": "2"}), (429, {"Retry-After": "2"}), (404, {})])
def test_what_may_be_tried_again_says_when(status: int, headers: dict[str, str]) -> None:
    assert headers_of(status) == headers
