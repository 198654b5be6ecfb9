"""What can be wrong with a request about signatures and templates.

Error
├── SignatureNotFound
├── SignatureExists
├── SignatureRejected
├── TemplateNotFound
├── TemplateExists
└── InvalidFields
    ├── SignatureInvalid
    ├── TemplateInvalid
    └── ReviewInvalid
"""

from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.fields import InvalidFields


class SignatureNotFound(Error):
    """The account has no such signature."""

    code = "signature.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which there are: hongyan signature list --account NAME"


class SignatureExists(Error):
    """The account has registered this signature already."""

    code = "signature.exists"
    kind = ErrorKind.CONFLICT
    remedy = "Use it, or have it approved if it is pending."


class SignatureRejected(Error):
    """The signature was rejected, so no template can be bound to it."""

    code = "signature.rejected"
    kind = ErrorKind.CONFLICT
    remedy = "Register the signature again and have it approved."


class SignatureInvalid(InvalidFields):
    """The signature cannot be accepted as it is."""

    code = "signature.invalid"


class TemplateNotFound(Error):
    """There is no such template."""

    code = "template.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which there are: hongyan template list --account NAME"


class TemplateExists(Error):
    """The account has registered the same template already."""

    code = "template.exists"
    kind = ErrorKind.CONFLICT
    remedy = "Use it, or have it approved if it is pending."


class TemplateInvalid(InvalidFields):
    """The template cannot be accepted as it is."""

    code = "template.invalid"


class ReviewInvalid(InvalidFields):
    """The decision cannot be accepted as it is."""

    code = "review.invalid"
