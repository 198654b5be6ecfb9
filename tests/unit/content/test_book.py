"""Which texts an account may send."""

import pytest

from hongyan.content.book import DEBUG_TEXT, ApprovedSignature, ApprovedTemplate, ContentBook, Match, Mismatch
from hongyan.content.model import MessageKind

GOOSE = ApprovedSignature(1, 10, "鸿雁")
CRANE = ApprovedSignature(2, 10, "白鹤")
OTHERS = ApprovedSignature(3, 20, "鸿雁")

CODE = ApprovedTemplate(101, 10, 1, MessageKind.VERIFICATION, "验证码{1}，{2}分钟内有效")
NOTICE = ApprovedTemplate(102, 10, None, MessageKind.NOTIFICATION, "{1}您好，订单${order}已发货")
OTHERS_NOTICE = ApprovedTemplate(103, 20, None, MessageKind.NOTIFICATION, "只有别人能发")


@pytest.fixture
def book() -> ContentBook:
    return ContentBook([GOOSE, CRANE, OTHERS], [CODE, NOTICE, OTHERS_NOTICE])


def test_a_text_is_known_by_its_signature_and_template(book: ContentBook) -> None:
    assert book.match(10, "【鸿雁】验证码1234，5分钟内有效") == Match(1, 101, MessageKind.VERIFICATION)


def test_the_signature_may_stand_at_the_end(book: ContentBook) -> None:
    assert book.match(10, "验证码1234，5分钟内有效【鸿雁】") == Match(1, 101, MessageKind.VERIFICATION)


def test_a_template_bound_to_a_signature_goes_with_no_other(book: ContentBook) -> None:
    assert book.match(10, "【白鹤】验证码1234，5分钟内有效") is Mismatch.TEXT_UNREGISTERED


def test_an_unbound_template_goes_with_every_signature_of_the_account(book: ContentBook) -> None:
    text = "王女士您好，订单A-1已发货"

    assert book.match(10, "【鸿雁】" + text) == Match(1, 102, MessageKind.NOTIFICATION)
    assert book.match(10, "【白鹤】" + text) == Match(2, 102, MessageKind.NOTIFICATION)


@pytest.mark.parametrize(
    "account_id, text, mismatch",
    [
        (10, "验证码1234，5分钟内有效", Mismatch.NO_SIGNATURE),
        (10, "", Mismatch.NO_SIGNATURE),
        (10, "【大雁】验证码1234，5分钟内有效", Mismatch.SIGNATURE_UNREGISTERED),
        (20, "【白鹤】王女士您好，订单A-1已发货", Mismatch.SIGNATURE_UNREGISTERED),
        (30, "【鸿雁】验证码1234，5分钟内有效", Mismatch.SIGNATURE_UNREGISTERED),
        (20, "【鸿雁】验证码1234，5分钟内有效", Mismatch.TEXT_UNREGISTERED),
        (20, "【鸿雁】王女士您好，订单A-1已发货", Mismatch.TEXT_UNREGISTERED),
        (10, "【鸿雁】只有别人能发", Mismatch.TEXT_UNREGISTERED),
        (10, "【鸿雁】验证码，5分钟内有效", Mismatch.TEXT_UNREGISTERED),
        (10, "【鸿雁】", Mismatch.TEXT_UNREGISTERED),
        (10, "【鸿雁】验证码" + "1" * 33 + "，5分钟内有效", Mismatch.TEXT_UNREGISTERED),
    ],
)
def test_what_is_not_registered_for_the_account_may_not_go_out(
    book: ContentBook, account_id: int, text: str, mismatch: Mismatch
) -> None:
    assert book.match(account_id, text) is mismatch


def test_a_variable_may_be_as_long_as_32_characters(book: ContentBook) -> None:
    assert isinstance(book.match(10, "【鸿雁】验证码" + "1" * 32 + "，5分钟内有效"), Match)


def test_a_variable_cannot_carry_a_second_signature(book: ContentBook) -> None:
    assert book.match(10, "【鸿雁】【银行】您好，订单1已发货") is Mismatch.TEXT_UNREGISTERED


@pytest.mark.parametrize(
    "text",
    [
        DEBUG_TEXT,
        "【企讯通】腾讯接口调试测试,此短信为调试类测试短信,请注意查收。",
        "【企讯通】腾讯接口调试测试，此短信为调试类测试短信，请注意查收。",
        "【企讯通】腾讯接口调试测试,此短信为调试类测试短信，请注意查收。",
    ],
)
def test_the_debug_text_goes_out_for_every_account(book: ContentBook, text: str) -> None:
    assert book.match(999, text) == Match(None, None, MessageKind.NOTIFICATION)


def test_nothing_but_the_debug_text_itself_goes_out_unregistered(book: ContentBook) -> None:
    assert book.match(10, DEBUG_TEXT + "!") is Mismatch.SIGNATURE_UNREGISTERED
    assert book.match(10, DEBUG_TEXT.removeprefix("【企讯通】")) is Mismatch.NO_SIGNATURE


def test_of_a_bound_and_an_unbound_template_the_one_with_more_fixed_text_is_meant() -> None:
    general = ApprovedTemplate(1, 10, None, MessageKind.MARKETING, "验证码{1}")
    exact = ApprovedTemplate(2, 10, 1, MessageKind.VERIFICATION, "验证码{1}有效")
    book = ContentBook([GOOSE], [general, exact])

    assert book.match(10, "【鸿雁】验证码12有效") == Match(1, 2, MessageKind.VERIFICATION)
    assert book.match(10, "【鸿雁】验证码12") == Match(1, 1, MessageKind.MARKETING)
