"""What can be wrong with a question about replies.

Error
├── kit.ids.InvalidId    the id is not 16 hexadecimal digits
├── ReplyUnknown         no reply has this id, or it is another account's
└── ReplyFilterInvalid   a list was asked for by something that cannot be
"""

from hongyan.kit.errors import Error, ErrorKind


class ReplyUnknown(Error):
    """No reply has this id; replies are kept for 190 days."""

    code = "reply.unknown"
    kind = ErrorKind.MISSING


class ReplyFilterInvalid(Error):
    """The list cannot be asked for like this."""

    code = "reply.filter_invalid"
