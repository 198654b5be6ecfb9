"""What the numbers mean and what to do about them."""

import pytest

from hongyan.wire.cmpp.pdus import V20, V30
from hongyan.wire.cmpp.statuses import ConnectStatus, Disposition, SubmitResult, connect_status, submit_status


def test_nothing_but_flow_control_is_worth_another_try() -> None:
    for version in (V20, V30):
        again = [code for code in range(256) if submit_status(code, version).disposition is Disposition.RETRY_LATER]
        assert again == [8]


def test_only_0_is_accepted() -> None:
    accepted = [code for code in range(256) if submit_status(code, V30).disposition is Disposition.ACCEPTED]
    assert accepted == [0]
    assert [code for code in range(9) if connect_status(code).disposition is Disposition.ACCEPTED] == [0]


@pytest.mark.parametrize(
    "code,version,name,english,chinese",
    [
        (8, V30, "flow_control", "flow control: slow down", "流量控制错"),
        (13, V30, "dest_terminal_id_error", "Dest_terminal_Id error", "Dest_terminal_Id错误"),
        (13, V20, "other", "other error", "其他错误"),
        (9, V20, "other", "other error", "其他错误"),
        (
            9,
            V30,
            "fee_number_not_served",
            "this gateway does not serve the charged number",
            "本网关不负责服务此计费号码",
        ),
        (14, V30, "other", "other error", "其他错误"),
        (150, V30, "vendor", "error defined by the vendor", "厂商自定义错误"),
        (0xFFFFFFFF, V30, "other", "other error", "其他错误"),
    ],
)
def test_a_result_is_named_in_both_languages(code: int, version: int, name: str, english: str, chinese: str) -> None:
    status = submit_status(code, version)

    assert (status.code, status.name, status.english, status.chinese) == (code, name, english, chinese)


def test_a_refused_bind_is_named_in_both_languages() -> None:
    assert connect_status(3).english == "authentication error"
    assert connect_status(4).chinese == "版本太高"
    assert (connect_status(77).code, connect_status(77).name) == (77, "other")


def test_every_code_of_the_specification_has_its_words() -> None:
    for result in SubmitResult:
        assert submit_status(result, V30).chinese
    for status in ConnectStatus:
        assert connect_status(status).chinese
