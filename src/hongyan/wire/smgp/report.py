"""SMGP 3.0 §6.2.63: the report inside a Deliver whose `is_report` is 1.

    id:IIIIIIIIII sub:SSS dlvrd:DDD Submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:SSSSSSS err:EEE Text:TTT…

It looks like text, but the id is the ten octets of a MsgID and may hold anything, blanks and colons too. So the
id is taken by its place, and keywords are looked for behind it.
"""

import re
import struct
from typing import Final

from msgspec import Struct

from hongyan.wire.errors import DecodeError, EncodeError

from .dialect import TOLERANCES, Quirk
from .pdus import MSG_ID_SIZE

SIZE: Final = 122
"""Of a report as the specification has it."""


class Report(Struct, frozen=True, gc=False):
    """The carrier's word on a message; `msg_id` is the one that Submit_Resp gave. Only `stat` is needed."""

    msg_id: bytes
    stat: str
    sub: str = "001"
    dlvrd: str = "001"
    submit_date: str = ""
    """YYMMDDhhmm; may be empty or nonsense, which is no reason to refuse the report."""
    done_date: str = ""
    err: str = "000"
    """§6.2.63.2; `err_meaning` has the words."""
    text: bytes = b""
    """Three digits that count, and the first 17 octets of the message, in its own coding."""


_ID_AT: Final = 3
_RAW_END: Final = _ID_AT + MSG_ID_SIZE
_HEX_ID: Final = re.compile(rb"([0-9a-f]{20})\s", re.IGNORECASE)
_WIDTHS: Final = {"sub": 3, "dlvrd": 3, "submit_date": 10, "done_date": 10, "stat": 7, "err": 3, "text": 20}
_BEHIND_ID: Final = struct.Struct("5s3s7s3s13s10s11s10s6s7s5s3s6s20s")
"""Each keyword, its blank before and its colon behind it, and what it says."""
_KEYWORDS: Final = (b" sub:", b" dlvrd:", b" Submit date:", b" done date:", b" stat:", b" err:", b" Text:")
_JOINED: Final = b"".join(_KEYWORDS).lower()
_TEXT: Final = re.compile(rb"\stext:(?P<value>.*)", re.DOTALL | re.IGNORECASE)
_PART: Final = re.compile(rb"\b(sub|dlvrd|submit[ _]date|done[ _]date|stat|err):([^\s\0]*)", re.IGNORECASE)

_ERRORS: Final = {
    "000": "成功",
    "001": "用户不能通信",
    "002": "用户忙",
    "003": "终端无此部件号",
    "004": "非法用户",
    "005": "用户在黑名单内",
    "006": "系统错误",
    "007": "用户内存满",
    "008": "非信息终端",
    "009": "数据错误",
    "010": "数据丢失",
    "999": "未知错误",
}


def err_meaning(err: str) -> str:
    """Return what an err says, in Chinese; empty when the specification does not have it."""
    return _ERRORS.get(err, "")


def decode_report(content: bytes, quirks: frozenset[Quirk] = TOLERANCES) -> Report:
    """Read a Deliver's content; DecodeError when it names no message or no stat."""
    if content[:_ID_AT].lower() != b"id:":
        raise DecodeError("Report: does not begin with id:")
    msg_id, rest = _split_id(content, quirks)
    if len(rest) == _BEHIND_ID.size:
        parts = _BEHIND_ID.unpack(rest)
        if _are_keywords(parts[::2], quirks):
            sub, dlvrd, submit_date, done_date, stat, err, text = parts[1::2]
            if stat.strip():
                return Report(
                    msg_id,
                    _text(stat),
                    _text(sub),
                    _text(dlvrd),
                    _text(submit_date),
                    _text(done_date),
                    _text(err),
                    text.rstrip(b"\0"),
                )
    if Quirk.REPORT_CUT_SHORT not in quirks:
        raise DecodeError("Report: is not laid out as §6.2.63 has it")
    return _decode_loosely(msg_id, rest)


def _are_keywords(keywords: tuple[bytes, ...], quirks: frozenset[Quirk]) -> bool:
    if keywords == _KEYWORDS:
        return True
    return Quirk.REPORT_KEYWORDS in quirks and b"".join(keywords).lower().replace(b"_", b" ") == _JOINED


def _split_id(content: bytes, quirks: frozenset[Quirk]) -> tuple[bytes, bytes]:
    if content[_RAW_END : _RAW_END + 1] == b" ":
        return content[_ID_AT:_RAW_END], content[_RAW_END:]
    if Quirk.REPORT_ID_AS_TEXT in quirks:
        digits = _HEX_ID.match(content, _ID_AT)
        if digits is not None:
            return bytes.fromhex(digits[1].decode()), content[digits.end(1) :]
    raise DecodeError("Report: its id is neither 10 octets nor 20 hexadecimal digits")


def _decode_loosely(msg_id: bytes, rest: bytes) -> Report:
    text = _TEXT.search(rest)
    head = rest if text is None else rest[: text.start()]
    parts = {keyword.lower().replace(b" ", b"_").decode(): _text(value) for keyword, value in _PART.findall(head)}
    if not parts.get("stat"):
        raise DecodeError("Report: has no stat")
    return Report(msg_id, text=b"" if text is None else text["value"].rstrip(b"\0"), **parts)


def _text(octets: bytes) -> str:
    return octets.partition(b"\0")[0].decode("latin-1").strip(" ")


def encode_report(report: Report) -> bytes:
    """Return the 122 octets of a Deliver's content; EncodeError names the part that does not fit."""
    parts = (
        f" sub:{report.sub:3} dlvrd:{report.dlvrd:3} Submit date:{report.submit_date:10} done date:{report.done_date:10}"
        f" stat:{report.stat:7} err:{report.err:3} Text:"
    )
    try:
        octets = b"".join((b"id:", report.msg_id, parts.encode("latin-1"), report.text.ljust(20, b"\0")))
    except UnicodeEncodeError:
        raise _culprit(report) from None
    # Parts are padded, so that only one that is too long can change the size.
    if len(octets) != SIZE or len(report.msg_id) != MSG_ID_SIZE:
        raise _culprit(report)
    return octets


def _culprit(report: Report) -> EncodeError:
    if len(report.msg_id) != MSG_ID_SIZE:
        return EncodeError(f"Report.msg_id: must be exactly {MSG_ID_SIZE} octets")
    for name, width in _WIDTHS.items():
        value = getattr(report, name)
        if len(value) > width:
            return EncodeError(f"Report.{name}: is {len(value)} octets long, {width} fit")
        if isinstance(value, str) and any(character > "\xff" for character in value):
            return EncodeError(f"Report.{name}: has a character above U+00FF")
    raise AssertionError("every part fits")
