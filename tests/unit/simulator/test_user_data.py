"""Which part of a longer text a segment is, read from its header's bytes."""

import pytest

from hongyan.simulator.user_data import Concatenation, split_header


@pytest.mark.parametrize(
    "data, part, text",
    [
        ("0500030702016869", Concatenation(8, 7, 2, 1), b"hi"),
        ("060804010203026869", Concatenation(16, 0x0102, 3, 2), b"hi"),
        ("0b0504158200000003ff02026869", Concatenation(8, 255, 2, 2), b"hi"),
        ("0b00030702010504158200006869", Concatenation(8, 7, 2, 1), b"hi"),
        ("0605041582158a6869", None, b"hi"),
        ("006869", None, b"hi"),
    ],
    ids=["8 bit", "16 bit", "ports first", "ports after", "only ports", "empty header"],
)
def test_the_header_is_walked_element_by_element(data: str, part: Concatenation | None, text: bytes) -> None:
    assert split_header(bytes.fromhex(data)) == (part, text)


@pytest.mark.parametrize("data", ["", "05", "0500030702", "ff6869", "05000307", "0500090702016869", "0200036869"])
def test_a_header_that_runs_beyond_its_end_is_text(data: str) -> None:
    assert split_header(bytes.fromhex(data)) == (None, bytes.fromhex(data))


@pytest.mark.parametrize("data", ["0500030702006869", "0500030702036869", "0500030700016869"])
def test_a_part_that_cannot_be_is_no_part(data: str) -> None:
    assert split_header(bytes.fromhex(data)) == (None, b"hi")
