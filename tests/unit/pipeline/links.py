"""A link that only counts: as `LinkClient` looks to a channel, with a window and without a network."""

from msgspec import Struct

from hongyan.pipeline.channel import Segment
from hongyan.wire.cmpp.pdus import Submit, SubmitResp
from hongyan.wire.errors import EncodeError


class PaperLink:
    """Takes what is sent until its window is full."""

    def __init__(self, index: int, *, window_size: int = 4) -> None:
        self.index = index
        self.window_size = window_size
        self.is_bound = True
        self.refuses_to_encode = False
        self.sent: list[Segment] = []
        self.waiting: list[Segment] = []

    @property
    def credit(self) -> int:
        """What is left of the window."""
        return self.window_size - len(self.waiting) if self.is_bound else 0

    def send(self, pdu: Struct, token: object) -> int:
        """Take a submit."""
        assert isinstance(pdu, Submit)
        assert isinstance(token, Segment)
        assert self.credit > 0
        if self.refuses_to_encode:
            raise EncodeError("Submit.src_id: 40 octets do not fit into 21")
        self.sent.append(token)
        self.waiting.append(token)
        return len(self.sent)

    def answered(self, segment: Segment, *, result: int = 0) -> SubmitResp:
        """Free the segment's place and return the answer."""
        if segment in self.waiting:
            self.waiting.remove(segment)
        return SubmitResp(msg_id=0 if result else 1000 + len(self.sent), result=result)
