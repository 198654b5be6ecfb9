"""Reading a body and answering."""

import pytest

from hongyan.http.asgi import ClientGone, Message, answer, read_body


class Sender:
    """Hands out messages one by one."""

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)

    async def receive(self) -> Message:
        return self._messages.pop(0)


def piece(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_is_read_to_its_end() -> None:
    assert await read_body(Sender(piece(b"all", more=False)).receive) == b"all"
    assert await read_body(Sender(piece(b"a", more=True), piece(b"b", more=False)).receive) == b"ab"
    assert await read_body(Sender({"type": "http.request"}).receive) == b""


@pytest.mark.parametrize("messages", [[], [piece(b"a", more=True)]])
async def test_a_client_that_goes_away_leaves_no_half_body(messages: list[Message]) -> None:
    with pytest.raises(ClientGone):
        await read_body(Sender(*messages, {"type": "http.disconnect"}).receive)


async def test_an_answer_is_two_messages_with_the_length() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await answer(send, 418, b"tea", [(b"X", b"y")])

    assert sent == [
        {"type": "http.response.start", "status": 418, "headers": [(b"X", b"y"), (b"Content-Length", b"3")]},
        {"type": "http.response.body", "body": b"tea"},
    ]
