"""Long texts from phones come out as they were written, however their parts come in."""

from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hongyan.replies.assembly import GIVEN_UP_AFTER, assembled, whole_text_of
from hongyan.replies.model import Part
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation

from .parts import NOON, PHONE, Tray, a_part, parts_of


def cut(content: str, count: int, octets: int) -> list[bytes]:
    """Cut a text's octets without looking at its characters, as some phones do."""
    whole = content.encode("utf-16-be")
    bounds = [*(min(len(whole), octets * number) for number in range(count)), len(whole)]
    return [whole[start:end] for start, end in pairwise(bounds)]


@st.composite
def long_texts(draw: st.DrawFn) -> list[tuple[str, list[Part]]]:
    """Texts with keys of their own: few senders, numbers and references, so that they nearly meet."""
    keys = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3), st.integers(2, 5))
    texts = []
    for phone, extension, reference, total in draw(st.lists(keys, min_size=1, max_size=6, unique=True)):
        content = draw(st.text(alphabet="好的é𠮷😀 ab", min_size=total, max_size=40))
        pieces = cut(content, total, draw(st.integers(1, 9)))
        parts = [
            a_part(
                octets,
                from_number=PHONE + phone,
                to_number=f"10690000{extension}",
                channel_id=draw(st.integers(1, 3)),
                concatenation=Concatenation(reference, total, number),
            )
            for number, octets in enumerate(pieces, 1)
        ]
        texts.append((content, parts))
    return texts


@given(long_texts(), st.randoms(use_true_random=False), st.integers(0, 4))
def test_any_order_repetition_and_interleaving_gives_the_texts_back(
    texts: list[tuple[str, list[Part]]], chance: Random, repetitions: int
) -> None:
    coming = [part for _, parts in texts for part in parts]
    coming += [chance.choice(coming) for _ in range(repetitions)]
    chance.shuffle(coming)
    tray = Tray()

    tray.take(*coming)

    assert sorted(tray.contents()) == sorted(content for content, _ in texts)
    assert tray.waiting() == []


@given(st.integers(2, 5), st.randoms(use_true_random=False))
def test_two_texts_of_one_reference_under_way_at_once_are_told_apart_by_their_order(total: int, chance: Random) -> None:
    one = parts_of(*(f"甲{number}" for number in range(total)))
    other = parts_of(*(f"乙{number}" for number in range(total)))
    order = list(range(total))
    chance.shuffle(order)
    ahead = chance.randrange(1, total + 1)  # how many parts the first text is ahead of the second
    coming = [one[number] for number in order[:ahead]]
    for place, number in enumerate(order):
        coming.append(other[number])
        coming += [one[later] for later in order[ahead + place : ahead + place + 1]]
    tray = Tray()

    tray.take(*coming)

    assert tray.contents() == ["".join(f"甲{n}" for n in range(total)), "".join(f"乙{n}" for n in range(total))]


def test_a_reference_that_is_used_again_begins_another_text() -> None:
    tray = Tray()

    tray.take(*parts_of("明天", "见"))
    tray.take(*parts_of("后天", "来", seconds=30))

    assert tray.contents() == ["明天见", "后天来"]


def test_a_text_that_lost_a_part_does_not_take_that_of_the_next() -> None:
    lost, _ = parts_of("明天", "见")
    tray = Tray()

    tray.take(lost, *parts_of("后天", "来", seconds=20))

    assert tray.contents() == ["后天来"]
    assert [assembled(text).content for text in tray.waiting()] == ["明天"]


def test_a_part_that_comes_again_after_its_text_is_whole_begins_none() -> None:
    first, second = parts_of("明天", "见")
    tray = Tray()

    tray.take(first, second, parts_of("明天", "见", seconds=50)[0])

    assert tray.contents() == ["明天见"]
    assert tray.waiting() == []


def test_the_same_text_of_a_machine_a_while_later_is_another_text() -> None:
    tray = Tray()

    tray.take(*parts_of("水位", "过高"))
    tray.take(*parts_of("水位", "过高", seconds=61))

    assert tray.contents() == ["水位过高", "水位过高"]


def test_parts_over_different_channels_are_one_text() -> None:
    first, second = parts_of("明天", "见")
    tray = Tray()

    tray.take(a_part("见", channel_id=2, concatenation=second.concatenation), first)

    assert tray.contents() == ["明天见"]
    assert assembled(tray.whole[0]).channel_id == 1


def test_what_is_missing_is_given_up_a_minute_after_the_last_part() -> None:
    tray = Tray()
    tray.take(parts_of("明天", "不见", "不散")[0], parts_of("明天", "不见", "不散", seconds=40)[2])

    (text,) = tray.waiting()

    assert not text.is_given_up(NOON + GIVEN_UP_AFTER)
    assert text.is_given_up(NOON + timedelta(seconds=40) + GIVEN_UP_AFTER)
    given_out = assembled(text)
    assert (given_out.content, given_out.parts, given_out.parts_missing) == ("明天不散", 3, 1)
    assert given_out.received_at == NOON + timedelta(seconds=40)


def test_a_character_cut_in_two_is_whole_again_only_beside_its_other_half() -> None:
    front, back = "去😀".encode("utf-16-be")[:4], "😀吧".encode("utf-16-be")[2:]
    of_two = [a_part(octets, concatenation=Concatenation(1, 2, n)) for n, octets in ((1, front), (2, back))]
    of_three = [a_part(octets, concatenation=Concatenation(1, 3, n)) for n, octets in ((1, front), (3, back))]
    tray = Tray()

    tray.take(*of_two, *of_three)

    assert tray.contents() == ["去😀吧"]
    assert assembled(tray.waiting()[0]).content == "去\ufffd\ufffd吧"


def test_parts_of_different_alphabets_are_read_each_in_its_own() -> None:
    plain = a_part(b"OK ", alphabet=Alphabet.ASCII, concatenation=Concatenation(1, 2, 1))
    tray = Tray()

    tray.take(plain, a_part("好的", concatenation=Concatenation(1, 2, 2)))

    assert tray.contents() == ["OK 好的"]


def test_a_whole_text_needs_no_other_and_holds_nothing_that_no_table_can() -> None:
    text = whole_text_of(a_part("TD\x00", carrier_message_id="99"))

    assert (text.content, text.parts, text.parts_missing, text.carrier_message_id) == ("TD", 1, 0, "99")


def test_a_text_that_says_it_is_one_of_one_is_a_whole_one() -> None:
    assert not a_part(concatenation=Concatenation(1, 1, 1)).is_long
