"""How an exception is told to the log."""

from hongyan.http.failures import describe


def test_an_exception_is_told_by_kind_and_place_without_its_text() -> None:
    try:
        try:
            {"1": "2"}["13800138000"]
        except KeyError as cause:
            raise RuntimeError("13800138000") from cause
    except RuntimeError as error:
        told = describe(error)

    assert (told["error"], told["cause"]) == ("RuntimeError", "KeyError")
    assert "test_an_exception_is_told" in told["frames"][-1]
    assert "13800138000" not in str(told)
