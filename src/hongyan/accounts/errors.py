"""What can be wrong with a request about accounts and keys.

Error
├── AccountNotFound
├── AccountNameTaken
├── KeyNotFound
└── InvalidFields
    ├── AccountInvalid
    └── KeyInvalid
"""

from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.fields import InvalidFields


class AccountNotFound(Error):
    """There is no such account."""

    code = "account.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which there are: hongyan account list"


class AccountNameTaken(Error):
    """Another account has this name."""

    code = "account.name_taken"
    kind = ErrorKind.CONFLICT
    remedy = "Choose another name, or use the account there is."


class AccountInvalid(InvalidFields):
    """Some fields of the account cannot be accepted as they are."""

    code = "account.invalid"


class KeyNotFound(Error):
    """There is no such API key."""

    code = "key.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which there are: hongyan key list --account NAME"


class KeyInvalid(InvalidFields):
    """Some fields of the API key cannot be accepted as they are."""

    code = "key.invalid"
