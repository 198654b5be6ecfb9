"""What can be wrong with a request about who may not be written to.

Error
├── OptOutNotFound    the number is not on the account's list
└── InvalidFields
    └── NumbersInvalid    some of the numbers of a list are none
"""

from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.fields import InvalidFields


class OptOutNotFound(Error):
    """The number has not opted out of this account's marketing."""

    code = "opt_out.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which numbers have: hongyan number opt-out list --account NAME"


class NumbersInvalid(InvalidFields):
    """Some entries are no phone numbers; nothing was changed."""

    code = "opt_out.numbers_invalid"
