"""What can be wrong with a request about money.

Error
├── BalanceNotFound
├── TrialGranted
├── OverdraftNotAllowed
└── InvalidFields
    └── PaymentInvalid
"""

from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.fields import InvalidFields


class BalanceNotFound(Error):
    """The account has no balance."""

    code = "balance.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which accounts there are: hongyan account list"


class TrialGranted(Error):
    """The account has had its trial credit."""

    code = "balance.trial_granted"
    kind = ErrorKind.CONFLICT
    remedy = "Recharge the account instead: hongyan balance recharge"


class OverdraftNotAllowed(Error):
    """Only a post-paid account may go below zero."""

    code = "balance.overdraft_not_allowed"
    kind = ErrorKind.CONFLICT
    remedy = "Make the account post-paid first: hongyan account set NAME --payment postpaid"


class PaymentInvalid(InvalidFields):
    """The payment cannot be accepted as it is."""

    code = "balance.payment_invalid"
