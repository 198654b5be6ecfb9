"""What the groups' commands share: who acts, and how carriers, kinds, amounts and passwords are written."""

import getpass
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from hongyan.content.model import MessageKind
from hongyan.kit.clock import Clock
from hongyan.kit.ids import NODES, IdGenerator
from hongyan.kit.money import InvalidAmount, parse_yuan
from hongyan.numbers.model import Carrier

CARRIER_NAMES: Final = ", ".join(carrier.name.lower() for carrier in Carrier)
KIND_NAMES: Final = ", ".join(kind.name.lower() for kind in MessageKind)


def actor() -> str:
    """Return who runs this command, for the log."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name, as in some containers
        return f"cli:{os.getuid()}"


def read_carrier(written: str) -> Carrier:
    """Return the carrier of that name; BadParameter lists them."""
    try:
        return Carrier[written.strip().upper()]
    except KeyError:
        raise typer.BadParameter(f"{written} is not a carrier; these are: {CARRIER_NAMES}") from None


def read_kind(written: str) -> MessageKind:
    """Return the message kind of that name; BadParameter lists them."""
    try:
        return MessageKind[written.strip().upper()]
    except KeyError:
        raise typer.BadParameter(f"{written} is not a kind of message; these are: {KIND_NAMES}") from None


def read_yuan(written: str) -> int:
    """Return the 厘 of an amount in yuan; BadParameter says how to write one."""
    try:
        return parse_yuan(written)
    except InvalidAmount as error:
        raise typer.BadParameter(f"{written}: {error.message}") from None


def read_pairs(written: Sequence[str]) -> dict[str, str]:
    """Return settings written as NAME=VALUE; BadParameter for one without its sign."""
    pairs = dict(pair.partition("=")[::2] for pair in written if "=" in pair)
    for pair in written:
        if "=" not in pair:
            raise typer.BadParameter(f"{pair} has no value; write NAME=VALUE", param_hint="--set")
    return pairs


def read_password(given: str | None, file: Path | None, *, ask: bool) -> str | None:
    """Return the password that was given, or that stands in a file (`-`: standard input); else ask, or None."""
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"cannot read {file}: {error}", param_hint="--password-file") from None
        return text.rstrip("\r\n")
    if given is not None:
        return given
    if not ask:
        return None
    if not sys.stdin.isatty():
        raise typer.BadParameter("give --password-file, or --password", param_hint="--password")
    return getpass.getpass("Password of the channel: ")


def new_subject_id(clock: Clock) -> int:
    """Return an id for a payment made by hand; with its entry's kind, it is no message's."""
    return IdGenerator(clock, node=secrets.randbelow(NODES)).next()


AccountOption = Annotated[str, typer.Option("--account", metavar="NAME", help="The account.")]
AnyAccountOption = Annotated[
    str | None, typer.Option("--account", metavar="NAME", help="Only this account's.", show_default=False)
]
# Annotated with `int`, since typer would list the numbers of an IntEnum as the choices; the parsers return members.
CarrierOption = Annotated[
    int, typer.Option("--carrier", metavar="CARRIER", parser=read_carrier, help=f"One of {CARRIER_NAMES}.")
]
KindOption = Annotated[int, typer.Option("--kind", metavar="KIND", parser=read_kind, help=f"One of {KIND_NAMES}.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="What has to change; the owner reads it.")]
