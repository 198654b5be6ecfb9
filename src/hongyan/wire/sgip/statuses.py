"""What the numbers in SGIP's responses and reports mean, and what to do about them.

One list serves Result of every response and ErrorCode of REPORT (SGIP 1.2 §5.2): 1 to 20 occur in responses,
21 to 33 in reports. SGIP 1.3 gave some of them another meaning, and nothing on the wire tells which edition a
gateway follows; then both meanings are shown. Numbers from 50 on are the vendors' own: their usual meaning is
given, which need not be that of every gateway.
"""

from enum import IntEnum
from typing import Final

from hongyan.wire.statuses import Disposition, Status


class Result(IntEnum):
    """SGIP 1.2 §5.2."""

    OK = 0
    ILLEGAL_LOGIN = 1
    REPEATED_LOGIN = 2
    TOO_MANY_CONNECTIONS = 3
    LOGIN_TYPE_ERROR = 4
    PARAMETER_ERROR = 5
    ILLEGAL_NUMBER = 6
    MESSAGE_ID_ERROR = 7
    LENGTH_ERROR = 8
    SEQUENCE_ERROR = 9
    ILLEGAL_GNS_OPERATION = 10
    NODE_BUSY = 11
    DESTINATION_UNREACHABLE = 21
    ROUTE_ERROR = 22
    NO_ROUTE = 23
    CHARGE_NUMBER_INVALID = 24
    USER_UNREACHABLE = 25
    PHONE_MEMORY_FULL = 26
    PHONE_WITHOUT_SMS = 27
    PHONE_RECEPTION_ERROR = 28
    UNKNOWN_USER = 29
    FUNCTION_NOT_OFFERED = 30
    ILLEGAL_DEVICE = 31
    SYSTEM_FAILURE = 32
    SMSC_QUEUE_FULL = 33


SLOW_DOWN: Final = frozenset({11, 33, 88})
"""Send less and try again: node busy, over the flow limit, a vendor's flow control."""
VENDOR_CODES: Final = range(50, 256)

_MEANINGS: Final[dict[int, tuple[str, str, str]]] = {
    0: ("ok", "accepted", "正确"),
    1: ("illegal_login", "illegal login: wrong name or password", "非法登录：登录名或口令错"),
    2: ("repeated_login", "repeated login on the same connection", "重复登录：同一连接中多次请求登录"),
    3: ("too_many_connections", "too many connections", "连接过多"),
    4: ("login_type_error", "wrong login type", "登录类型错"),
    5: ("parameter_error", "parameter format error", "参数格式错"),
    6: ("illegal_number", "illegal mobile number, or no 86 before it", "非法手机号码，或号码前未加86"),
    7: ("message_id_error", "message id error", "消息ID错"),
    8: ("length_error", "message length error", "信息长度错"),
    9: ("sequence_error", "illegal sequence number: repeated or malformed", "非法序列号：重复或格式错"),
    10: ("illegal_gns_operation", "illegal GNS operation", "非法操作GNS"),
    11: ("node_busy", "node busy: slow down", "节点忙：存储队列满或暂时不能提供服务"),
    13: ("service_not_assigned", "service code not assigned (1.3)", "业务代码未分配（1.3）"),
    14: ("fee_type_error", "fee type error (1.3)", "资费类型错（1.3）"),
    17: ("link_id_mismatch", "LINKID does not match (1.3)", "LINKID不匹配（1.3）"),
    18: ("not_subscribed", "user has not subscribed (1.3)", "用户未订购（1.3）"),
    19: ("user_count_error", "UserCount must be 1 (1.3)", "UserCount必须为1（1.3）"),
    21: ("destination_unreachable", "destination unreachable", "目的地址不可达"),
    22: ("route_error", "wrong route", "路由错"),
    23: ("no_route", "no route", "路由不存在"),
    24: ("charge_number_invalid", "charged number invalid", "计费号码无效"),
    25: ("user_unreachable", "user unreachable: phone off or out of reach", "用户不能通信：未开机或不在服务区"),
    26: ("phone_memory_full", "phone memory full", "手机内存不足"),
    27: ("phone_without_sms", "phone does not support short messages", "手机不支持短消息"),
    28: ("phone_reception_error", "phone failed to receive it", "手机接收短消息出现错误"),
    29: ("unknown_user", "unknown user", "不知道的用户"),
    30: ("function_not_offered", "function not offered", "不提供此功能"),
    31: ("illegal_device", "illegal device", "非法设备"),
    32: ("system_failure", "system failure (1.2); packet format wrong (1.3)", "系统失败（1.2）；数据包格式错（1.3）"),
    33: (
        "smsc_queue_full",
        "SMSC queue full (1.2); over the flow limit (1.3): slow down",
        "短信中心队列满（1.2）；超过流量限制（1.3）",
    ),
    34: ("login_too_often", "logging in too often (1.3)", "登录过于频繁（1.3）"),
    51: ("not_connected", "gateway not connected (vendor)", "网关未连接（厂商）"),
    52: ("not_logged_in", "not logged in (vendor)", "未登录（厂商）"),
    53: ("send_failed", "sending failed (vendor)", "发送失败（厂商）"),
    54: (
        "response_timeout",
        "no response in time, often a wrong TP_udhi (vendor)",
        "等待响应超时，常见于TP_udhi填错（厂商）",
    ),
    55: ("report_timeout", "no report in time (vendor)", "等待状态报告超时（厂商）"),
    57: ("address_not_registered", "login from an address not registered (vendor)", "登录IP与报备不符（厂商）"),
    61: ("expired", "message expired (vendor)", "消息过期（厂商）"),
    64: ("source_number_error", "source number error (vendor)", "源号码错（厂商）"),
    69: ("blacklisted", "number on a blacklist (vendor)", "黑名单用户（厂商）"),
    88: ("flow_control", "flow control: slow down (vendor)", "流量控制（厂商）"),
    93: ("node_error", "company code in the node number wrong (vendor)", "节点编号中的企业代码错（厂商）"),
}
_SPMS: Final = ("spms_refused", "refused by the SPMS checks (vendor)", "SPMS鉴权不通过（厂商）")
_SPMS_CODES: Final = range(100, 125)
_VENDOR: Final = ("vendor", "error defined by the vendor", "厂商自定义错误")
_OTHER: Final = ("other", "other error", "其他错误")


def status_of(code: int) -> Status:
    """Return what a Result or an ErrorCode means; numbers that nobody defined are final refusals."""
    name, english, chinese = _MEANINGS.get(code) or _unnamed(code)
    if code == Result.OK:
        return Status(code, name, Disposition.ACCEPTED, english, chinese)
    slows_down = code in SLOW_DOWN
    disposition = Disposition.RETRY_LATER if slows_down else Disposition.FINAL
    return Status(code, name, disposition, english, chinese, slows_down)


def _unnamed(code: int) -> tuple[str, str, str]:
    if code in _SPMS_CODES:
        return _SPMS
    return _VENDOR if code in VENDOR_CODES else _OTHER
