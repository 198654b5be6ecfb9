"""How a test says what it proves, and the book of what is proven."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, cast

import pytest

from .behaviours import PROTOCOLS, Cell, Role
from .declared import DECLARED
from .speech import SPEECHES

PROVEN: Final[dict[Cell, list[str]]] = {}
"""Cell → the tests that prove it."""

Test = TypeVar("Test", bound=Callable[..., Any])


def proves(*behaviours: str, role: Role | Sequence[Role]) -> Callable[[Test], Test]:
    """Run a test for each protocol and role in which any of the behaviours can be asked for.

    The test takes `speech`, and `role` where several are given. What is declared for a cell is not tried.
    """
    roles = (role,) if isinstance(role, Role) else tuple(role)
    asked = [(protocol, each) for each in roles for protocol in PROTOCOLS if _is_possible(behaviours, protocol, each)]

    def mark(test: Test) -> Test:
        for protocol, each in asked:
            for behaviour in behaviours:
                cell = behaviour, protocol, each
                if cell not in DECLARED:
                    PROVEN.setdefault(cell, []).append(f"{test.__module__}.{test.__name__}")
        if isinstance(role, Role):
            params = [pytest.param(SPEECHES[protocol], id=protocol) for protocol, _ in asked]
            return cast("Test", pytest.mark.parametrize("speech", params)(test))
        pairs = [pytest.param(SPEECHES[protocol], each, id=f"{protocol}-{each.value}") for protocol, each in asked]
        return cast("Test", pytest.mark.parametrize("speech, role", pairs)(test))

    return mark


def _is_possible(behaviours: Sequence[str], protocol: str, role: Role) -> bool:
    return any((behaviour, protocol, role) not in DECLARED for behaviour in behaviours)
