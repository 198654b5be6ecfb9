"""What clients send: registered texts of each kind, long ones, and one that is not registered."""

from typing import Final
from zlib import crc32

from hongyan.content.model import MessageKind

from .told import Text

SIGNATURE: Final = "鸿雁测试"
BODIES: Final = (
    ("您的验证码是{1}，5分钟内有效。", MessageKind.VERIFICATION),
    ("您的订单{1}已经发货，预计明天送达。", MessageKind.NOTIFICATION),
    (
        "尊敬的客户，您{1}的账单已经生成，" + "请登录网上营业厅查看明细并在到期之前缴清，" * 6 + "谢谢。",
        MessageKind.NOTIFICATION,
    ),
    ("周年庆全场{1}折起，欢迎光临，拒收请回复R", MessageKind.MARKETING),
)
_SINGLE, _PART = 70, 67  # characters of a UCS-2 text that goes alone, and beside a header (CMPP 2.0 §7.4.3.1)


def _text(name: str, body: int, value: str) -> Text:
    pattern, kind = BODIES[body]
    content = f"【{SIGNATURE}】" + pattern.replace("{1}", value)
    return Text(name, kind, content, _checksums(content))


def _checksums(content: str) -> tuple[int, ...]:
    size = len(content) if len(content) <= _SINGLE else _PART
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    return tuple(crc32(part.encode("utf-16-be")) for part in parts)


CODES: Final = tuple(_text("code", 0, str(value)) for value in range(100_003, 999_999, 111_119))
NOTICES: Final = tuple(_text("notice", 1, f"HY{value}") for value in range(2001, 2006))
BILLS: Final = tuple(_text("bill", 2, f"{month}月") for month in range(1, 4))
SALES: Final = tuple(_text("sale", 3, str(value)) for value in range(5, 9))
UNREGISTERED: Final = Text("unregistered", MessageKind.NOTIFICATION, f"【{SIGNATURE}】没有报备过的内容", (0,))
