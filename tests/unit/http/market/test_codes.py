"""The family's code tables."""

import pytest

from hongyan.http.market.codes import RESULTS, Status, http_status, remedy
from hongyan.pipeline.submission import (
    IntakeOverloaded,
    Outcome,
    RecipientsMissing,
    StoreUnavailable,
    SubmissionRefused,
    TryLater,
)


class NewRefusal(SubmissionRefused):
    """A refusal of which the table does not know."""

    code = "test.new_refusal"


def test_every_outcome_has_a_result() -> None:
    assert {outcome: RESULTS[outcome] for outcome in Outcome} == {
        Outcome.ACCEPTED: 0,
        Outcome.NUMBER_INVALID: 12,
        Outcome.NUMBER_UNROUTABLE: 100,
        Outcome.SIGNATURE_UNREGISTERED: 17,
        Outcome.NUMBER_OPTED_OUT: 23,
    }


def test_every_refusal_says_what_to_do_in_chinese_first() -> None:
    kinds: list[type[SubmissionRefused]] = [
        SubmissionRefused,
        *SubmissionRefused.__subclasses__(),
        *TryLater.__subclasses__(),
    ]
    for kind in kinds:
        status, message = remedy(kind())
        chinese, _, english = message.partition(" / ")
        assert isinstance(status, Status)
        assert not chinese.isascii()
        assert english.isascii() or "【" in english


def test_a_refusal_the_table_does_not_know_is_other() -> None:
    assert remedy(NewRefusal())[0] is Status.OTHER


@pytest.mark.parametrize(
    "error, status",
    [(RecipientsMissing(), 200), (StoreUnavailable(), 503), (IntakeOverloaded(), 429), (TryLater(), 503)],
)
def test_only_not_now_is_no_200(error: SubmissionRefused, status: int) -> None:
    assert http_status(error) == status
