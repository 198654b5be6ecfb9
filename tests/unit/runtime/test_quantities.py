"""Durations and sizes as people write them."""

import pytest

from hongyan.runtime.quantities import Duration, Size


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("250ms", 0.25),
        ("30s", 30),
        ("1.5s", 1.5),
        ("5min", 300),
        ("2h", 7200),
        ("1d", 86400),
        (" 10 s ", 10),
        ("0s", 0),
    ],
)
def test_a_duration_is_a_number_and_its_unit(text: str, seconds: float) -> None:
    assert Duration.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "s", "-1s", "1e3s", "3 weeks", "1m", "30S", "1s 2s", "١s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='such as "30s"'):
        Duration.parse(text)


@pytest.mark.parametrize("text, octets", [("512B", 512), ("64KiB", 65536), ("1MiB", 1 << 20), ("1.5GiB", 3 << 29)])
def test_a_size_is_a_number_and_its_unit(text: str, octets: int) -> None:
    assert Size.parse(text) == octets


@pytest.mark.parametrize("text", ["64", "64KB", "64k", "-1B"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='such as "64KiB"'):
        Size.parse(text)


@pytest.mark.parametrize("text", ["250ms", "10s", "90s", "15min", "36h", "7d"])
def test_a_duration_is_shown_as_it_is_read(text: str) -> None:
    assert str(Duration.parse(text)) == text


@pytest.mark.parametrize("text", ["512B", "65KiB", "1MiB", "2GiB"])
def test_a_size_is_shown_as_it_is_read(text: str) -> None:
    assert str(Size.parse(text)) == text


def test_nothing_is_shown_in_the_smallest_unit() -> None:
    assert (str(Duration(0)), str(Size(0))) == ("0ms", "0B")
