"""What the suite's tests can ask for: a stage, and behind it a platform where our own server is tried."""

import pytest

from tests.integration.downstream.conftest import clock, database_url, downstream_database_url, house, pool, world

from .behaviours import Role
from .peers.subjects import Stage

__all__ = ["clock", "database_url", "downstream_database_url", "house", "pool", "world"]


@pytest.fixture
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Set up whoever is tried; only our own server needs a database.

    Nobody takes the messages further here, which must not look like a carrier that is slow.
    """
    monkeypatch.setattr("hongyan.pipeline.admission.STILL_AFTER_SECONDS", 0.0)
    role = request.node.callspec.params.get("role")
    return Stage(request.getfixturevalue("house") if role is Role.SERVER else None)
