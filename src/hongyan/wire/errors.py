"""What can go wrong on the wire, and whose fault it is.

WireError
├── EncodeError           ours: a PDU holds what its field cannot carry
├── DecodeError           theirs: a whole frame with a body that is not its PDU; answer it and go on
├── FramingError          theirs: where the next frame begins is unknown; close
├── LocalProtocolError    ours: asked of a session in the wrong state
│   ├── NotBound          nothing can be sent before the bind or after the end
│   └── WindowFull        as many requests are unanswered as the window allows
└── RemoteProtocolError   theirs: a PDU that must not come now; close

No message carries a field's value: a value may be a phone number or a text.
"""


class WireError(Exception):
    """The root of all of them."""


class EncodeError(WireError):
    """A field's value does not fit its place; the message names PDU and field."""


class DecodeError(WireError):
    """The frame was whole but its body is not the PDU that the command id promised."""


class FramingError(WireError):
    """The length at the head of a frame is impossible, so nothing after it can be read."""


class LocalProtocolError(WireError):
    """We asked a session for something that its state forbids."""


class NotBound(LocalProtocolError):
    """The session is not bound, so no request can be sent."""


class WindowFull(LocalProtocolError):
    """The window holds as many unanswered requests as it may."""


class RemoteProtocolError(WireError):
    """The peer did what the protocol forbids."""
