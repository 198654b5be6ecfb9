"""Masks: enough to recognise, too little to use."""

import pytest

from hongyan.messages.masking import masked_number, masked_text, number_of


@pytest.mark.parametrize(
    "recipient, number, masked",
    [
        (8613800138000, "13800138000", "138****8000"),
        (8619912345678, "19912345678", "199****5678"),
        (14155550100, "+14155550100", "+141****0100"),
        (85251234567, "+85251234567", "+852****4567"),
    ],
)
def test_numbers_keep_their_ends(recipient: int, number: str, masked: str) -> None:
    assert number_of(recipient) == number
    assert masked_number(recipient) == masked


@pytest.mark.parametrize(
    "content, masked",
    [
        ("【鸿雁】您的验证码为482913，5分钟内有效", "【鸿雁】您的验证码为****，5分钟内有效"),
        ("code: 7301.", "code: ****."),
        ("Use G-482913 or aB3x9", "Use G-**** or ****"),
        ("您的验证码是48291300", "您的验证码是****"),
        ("验证码 482 913，勿泄露", "验证码 ****，勿泄露"),
        ("验证码48-29-13", "验证码****"),
        ("验证码４８２９１３", "验证码****"),
        ("致电4001234567", "致电****"),
        ("Your parcel is on its way", "Your parcel is on its way"),
        ("第12期，共3期", "第12期，共3期"),
    ],
)
def test_what_could_be_a_code_is_hidden(content: str, masked: str) -> None:
    assert masked_text(content) == masked


def test_a_code_between_letters_of_another_alphabet_is_hidden() -> None:
    assert masked_text("код482913да") == "код****да"
