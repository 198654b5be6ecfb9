"""What states, reports and results mean, in English and in Chinese: the one table of these words.

A stat is an opaque text of the carrier's; only DELIVRD is success. Two sets of codes are common: CMPP's (§7.4.5.1
table 1 and the prefixes MA, MB, …: who failed, then a number), and those of the platforms that resell carrier access
(`MA:0024`, 内容未报备), whom most channels reach through one. They overlap in MA, so a carrier's MA is given both
readings; our own words are always the second. `SG:0025` is SGIP's error 25 (see `carriers.sgip`).
"""

from typing import Final, NamedTuple

from hongyan.carriers import PROTOCOLS

from .model import State


class Words(NamedTuple):
    """The same in two languages."""

    english: str
    chinese: str

    def __str__(self) -> str:
        return f"{self.english} {self.chinese}"


STATES: Final[dict[State, Words]] = {
    State.ACCEPTED: Words("accepted", "已受理"),
    State.SENDING: Words("sending", "发送中"),
    State.SUBMITTED: Words("submitted", "已提交"),
    State.IN_DOUBT: Words("in doubt", "结果待定"),
    State.DELIVERED: Words("delivered", "已送达"),
    State.UNDELIVERED: Words("undelivered", "未送达"),
    State.EXPIRED: Words("expired", "已过期"),
    State.REJECTED: Words("rejected", "已拒绝"),
    State.CANCELED: Words("canceled", "已取消"),
}

_STATS: Final = {
    "DELIVRD": Words("delivered", "短信投递成功"),
    "EXPIRED": Words("its validity ran out", "超过有效期"),
    "DELETED": Words("deleted on the way", "短信已被删除"),
    "UNDELIV": Words("cannot be delivered", "无法投递"),
    "UNKNOWN": Words("state unknown", "状态未知"),
    "REJECTD": Words("rejected on the way", "短信被拒绝"),
    "REJECTED": Words("rejected on the way", "短信被拒绝"),
    "ACCEPTD": Words("accepted on the way, not the last word", "已被接收(中间状态)"),
    "ENROUTE": Words("on its way, not the last word", "投递途中(中间状态)"),
    "MO:200": Words("long texts are not supported", "不支持分条短信"),
    "MO:0254": Words("submitting upstream timed out", "转发提交超时"),
    "MO:0255": Words("the connection upstream was cut while submitting", "转发提交过程中连接断开"),
}
_PLATFORM_STATS: Final = {
    "MA:0001": Words("the number is on the global block list", "全局黑名单号码"),
    "MA:0002": Words("illegal content", "内容非法"),
    "MA:0003": Words("no route downstream", "无法找到下级路由"),
    "MA:0004": Words("unknown or wrong content length", "未知/错误的内容长度"),
    "MA:0005": Words("bad format of the destination number", "目的号码格式错误"),
    "MA:0006": Words("refused by the system", "系统拒绝"),
    "MA:0009": Words("undefined error", "未定义错误"),
    "MA:0011": Words("unknown internal error", "未知系统内部错误"),
    "MA:0012": Words("stopped by phishing protection", "防钓鱼"),
    "MA:0013": Words("illegal packet order", "非法错误的包时序"),
    "MA:0014": Words("illegal number range of the sender", "非法的OP_ISDN号段"),
    "MA:0015": Words("balance insufficient", "余额不足"),
    "MA:0017": Words("invalid signature", "签名无效"),
    "MA:0021": Words("bad number format", "号码格式错误"),
    "MA:0022": Words("the number got too many texts in half an hour", "号码超过(半小时)下发次数限制"),
    "MA:0023": Words("the number is on the customer's block list", "客户黑名单号码"),
    "MA:0024": Words("the content is not registered", "内容未报备"),
    "MA:0025": Words("such texts are not supported", "不支持该短信"),
    "MA:0026": Words("not all segments came in time", "分条发送组包超时"),
    "MA:0027": Words("the number is on the channel's block list", "通道黑名单"),
    "MA:0028": Words("the number range is on the global block list", "全局黑名单号段"),
    "MA:0029": Words("the number range is on the channel's block list", "通道黑名单号段"),
    "MA:0030": Words("a report of rejection was made at once", "直接产生拒绝报告"),
    "MA:0033": Words("blocked by region", "地区拦截"),
    "MA:0044": Words("blocked by number range", "号段拦截"),
}
# CMPP 3.0 §7.4.5.1 table 1; the later prefixes are those of the carriers' own editions of it.
_PREFIXES: Final = {
    "MA": Words("the SMSC did not answer", "短信中心无应答"),
    "MB": Words("the SMSC answered with an error", "短信中心返回错误"),
    "MC": Words("no report came from the SMSC", "未收到短信中心的状态报告"),
    "CA": Words("the prepaid platform (SCP) did not answer", "预付费平台SCP无应答"),
    "CB": Words("the prepaid platform (SCP) answered with an error", "预付费平台SCP返回错误"),
    "DA": Words("the subscription platform (DSMP) did not answer", "业务管理平台DSMP无应答"),
    "DB": Words("the subscription platform (DSMP) answered with an error", "业务管理平台DSMP返回错误"),
    "SA": Words("the SP did not answer", "SP无应答"),
    "SB": Words("the SP answered with an error", "SP返回错误"),
    "IA": Words("the next gateway did not answer", "下一级网关无应答"),
    "IB": Words("the next gateway answered with an error", "下一级网关返回错误"),
    "IC": Words("no report came from the next gateway", "未收到下一级网关的状态报告"),
    "MO": Words("a code of the gateway upstream", "上级网关的状态码"),
}
_UNLISTED: Final = Words("a failure code of the carrier's own", "运营商自定义的失败码")
_OTHER_RESULT: Final = Words("a result code of the carrier's own", "运营商自定义的结果码")


def report_words(stat: str) -> Words:
    """Return what a carrier's final report means."""
    known = _STATS.get(stat)
    if known is not None:
        return known
    prefix, colon, number = stat.partition(":")
    if prefix == "SG" and number.isascii() and number.isdigit():
        return result_words("sgip12", int(number))
    cmpp = _PREFIXES.get(prefix) if colon else None
    platform = _PLATFORM_STATS.get(stat)
    if platform is None:
        return cmpp or _UNLISTED
    if cmpp is None:
        return platform
    return Words(
        f"{platform.english} (by CMPP alone: {cmpp.english})", f"{platform.chinese}(仅按CMPP则为:{cmpp.chinese})"
    )


def own_words(stat: str, protocol: str | None) -> Words:
    """Return what a final word of our own means: one that no report said; `protocol` is the channel's."""
    prefix, _, code = stat.partition(":")
    if prefix == "MT" and code.isdecimal():
        result = int(code)
        words = result_words(protocol, result)
        return Words(f"refused at submission, result {result}: {words.english}", f"提交被拒({result}):{words.chinese}")
    return _PLATFORM_STATS.get(stat) or _STATS.get(stat) or _UNLISTED


def result_words(protocol: str | None, result: int) -> Words:
    """Return what a carrier's answer to a submit means in the channel's protocol."""
    if protocol in PROTOCOLS:
        status = PROTOCOLS[protocol].status(result)
        return Words(status.english, status.chinese)
    return STATES[State.ACCEPTED] if result == 0 else _OTHER_RESULT
