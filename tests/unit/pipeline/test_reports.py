"""What a stat means, and what a timeline event carries."""

import json

import pytest

from hongyan.content.model import MessageKind
from hongyan.messages.model import State
from hongyan.pipeline.reports import event_detail, state_for
from hongyan.pipeline.validity import ORPHAN_FRESH, ORPHAN_KEPT, REPORT_LOOKBACK, REPORT_WAIT, VALIDITY


@pytest.mark.parametrize("stat", ["UNDELIV", "EXPIRED", "REJECTD", "MK:0012", "delivrd", "DELIVRD ", ""])
def test_only_delivrd_is_a_delivery(stat: str) -> None:
    assert state_for("DELIVRD") is State.DELIVERED
    assert state_for(stat) is State.UNDELIVERED


def test_an_event_carries_what_is_known() -> None:
    assert json.loads(event_detail(reason="peer_closed", link=2, resend=None)) == {"reason": "peer_closed", "link": 2}


def test_every_kind_has_a_validity_and_codes_have_the_shortest() -> None:
    assert set(VALIDITY) == set(MessageKind)
    assert min(VALIDITY, key=lambda kind: VALIDITY[kind]) is MessageKind.VERIFICATION
    assert VALIDITY[MessageKind.VERIFICATION].total_seconds() == 300


def test_a_report_finds_its_message_for_as_long_as_it_is_waited_for() -> None:
    assert REPORT_WAIT + max(VALIDITY.values()) <= REPORT_LOOKBACK
    assert ORPHAN_FRESH < ORPHAN_KEPT
