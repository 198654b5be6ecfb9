"""A served surface for every test."""

from collections.abc import Iterator

import pytest

from hongyan.http.app import HttpServices, build_app

from .platform import Balances, IntakeRecorder, Keys
from .serving import serving


@pytest.fixture(scope="session")
def _served() -> Iterator[tuple[int, IntakeRecorder]]:
    recorder = IntakeRecorder()
    with serving(build_app(HttpServices(keys=Keys(), intake=recorder, balances=Balances()))) as port:
        yield port, recorder


@pytest.fixture
def port(_served: tuple[int, IntakeRecorder]) -> int:
    """Where the server listens."""
    return _served[0]


@pytest.fixture
def intake(_served: tuple[int, IntakeRecorder]) -> IntakeRecorder:
    """What the server hands its submissions to."""
    _served[1].reset()
    return _served[1]
