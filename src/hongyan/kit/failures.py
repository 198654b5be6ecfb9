"""How an unexpected exception is told to the log: its kind and where, never its text.

An exception's message may quote what a client sent: a phone number, a text, a key.
"""

import traceback
from typing import Final

_FRAMES_MAX: Final = 8


def describe(error: BaseException) -> dict[str, str | list[str]]:
    """Return log fields for an exception: its type, that of its cause, and the innermost frames."""
    while isinstance(error, BaseExceptionGroup):  # a task group wraps what ended it
        error = error.exceptions[0]
    cause = error.__cause__ or error.__context__
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_MAX:]
    return {
        "error": type(error).__qualname__,
        "cause": type(cause).__qualname__ if cause is not None else "",
        "frames": [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }
