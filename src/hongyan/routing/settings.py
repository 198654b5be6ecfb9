"""Which settings a channel may have, by its protocol: what each means, what it may hold, what it is when not given.

The values themselves are `carriers.settings.ChannelSettings`. A setting that the channel's protocol does not read is
refused rather than kept: whoever gives it believes that it does something.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hongyan.carriers.settings import DEFAULTS, ChannelSettings
from hongyan.kit.fields import FieldChecks

from .demands import Demand, ascii_text, digits, nothing_or, one_of, truth, within

SECRETS: Final = frozenset({"reverse_password"})
"""Settings that are sealed at rest and never shown."""


class Setting(msgspec.Struct, frozen=True):
    """A setting of some protocols that read it in the same way."""

    name: str
    families: str
    """The protocols' names without their versions."""
    demand: Demand
    chinese: str
    english: str
    default: str = ""
    """In words, where the protocol decides."""

    @property
    def default_words(self) -> str:
        """What holds when the setting is not given; empty for nothing."""
        value = getattr(DEFAULTS, self.name)
        if self.default or not (value or isinstance(value, bool)):
            return self.default
        return (
            str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else f"{value}"
        )


_ALL: Final = "cmpp sgip smgp smpp"
_CHINESE: Final = "cmpp sgip smgp"
_NODE_MAX: Final = (1 << 32) - 1

SETTINGS: Final = (
    Setting(
        "heartbeat_idle_seconds",
        "cmpp smgp smpp",  # SGIP has no heartbeat
        within(1, 3600),
        "链路空闲多少秒后发心跳",
        "seconds of silence before a heartbeat",
    ),
    Setting(
        "heartbeat_timeout_seconds",
        "cmpp smgp smpp",
        within(1, 600),
        "心跳等待应答的秒数",
        "seconds to wait for a heartbeat's answer",
    ),
    Setting(
        "heartbeat_tries",
        "cmpp smgp smpp",
        within(1, 10),
        "连续多少次心跳无应答后断开",
        "heartbeats without answer before the link is cut",
    ),
    Setting(
        "response_timeout_seconds",
        _ALL,
        within(1, 600),
        "提交后等待应答的秒数，超过则结果存疑",
        "seconds to wait for a submit's answer; then its outcome is in doubt",
    ),
    Setting(
        "bind_timeout_seconds", _ALL, within(1, 120), "登录等待应答的秒数", "seconds to wait for the login's answer"
    ),
    Setting(
        "extension_digits_max",
        _ALL,
        nothing_or(within(0, 20)),
        "接入号后最多可带几位扩展码",
        "most digits of an extension behind the source number",
        default="as many as the field holds",
    ),
    Setting(
        "text_coding",
        _ALL,
        one_of("ucs2", "gbk"),
        "中文等文本的编码",
        "coding of texts that the narrow alphabet cannot hold",
    ),
    Setting(
        "plain_coding",
        _CHINESE,
        one_of("", "ascii", "ucs2"),
        "纯英文数字文本的编码",
        "coding of texts that the narrow alphabet holds",
        default="ascii",
    ),
    Setting(
        "plain_coding",
        "smpp",
        one_of("", "gsm7", "ascii", "ucs2"),
        "纯英文数字文本的编码",
        "coding of texts that the narrow alphabet holds",
        default="that of default_alphabet",
    ),
    Setting(
        "long_text",
        _CHINESE,
        one_of("udh8", "udh16"),
        "长短信拼接头：8 位或 16 位参考号",
        "header that joins a long text's parts: an 8-bit or a 16-bit reference",
    ),
    Setting(
        "long_text",
        "smpp",
        one_of("udh8", "udh16", "sar", "payload"),
        "长短信方式：拼接头、sar 参数或 message_payload",
        "how long texts go: headers, sar parameters or message_payload",
    ),
    Setting(
        "fee_user_type",
        "cmpp smgp",
        nothing_or(within(0, 3)),
        "计费用户类型",
        "who is charged",
        default="the protocol's",
    ),
    Setting(
        "fee_type",
        "cmpp smgp",
        digits(2),
        "资费类别，如 01 免费",
        "kind of fee, such as 01: free",
        default="the protocol's",
    ),
    Setting(
        "fee_type", "sgip", digits(1), "计费类型，如 1 免费", "kind of fee, such as 1: free", default="the protocol's"
    ),
    Setting("fee_code", _CHINESE, digits(6), "资费代码（分）", "the fee in fen", default="the protocol's"),
    Setting("fee_terminal_id", _CHINESE, digits(21), "计费号码", "number that is charged", default="the protocol's"),
    Setting(
        "msg_src",
        "cmpp",
        ascii_text(6),
        "信息内容来源（企业代码）",
        "enterprise code in each submit",
        default="the login",
    ),
    Setting(
        "msg_src",
        "smgp",
        ascii_text(8),
        "信息内容来源（企业代码）",
        "enterprise code in each submit",
        default="the login",
    ),
    Setting(
        "node",
        "sgip",
        within(1, _NODE_MAX),
        "节点编号（必填），如 3075512345",
        "our node number (required), such as 3075512345",
    ),
    Setting("corp_id", "sgip", digits(5), "企业代码", "company code", default="the node's last five digits"),
    Setting(
        "reverse_login",
        "sgip",
        ascii_text(16),
        "联通反向登录我方的用户名",
        "what the carrier logs in to us with",
        default="the login",
    ),
    Setting(
        "reverse_password",
        "sgip",
        ascii_text(16),
        "联通反向登录我方的密码",
        "the password that the carrier logs in to us with",
        default="the password",
    ),
    Setting(
        "login_mode",
        "smgp",
        one_of("both", "send", "receive", "each"),
        "登录类型：收发一体、仅发送、仅接收、收发各一条连接",
        "what the login is for; each: one connection for either way",
    ),
    Setting(
        "bind_mode",
        "smpp",
        one_of("transceiver", "transmitter_receiver"),
        "收发一体，或收发各一条连接",
        "one connection for both ways, or one each",
    ),
    Setting("system_type", "smpp", ascii_text(12), "系统类型", "system_type of the login"),
    Setting(
        "source_ton",
        "smpp",
        nothing_or(within(0, 6)),
        "源号码类型 TON",
        "type of the source number",
        default="by its form",
    ),
    Setting(
        "source_npi",
        "smpp",
        nothing_or(within(0, 18)),
        "源号码编号方案 NPI",
        "plan of the source number",
        default="by its form",
    ),
    Setting("dest_ton", "smpp", within(0, 6), "目的号码类型 TON", "type of the recipient's number"),
    Setting("dest_npi", "smpp", within(0, 18), "目的号码编号方案 NPI", "plan of the recipient's number"),
    Setting(
        "default_alphabet",
        "smpp",
        one_of("gsm7", "ascii", "latin1"),
        "data_coding 0 的含义",
        "what data_coding 0 means to this carrier",
    ),
    Setting(
        "number_form",
        "smpp",
        one_of("international", "plus", "national"),
        "接收号码写法：8613…、+8613… 或 13…",
        "how recipients are written: 8613…, +8613… or 13…",
    ),
    Setting(
        "id_form",
        "smpp",
        one_of("same", "hex_to_decimal", "decimal_to_hex"),
        "状态报告里的消息号与提交应答的关系",
        "how the id in a report relates to the one in the submit's answer",
    ),
    Setting("tls", "smpp", truth(), "用 TLS 加密连接", "encrypt the connection by TLS"),
    Setting("tls_verify", "smpp", truth(), "校验对方证书", "check the carrier's certificate"),
)
"""In the order in which people look for them."""

