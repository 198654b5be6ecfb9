"""What `command_status` and `message_state` mean, and what to do about them."""

from enum import IntEnum
from typing import Final

from hongyan.wire.statuses import Disposition, Status


class CommandStatus(IntEnum):
    """SMPP 3.4 §5.1.3, without the ESME_R of the names."""

    OK = 0x00
    INVALID_MESSAGE_LENGTH = 0x01
    INVALID_COMMAND_LENGTH = 0x02
    INVALID_COMMAND_ID = 0x03
    WRONG_BIND_STATE = 0x04
    ALREADY_BOUND = 0x05
    INVALID_PRIORITY_FLAG = 0x06
    INVALID_REGISTERED_DELIVERY = 0x07
    SYSTEM_ERROR = 0x08
    INVALID_SOURCE_ADDRESS = 0x0A
    INVALID_DESTINATION_ADDRESS = 0x0B
    INVALID_MESSAGE_ID = 0x0C
    BIND_FAILED = 0x0D
    INVALID_PASSWORD = 0x0E
    INVALID_SYSTEM_ID = 0x0F
    CANCEL_FAILED = 0x11
    REPLACE_FAILED = 0x13
    MESSAGE_QUEUE_FULL = 0x14
    INVALID_SERVICE_TYPE = 0x15
    INVALID_NUMBER_OF_DESTINATIONS = 0x33
    INVALID_LIST_NAME = 0x34
    INVALID_DESTINATION_FLAG = 0x40
    INVALID_REPLACE_REQUEST = 0x42
    INVALID_ESM_CLASS = 0x43
    CANNOT_SUBMIT_TO_LIST = 0x44
    SUBMIT_FAILED = 0x45
    INVALID_SOURCE_TON = 0x48
    INVALID_SOURCE_NPI = 0x49
    INVALID_DESTINATION_TON = 0x50
    INVALID_DESTINATION_NPI = 0x51
    INVALID_SYSTEM_TYPE = 0x53
    INVALID_REPLACE_FLAG = 0x54
    INVALID_NUMBER_OF_MESSAGES = 0x55
    THROTTLED = 0x58
    INVALID_SCHEDULE = 0x61
    INVALID_EXPIRY = 0x62
    INVALID_DEFAULT_MESSAGE_ID = 0x63
    RECEIVER_TEMPORARY_ERROR = 0x64
    RECEIVER_PERMANENT_ERROR = 0x65
    RECEIVER_REJECTED = 0x66
    QUERY_FAILED = 0x67
    INVALID_OPTIONAL_PART = 0xC0
    OPTIONAL_PARAMETER_NOT_ALLOWED = 0xC1
    INVALID_PARAMETER_LENGTH = 0xC2
    EXPECTED_PARAMETER_MISSING = 0xC3
    INVALID_OPTIONAL_VALUE = 0xC4
    DELIVERY_FAILED = 0xFE
    UNKNOWN_ERROR = 0xFF


class MessageState(IntEnum):
    """SMPP 3.4 §5.2.28."""

    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8


VENDOR_CODES: Final = range(0x400, 0x500)
"""SMPP 3.4 §5.1.3: numbers that a vendor may give a meaning of its own."""

_RETRY_LATER: Final = frozenset(
    {
        CommandStatus.SYSTEM_ERROR,
        CommandStatus.MESSAGE_QUEUE_FULL,
        CommandStatus.THROTTLED,
        CommandStatus.RECEIVER_TEMPORARY_ERROR,
    }
)
_SLOWS_DOWN: Final = frozenset({CommandStatus.MESSAGE_QUEUE_FULL, CommandStatus.THROTTLED})

