"""The promises that fuzzing tests, for a few inputs that are the same on every run."""

import pytest

from fuzz.promises import check
from fuzz.seeds import mutations, seeds
from fuzz.subject import Subject
from fuzz.subjects import SUBJECTS

EVERY = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)


@EVERY
def test_the_seeds_keep_every_promise(subject: Subject) -> None:
    for data in seeds(subject):
        check(subject, data)


@EVERY
@pytest.mark.parametrize("seed", range(4))
def test_damaged_seeds_keep_every_promise(subject: Subject, seed: int) -> None:
    for data in mutations(subject, count=200, seed=seed):
        check(subject, data)


@EVERY
@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0", b"\x01\x01", b"\x02\xff", b"\x03\xff"])
def test_next_to_nothing_keeps_every_promise(subject: Subject, data: bytes) -> None:
    check(subject, data)
