"""The carrier's side: every kind of text, as a phone would show it."""

from .behaviours import BOTH_SERVERS, Role
from .peers.subjects import Stage
from .proofs import proves
from .speech import ANNA, Speech, Text, code_text, notification

LONG = notification(*("一二三四五",) * 28)
"""Four parts of UCS-2."""
SEVENTY = notification("雁" * 5)
EMOJI = notification("a😀😀😀", *("😀😀😀",) * 14)
"""134 octets end in the middle of a pair."""
UNSIGNED = {"cmpp": 103, "sgip": 203, "smgp": 203, "smpp": 0x403}
"""The code for a text without a registered signature: of our own, as each protocol leaves room for."""
UNITS = {"ascii": 153, "gsm7": 153, "ucs2": 67, "gbk": 67}
CODECS = {"ascii": "ascii", "ucs2": "utf-16-be", "gbk": "gbk"}


def parts_of(words: str, coding: str, *, reference: int = 0x2A, units: int = 0) -> list[Text]:
    """Return a long text as numbered parts; characters beyond the BMP are counted as two."""
    size = units or UNITS[coding]
    cuts = [words[at : at + size] for at in range(0, len(words), size)]
    headers = [bytes((5, 0, 3, reference, len(cuts), number)) for number in range(1, len(cuts) + 1)]
    return [Text(ANNA, coding, cut.encode(CODECS[coding]), header) for cut, header in zip(cuts, headers, strict=True)]


async def assert_arrives(stage: Stage, role: Role, speech: Speech, words: str, texts: list[Text]) -> None:
    """Submit, and look at the phone; every part is answered by an id of its own."""
    async with stage.served(role, speech) as (subject, customer):
        answers = await customer.submit(*(speech.submit(text) for text in texts))
        assert {code for code, _ in answers} == {0}
        assert len({key for _, key in answers}) == len(texts)
        assert await subject.has_texts(ANNA, 1) == [words]


@proves("submit-short", role=BOTH_SERVERS)
async def test_a_short_text_reaches_the_phone(stage: Stage, speech: Speech, role: Role) -> None:
    words = code_text()
    await assert_arrives(stage, role, speech, words, [Text(ANNA, "ucs2", words.encode("utf-16-be"))])


@proves("submit-short", role=(Role.SIMULATOR,))
async def test_a_short_narrow_text_reaches_the_phone(stage: Stage, speech: Speech, role: Role) -> None:
    words = "Your code is 482913"
    await assert_arrives(stage, role, speech, words, [Text(ANNA, "ascii", words.encode())])


@proves("submit-short", role=(Role.SERVER,))
async def test_a_narrow_text_is_read_but_cannot_be_signed(stage: Stage, speech: Speech, role: Role) -> None:
    """Every text names its sender in 【】, which ASCII does not have."""
    async with stage.served(role, speech) as (_, customer):
        ((code, _),) = await customer.submit(speech.submit(Text(ANNA, "ascii", b"Your code is 482913")))

        assert code == UNSIGNED[speech.family]


@proves("submit-long", role=BOTH_SERVERS)
async def test_a_long_text_reaches_the_phone_whole_whatever_order_its_parts_come_in(
    stage: Stage, speech: Speech, role: Role
) -> None:
    first, second, *others = parts_of(LONG, "ucs2")
    await assert_arrives(stage, role, speech, LONG, [second, first, *others])


@proves("submit-gbk", role=BOTH_SERVERS)
async def test_gbk_reaches_the_phone(stage: Stage, speech: Speech, role: Role) -> None:
    words = code_text()
    await assert_arrives(stage, role, speech, words, [Text(ANNA, "gbk", words.encode("gbk"))])


@proves("submit-gbk", role=BOTH_SERVERS)
async def test_long_gbk_reaches_the_phone_whole(stage: Stage, speech: Speech, role: Role) -> None:
    words = notification(*("鸿雁",) * 25)
    await assert_arrives(stage, role, speech, words, parts_of(words, "gbk"))


@proves("submit-ucs2", role=BOTH_SERVERS)
async def test_seventy_characters_of_ucs2_reach_the_phone(stage: Stage, speech: Speech, role: Role) -> None:
    await assert_arrives(stage, role, speech, SEVENTY, [Text(ANNA, "ucs2", SEVENTY.encode("utf-16-be"))])


@proves("submit-gsm7", role=BOTH_SERVERS)
async def test_the_air_interfaces_own_alphabet_reaches_the_phone(stage: Stage, speech: Speech, role: Role) -> None:
    await assert_arrives(stage, role, speech, "@£€[A]", [Text(ANNA, "gsm7", bytes.fromhex("00 01 1b65 1b3c 41 1b3e"))])


@proves("submit-emoji", role=BOTH_SERVERS)
async def test_emoji_reach_the_phone_even_cut_in_two_by_the_customer(stage: Stage, speech: Speech, role: Role) -> None:
    """Some customers cut at 134 octets whatever lies there; put together, the halves are one character again."""
    octets = EMOJI.encode("utf-16-be")
    assert octets[132:134] == b"\xd8\x3d"  # the first half of a pair
    cuts = [octets[at : at + 134] for at in range(0, len(octets), 134)]
    headers = [bytes((5, 0, 3, 0x2B, len(cuts), number)) for number in range(1, len(cuts) + 1)]
    texts = [Text(ANNA, "ucs2", cut, header) for cut, header in zip(cuts, headers, strict=True)]
    await assert_arrives(stage, role, speech, EMOJI, texts)


@proves("parts-missing", role=BOTH_SERVERS)
async def test_parts_are_answered_at_once_though_the_others_never_come(
    stage: Stage, speech: Speech, role: Role
) -> None:
    async with stage.served(role, speech) as (_, customer):
        first, _, third, *_ = parts_of(LONG, "ucs2", reference=0x2C)
        answers = await customer.submit(speech.submit(first), speech.submit(third))

        assert [code for code, _ in answers] == [0, 0]
        assert (await customer.say())[0] == 0
