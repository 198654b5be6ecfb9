"""What can be wrong with a request about channels and routes.

Error
├── ChannelNotFound
├── ChannelNameTaken
├── RouteNotFound
├── RouteExists
└── InvalidFields
    ├── ChannelInvalid
    └── RouteInvalid
"""

from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.fields import InvalidFields


class ChannelNotFound(Error):
    """There is no such channel."""

    code = "channel.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which there are: hongyan channel list"


class ChannelNameTaken(Error):
    """Another channel has this name."""

    code = "channel.name_taken"
    kind = ErrorKind.CONFLICT
    remedy = "Choose another name, or change the channel there is: hongyan channel set"


class ChannelInvalid(InvalidFields):
    """Some fields of the channel cannot be accepted as they are."""

    code = "channel.invalid"


class RouteNotFound(Error):
    """There is no such route."""

    code = "route.not_found"
    kind = ErrorKind.MISSING
    remedy = "See which there are: hongyan route list"


class RouteExists(Error):
    """The carrier has a route to this channel already."""

    code = "route.exists"
    kind = ErrorKind.CONFLICT
    remedy = "Change it instead: hongyan route set"


class RouteInvalid(InvalidFields):
    """Some fields of the route cannot be accepted as they are."""

    code = "route.invalid"
