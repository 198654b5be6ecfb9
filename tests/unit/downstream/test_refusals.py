"""Intake's refusals in the protocols' words."""

import pytest

from hongyan.carriers.downstream import SERVERS
from hongyan.carriers.downstream.protocol import Refusal, SubmitRefused
from hongyan.downstream.refusals import refusal_for, refusal_of, stat_of
from hongyan.pipeline import submission
from hongyan.pipeline.submission import Outcome, SubmissionRefused


def all_refusals() -> list[type[SubmissionRefused]]:
    found, waiting = [], [SubmissionRefused]
    while waiting:
        error = waiting.pop()
        found.append(error)
        waiting += error.__subclasses__()
    return found


@pytest.mark.parametrize("error", all_refusals())
def test_every_refusal_of_intake_has_a_name(error: type[SubmissionRefused]) -> None:
    assert isinstance(refusal_of(error()), Refusal)


def test_what_may_be_sent_again_is_told_apart() -> None:
    assert refusal_of(submission.StoreUnavailable()) is Refusal.TRY_LATER
    assert refusal_of(submission.IntakeOverloaded()) is Refusal.TRY_LATER
    assert refusal_of(submission.BalanceInsufficient()) is Refusal.BALANCE_INSUFFICIENT


def test_only_an_accepted_number_is_refused_for_nothing() -> None:
    assert [outcome for outcome in Outcome if refusal_for(outcome) is None] == [Outcome.ACCEPTED]


def test_every_stat_of_ours_has_seven_characters() -> None:
    assert {len(stat_of(refusal)) for refusal in Refusal} == {7}
    assert stat_of(Refusal.TEXT_UNREGISTERED) == "MA:0024"
    assert stat_of(Refusal.BALANCE_INSUFFICIENT) == "HY:0104"


@pytest.mark.parametrize("family", SERVERS)
def test_every_protocol_has_a_name_and_limits(family: str) -> None:
    protocol = SERVERS[family]
    assert protocol.family == family
    assert protocol.destinations_max >= 1
    assert issubclass(SubmitRefused, Exception)
