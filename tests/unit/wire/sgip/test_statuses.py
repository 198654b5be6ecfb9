"""What SGIP's numbers mean and what to do about them."""

import pytest

from hongyan.wire.sgip.statuses import Result, status_of
from hongyan.wire.statuses import Disposition


def test_three_numbers_ask_for_less_and_are_worth_another_try() -> None:
    assert [code for code in range(256) if status_of(code).disposition is Disposition.RETRY_LATER] == [11, 33, 88]
    assert [code for code in range(256) if status_of(code).slows_down] == [11, 33, 88]


def test_only_0_is_accepted() -> None:
    assert [code for code in range(256) if status_of(code).disposition is Disposition.ACCEPTED] == [0]


@pytest.mark.parametrize(
    "code,name,english,chinese",
    [
        (6, "illegal_number", "illegal mobile number, or no 86 before it", "非法手机号码，或号码前未加86"),
        (
            32,
            "system_failure",
            "system failure (1.2); packet format wrong (1.3)",
            "系统失败（1.2）；数据包格式错（1.3）",
        ),
        (
            33,
            "smsc_queue_full",
            "SMSC queue full (1.2); over the flow limit (1.3): slow down",
            "短信中心队列满（1.2）；超过流量限制（1.3）",
        ),
        (17, "link_id_mismatch", "LINKID does not match (1.3)", "LINKID不匹配（1.3）"),
        (69, "blacklisted", "number on a blacklist (vendor)", "黑名单用户（厂商）"),
        (110, "spms_refused", "refused by the SPMS checks (vendor)", "SPMS鉴权不通过（厂商）"),
        (77, "vendor", "error defined by the vendor", "厂商自定义错误"),
        (255, "vendor", "error defined by the vendor", "厂商自定义错误"),
        (12, "other", "other error", "其他错误"),
        (49, "other", "other error", "其他错误"),
    ],
)
def test_a_number_is_named_in_both_languages_with_the_meanings_of_both_editions(
    code: int, name: str, english: str, chinese: str
) -> None:
    status = status_of(code)

    assert (status.code, status.name, status.english, status.chinese) == (code, name, english, chinese)


def test_every_number_of_the_specification_has_its_name_and_words() -> None:
    for result in Result:
        assert status_of(result).name == result.name.lower()
        assert status_of(result).chinese
