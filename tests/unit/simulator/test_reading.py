"""A text read as a person reads it."""

import pytest

from hongyan.simulator.reading import Coding, code_in, decode, encode, signature_in


@pytest.mark.parametrize(
    "content, coding, text",
    [
        (b"hello", Coding.ASCII, "hello"),
        (b"h\xe9", Coding.ASCII, "h\ufffd"),
        (bytes.fromhex("9e3f96c1"), Coding.UCS2, "鸿雁"),
        (bytes.fromhex("d83ddcda"), Coding.UCS2, "📚"),
        (bytes.fromhex("9e3f96"), Coding.UCS2, "鸿\ufffd"),
        (bytes.fromhex("bae8d1e3"), Coding.GBK, "鸿雁"),
        (bytes.fromhex("00201b65"), Coding.GSM7, "@ €"),
        (bytes.fromhex("1b41"), Coding.GSM7, "A"),
        (b"\x80", Coding.GSM7, "\ufffd"),
        (b"\xe9", Coding.LATIN1, "é"),
        (bytes.fromhex("0a0b"), Coding.BINARY, "0a 0b"),
        (bytes.fromhex("0a0b"), Coding.UNKNOWN, "0a 0b"),
    ],
)
def test_bytes_become_text_by_their_coding(content: bytes, coding: Coding, text: str) -> None:
    assert decode(content, coding) == text


@pytest.mark.parametrize(
    "text, coding, content",
    [
        ("hello", Coding.ASCII, b"hello"),
        ("é", Coding.ASCII, None),
        ("鸿雁", Coding.UCS2, bytes.fromhex("9e3f96c1")),
        ("鸿雁", Coding.GBK, bytes.fromhex("bae8d1e3")),
        ("📚", Coding.GBK, None),
        ("@ €", Coding.GSM7, bytes.fromhex("00201b65")),
        ("鸿", Coding.GSM7, None),
        ("é", Coding.LATIN1, b"\xe9"),
        ("x", Coding.BINARY, None),
    ],
)
def test_a_text_becomes_bytes_where_the_coding_carries_it(text: str, coding: Coding, content: bytes | None) -> None:
    assert encode(text, coding) == content


@pytest.mark.parametrize(
    "text, signature",
    [
        ("【鸿雁】您好", "鸿雁"),
        ("您好【鸿雁】", "鸿雁"),
        ("您好【鸿雁】\n", "鸿雁"),
        ("【甲】您好【乙】", "甲"),
        ("您【好】啊", None),
        ("【】您好", None),
        ("plain", None),
    ],
)
def test_the_signature_stands_at_either_end(text: str, signature: str | None) -> None:
    assert signature_in(text) == signature


@pytest.mark.parametrize(
    "text, code",
    [
        ("【鸿雁】您的验证码是482913，10分钟内有效", "482913"),
        ("【鸿雁】482913是您的登录验证码，请于2026年前使用", "482913"),
        ("【店】订单20231234已发货，取件码 6027", "6027"),
        ("【鸿雁】动态密码 A8K2P7，5分钟内有效。", "A8K2P7"),
        ("G-731904 is your Google verification code.", "731904"),
        ("Your OTP is 0042. Call 4008001234 for help.", "0042"),
        ("【银行】尾号1234的卡支付验证码：908172，金额5000.00元", "908172"),
        ("【鸿雁】您的验证码是482913，客服电话4008001234", "482913"),
        ("【电信】您本月话费余额为2350元", None),
        ("【店】订单20231234已发货", None),
        ("【鸿雁】请勿泄露验证码", None),
        ("【鸿雁】您的验证码是******", None),
        ("【企讯通】腾讯接口调试测试,此短信为调试类测试短信,请注意查收。", None),
    ],
)
def test_the_code_is_what_stands_nearest_to_its_word(text: str, code: str | None) -> None:
    assert code_in(text) == code
