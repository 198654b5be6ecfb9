"""Signatures in front of texts and at their ends."""

import pytest

from hongyan.text.signatures import leading_signature, split_signature


@pytest.mark.parametrize(
    "text, signed",
    [
        ("【企讯通】您的验证码是1234", ("企讯通", "您的验证码是1234")),
        ("您的验证码是1234【企讯通】", ("企讯通", "您的验证码是1234")),
        ("【甲】正文【乙】", ("甲", "正文【乙】")),
        ("正文【甲】末尾【乙】", ("乙", "正文【甲】末尾")),
        ("【甲】", ("甲", "")),
        ("【】正文", None),
        ("正文【】", None),
        ("【甲正文", None),
        ("正文】", None),
        ("【甲【乙】正文", None),
        ("正文【甲】乙】", None),
        ("正文【甲】。", None),
        (" 【甲】正文", None),
        ("[甲]正文", None),
        ("", None),
    ],
)
def test_a_signature_is_told_from_the_text(text: str, signed: tuple[str, str] | None) -> None:
    assert split_signature(text) == signed
    assert leading_signature(text) == (signed[0] if signed else None)
