"""What the numbers in Login_Resp, Submit_Resp and Deliver_Resp mean, and what to do about them.

SMGP has one table for all three (§6.2.6) and no number for flow control: a busy gateway and a used-up day are the
two that ask for fewer. Numbers that are not in the table are final.
"""

from enum import IntEnum
from typing import Final

from hongyan.wire.statuses import Disposition, Status

from .dialect import TOLERANCES, Quirk


class Code(IntEnum):
    """SMGP 3.0 §6.2.6."""

    OK = 0
    BUSY = 1
    TOO_MANY_CONNECTIONS = 2
    STRUCTURE_ERROR = 10
    COMMAND_ERROR = 11
    DUPLICATE_SEQUENCE = 12
    IP_ERROR = 20
    AUTHENTICATION_ERROR = 21
    VERSION_TOO_HIGH = 22
    MSG_TYPE_ERROR = 30
    PRIORITY_ERROR = 31
    FEE_TYPE_ERROR = 32
    FEE_CODE_ERROR = 33
    MSG_FORMAT_ERROR = 34
    TIME_FORMAT_ERROR = 35
    MSG_LENGTH_ERROR = 36
    EXPIRED = 37
    QUERY_TYPE_ERROR = 38
    ROUTE_ERROR = 39
    FIXED_FEE_ERROR = 40
    UPDATE_TYPE_ERROR = 41
    ROUTE_ID_ERROR = 42
    SERVICE_ID_ERROR = 43
    VALID_TIME_ERROR = 44
    AT_TIME_ERROR = 45
    SRC_TERM_ID_ERROR = 46
    DEST_TERM_ID_ERROR = 47
    CHARGE_TERM_ID_ERROR = 48
    SP_CODE_ERROR = 49
    SRC_GATEWAY_ID_ERROR = 56
    QUERY_TERM_ID_ERROR = 57
    NO_ROUTE = 58
    SP_TYPE_ERROR = 59
    LAST_ROUTE_ID_ERROR = 60
    ROUTE_TYPE_ERROR = 61
    DEST_GATEWAY_ID_ERROR = 62
    DEST_GATEWAY_IP_ERROR = 63
    DEST_GATEWAY_PORT_ERROR = 64
    TERM_RANGE_ID_ERROR = 65
    PROVINCE_CODE_ERROR = 66
    USER_TYPE_ERROR = 67
    NO_ROUTE_UPDATES = 68
    SP_ID_ERROR = 69
    SP_ACCESS_TYPE_ERROR = 70
    ROUTE_UPDATE_FAILED = 71
    TIME_ERROR = 72
    M_SERVICE_ID_ERROR = 73
    NOT_AT_THIS_TIME_OF_DAY = 74
    DAILY_VOLUME_EXCEEDED = 75
    ACCOUNT_EXPIRED = 76


VENDOR_CODES: Final = range(128, 256)
"""SMGP 3.0 §6.2.6: numbers that a vendor may give a meaning of its own."""
CMPP_AUTHENTICATION_ERROR: Final = 3

