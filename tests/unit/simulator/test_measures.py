"""What a carrier measures of those who send to it."""

from hongyan.simulator import measures
from hongyan.simulator.measures import DoubleMeter, SpeedMeter, WindowMeter


def test_the_speed_is_what_came_in_the_last_second() -> None:
    meter = SpeedMeter()
    for index in range(200):
        meter.count(100.0 + index * 0.0101)

    assert 98 <= meter.per_second(102.02) <= 100
    assert meter.per_second(102.5) < 60
    assert meter.per_second(104.0) == 0
    assert 98 <= meter.per_second_max <= 100
    assert meter.per_tenth_max == 10


def test_a_burst_shows_in_the_tenth_of_a_second_and_not_only_in_the_second() -> None:
    meter = SpeedMeter()
    for _ in range(50):
        meter.count(100.001)
    meter.count(101.5)
    meter.per_second(102.0)

    assert meter.per_tenth_max == 50
    assert meter.per_second_max == 50


def test_a_long_silence_clears_everything_before_it() -> None:
    meter = SpeedMeter()
    meter.count(100.0)
    meter.count(5000.0)

    assert meter.per_second(5000.5) == 1


def test_maxima_can_start_anew() -> None:
    meter = SpeedMeter()
    for _ in range(5):
        meter.count(100.0)
    meter.per_second(102.0)
    meter.forget_maxima()

    assert (meter.per_second_max, meter.per_tenth_max) == (0, 0)


def test_answers_free_the_window_only_when_they_have_left() -> None:
    meter = WindowMeter(size=2)
    for _ in range(3):
        meter.arrive()
        meter.answer()
    meter.end_turn()
    meter.arrive()

    assert meter.exceeded == 1
    assert meter.used_max == 3


def test_only_the_first_answer_of_a_turn_asks_for_its_end() -> None:
    meter = WindowMeter(size=8)
    meter.arrive()
    meter.arrive()

    assert meter.answer()
    assert not meter.answer()
    meter.end_turn()
    meter.arrive()
    assert meter.answer()


def test_the_same_bytes_for_the_same_number_are_counted_as_double() -> None:
    meter = DoubleMeter()
    meter.count(8613800138000, b"hi")
    meter.count(8613800138000, b"ho")
    meter.count(8613800138001, b"hi")
    meter.count(8613800138000, b"hi")

    assert meter.doubled == 1


def test_doubles_are_remembered_for_a_bounded_number_of_texts() -> None:
    meter = DoubleMeter()
    for number in range(2 * measures.DOUBLES_REMEMBERED + 1):
        meter.count(number, b"")

    meter.count(2 * measures.DOUBLES_REMEMBERED, b"")
    meter.count(measures.DOUBLES_REMEMBERED, b"")
    assert meter.doubled == 2

    meter.count(0, b"")
    assert meter.doubled == 2
