"""What can be wrong with a question about messages.

Error
├── kit.ids.InvalidId    the id is not 16 hexadecimal digits
├── MessageUnknown       no message has this id, or it is another account's
└── FilterInvalid        a list was asked for by something that cannot be
"""

from hongyan.kit.errors import Error, ErrorKind


class MessageUnknown(Error):
    """No message has this id; ids are kept as long as their day is."""

    code = "message.unknown"
    kind = ErrorKind.MISSING


class FilterInvalid(Error):
    """The list cannot be asked for like this."""

    code = "message.filter_invalid"
