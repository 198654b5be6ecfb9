"""Known deviations are read when they are tolerated by name, and only then."""

import pytest

from hongyan.wire.cmpp.dialect import CMPP, Quirk, speak
from hongyan.wire.errors import DecodeError

from .golden import CMPP_READING, Golden, goldens

QUIRKS = goldens("quirks", CMPP_READING)
EVERY = pytest.mark.parametrize("golden", QUIRKS, ids=lambda golden: golden.name)
STRICT = speak(frozenset())


@EVERY
def test_a_tolerated_deviation_reads_as_its_fields(golden: Golden) -> None:
    pdu = CMPP.codec(golden.version).decode(golden.command, golden.body)

    for name, value in golden.fields.items():
        assert getattr(pdu, name) == value, name


@EVERY
def test_a_deviation_is_an_error_to_a_dialect_that_does_not_tolerate_it(golden: Golden) -> None:
    with pytest.raises(DecodeError):
        STRICT.codec(golden.version).decode(golden.command, golden.body)


@EVERY
def test_a_deviation_is_tolerated_by_its_own_name(golden: Golden) -> None:
    dialect = speak(frozenset({Quirk(golden.entry["quirk"])}))

    dialect.codec(golden.version).decode(golden.command, golden.body)


def test_every_quirk_has_its_vector() -> None:
    assert {golden.entry["quirk"] for golden in QUIRKS} == {quirk.value for quirk in Quirk}
