"""What payments may look like."""

from typing import Final

from hongyan.kit.fields import FieldChecks, is_plain_text
from hongyan.kit.money import AMOUNT_MAX, format_yuan

from .errors import PaymentInvalid
from .model import EntryKind

NOTE_LENGTH_MAX: Final = 200


def check_payment(kind: EntryKind, amount: int, note: str) -> None:
    """Raise PaymentInvalid with everything that is wrong; `amount` is 厘."""
    checks = FieldChecks()
    if kind is EntryKind.ADJUSTMENT:
        checks.expect(amount != 0, "amount", "Give an amount that is not zero.")
        checks.expect(bool(note.strip()), "note", "Say why the balance is adjusted.")
    else:
        checks.expect(amount > 0, "amount", "Give an amount above zero; to take money away, adjust the balance.")
    checks.expect(abs(amount) <= AMOUNT_MAX, "amount", f"Give at most {format_yuan(AMOUNT_MAX)} yuan.")
    checks.expect(
        len(note) <= NOTE_LENGTH_MAX and is_plain_text(note),
        "note",
        f"Give at most {NOTE_LENGTH_MAX} characters without control characters.",
    )
    checks.raise_as(PaymentInvalid)


def check_overdraft_limit(limit: int) -> None:
    """Raise PaymentInvalid unless the limit is one; `limit` is 厘."""
    checks = FieldChecks()
    checks.expect(0 <= limit <= AMOUNT_MAX, "overdraft_limit", f"Give 0 to {format_yuan(AMOUNT_MAX)} yuan.")
    checks.raise_as(PaymentInvalid)
