"""The page of the carrier protocols: what is supported, section by section, and what peers may do otherwise."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from msgspec import Struct

from hongyan.carriers import PROTOCOLS
from hongyan.carriers.settings import ChannelSettings
from hongyan.text.alphabets import Alphabet
from hongyan.wire.cmpp.dialect import CMPP
from hongyan.wire.cmpp.dialect import Quirk as CmppQuirk
from hongyan.wire.cmpp.pdus import V30
from hongyan.wire.cmpp.statuses import connect_status, submit_status
from hongyan.wire.dialect import RESPONSE_BIT, Dialect
from hongyan.wire.sgip.dialect import SGIP
from hongyan.wire.sgip.dialect import Quirk as SgipQuirk
from hongyan.wire.sgip.statuses import status_of as sgip_status
from hongyan.wire.smgp.dialect import LEFT_OUT as SMGP_LEFT_OUT
from hongyan.wire.smgp.dialect import SMGP
from hongyan.wire.smgp.dialect import Quirk as SmgpQuirk
from hongyan.wire.smgp.statuses import status_of as smgp_status
from hongyan.wire.smpp.dialect import SMPP
from hongyan.wire.smpp.dialect import Quirk as SmppQuirk
from hongyan.wire.smpp.statuses import command_status
from hongyan.wire.statuses import Disposition, Status

from .markdown import ROOT
from .protocol_facts import (
    CMPP_BEHAVIOURS,
    CMPP_PARTS,
    SGIP_BEHAVIOURS,
    SGIP_PARTS,
    SMGP_BEHAVIOURS,
    SMGP_PARTS,
    SMPP_BEHAVIOURS,
    SMPP_PARTS,
    Behaviour,
    Part,
)

PAGE: Final = "docs/reference/protocols.md"
CONFORMANCE_BEGIN: Final = "<!-- conformance: begin, printed by `python -m tests.conformance.carriers` -->\n"
CONFORMANCE_END: Final = "<!-- conformance: end -->\n"
_NEWEST: Final = ("cmpp30", "sgip12", "smgp30", "smpp34")
_ALPHABETS: Final = {
    Alphabet.ASCII: "ASCII, characters",
    Alphabet.GSM7: "GSM 7-bit, characters, one in an octet",
    Alphabet.UCS2: "UCS-2, units of 16 bits",
    Alphabet.GBK: "GBK, octets",
}
_UNNAMED: Final = frozenset({"other", "vendor", "spms_refused"})


class Chapter(NamedTuple):
    """A protocol on the page."""

    family: str
    title: str
    specification: str
    dialect: Dialect
    parts: Mapping[str, Part]
    behaviours: Sequence[Behaviour]
    quirks: type[Enum]
    statuses: Sequence[tuple[str, Callable[[int], Status], range]]
    """What carries the numbers, what they mean, and where to look for them."""
    left_out: Mapping[int, str] = {}


CHAPTERS: Final = (
    Chapter(
        "cmpp",
        "CMPP 2.0 and 3.0",
        "China Mobile; sections of CMPP 3.0",
        CMPP,
        CMPP_PARTS,
        CMPP_BEHAVIOURS,
        CmppQuirk,
        (
            ("Status of CONNECT_RESP", connect_status, range(6)),
            ("Result of SUBMIT_RESP", lambda code: submit_status(code, V30), range(100)),
        ),
    ),
    Chapter(
        "sgip",
        "SGIP 1.2",
        "China Unicom",
        SGIP,
        SGIP_PARTS,
        SGIP_BEHAVIOURS,
        SgipQuirk,
        (("Result and ErrorCode", sgip_status, range(256)),),
    ),
    Chapter(
        "smgp",
        "SMGP 3.0",
        "China Telecom; sections of 3.0.3",
        SMGP,
        SMGP_PARTS,
        SMGP_BEHAVIOURS,
        SmgpQuirk,
        (("Status", smgp_status, range(256)),),
        SMGP_LEFT_OUT,
    ),
    Chapter(
        "smpp",
        "SMPP 3.4",
        "the SMPP Developers Forum, issue 1.2",
        SMPP,
        SMPP_PARTS,
        SMPP_BEHAVIOURS,
        SmppQuirk,
        (("command_status", command_status, range(0x400)),),
    ),
)

_HEAD: Final = """\
# Carrier protocols

<!-- Printed by `python -m tests.docs`; change the program, not this page. -->

What Hongyan speaks of CMPP, SGIP, SMGP and SMPP, section by section. *Client* is our side towards a carrier (SP, ESME), *server* our side towards customers
(gateway, SMSC; [how they log in and what they are answered](../downstream.md)); the [simulator](../simulator.md) is a server of its own. "Can send" means that the [wire](../../ARCHITECTURE.md) has it and the platform has no use for it.

A peer that deviates from its specification is understood where the deviation has a name below (*quirks*). Each has a captured or assembled frame in
`tests/wire/vectors`; but for those that lie in what a field of SMPP holds, each can be switched off, and is refused then.

## What is proven

Every behaviour against every protocol in every role, by tests or declared impossible with the reason:

"""

_TEXTS: Final = """
## Texts in all of them

What fits into a text that goes alone, and into a part of a longer one:

