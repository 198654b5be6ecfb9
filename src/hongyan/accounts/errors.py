"""What can be wrong with a request about accounts and keys.

Error
├── AccountNotFound
├── AccountNameTaken
├── ExtensionTaken
├── KeyNotFound
├── LoginNotFound
├── LoginNameTaken
└── InvalidFields
    ├── AccountInvalid
    ├── KeyInvalid
    └── LoginInvalid
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


class ExtensionTaken(Error):
    """Another account has this extension."""

    code = "account.extension_taken"
    kind = ErrorKind.CONFLICT
    remedy = "Choose other digits: replies are told apart by them."


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


class LoginNotFound(Error):
    """There is no such protocol login."""

    code = "login.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which there are: hongyan login list"


class LoginNameTaken(Error):
    """This protocol has a login of this name."""

    code = "login.name_taken"
    kind = ErrorKind.CONFLICT
    remedy = "Choose another name, or use the login there is."


class LoginInvalid(InvalidFields):
    """Some fields of the protocol login cannot be accepted as they are."""

    code = "login.invalid"
