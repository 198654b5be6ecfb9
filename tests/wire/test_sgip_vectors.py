"""Every captured frame of SGIP reads as what is in it and is written again to the same octets."""

import pytest

from hongyan.wire.sgip.dialect import PDUS, SGIP
from hongyan.wire.sgip.pdus import Report, Submit
from hongyan.wire.sgip.sequences import sequence_of, text_of

from .golden import Golden
from .golden_sgip import SGIP_GOLDENS

EVERY = pytest.mark.parametrize("golden", SGIP_GOLDENS, ids=lambda golden: golden.name)
REPORTS = [
    golden for golden in SGIP_GOLDENS if golden.entry["pdu"].startswith("REPORT") and "State" in golden.entry["fields"]
]
SUBMITS = [
    golden
    for golden in SGIP_GOLDENS
    if golden.entry["pdu"].startswith("SUBMIT_") and "SPNumber" in golden.entry["fields"]
]


@EVERY
def test_a_captured_frame_reads_as_its_fields(golden: Golden) -> None:
    pdu = golden.decode()

    assert golden.words == (
        golden.entry["fields"]["Message_Length"],
        int(golden.entry["fields"]["Command_ID"], 16),
        *golden.entry["fields"]["Sequence_Number"],
    )
    for name, value in golden.fields.items():
        assert getattr(pdu, name) == value, name


@EVERY
def test_a_captured_frame_is_written_again_to_the_octet(golden: Golden) -> None:
    assert SGIP.codec(golden.version).encode(golden.decode(), golden.sequence) == golden.frame


@pytest.mark.parametrize("golden", REPORTS, ids=lambda golden: golden.name)
def test_a_report_names_the_submit_by_its_three_numbers(golden: Golden) -> None:
    report = golden.decode()
    assert isinstance(report, Report)

    named = text_of(sequence_of(report.submit_sequence_number))

    assert named == "{} {} {}".format(*golden.entry["fields"]["SubmitSequenceNumber"])


@pytest.mark.parametrize("golden", SUBMITS, ids=lambda golden: golden.name)
def test_a_submit_has_the_length_that_the_specification_reckons(golden: Golden) -> None:
    submit = golden.decode()
    assert isinstance(submit, Submit)

    assert len(golden.frame) == 143 + 21 * len(submit.user_number) + len(submit.message_content)


def test_every_pdu_has_a_vector() -> None:
    assert {golden.command for golden in SGIP_GOLDENS} == {int(command) for command in PDUS}
