"""The receipt inside a deliver_sm or data_sm: the carrier's word on a message (SMPP 3.4 appendix B).

    id:1176332709 sub:001 dlvrd:001 submit date:2511221200 done date:2511221201 stat:DELIVRD err:000 text:hello

The specification leaves the text to the vendor, and vendors took the leave: any order, any case, parts missing, `_` or
nothing for the blank, twelve digits for ten. The tagged parameters receipted_message_id and message_state say the same
without doubt, and go first where they are.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final

from msgspec import Struct

from .pdus import DataSm, DeliverSm
from .statuses import MessageState

DELIVERY_RECEIPT: Final = 0x04
"""SMPP 3.4 §5.2.12: bits 5 to 2 of esm_class in what the SMSC sends."""
INTERMEDIATE_NOTIFICATION: Final = 0x20
_TYPE_BITS: Final = 0x3C
_UDHI: Final = 0x40

STATS: Final[Mapping[int, str]] = {
    MessageState.ENROUTE: "ENROUTE",
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
}
"""SMPP 3.4 appendix B: how the text names the states."""
STATES: Final[Mapping[str, int]] = {stat: state for state, stat in STATS.items()}
_OTHER_SPELLINGS: Final = {
    "DELIVERED": "DELIVRD",
    "UNDELIVERABLE": "UNDELIV",
    "ACCEPTED": "ACCEPTD",
    "REJECTED": "REJECTD",
}
_PENDING: Final = frozenset({"ACCEPTD", "ENROUTE"})
_STAT_SIZE_MAX: Final = 20


class Receipt(Struct, frozen=True):
    """What a receipt says, as it is written there."""

    message_id: str
    """The one that submit_sm_resp gave; a SMSC may have turned it from hexadecimal to decimal or back."""
    stat: str
    """In capitals."""
    submit_date: str = ""
    """YYMMDDhhmm, or with seconds; may be empty or nonsense, which is no reason to refuse the receipt."""
    done_date: str = ""
    err: str = ""
    sub: str = ""
    dlvrd: str = ""
    text: str = ""


class Verdict(Enum):
    """What a stat says about the message."""

    DELIVERED = "delivered"
    PENDING = "pending"
    """Not final: another receipt will follow."""
    FAILED = "failed"


_plain_form = re.compile(
    r"id:(?P<id>\S+) sub:(?P<sub>\d+) dlvrd:(?P<dlvrd>\d+) submit date:(?P<submit>\d+) done date:(?P<done>\d+) "
    r"stat:(?P<stat>\S+) err:(?P<err>\S+) text:(?P<text>.*)",
    re.IGNORECASE | re.DOTALL,
).fullmatch
"""What nearly all send, read in one step."""
_keys = re.compile(r"(?:^|(?<=[\s,;]))(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s*:", re.IGNORECASE)


def receipt_of(pdu: DeliverSm | DataSm) -> Receipt | None:
    """Return the receipt that a PDU carries, None for a text from a phone.

    What says that it is one: esm_class; failing that, a receipted_message_id; failing that, a text that reads as one.
    A receipt by esm_class that names no message or no state has an empty id or the stat UNKNOWN.
    """
    kind = pdu.esm_class & _TYPE_BITS
    declared = kind in {DELIVERY_RECEIPT, INTERMEDIATE_NOTIFICATION} or pdu.tlvs.receipted_message_id is not None
    content = pdu.tlvs.message_payload or (pdu.short_message if isinstance(pdu, DeliverSm) else b"")
    if not declared and (kind or content[:3].lower() != b"id:"):
        return None
    if pdu.esm_class & _UDHI and content:
        content = content[content[0] + 1 :]
    receipt = parse_receipt(content)
    if not declared:
        return receipt if receipt.message_id and receipt.stat and receipt.done_date else None
    stat = STATS.get(pdu.tlvs.message_state or 0) or receipt.stat or STATS[MessageState.UNKNOWN]
    message_id = pdu.tlvs.receipted_message_id or receipt.message_id
    if (message_id, stat) == (receipt.message_id, receipt.stat):
        return receipt
    error = receipt.err or _error_of(pdu.tlvs.network_error_code)
    return Receipt(
        message_id, stat, receipt.submit_date, receipt.done_date, error, receipt.sub, receipt.dlvrd, receipt.text
    )


def parse_receipt(content: bytes) -> Receipt:
    """Return what a text says; parts that it lacks are empty. Read as ASCII whatever data_coding claims."""
    if content[:1] == b"\0":  # in UCS-2, as some write every text
        content = content.replace(b"\0", b"")
    written = content.decode("latin-1")
    plain = _plain_form(written)
    if plain is not None:
        message_id, sub, dlvrd, submit_date, done_date, stat, err, text = plain.groups()
        return Receipt(message_id, _stat(stat), submit_date, done_date, err, sub, dlvrd, text.strip(" \0"))
    found: dict[str, str] = {}
    keys = list(_keys.finditer(written))
    ends = [key.start() for key in keys[1:]] + [len(written)]
    for key, end in zip(keys, ends, strict=False):
        name = _field_of(key[1].lower())
        if name == "text" and "stat" in found:
            found["text"] = written[key.end() :].strip(" \0")
            break  # the last of all: whatever looks like a key in it was written by people
        found.setdefault(name, written[key.end() : end].strip(" \t\r\n,;\0"))
    message_id, stat = found.pop("id", ""), found.pop("stat", "")
    return Receipt(message_id, _stat(stat), **found)


def format_receipt(receipt: Receipt) -> bytes:
    """Return the text of a receipt in the specification's form; only the first 20 octets of `text` go in."""
    written = (
        f"id:{receipt.message_id} sub:{receipt.sub} dlvrd:{receipt.dlvrd} submit date:{receipt.submit_date} "
        f"done date:{receipt.done_date} stat:{receipt.stat} err:{receipt.err} text:"
    )
    return written.encode("latin-1", "replace") + receipt.text.encode("latin-1", "replace")[:20]


def verdict_of(stat: str) -> Verdict:
    """Judge a stat: it is opaque but for success and the few that are not final."""
    if stat == "DELIVRD":
        return Verdict.DELIVERED
    return Verdict.PENDING if stat in _PENDING else Verdict.FAILED


def time_of(digits: str) -> datetime | None:
    """Return the carrier's local time of YYMMDDhhmm or YYMMDDhhmmss, without zone; None when empty or nonsense."""
    if len(digits) not in {10, 12} or not (digits.isascii() and digits.isdigit()):
        return None
    year, *rest = (int(digits[at : at + 2]) for at in range(0, len(digits), 2))
    month, day, hour, minute = rest[:4]
    second = rest[4] if len(rest) > 4 else 0
    try:
        return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - the wire names no zone
    except ValueError:
        return None


def _field_of(key: str) -> str:
    return key[:-4].rstrip(" _") + "_date" if key.endswith("date") else key


def _stat(written: str) -> str:
    stat = written.encode("ascii", "replace").decode()[:_STAT_SIZE_MAX].upper()
    return _OTHER_SPELLINGS.get(stat, stat)


def _error_of(network_error_code: bytes | None) -> str:
    """Return the code behind the kind of network (SMPP 3.4 §5.3.2.31), in three digits."""
    return "" if network_error_code is None else f"{int.from_bytes(network_error_code[1:], 'big'):03}"
