"""Which signals end a process, and how: the first one drains, a second one ends everything at once.

SIGTERM comes from service managers, SIGINT from Ctrl-C, SIGHUP when the terminal goes away. The last may come twice for
one cause (from the kernel and from the shell), so it only ever drains. Under `nohup` it is ignored, and stays so.
"""

import asyncio
import signal
from collections.abc import Callable


def on_stop_signals(drain: Callable[[], None], end: Callable[[], None]) -> None:
    """Have the running loop call `drain` at the first signal and `end` at a second that is none of a terminal's."""
    asked = False

    def signaled(number: signal.Signals) -> None:
        nonlocal asked
        if not asked:
            asked = True
            drain()
        elif number is not signal.SIGHUP:
            end()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, signaled, number)
