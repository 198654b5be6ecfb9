"""What payments may look like."""

import pytest

from hongyan.billing.errors import PaymentInvalid
from hongyan.billing.model import EntryKind
from hongyan.billing.rules import check_overdraft_limit, check_payment
from hongyan.kit.money import AMOUNT_MAX


@pytest.mark.parametrize(
    "kind, amount, note",
    [
        (EntryKind.RECHARGE, 1, ""),
        (EntryKind.RECHARGE, AMOUNT_MAX, "转账 2026-11-22"),
        (EntryKind.TRIAL, 10_000, ""),
        (EntryKind.ADJUSTMENT, -1, "charged twice"),
        (EntryKind.ADJUSTMENT, 1, "charged twice"),
    ],
)
def test_a_sound_payment_is_accepted(kind: EntryKind, amount: int, note: str) -> None:
    check_payment(kind, amount, note)


@pytest.mark.parametrize(
    "kind, amount, note, fields",
    [
        (EntryKind.RECHARGE, 0, "", ["amount"]),
        (EntryKind.RECHARGE, -1, "", ["amount"]),
        (EntryKind.TRIAL, -1, "", ["amount"]),
        (EntryKind.RECHARGE, AMOUNT_MAX + 1, "", ["amount"]),
        (EntryKind.RECHARGE, 1, "n" * 201, ["note"]),
        (EntryKind.RECHARGE, 1, "a\x00b", ["note"]),
        (EntryKind.ADJUSTMENT, 0, "why", ["amount"]),
        (EntryKind.ADJUSTMENT, -1, " ", ["note"]),
        (EntryKind.ADJUSTMENT, -AMOUNT_MAX - 1, "why", ["amount"]),
        (EntryKind.ADJUSTMENT, 0, "", ["amount", "note"]),
    ],
)
def test_a_wrong_payment_is_named(kind: EntryKind, amount: int, note: str, fields: list[str]) -> None:
    with pytest.raises(PaymentInvalid) as caught:
        check_payment(kind, amount, note)

    assert [problem.field for problem in caught.value.problems] == fields


@pytest.mark.parametrize("limit", [-1, AMOUNT_MAX + 1])
def test_an_overdraft_limit_is_neither_negative_nor_boundless(limit: int) -> None:
    check_overdraft_limit(0)
    check_overdraft_limit(AMOUNT_MAX)
    with pytest.raises(PaymentInvalid):
        check_overdraft_limit(limit)
