"""What states, stats and results mean."""

import pytest

from hongyan.messages.model import State
from hongyan.messages.words import STATES, own_words, report_words, result_words


def test_every_state_has_its_words() -> None:
    assert set(STATES) == set(State)


@pytest.mark.parametrize(
    "stat, english, chinese",
    [
        ("DELIVRD", "delivered", "短信投递成功"),
        ("UNDELIV", "cannot be delivered", "无法投递"),
        ("MB:1042", "the SMSC answered with an error", "短信中心返回错误"),
        ("IC:0001", "no report came from the next gateway", "未收到下一级网关的状态报告"),
        ("MO:0255", "the connection upstream was cut while submitting", "转发提交过程中连接断开"),
        ("MO:1234", "a code of the gateway upstream", "上级网关的状态码"),
        ("MA:1234", "the SMSC did not answer", "短信中心无应答"),
        (
            "MA:0024",
            "the content is not registered (by CMPP alone: the SMSC did not answer)",
            "内容未报备(仅按CMPP则为:短信中心无应答)",
        ),
        ("SG:0025", "user unreachable: phone off or out of reach", "用户不能通信：未开机或不在服务区"),
        ("SG:025x", "a failure code of the carrier's own", "运营商自定义的失败码"),
        ("HD:0031", "a failure code of the carrier's own", "运营商自定义的失败码"),
        ("MAX", "a failure code of the carrier's own", "运营商自定义的失败码"),
        ("", "a failure code of the carrier's own", "运营商自定义的失败码"),
    ],
)
def test_reports_are_explained(stat: str, english: str, chinese: str) -> None:
    assert report_words(stat) == (english, chinese)


@pytest.mark.parametrize(
    "stat, protocol, english",
    [
        ("EXPIRED", "cmpp30", "its validity ran out"),
        ("MA:0024", None, "the content is not registered"),
        ("MT:0013", "cmpp30", "refused at submission, result 13: Dest_terminal_Id error"),
        ("MT:0013", "cmpp20", "refused at submission, result 13: other error"),
        ("MT:0100", "cmpp30", "refused at submission, result 100: error defined by the vendor"),
        ("MT:4294967295", "cmpp30", "refused at submission, result 4294967295: other error"),
        ("MT:", "cmpp30", "a failure code of the carrier's own"),
    ],
)
def test_our_own_words_are_explained(stat: str, protocol: str | None, english: str) -> None:
    assert own_words(stat, protocol).english == english


def test_results_of_an_unknown_protocol_are_still_yes_or_no() -> None:
    assert result_words("cmpp99", 0).chinese == "已受理"
    assert result_words(None, 21).chinese == "运营商自定义的结果码"


def test_words_are_shown_in_both_languages() -> None:
    assert str(STATES[State.IN_DOUBT]) == "in doubt 结果待定"
