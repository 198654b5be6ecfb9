"""What the numbers mean and what to do about them."""

import pytest

from hongyan.wire.smgp.dialect import Quirk
from hongyan.wire.smgp.statuses import Code, login_status, status_of
from hongyan.wire.statuses import Disposition


def test_a_busy_gateway_and_a_used_up_day_are_worth_another_try_and_slow_the_channel_down() -> None:
    statuses = [status_of(code) for code in range(256)]

    assert [status.code for status in statuses if status.disposition is Disposition.RETRY_LATER] == [1, 75]
    assert [status.code for status in statuses if status.slows_down] == [1, 75]


def test_only_0_is_accepted() -> None:
    assert [code for code in range(256) if status_of(code).disposition is Disposition.ACCEPTED] == [0]
    assert [code for code in range(256) if login_status(code).disposition is Disposition.ACCEPTED] == [0]


@pytest.mark.parametrize(
    "code,name,english,chinese",
    [
        (0, "ok", "accepted", "成功"),
        (21, "authentication_error", "authentication error", "认证错"),
        (47, "dest_term_id_error", "illegal DestTermId", "非法接收用户号码(DestTermId)"),
        (76, "account_expired", "account expired", "SP帐号过有效期"),
        (3, "other", "other error", "其他错误"),
        (127, "other", "other error", "其他错误"),
        (128, "vendor", "error defined by the vendor", "厂商自定义错误"),
        (255, "vendor", "error defined by the vendor", "厂商自定义错误"),
        (256, "other", "other error", "其他错误"),
        (0xFFFFFFFF, "other", "other error", "其他错误"),
    ],
)
def test_a_status_is_named_in_both_languages(code: int, name: str, english: str, chinese: str) -> None:
    status = status_of(code)

    assert (status.code, status.name, status.english, status.chinese) == (code, name, english, chinese)


def test_a_failed_login_may_come_under_cmpps_number() -> None:
    status = login_status(3)

    assert (status.code, status.name, status.chinese) == (3, "authentication_error", "认证错")
    assert login_status(3, frozenset({Quirk.LOGIN_STATUS_3})) == status
    assert login_status(3, frozenset()).name == "other"


def test_every_code_of_the_specification_has_its_words() -> None:
    for code in Code:
        assert status_of(code).chinese
        assert status_of(code).english
