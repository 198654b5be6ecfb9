"""A channel at work: what goes out when, over which link, and how each flight ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pytest

from hongyan.carriers.settings import ChannelSettings
from hongyan.content.model import MessageKind
from hongyan.kit.clock import ManualClock
from hongyan.kit.ids import IdGenerator
from hongyan.messages.model import State
from hongyan.pipeline.channel import STAT_UNSENDABLE, ChannelRunner
from hongyan.pipeline.settle import Settler
from hongyan.pipeline.throttle import DECREASE, OFFER_AGAIN_SECONDS
from hongyan.replies.model import Part
from hongyan.text.headers import split_header
from hongyan.wire.cmpp.pdus import Submit, SubmitResp
from tests.unit.routing.test_table import a_channel

from .links import PaperLink

TEXT = "【鸿雁】您的验证码是123456"
LONG = "鸿" * 202
"""Four segments."""


class Yard:
    """A runner, its links, and a settler that nobody empties."""

    def __init__(self, *, links: int = 1, window_size: int = 4, speed_per_second: int = 10_000) -> None:
        self.clock = ManualClock()
        self.ids = IdGenerator(self.clock, node=1)
        self.settler = Settler(cast("Any", None), self.clock)
        channel = msgspec.structs.replace(a_channel(1), window_size=window_size, speed_per_second=speed_per_second)
        self.parts: list[tuple[Part, Callable[[], None]]] = []
        self.runner = ChannelRunner(channel, self.settler, self.clock, replies=self, wake=lambda: None)
        self.links = [PaperLink(index, window_size=window_size) for index in range(1, links + 1)]
        self.runner.links = cast("Any", self.links)

    def received(self, part: Part, acknowledge: Callable[[], None]) -> None:
        self.parts.append((part, acknowledge))

    def row(self, text: str = TEXT, **differences: object) -> dict[str, object]:
        return {
            "mid": self.ids.next(),
            "attempt": 1,
            "priority": MessageKind.VERIFICATION,
            "expires_at": self.now() + timedelta(minutes=5),
            "avoid_link": None,
            "recipient": 8613800138000,
            "content": text,
            "extension": "",
            **differences,
        }

    def launch(self, *rows: dict[str, object]) -> None:
        self.runner.launch(cast("Any", rows))

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def answer(self, link: PaperLink, sent: int = 0, *, result: int = 0) -> None:
        segment = link.sent[sent]
        self.runner.response_received(cast("Any", link), sent, segment, link.answered(segment, result=result))

    def lose(self, link: PaperLink, unanswered: list[object]) -> None:
        link.is_bound = False
        self.runner.link_lost(cast("Any", link), unanswered, "peer_closed")

    @property
    def submitted(self) -> list[int]:
        return [mid for mid, _ in self.settler._batch.submitted]

    @property
    def doubted(self) -> list[tuple[int, int]]:
        return [(doubt.mid, doubt.attempt) for doubt in self.settler._batch.doubts]

    @property
    def refused(self) -> list[tuple[int, State, str]]:
        return [(refusal.mid, refusal.state, refusal.stat) for refusal in self.settler._batch.refusals]


def parts_of(link: PaperLink) -> list[tuple[int, int]]:
    return [(segment.flight.mid, segment.part) for segment in link.sent]


def test_a_taken_message_is_submitted_and_forgotten() -> None:
    yard = Yard()
    row = yard.row()
    yard.launch(row)
    assert not yard.runner.is_idle
    yard.answer(yard.links[0])

    assert yard.submitted == [row["mid"]]
    assert yard.runner.is_idle


def test_no_more_is_claimed_than_windows_have_room_for() -> None:
    yard = Yard(links=2, window_size=4)
    assert yard.runner.room() == 8
    yard.launch(*(yard.row() for _ in range(3)))

    assert yard.runner.room() == 5
    yard.links[0].is_bound = False
    assert yard.runner.room() == yard.links[1].credit


def test_a_slow_channel_claims_a_tenth_of_a_second_ahead() -> None:
    yard = Yard(window_size=64, speed_per_second=50)

    assert yard.runner.room() == 6


def test_messages_go_over_the_link_with_the_most_room() -> None:
    yard = Yard(links=2)
    yard.launch(*(yard.row() for _ in range(6)))

    assert [len(link.sent) for link in yard.links] == [3, 3]


def test_speed_holds_back_what_the_window_would_allow_and_says_when_to_go_on() -> None:
    yard = Yard(window_size=16, speed_per_second=10)
    yard.launch(*(yard.row() for _ in range(3)))
    assert len(yard.links[0].sent) == 1

    at = yard.runner.pump()
    assert at is not None
    yard.clock.advance(at - yard.clock.monotonic())
    yard.runner.pump()
    assert len(yard.links[0].sent) == 2


def test_a_full_window_asks_for_no_timer() -> None:
    yard = Yard(window_size=2)
    yard.launch(*(yard.row() for _ in range(3)))
    yard.clock.advance(1)

    assert yard.runner.pump() is None
    yard.answer(yard.links[0])
    yard.runner.pump()
    assert len(yard.links[0].sent) == 3


def test_a_long_text_stays_on_one_link_in_order() -> None:
    yard = Yard(links=2)
    row = yard.row(LONG)
    yard.launch(row)

    assert [len(link.sent) for link in yard.links] in ([4, 0], [0, 4])
    (link,) = [link for link in yard.links if link.sent]
    assert parts_of(link) == [(row["mid"], part) for part in (1, 2, 3, 4)]


def test_a_text_longer_than_the_window_goes_on_as_answers_come() -> None:
    yard = Yard(window_size=2)
    row = yard.row(LONG)
    yard.launch(row)
    assert len(yard.links[0].sent) == 2
    for sent in range(4):
        yard.clock.advance(0.01)
        yard.answer(yard.links[0], sent)
        yard.runner.pump()

    assert parts_of(yard.links[0]) == [(row["mid"], part) for part in (1, 2, 3, 4)]
    assert yard.submitted == [row["mid"]]


def test_texts_of_one_burst_and_of_one_minute_have_references_of_their_own() -> None:
    yard = Yard(window_size=100)
    references = []
    for milliseconds in (0, 0, 1, 999, 60_000):
        yard.clock.advance(milliseconds / 1000)
        yard.launch(yard.row(LONG))
        submit = cast("Submit", yard.links[0].sent[-1].flight.submits[0])
        header, _ = split_header(submit.msg_content)
        assert header is not None
        references.append(header.reference)

    assert len(set(references)) == len(references)


def test_what_expires_before_it_is_sent_is_refused_and_never_goes_out() -> None:
    yard = Yard()
    yard.links[0].is_bound = False
    row = yard.row()
    yard.launch(row)
    yard.clock.advance(300)
    yard.links[0].is_bound = True
    yard.runner.pump()

    assert yard.links[0].sent == []
    assert yard.refused == [(row["mid"], State.EXPIRED, "EXPIRED")]
    assert yard.runner.is_idle


def test_nothing_goes_out_without_the_lease() -> None:
    yard = Yard()
    yard.runner.may_send = lambda: False
    yard.launch(yard.row())

    assert yard.links[0].sent == []
    assert yard.runner.pump() is None


def test_a_lost_link_leaves_its_messages_in_doubt() -> None:
    yard = Yard()
    rows = [yard.row(), yard.row()]
    yard.launch(*rows)
    yard.lose(yard.links[0], list(yard.links[0].waiting))

    assert yard.doubted == [(row["mid"], 1) for row in rows]
    assert [doubt.verdict.resend_now for doubt in yard.settler._batch.doubts] == [True, True]
    assert yard.runner.is_idle


def test_a_long_text_is_in_doubt_once_however_many_segments_were_lost() -> None:
    yard = Yard()
    row = yard.row(LONG)
    yard.launch(row)
    yard.answer(yard.links[0], 0)
    yard.lose(yard.links[0], list(yard.links[0].waiting))

    assert yard.doubted == [(row["mid"], 1)]


def test_a_long_text_of_which_the_rest_was_not_sent_is_in_doubt() -> None:
    yard = Yard(window_size=2)
    row = yard.row(LONG)
    yard.launch(row)
    for sent in range(2):
        yard.answer(yard.links[0], sent)
    yard.lose(yard.links[0], [])

    assert yard.doubted == [(row["mid"], 1)]


def test_a_message_avoids_the_link_that_lost_it_while_there_is_another() -> None:
    yard = Yard(links=2)
    yard.launch(yard.row(attempt=2, avoid_link=1), yard.row(attempt=2, avoid_link=2))
    assert [len(link.sent) for link in yard.links] == [1, 1]

    yard.links[1].is_bound = False
    yard.launch(yard.row(attempt=2, avoid_link=1))
    assert len(yard.links[0].sent) == 2


def test_a_late_answer_submits_the_message_after_all() -> None:
    yard = Yard()
    row = yard.row()
    yard.launch(row)
    yard.runner.response_missing(cast("Any", yard.links[0]), 1, yard.links[0].sent[0])
    assert yard.doubted == [(row["mid"], 1)]
    yard.answer(yard.links[0])

    assert yard.submitted == [row["mid"]]


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_late_answer_spares_the_second_attempt_unless_it_is_on_its_way(*, is_sent: bool) -> None:
    yard = Yard()
    row = yard.row()
    yard.launch(row)
    yard.runner.response_missing(cast("Any", yard.links[0]), 1, yard.links[0].sent[0])
    yard.links[0].is_bound = is_sent
    yard.launch({**row, "attempt": 2})
    yard.answer(yard.links[0])
    yard.links[0].is_bound = True
    yard.runner.pump()

    assert len(yard.links[0].sent) == 1 + is_sent
    assert yard.runner.is_idle is not is_sent  # what is on its way is still waited for
    assert yard.refused == []


def test_a_late_flow_control_of_a_message_in_doubt_changes_nothing() -> None:
    yard = Yard()
    yard.launch(yard.row())
    yard.runner.response_missing(cast("Any", yard.links[0]), 1, yard.links[0].sent[0])
    yard.answer(yard.links[0], result=8)
    yard.clock.advance(OFFER_AGAIN_SECONDS)
    yard.runner.pump()

    assert len(yard.links[0].sent) == 1


def test_the_answers_to_the_rest_of_a_lost_long_text_are_kept() -> None:
    yard = Yard()
    yard.launch(yard.row(LONG))
    yard.runner.response_missing(cast("Any", yard.links[0]), 1, yard.links[0].sent[0])
    yard.answer(yard.links[0], 1)

    assert [answer.part for answer in yard.settler._batch.answers] == [2]
    assert yard.submitted == []


def test_a_refusal_of_one_segment_ends_the_message_once() -> None:
    yard = Yard()
    row = yard.row(LONG)
    yard.launch(row)
    for sent, result in enumerate((0, 13, 13, 0)):
        yard.answer(yard.links[0], sent, result=result)

    assert set(yard.refused) == {(row["mid"], State.REJECTED, "MT:0013")}
    assert yard.submitted == []
    assert yard.runner.is_idle


def test_flow_control_slows_the_channel_down_and_offers_the_message_again_after_a_pause() -> None:
    yard = Yard(speed_per_second=100)
    row = yard.row()
    yard.launch(row)
    yard.answer(yard.links[0], result=8)
    assert yard.runner.status()["speed_now"] == 100 * DECREASE
    assert yard.runner.pump() == yard.clock.monotonic() + OFFER_AGAIN_SECONDS

    yard.clock.advance(OFFER_AGAIN_SECONDS)
    yard.runner.pump()
    assert parts_of(yard.links[0]) == [(row["mid"], 1)] * 2
    assert yard.runner.flights.keys() == {row["mid"]}


def test_a_slowed_channel_goes_on_with_the_others_and_recovers() -> None:
    yard = Yard(window_size=100, speed_per_second=100)
    yard.launch(yard.row())
    yard.answer(yard.links[0], result=8)
    yard.clock.advance(0.5)
    yard.launch(*(yard.row() for _ in range(60)))
    sent_before = len(yard.links[0].sent)
    for _ in range(50):
        yard.clock.advance(0.01)
        yard.runner.pump()

    assert 34 <= len(yard.links[0].sent) - sent_before <= 36  # half a second at 70 a second
    yard.clock.advance(16)
    assert "speed_now" not in yard.runner.status()


def test_a_segment_put_off_again_and_again_waits_longer_each_time_and_is_noted_less_and_less() -> None:
    yard = Yard()
    row = yard.row(expires_at=yard.now() + timedelta(hours=1))
    yard.launch(row)
    pauses = []
    for tries in range(6):
        yard.answer(yard.links[0], tries, result=8)
        at = yard.runner.pump()
        assert at is not None
        pauses.append(at - yard.clock.monotonic())
        yard.clock.advance(pauses[-1])
        yard.runner.pump()

    notes = [msgspec.json.decode(detail) for _, _, event, detail in yard.settler._batch.events if event == "deferred"]
    assert pauses == [1, 2, 4, 8, 8, 8]
    assert [note["tries"] for note in notes] == [1, 2, 4]
    assert (notes[0]["result"], notes[0]["part"], notes[0]["link"], notes[0]["attempt"]) == (8, 1, 1, 1)


def test_what_is_put_off_takes_the_room_of_what_could_be_claimed() -> None:
    yard = Yard(window_size=4)
    yard.launch(*(yard.row() for _ in range(4)))
    for sent in range(4):
        yard.answer(yard.links[0], sent, result=8)

    assert yard.links[0].credit == 4
    assert yard.runner.room() == 0


def test_a_final_refusal_slows_nothing_down() -> None:
    yard = Yard()
    yard.launch(yard.row())
    yard.answer(yard.links[0], result=13)

    assert "speed_now" not in yard.runner.status()


def test_a_new_speed_holds_from_the_next_moment() -> None:
    yard = Yard(window_size=100, speed_per_second=10)
    yard.runner.adopt(msgspec.structs.replace(yard.runner.channel, speed_per_second=1000))
    yard.launch(*(yard.row() for _ in range(30)))
    for _ in range(3):
        yard.clock.advance(0.01)
        yard.runner.pump()

    assert len(yard.links[0].sent) == 30


def test_a_deferred_message_takes_another_link_when_its_own_is_gone() -> None:
    yard = Yard(links=2)
    yard.launch(yard.row())
    (link,) = [link for link in yard.links if link.sent]
    yard.answer(link, result=8)
    yard.lose(link, [])
    yard.clock.advance(OFFER_AGAIN_SECONDS)
    yard.runner.pump()

    assert yard.doubted == []
    assert [len(each.sent) for each in yard.links] == [1, 1]


@pytest.mark.parametrize("again", [True, False])
def test_a_message_is_not_deferred_beyond_its_time(*, again: bool) -> None:
    yard = Yard()
    row = yard.row()
    yard.launch(row)
    if again:
        yard.answer(yard.links[0], result=8)
        yard.clock.advance(300)
        yard.runner.pump()
    else:
        yard.clock.advance(300)
        yard.answer(yard.links[0], result=8)

    assert yard.refused == [(row["mid"], State.EXPIRED, "EXPIRED")]
    assert len(yard.links[0].sent) == 1
    assert yard.runner.is_idle


def test_what_the_carrier_has_nothing_of_can_be_given_back() -> None:
    yard = Yard(window_size=2)
    deferred, on_the_wire, ready = (yard.row() for _ in range(3))
    yard.launch(deferred, on_the_wire)
    yard.answer(yard.links[0], result=8)
    yard.links[0].is_bound = False
    yard.clock.advance(OFFER_AGAIN_SECONDS)
    yard.launch(ready)

    assert yard.runner.unsent() == [ready["mid"], deferred["mid"]]
    assert set(yard.runner.flights) == {on_the_wire["mid"]}
    yard.links[0].is_bound = True
    yard.runner.pump()
    assert len(yard.links[0].sent) == 2


def test_what_is_left_when_the_links_are_closed_is_in_doubt() -> None:
    yard = Yard(window_size=4)
    row = yard.row(LONG)
    yard.launch(row)
    for sent in range(4):
        yard.answer(yard.links[0], sent, result=8 if sent == 0 else 0)
    assert yard.runner.unsent() == []
    yard.runner.give_up("the channel was closed")

    assert yard.doubted == [(row["mid"], 1)]
    assert yard.runner.is_idle


def test_a_message_that_no_pdu_can_carry_is_rejected_and_the_next_one_goes_on() -> None:
    yard = Yard()
    yard.links[0].refuses_to_encode = True
    row, good = yard.row(), yard.row()
    yard.launch(row)
    yard.links[0].refuses_to_encode = False
    yard.launch(good)

    assert yard.refused == [(row["mid"], State.REJECTED, STAT_UNSENDABLE)]
    assert parts_of(yard.links[0]) == [(good["mid"], 1)]


def test_an_answer_names_what_was_sent_and_when() -> None:
    yard = Yard()
    row = yard.row()
    sent_at = yard.now()
    yard.launch(row)
    yard.clock.advance(0.25)
    segment = yard.links[0].sent[0]
    yard.runner.response_received(cast("Any", yard.links[0]), 77, segment, SubmitResp(msg_id=2**63, result=0))

    (answer,) = yard.settler._batch.answers
    assert (answer.mid, answer.attempt, answer.part, answer.link, answer.sequence) == (row["mid"], 1, 1, 1, 77)
    assert (answer.carrier_message_id, answer.result) == ("9223372036854775808", 0)
    assert (answer.sent_at, answer.answered_at - answer.sent_at) == (sent_at, timedelta(seconds=0.25))


def test_a_message_goes_out_under_its_extension() -> None:
    yard = Yard()
    yard.launch(yard.row(extension="0088"))

    submit = yard.links[0].sent[0].flight.submits[0]
    assert isinstance(submit, Submit)
    assert submit.src_id == "106900010088"


def test_changed_settings_hold_for_what_is_claimed_from_then_on() -> None:
    yard = Yard()
    settings = ChannelSettings(fee_code="000010", text_coding="gbk")
    yard.runner.adopt(msgspec.structs.replace(yard.runner.channel, service_id="NEW", src_id="1069", settings=settings))
    yard.launch(yard.row())

    submit = yard.links[0].sent[0].flight.submits[0]
    assert isinstance(submit, Submit)
    assert (submit.service_id, submit.src_id, submit.fee_code, submit.msg_fmt) == ("NEW", "1069", "000010", 15)


def test_a_channel_of_which_no_link_can_send_is_not_bound() -> None:
    yard = Yard(links=2)
    yard.runner.receivers = cast("Any", [PaperLink(3), PaperLink(4)])
    assert (yard.runner.status()["bound"], yard.runner.status()["links"]) == (4, 4)

    yard.links[0].is_bound = False
    assert yard.runner.links_bound == 3
    yard.links[1].is_bound = False
    assert yard.runner.links_bound == 0
    yard.runner.links = []
    assert yard.runner.links_bound == 2  # a channel that only receives
