"""The table as people read it: protocol x behaviour x role, in Markdown."""

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .behaviours import BEHAVIOURS, PROTOCOLS, ROLE_NAMES, Cell, Role, cells
from .declared import DECLARED
from .proofs import PROVEN

PROVEN_SIGN: Final = "✓"
FAILED_SIGN: Final = "✗"
_HERE: Final = Path(__file__).parent
_HEAD: Final = """\
✓ proven by a test of the suite, which runs with every change; – cannot be, for the reason of that number. *Client* is our side towards a carrier, *server* our
side towards a customer, *simulator* the simulated carrier; each is tried against peers written by hand that know nothing of its code.

"""
_FOREIGN: Final = """
Peers that somebody else wrote, in the same suite (`tests/conformance/carriers/foreign`):

| peer | customer of our server | customer of the simulator | carrier of our client |
| --- | --- | --- | --- |
| npm `smpp` 0.5.1 | ✓ | ✓ | ✓ |
| PyPI `smpp34` 1.5.0 | ✓ | ✓ | ✓ |
| PyPI `smpplib` 2.2.4 | ✓ | ✓ | – has no server |
| Debian `kannel` 1.4.5 | ✓ | ✓ | – as packaged, has no SMPP server |

`make peers` fetches those that are no Python packages; where it cannot, their tests are skipped and say so.
"""


def load() -> None:
    """Import every test of the suite, so that the book of proofs is whole."""
    for path in sorted(_HERE.glob("test_*.py")):
        importlib.import_module(f"{__package__}.{path.stem}")


def unproven() -> list[Cell]:
    """Return the cells that no test proves and nobody has declared."""
    return [cell for cell in cells() if cell not in PROVEN and cell not in DECLARED]


def markdown(failed: Iterable[Cell] = ()) -> str:
    """Return the table with its notes; a cell that failed is shown as such."""
    failed = set(failed)
    reasons = list(dict.fromkeys(DECLARED[cell] for cell in cells() if cell in DECLARED))
    parts = [_HEAD]
    parts += [_role_table(role, reasons, failed) for role in Role]
    parts += [f"{number}. {reason}\n" for number, reason in enumerate(reasons, 1)]
    parts.append(_FOREIGN)
    return "".join(parts)


def _role_table(role: Role, reasons: list[str], failed: set[Cell]) -> str:
    head = f"| {ROLE_NAMES[role]} | | {' | '.join(PROTOCOLS.values())} | how |\n"
    lines = [head, f"| --- | --- | {'--- | ' * len(PROTOCOLS)}--- |\n"]
    for behaviour in BEHAVIOURS:
        signs = " | ".join(_sign((behaviour.id, protocol, role), reasons, failed) for protocol in PROTOCOLS)
        lines.append(f"| {behaviour.chinese} | {behaviour.english} | {signs} | {behaviour.proof} |\n")
    return "".join([*lines, "\n"])


def _sign(cell: Cell, reasons: list[str], failed: set[Cell]) -> str:
    if cell in failed:
        return FAILED_SIGN
    if cell in DECLARED:
        return f"– {reasons.index(DECLARED[cell]) + 1}"
    return PROVEN_SIGN if cell in PROVEN else " "
