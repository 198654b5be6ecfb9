"""The ids a gateway gives to messages: never the same twice, also above 65,536 in one second."""

from datetime import datetime

from hongyan.kit.clock import Clock
from hongyan.wire.cmpp.msg_id import SEQUENCE_MAX, MsgId, compose

from .times import CHINA_TIME


class MessageIds:
    """Msg_Ids of one gateway code, in the order they are given."""

    def __init__(self, clock: Clock, gateway_code: int) -> None:
        self._clock = clock
        self._gateway_code = gateway_code
        self._second = 0
        self._first = 0
        self._sequence = SEQUENCE_MAX + 1

    def next(self, count: int = 1) -> int:
        """Return the first of `count` ids in a row (a submit to many numbers has one for each)."""
        second = int(self._clock.now())
        if second > self._second:
            self._begin(second)
        elif self._sequence + count > SEQUENCE_MAX + 1:
            self._begin(self._second + 1)  # more than a second holds: borrow from the next rather than wrap
        first = self._first + self._sequence
        self._sequence += count
        return first

    def _begin(self, second: int) -> None:
        time = datetime.fromtimestamp(second, CHINA_TIME)
        self._second = second
        self._sequence = 0
        self._first = compose(
            MsgId(
                month=time.month,
                day=time.day,
                hour=time.hour,
                minute=time.minute,
                second=time.second,
                gateway=self._gateway_code,
                sequence=0,
            )
        )
