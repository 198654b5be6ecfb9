"""The table as data: behaviours, protocols, roles, and what is declared not to be possible."""

from enum import Enum
from typing import Final, NamedTuple


class Role(Enum):
    """Who is tried."""

    CLIENT = "client"
    """Our side towards a carrier."""
    SERVER = "server"
    """Our side towards a customer."""
    SIMULATOR = "simulator"
    """The simulated carrier."""


ROLE_NAMES: Final = {Role.CLIENT: "客户端 client", Role.SERVER: "服务端 server", Role.SIMULATOR: "模拟器 simulator"}
BOTH_SERVERS: Final = (Role.SERVER, Role.SIMULATOR)

PROTOCOLS: Final = {
    "cmpp20": "CMPP 2.0",
    "cmpp30": "CMPP 3.0",
    "sgip12": "SGIP 1.2",
    "smgp30": "SMGP 3.0",
    "smpp34": "SMPP 3.4",
}
"""Name → what people call it."""


class Behaviour(NamedTuple):
    """One row."""

    id: str
    chinese: str
    english: str
    proof: str
    """What a test does and sees."""


BEHAVIOURS: Final = (
    Behaviour("bind", "登录", "bind", "both ends are bound, and a submit goes through"),
    Behaviour(
        "wrong-password", "密码错误", "wrong password", "the protocol's own code; the connection ends; nobody is bound"
    ),
    Behaviour("submit-short", "短文本", "short text", "ASCII arrives octet for octet in one submit"),
    Behaviour("submit-long", "长文本", "long text", "200 characters go in parts of one reference and come out whole"),
    Behaviour("submit-gbk", "GBK 编码", "GBK", "Chinese in two octets a character, a long text never cut within one"),
    Behaviour("submit-ucs2", "UCS-2 编码", "UCS-2", "70 characters go in one submit, 71 in two"),
    Behaviour("submit-gsm7", "GSM 7 位编码", "GSM 7-bit", "@, £ and the escaped € arrive as such"),
    Behaviour("submit-emoji", "表情符号", "emoji", "a surrogate pair is never cut in two"),
    Behaviour("window", "窗口不超限", "window never exceeded", "200 submits; the far end never sees more unanswered"),
    Behaviour("speed", "速率不超限", "speed never exceeded", "no 100 ms holds more than the speed allows"),
    Behaviour("heartbeat", "主动心跳", "heartbeat", "an idle link asks, and stays up by the answer"),
    Behaviour("peer-heartbeat", "应答对端心跳", "peer's heartbeat", "is answered at once, with its sequence"),
    Behaviour(
        "report-forms",
        "状态报告各种格式",
        "report in every form",
        "each form is read, or written, and names its submit",
    ),
    Behaviour(
        "report-early", "状态报告先到", "early report", "one that overtakes the submit's response names the same id"
    ),
    Behaviour("report-double", "状态报告重复", "double report", "both are acknowledged, and say the same"),
    Behaviour(
        "report-unknown", "未知状态报告", "unknown report", "about nothing we know: settled once, the link goes on"
    ),
    Behaviour("reply-short", "短上行", "short reply", "a phone's text arrives with its number and ours"),
    Behaviour("reply-long", "长上行", "long reply", "its parts carry one reference and make up the text"),
    Behaviour(
        "cut-anywhere", "任意字节断线", "link cut at every octet", "of a window of three: each answered or in doubt"
    ),
    Behaviour("half-open", "半开连接", "half-open peer", "a peer that fell silent is found, and the link is made anew"),
    Behaviour("graceful-close", "优雅关闭", "graceful close", "what is under way is answered first, then the goodbye"),
    Behaviour("bad-login", "账号错误", "unknown login", "the protocol's own code; the connection ends"),
    Behaviour("bad-version", "版本错误", "wrong version", "the protocol's own code; the connection ends"),
    Behaviour("bad-source", "源号码错误", "wrong source", "the protocol's own code; the link goes on"),
    Behaviour("bad-class", "消息类型错误", "wrong message class", "the protocol's own code; the link goes on"),
    Behaviour("bad-coding", "编码错误", "wrong coding", "the protocol's own code; the link goes on"),
    Behaviour(
        "bad-length", "长度错误", "wrong length", "of a text: a code; of a frame: the connection ends, others go on"
    ),
    Behaviour("bad-count", "数量错误", "wrong counts", "of numbers: the protocol's own code; the link goes on"),
    Behaviour("bad-header", "用户数据头残缺", "truncated header", "is refused or taken for text, and harms nothing"),
    Behaviour("parts-missing", "长短信缺片", "parts that never come", "those that came are answered at once"),
    Behaviour(
        "bind-flood", "登录洪水", "flood of binds", "thousands are refused; memory is bounded; others are served"
    ),
    Behaviour(
        "one-line", "日志一行且无密", "one line, no secret", "a refusal is one line with its reason and no secret"
    ),
)
"""Every row, in the order of the table."""

Cell = tuple[str, str, Role]
"""Behaviour, protocol, role."""


def cells() -> list[Cell]:
    """Return every cell of the table."""
    return [(behaviour.id, protocol, role) for behaviour in BEHAVIOURS for role in Role for protocol in PROTOCOLS]
