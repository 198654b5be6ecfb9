"""The rule for messages in doubt, kind by kind."""

from datetime import UTC, datetime, timedelta

import pytest

from hongyan.content.model import MessageKind
from hongyan.pipeline.doubt import NOTIFICATION_WAIT, judge_doubt

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_a_verification_goes_again_at_once() -> None:
    assert judge_doubt(MessageKind.VERIFICATION, attempt=1, now=NOW, expires_at=LATER) == (True, LATER)


def test_a_notification_waits_a_minute_for_its_report() -> None:
    verdict = judge_doubt(MessageKind.NOTIFICATION, attempt=1, now=NOW, expires_at=LATER)

    assert verdict == (False, NOW + timedelta(seconds=60))


def test_a_notification_waits_no_longer_than_it_is_valid() -> None:
    soon = NOW + NOTIFICATION_WAIT / 2

    assert judge_doubt(MessageKind.NOTIFICATION, attempt=1, now=NOW, expires_at=soon).due_at == soon


def test_marketing_never_goes_again() -> None:
    assert judge_doubt(MessageKind.MARKETING, attempt=1, now=NOW, expires_at=LATER) == (False, LATER)


@pytest.mark.parametrize("kind", MessageKind)
def test_nothing_goes_a_third_time(kind: MessageKind) -> None:
    assert judge_doubt(kind, attempt=2, now=NOW, expires_at=LATER) == (False, LATER)


@pytest.mark.parametrize("kind", MessageKind)
def test_what_is_no_longer_valid_does_not_go_again_and_is_due_now(kind: MessageKind) -> None:
    assert judge_doubt(kind, attempt=1, now=LATER, expires_at=NOW) == (False, LATER)
