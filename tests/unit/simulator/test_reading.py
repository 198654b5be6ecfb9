"""A text read as a person reads it."""

import pytest

from hongyan.simulator.reading import code_in, decode, signature_in


@pytest.mark.parametrize(
    "content, message_format, text, encoding",
    [
        (b"hello", 0, "hello", "ASCII"),
        (b"h\xe9", 0, "h\ufffd", "ASCII"),
        (bytes.fromhex("9e3f96c1"), 8, "鸿雁", "UCS-2"),
        (bytes.fromhex("d83ddcda"), 8, "📚", "UCS-2"),
        (bytes.fromhex("9e3f96"), 8, "鸿\ufffd", "UCS-2"),
        (bytes.fromhex("bae8d1e3"), 15, "鸿雁", "GBK"),
        (bytes.fromhex("0a0b"), 4, "0a 0b", "binary"),
        (bytes.fromhex("0a0b"), 246, "0a 0b", "format 246"),
    ],
)
def test_bytes_become_text_by_their_format(content: bytes, message_format: int, text: str, encoding: str) -> None:
    assert decode(content, message_format) == (text, encoding)


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
