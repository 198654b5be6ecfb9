"""How an exception is told to the log."""

import pytest

from hongyan.kit.failures import describe


def fail(number: str) -> None:
    try:
        {"1": "2"}[number]
    except KeyError as cause:
        raise RuntimeError(number) from cause


def test_an_exception_is_told_by_kind_and_place_without_its_text() -> None:
    with pytest.raises(RuntimeError) as caught:
        fail("13800138000")
    told = describe(caught.value)

    assert (told["error"], told["cause"]) == ("RuntimeError", "KeyError")
    assert str(told["frames"][-1]).endswith(" fail")
    assert "13800138000" not in str(told)
