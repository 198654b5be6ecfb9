"""What the numbers in CONNECT_RESP, SUBMIT_RESP and DELIVER_RESP mean, and what to do about them."""

from enum import IntEnum

from hongyan.wire.statuses import Disposition, Status

from .pdus import V30

__all__ = ["VENDOR_CODES", "ConnectStatus", "Disposition", "Status", "SubmitResult", "connect_status", "submit_status"]


class ConnectStatus(IntEnum):
    """CMPP 3.0 §7.4.1.2."""

    OK = 0
    STRUCTURE_ERROR = 1
    ILLEGAL_SOURCE_ADDRESS = 2
    AUTHENTICATION_ERROR = 3
    VERSION_TOO_HIGH = 4
    OTHER = 5


class SubmitResult(IntEnum):
    """CMPP 3.0 §7.4.3.2. In 2.0, 9 and above are other errors."""

    OK = 0
    STRUCTURE_ERROR = 1
    COMMAND_ERROR = 2
    DUPLICATE_SEQUENCE = 3
    LENGTH_ERROR = 4
    FEE_CODE_ERROR = 5
    TOO_LONG = 6
    SERVICE_CODE_ERROR = 7
    FLOW_CONTROL = 8
    FEE_NUMBER_NOT_SERVED = 9
    SRC_ID_ERROR = 10
    MSG_SRC_ERROR = 11
    FEE_TERMINAL_ID_ERROR = 12
    DEST_TERMINAL_ID_ERROR = 13


VENDOR_CODES = range(100, 200)
"""CMPP 3.0 §7.7.2: numbers that a vendor may give a meaning of its own."""

_CONNECT = {
    ConnectStatus.OK: ("bound", "连接成功"),
    ConnectStatus.STRUCTURE_ERROR: ("message structure error", "消息结构错"),
    ConnectStatus.ILLEGAL_SOURCE_ADDRESS: ("illegal source address", "非法源地址"),
    ConnectStatus.AUTHENTICATION_ERROR: ("authentication error", "认证错"),
    ConnectStatus.VERSION_TOO_HIGH: ("version too high", "版本太高"),
    ConnectStatus.OTHER: ("other error", "其他错误"),
}
_SUBMIT = {
    SubmitResult.OK: ("accepted", "正确"),
    SubmitResult.STRUCTURE_ERROR: ("message structure error", "消息结构错"),
    SubmitResult.COMMAND_ERROR: ("command error", "命令字错"),
    SubmitResult.DUPLICATE_SEQUENCE: ("duplicate sequence number", "消息序号重复"),
    SubmitResult.LENGTH_ERROR: ("message length error", "消息长度错"),
    SubmitResult.FEE_CODE_ERROR: ("fee code error", "资费代码错"),
    SubmitResult.TOO_LONG: ("message too long", "超过最大信息长"),
    SubmitResult.SERVICE_CODE_ERROR: ("service code error", "业务代码错"),
    SubmitResult.FLOW_CONTROL: ("flow control: slow down", "流量控制错"),
    SubmitResult.FEE_NUMBER_NOT_SERVED: (
        "this gateway does not serve the charged number",
        "本网关不负责服务此计费号码",
    ),
    SubmitResult.SRC_ID_ERROR: ("Src_Id error", "Src_Id错误"),
    SubmitResult.MSG_SRC_ERROR: ("Msg_src error", "Msg_src错误"),
    SubmitResult.FEE_TERMINAL_ID_ERROR: ("Fee_terminal_Id error", "Fee_terminal_Id错误"),
    SubmitResult.DEST_TERMINAL_ID_ERROR: ("Dest_terminal_Id error", "Dest_terminal_Id错误"),
}
_OTHER = ("other error", "其他错误")
_VENDOR = ("error defined by the vendor", "厂商自定义错误")


def connect_status(code: int) -> Status:
    """Return what a CONNECT_RESP's Status means; 5 and above are other errors."""
    known = ConnectStatus(min(code, ConnectStatus.OTHER))
    english, chinese = _CONNECT[known]
    disposition = Disposition.FINAL if code else Disposition.ACCEPTED
    return Status(code, known.name.lower(), disposition, english, chinese)


def submit_status(code: int, version: int) -> Status:
    """Return what a SUBMIT_RESP's or DELIVER_RESP's Result means in a version."""
    known_max = SubmitResult.DEST_TERMINAL_ID_ERROR if version >= V30 else SubmitResult.FLOW_CONTROL
    if code <= known_max:
        result = SubmitResult(code)
        slows_down = result is SubmitResult.FLOW_CONTROL
        return Status(code, result.name.lower(), _disposition(result), *_SUBMIT[result], slows_down)
    if code in VENDOR_CODES:
        return Status(code, "vendor", Disposition.FINAL, *_VENDOR)
    return Status(code, "other", Disposition.FINAL, *_OTHER)


def _disposition(result: SubmitResult) -> Disposition:
    if result is SubmitResult.OK:
        return Disposition.ACCEPTED
    return Disposition.RETRY_LATER if result is SubmitResult.FLOW_CONTROL else Disposition.FINAL