_MEANINGS: Final = {
    CommandStatus.OK: ("ok", "成功"),
    CommandStatus.INVALID_MESSAGE_LENGTH: ("message length is invalid", "消息长度错误"),
    CommandStatus.INVALID_COMMAND_LENGTH: ("command length is invalid", "命令长度错误"),
    CommandStatus.INVALID_COMMAND_ID: ("command id is invalid", "命令字错误"),
    CommandStatus.WRONG_BIND_STATE: ("not allowed in this bind state", "绑定状态不允许该操作"),
    CommandStatus.ALREADY_BOUND: ("already bound", "已经绑定"),
    CommandStatus.INVALID_PRIORITY_FLAG: ("priority flag is invalid", "优先级错误"),
    CommandStatus.INVALID_REGISTERED_DELIVERY: ("registered delivery flag is invalid", "状态报告标志错误"),
    CommandStatus.SYSTEM_ERROR: ("system error", "系统错误"),
    CommandStatus.INVALID_SOURCE_ADDRESS: ("source address is invalid", "源地址错误"),
    CommandStatus.INVALID_DESTINATION_ADDRESS: ("destination address is invalid", "目的地址错误"),
    CommandStatus.INVALID_MESSAGE_ID: ("message id is invalid", "消息ID错误"),
    CommandStatus.BIND_FAILED: ("bind failed", "绑定失败"),
    CommandStatus.INVALID_PASSWORD: ("password is invalid", "密码错误"),
    CommandStatus.INVALID_SYSTEM_ID: ("system id is invalid", "账号错误"),
    CommandStatus.CANCEL_FAILED: ("cancel failed", "取消短信失败"),
    CommandStatus.REPLACE_FAILED: ("replace failed", "替换短信失败"),
    CommandStatus.MESSAGE_QUEUE_FULL: ("message queue is full", "消息队列已满"),
    CommandStatus.INVALID_SERVICE_TYPE: ("service type is invalid", "业务类型错误"),
    CommandStatus.INVALID_NUMBER_OF_DESTINATIONS: ("number of destinations is invalid", "目的号码数量错误"),
    CommandStatus.INVALID_LIST_NAME: ("distribution list name is invalid", "群发列表名错误"),
    CommandStatus.INVALID_DESTINATION_FLAG: ("destination flag is invalid", "目的地址标志错误"),
    CommandStatus.INVALID_REPLACE_REQUEST: ("submit with replace is not possible", "不支持替换式提交"),
    CommandStatus.INVALID_ESM_CLASS: ("esm_class is invalid", "esm_class错误"),
    CommandStatus.CANNOT_SUBMIT_TO_LIST: ("cannot submit to the distribution list", "无法提交到群发列表"),
    CommandStatus.SUBMIT_FAILED: ("submit failed", "提交失败"),
    CommandStatus.INVALID_SOURCE_TON: ("source type of number is invalid", "源号码类型(TON)错误"),
    CommandStatus.INVALID_SOURCE_NPI: ("source numbering plan is invalid", "源编码方案(NPI)错误"),
    CommandStatus.INVALID_DESTINATION_TON: ("destination type of number is invalid", "目的号码类型(TON)错误"),
    CommandStatus.INVALID_DESTINATION_NPI: ("destination numbering plan is invalid", "目的编码方案(NPI)错误"),
    CommandStatus.INVALID_SYSTEM_TYPE: ("system type is invalid", "系统类型错误"),
    CommandStatus.INVALID_REPLACE_FLAG: ("replace flag is invalid", "替换标志错误"),
    CommandStatus.INVALID_NUMBER_OF_MESSAGES: ("number of messages is invalid", "消息数量错误"),
    CommandStatus.THROTTLED: ("throttled: slow down", "超过流量限制"),
    CommandStatus.INVALID_SCHEDULE: ("scheduled delivery time is invalid", "定时发送时间错误"),
    CommandStatus.INVALID_EXPIRY: ("validity period is invalid", "有效期错误"),
    CommandStatus.INVALID_DEFAULT_MESSAGE_ID: ("predefined message is invalid or missing", "预定义消息错误"),
    CommandStatus.RECEIVER_TEMPORARY_ERROR: ("temporary error at the receiver", "接收方暂时错误"),
    CommandStatus.RECEIVER_PERMANENT_ERROR: ("permanent error at the receiver", "接收方永久错误"),
    CommandStatus.RECEIVER_REJECTED: ("rejected by the receiver", "接收方拒绝"),
    CommandStatus.QUERY_FAILED: ("query failed", "查询失败"),
    CommandStatus.INVALID_OPTIONAL_PART: ("optional part of the PDU is invalid", "可选参数部分错误"),
    CommandStatus.OPTIONAL_PARAMETER_NOT_ALLOWED: ("optional parameter is not allowed", "不允许的可选参数"),
    CommandStatus.INVALID_PARAMETER_LENGTH: ("parameter length is invalid", "参数长度错误"),
    CommandStatus.EXPECTED_PARAMETER_MISSING: ("an expected optional parameter is missing", "缺少可选参数"),
    CommandStatus.INVALID_OPTIONAL_VALUE: ("value of an optional parameter is invalid", "可选参数值错误"),
    CommandStatus.DELIVERY_FAILED: ("delivery failed", "下发失败"),
    CommandStatus.UNKNOWN_ERROR: ("unknown error", "未知错误"),
}
_OTHER: Final = ("reserved error code", "保留的错误码")
_VENDOR: Final = ("error defined by the vendor", "厂商自定义错误")


def command_status(code: int) -> Status:
    """Return what a response's command_status means; numbers that the specification does not name are final."""
    if code in _STATUSES:
        return _STATUSES[code]
    name, meaning = ("vendor", _VENDOR) if code in VENDOR_CODES else ("other", _OTHER)
    return Status(code, name, Disposition.FINAL, *meaning)


def _disposition(status: CommandStatus) -> Disposition:
    if status is CommandStatus.OK:
        return Disposition.ACCEPTED
    return Disposition.RETRY_LATER if status in _RETRY_LATER else Disposition.FINAL


_STATUSES: Final = {
    status.value: Status(
        status.value, status.name.lower(), _disposition(status), *meaning, slows_down=status in _SLOWS_DOWN
    )
    for status, meaning in _MEANINGS.items()
}
