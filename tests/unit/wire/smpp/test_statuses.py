"""What the numbers mean and what to do about them."""

import pytest

from hongyan.wire.smpp.statuses import CommandStatus, command_status
from hongyan.wire.statuses import Disposition

EVERY_CODE = range(0x600)


def test_what_may_be_taken_later_is_tried_again() -> None:
    again = [code for code in EVERY_CODE if command_status(code).disposition is Disposition.RETRY_LATER]

    assert again == [0x08, 0x14, 0x58, 0x64]


def test_a_full_queue_and_throttling_slow_down() -> None:
    assert [code for code in EVERY_CODE if command_status(code).slows_down] == [0x14, 0x58]


def test_only_0_is_accepted() -> None:
    accepted = [code for code in EVERY_CODE if command_status(code).disposition is Disposition.ACCEPTED]

    assert accepted == [0]


@pytest.mark.parametrize(
    "code,name,english,chinese",
    [
        (0x0E, "invalid_password", "password is invalid", "密码错误"),
        (0x58, "throttled", "throttled: slow down", "超过流量限制"),
        (0x0B, "invalid_destination_address", "destination address is invalid", "目的地址错误"),
        (0x09, "other", "reserved error code", "保留的错误码"),
        (0x400, "vendor", "error defined by the vendor", "厂商自定义错误"),
        (0x4FF, "vendor", "error defined by the vendor", "厂商自定义错误"),
        (0x500, "other", "reserved error code", "保留的错误码"),
        (0xFFFFFFFF, "other", "reserved error code", "保留的错误码"),
    ],
)
def test_a_status_is_named_in_both_languages(code: int, name: str, english: str, chinese: str) -> None:
    status = command_status(code)

    assert (status.code, status.name, status.english, status.chinese) == (code, name, english, chinese)


def test_every_code_of_the_specification_has_words_of_its_own() -> None:
    meanings = [command_status(status).chinese for status in CommandStatus]

    assert len(set(meanings)) == len(meanings)
    assert "保留的错误码" not in meanings
