"""Whatever can be said in SGIP is understood as it was said, in any chunking."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from hongyan.wire.framing import Splitter
from hongyan.wire.sgip.dialect import FRAME_SIZE_MAX, HEADER, PDUS, SGIP
from hongyan.wire.sgip.pdus import V12, Deliver, Submit, TraceNode, TraceResp
from hongyan.wire.sgip.sequences import compose, octets_of, parse, sequence_of, split, text_of

from .damage import chunks
from .pair_sgip import SgipPair
from .strategies import pdu_of, pdus

CODEC = SGIP.codec(V12)
U32 = st.integers(0, 0xFFFF_FFFF)
SEQUENCES = st.builds(compose, U32, U32, U32)
NODES = st.builds(
    TraceNode,
    result=st.integers(0, 255),
    node_id=st.binary(min_size=6, max_size=6),
    receive_time=st.binary(min_size=16, max_size=16),
    send_time=st.binary(min_size=16, max_size=16),
    reserve=st.binary(min_size=8, max_size=8),
)
OTHERS = {command: pdu_class for command, pdu_class in PDUS.items() if pdu_class is not TraceResp}
ANY = pdus(OTHERS, V12) | pdu_of(TraceResp, V12, nodes=st.lists(NODES, max_size=255).map(tuple))


@given(pdu=ANY, sequence=SEQUENCES)
@settings(max_examples=300)
def test_every_pdu_comes_back_as_it_was(pdu: Struct, sequence: int) -> None:
    frame = CODEC.encode(pdu, sequence)

    [(words, body)] = Splitter(HEADER, 0x1_0000).feed(frame)
    assert words[0] == len(frame)
    assert HEADER.sequence_of(words) == sequence
    assert CODEC.decode(words[1], body, words[2]) == pdu


@given(sequence=SEQUENCES)
def test_every_sequence_number_comes_back_from_words_octets_and_text(sequence: int) -> None:
    assert compose(*split(sequence)) == sequence
    assert sequence_of(octets_of(sequence)) == sequence
    assert parse(text_of(sequence)) == sequence


@given(contents=st.lists(st.binary(max_size=160), min_size=1, max_size=8), cuts=st.lists(st.integers(0, 2000)))
@settings(max_examples=60)
def test_any_chunking_of_a_stream_gives_the_same_events(contents: list[bytes], cuts: list[int]) -> None:
    whole = SgipPair.bound()
    for content in contents:
        whole.client.send(Submit(user_number=("8613000138000",), message_content=content), whole.now)
    stream = whole.client.data_to_send()
    whole.server.receive(stream, whole.now)

    cut = SgipPair.bound()
    for chunk in chunks(stream, cuts):
        cut.server.receive(chunk, cut.now)

    assert cut.server.events() == whole.server.events()


@given(noise=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200)))
def test_any_chunking_of_noise_gives_the_same_events(noise: bytes, cuts: list[int]) -> None:
    deliver = CODEC.encode(Deliver(message_content=b"TD"), 1)
    whole, cut = SgipPair.bound(), SgipPair.bound()
    whole.client.receive(deliver + noise, whole.now)
    for chunk in chunks(deliver + noise, cuts):
        cut.client.receive(chunk, cut.now)

    assert cut.client.events() == whole.client.events()
    assert cut.client.data_to_send() == whole.client.data_to_send()
    assert cut.client.state is whole.client.state


def test_the_greatest_submit_that_the_specification_allows_is_within_the_frame_limit() -> None:
    submit = Submit(user_number=("8613000138000",) * 100, message_content=bytes(160))

    assert len(CODEC.encode(submit, 1)) == 2403 <= FRAME_SIZE_MAX