_UNSOUND: Final = object()
_TYPES: Final = {field.name: field.type for field in msgspec.structs.fields(ChannelSettings)}


def family_of(protocol: str) -> str:
    """Return a protocol's name without its version: `cmpp30` is of `cmpp`."""
    return protocol.rstrip("0123456789")


def settings_for(protocol: str) -> dict[str, Setting]:
    """Return the settings that a protocol reads, by name."""
    family = family_of(protocol)
    return {setting.name: setting for setting in SETTINGS if family in setting.families.split()}


def check_settings(checks: FieldChecks, protocol: str, given: Mapping[str, object]) -> ChannelSettings:
    """Return the settings, noting all that is wrong; numbers may be given as text, and None stands for the default."""
    known = settings_for(protocol)
    values: dict[str, Any] = {}
    for name, value in given.items():
        field = f"settings.{name}"
        setting = known.get(name)
        if value is None and name in _TYPES:
            continue  # what another protocol needed may be taken back
        if setting is None:
            what = (
                f"{family_of(protocol).upper()} has no such setting" if name in _TYPES else "There is no such setting"
            )
            checks.expect(False, field, f"{what}; these apply: {', '.join(sorted(known))}.")  # noqa: FBT003
        else:
            converted = _convert(value, _TYPES[name])
            is_sound = converted is not _UNSOUND and setting.demand.holds(converted)
            checks.expect(is_sound, field, setting.demand.sentence)
            if is_sound:
                values[name] = converted
    if family_of(protocol) == "sgip" and given.get("node") is None:
        checks.expect(False, "settings.node", known["node"].demand.sentence)  # noqa: FBT003
    return ChannelSettings(**values)


def _convert(value: object, kind: Any) -> object:  # noqa: ANN401 - an annotation
    """Return a value, which may be given as text, as the field holds it; _UNSOUND where it cannot."""
    if isinstance(value, bool) and kind is not bool:
        return _UNSOUND
    try:
        return msgspec.convert("null" if value == "none" else value, kind, strict=False)
    except msgspec.ValidationError:
        return _UNSOUND