| | CMPP | SGIP | SMGP | SMPP |
| --- | --- | --- | --- | --- |
"""
_PARTS: Final = """
Parts are tied together by the header of 3GPP TS 23.040 §9.2.3.24 with a reference of 8 bits, or of 16 where a channel says so (a unit less for each part, in UCS-2
66); SMPP has `sar` and `payload` besides. No cut goes through a character. What a part is, is read from its header wherever other elements stand in front of it.
"""


def protocols_page() -> str:
    """Return the page; what the conformance suite has printed into it stays."""
    return "".join(
        [
            _HEAD,
            CONFORMANCE_BEGIN,
            _conformance(),
            CONFORMANCE_END,
            *(_chapter(chapter) for chapter in CHAPTERS),
            _TEXTS,
            *_capacities(),
            _PARTS,
        ]
    )


def requests_of(dialect: Dialect) -> dict[str, type[Struct]]:
    """Return the PDUs of a dialect that ask, or that answer no request in particular, by name."""
    by_command = {command: pdu_class for pdu_class, command in dialect.commands.items()}
    return {
        pdu_class.__name__: pdu_class
        for command, pdu_class in sorted(by_command.items())
        if not command & RESPONSE_BIT or command & ~RESPONSE_BIT not in by_command
    }


def docs_of_members(members: type[Enum]) -> dict[str, str]:
    """Return the sentence that stands under each member of an enum."""
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(members))).body
    assert isinstance(definition, ast.ClassDef)
    docs: dict[str, str] = {}
    name = ""
    for statement in definition.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                docs[name] = " ".join(text.split())
            case _:
                name = ""
    return docs


def _conformance() -> str:
    path = ROOT / PAGE
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    _, begins, rest = text.partition(CONFORMANCE_BEGIN)
    kept, ends, _ = rest.partition(CONFORMANCE_END)
    return kept if begins and ends else "\n"


def _chapter(chapter: Chapter) -> str:
    return "".join(
        [
            f"\n## {chapter.title}\n\n{chapter.specification}.\n",
            "\n| section | id | PDU | | client | server | |\n| --- | --- | --- | --- | --- | --- | --- |\n",
            *_pdu_rows(chapter),
            "\n| section | | client | server | |\n| --- | --- | --- | --- | --- |\n",
            *(f"| {_cells(*behaviour)} |\n" for behaviour in chapter.behaviours),
            *_left_out(chapter),
            "\nQuirks:\n\n| name | what the peer does |\n| --- | --- |\n",
            *(f"| `{chapter.quirks[name].value}` | {doc} |\n" for name, doc in docs_of_members(chapter.quirks).items()),
            *_statuses(chapter),
        ]
    )


def _pdu_rows(chapter: Chapter) -> Iterator[str]:
    for name, pdu_class in requests_of(chapter.dialect).items():
        part = chapter.parts[name]
        place, _, says = (inspect.getdoc(pdu_class) or "").split("\n")[0].partition(": ")
        section = place[place.index("§") :]
        command = chapter.dialect.commands[pdu_class]
        yield f"| {_cells(section, f'0x{command:X}', _named(name), says, part.client, part.server, part.note)} |\n"


def _named(name: str) -> str:
    return f"`{name}`"


def _left_out(chapter: Chapter) -> Iterator[str]:
    if chapter.left_out:
        named = ", ".join(f"{name} (0x{command:X})" for command, name in chapter.left_out.items())
        yield f"\nLeft out, since they pass between gateways or to billing; as every unknown command, they are passed over: {named}.\n"


def _statuses(chapter: Chapter) -> Iterator[str]:
    for what, meaning, codes in chapter.statuses:
        yield f"\n{what}:\n\n| | 含义 | meaning | |\n| --- | --- | --- | --- |\n"
        for code in codes:
            status = meaning(code)
            if status.name not in _UNNAMED and status.code == code and not _repeats(status, meaning):
                yield f"| {_cells(_number(chapter.family, code), status.chinese, status.english, _what_then(status))} |\n"


def _repeats(status: Status, meaning: Callable[[int], Status]) -> bool:
    """Tell whether a number has the words that all unknown ones have."""
    return status.chinese == meaning(0x3FF).chinese and status.code != 0


def _number(family: str, code: int) -> str:
    return f"0x{code:X}" if family == "smpp" else str(int(code))


def _what_then(status: Status) -> str:
    if status.disposition is Disposition.ACCEPTED:
        return ""
    then = "tried again later" if status.disposition is Disposition.RETRY_LATER else "final"
    return f"{then}, slows the channel down" if status.slows_down else then


def _capacities() -> Iterator[str]:
    """Yield a row for each alphabet; ASCII and GSM 7-bit are alternatives in SMPP."""
    settings = [ChannelSettings(text_coding="gbk"), ChannelSettings(text_coding="gbk", default_alphabet="ascii")]
    found: dict[tuple[str, Alphabet], str] = {}
    for name in _NEWEST:
        for each in settings:
            for capacity in PROTOCOLS[name].limits(each).capacities:
                found[name, capacity.alphabet] = f"{capacity.single}, {capacity.part}"
    for alphabet, what in _ALPHABETS.items():
        yield f"| {_cells(what, *(found.get((name, alphabet), '–') for name in _NEWEST))} |\n"


def _cells(*values: str) -> str:
    return " | ".join(value.replace("|", "\\|") for value in values)