_SLOWING: Final = frozenset({Code.BUSY, Code.DAILY_VOLUME_EXCEEDED})
_WORDS: Final = {
    Code.OK: ("accepted", "成功"),
    Code.BUSY: ("system busy", "系统忙"),
    Code.TOO_MANY_CONNECTIONS: ("too many connections", "超过最大连接数"),
    Code.STRUCTURE_ERROR: ("message structure error", "消息结构错"),
    Code.COMMAND_ERROR: ("command error", "命令字错"),
    Code.DUPLICATE_SEQUENCE: ("duplicate sequence number", "序列号重复"),
    Code.IP_ERROR: ("address not allowed", "IP地址错"),
    Code.AUTHENTICATION_ERROR: ("authentication error", "认证错"),
    Code.VERSION_TOO_HIGH: ("version too high", "版本太高"),
    Code.MSG_TYPE_ERROR: ("illegal MsgType", "非法消息类型(MsgType)"),
    Code.PRIORITY_ERROR: ("illegal Priority", "非法优先级(Priority)"),
    Code.FEE_TYPE_ERROR: ("illegal FeeType", "非法资费类型(FeeType)"),
    Code.FEE_CODE_ERROR: ("illegal FeeCode", "非法资费代码(FeeCode)"),
    Code.MSG_FORMAT_ERROR: ("illegal MsgFormat", "非法短消息格式(MsgFormat)"),
    Code.TIME_FORMAT_ERROR: ("illegal form of a time", "非法时间格式"),
    Code.MSG_LENGTH_ERROR: ("illegal MsgLength", "非法短消息长度(MsgLength)"),
    Code.EXPIRED: ("no longer valid", "有效期已过"),
    Code.QUERY_TYPE_ERROR: ("illegal QueryType", "非法查询类别(QueryType)"),
    Code.ROUTE_ERROR: ("route error", "路由错误"),
    Code.FIXED_FEE_ERROR: ("illegal FixedFee", "非法包月费/封顶费(FixedFee)"),
    Code.UPDATE_TYPE_ERROR: ("illegal UpdateType", "非法更新类型(UpdateType)"),
    Code.ROUTE_ID_ERROR: ("illegal RouteId", "非法路由编号(RouteId)"),
    Code.SERVICE_ID_ERROR: ("illegal ServiceId", "非法服务代码(ServiceId)"),
    Code.VALID_TIME_ERROR: ("illegal ValidTime", "非法有效期(ValidTime)"),
    Code.AT_TIME_ERROR: ("illegal AtTime", "非法定时发送时间(AtTime)"),
    Code.SRC_TERM_ID_ERROR: ("illegal SrcTermId", "非法发送用户号码(SrcTermId)"),
    Code.DEST_TERM_ID_ERROR: ("illegal DestTermId", "非法接收用户号码(DestTermId)"),
    Code.CHARGE_TERM_ID_ERROR: ("illegal ChargeTermId", "非法计费用户号码(ChargeTermId)"),
    Code.SP_CODE_ERROR: ("illegal SPCode", "非法SP服务代码(SPCode)"),
    Code.SRC_GATEWAY_ID_ERROR: ("illegal SrcGatewayID", "非法源网关代码(SrcGatewayID)"),
    Code.QUERY_TERM_ID_ERROR: ("illegal QueryTermID", "非法查询号码(QueryTermID)"),
    Code.NO_ROUTE: ("no matching route", "没有匹配路由"),
    Code.SP_TYPE_ERROR: ("illegal SPType", "非法SP类型(SPType)"),
    Code.LAST_ROUTE_ID_ERROR: ("illegal LastRouteID", "非法上一条路由编号(LastRouteID)"),
    Code.ROUTE_TYPE_ERROR: ("illegal RouteType", "非法路由类型(RouteType)"),
    Code.DEST_GATEWAY_ID_ERROR: ("illegal DestGatewayID", "非法目标网关编号(DestGatewayID)"),
    Code.DEST_GATEWAY_IP_ERROR: ("illegal DestGatewayIP", "非法目标网关IP(DestGatewayIP)"),
    Code.DEST_GATEWAY_PORT_ERROR: ("illegal DestGatewayPort", "非法目标网关端口(DestGatewayPort)"),
    Code.TERM_RANGE_ID_ERROR: ("illegal TermRangeID", "非法路由号码段(TermRangeID)"),
    Code.PROVINCE_CODE_ERROR: ("illegal ProvinceCode", "非法终端所属省代码(ProvinceCode)"),
    Code.USER_TYPE_ERROR: ("illegal UserType", "非法用户类型(UserType)"),
    Code.NO_ROUTE_UPDATES: ("this node takes no route updates", "本节点不支持路由更新"),
    Code.SP_ID_ERROR: ("illegal SPID", "非法SP企业代码(SPID)"),
    Code.SP_ACCESS_TYPE_ERROR: ("illegal SPAccessType", "非法SP接入类型(SPAccessType)"),
    Code.ROUTE_UPDATE_FAILED: ("route update failed", "路由信息更新失败"),
    Code.TIME_ERROR: ("illegal Time", "非法时间戳(Time)"),
    Code.M_SERVICE_ID_ERROR: ("illegal MServiceID", "非法业务代码(MServiceID)"),
    Code.NOT_AT_THIS_TIME_OF_DAY: ("not allowed at this time of day", "SP禁止下发时段"),
    Code.DAILY_VOLUME_EXCEEDED: ("daily volume exceeded", "SP发送超过日流量"),
    Code.ACCOUNT_EXPIRED: ("account expired", "SP帐号过有效期"),
}


def status_of(code: int) -> Status:
    """Return what a Status means."""
    try:
        known = Code(code)
    except ValueError:
        if code in VENDOR_CODES:
            return Status(code, "vendor", Disposition.FINAL, "error defined by the vendor", "厂商自定义错误")
        return Status(code, "other", Disposition.FINAL, "other error", "其他错误")
    return Status(code, known.name.lower(), _disposition(known), *_WORDS[known], slows_down=known in _SLOWING)


def login_status(code: int, quirks: frozenset[Quirk] = TOLERANCES) -> Status:
    """Return what a Login_Resp's Status means."""
    if code == CMPP_AUTHENTICATION_ERROR and Quirk.LOGIN_STATUS_3 in quirks:
        words = _WORDS[Code.AUTHENTICATION_ERROR]
        return Status(code, Code.AUTHENTICATION_ERROR.name.lower(), Disposition.FINAL, *words)
    return status_of(code)


def _disposition(code: Code) -> Disposition:
    if code is Code.OK:
        return Disposition.ACCEPTED
    return Disposition.RETRY_LATER if code in _SLOWING else Disposition.FINAL
