"""Whatever can be said in CMPP is understood as it was said, in both versions and any chunking."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from hongyan.wire.cmpp.dialect import CMPP, FRAME_SIZE_MAX, HEADER, PDUS
from hongyan.wire.cmpp.pdus import V20, V30, Deliver, Submit
from hongyan.wire.cmpp.report import Report, decode_report, encode_report
from hongyan.wire.framing import Splitter

from .pair import SessionPair
from .strategies import kinds_of, pdus, values

REPORTS = st.builds(Report, **{name: values(kind) for name, kind in kinds_of(Report, V20).items()})


def there_and_back(pdu: Struct, version: int) -> Struct:
    codec = CMPP.codec(version)
    [((_, command, sequence), body)] = Splitter(HEADER, FRAME_SIZE_MAX).feed(codec.encode(pdu, 77))
    assert sequence == 77
    return codec.decode(command, body)


@given(pdu=pdus(PDUS, V20))
def test_every_pdu_of_2_0_comes_back_as_it_was(pdu: Struct) -> None:
    assert there_and_back(pdu, V20) == pdu


@given(pdu=pdus(PDUS, V30))
def test_every_pdu_of_3_0_comes_back_as_it_was(pdu: Struct) -> None:
    assert there_and_back(pdu, V30) == pdu


@given(report=REPORTS, size=st.sampled_from([60, 71]))
def test_every_report_comes_back_as_it_was(report: Report, size: int) -> None:
    content = encode_report(report, size)

    assert len(content) == size
    assert decode_report(content) == report


@given(contents=st.lists(st.binary(max_size=140), min_size=1, max_size=8), cuts=st.lists(st.integers(0, 2000)))
@settings(max_examples=60)
def test_any_chunking_of_a_stream_gives_the_same_events(contents: list[bytes], cuts: list[int]) -> None:
    whole = SessionPair.bound()
    for content in contents:
        whole.client.send(Submit(dest_terminal_id=("13800138000",), msg_content=content), whole.now)
    stream = whole.client.data_to_send()
    whole.server.receive(stream, whole.now)

    cut = SessionPair.bound()
    for chunk in chunks(stream, cuts):
        cut.server.receive(chunk, cut.now)

    assert cut.server.events() == whole.server.events()


@given(noise=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200)))
def test_any_chunking_of_noise_gives_the_same_events(noise: bytes, cuts: list[int]) -> None:
    deliver = CMPP.codec(V30).encode(Deliver(msg_id=1), 1)
    whole, cut = SessionPair.bound(), SessionPair.bound()
    whole.client.receive(deliver + noise, whole.now)
    for chunk in chunks(deliver + noise, cuts):
        cut.client.receive(chunk, cut.now)

    assert cut.client.events() == whole.client.events()
    assert cut.client.data_to_send() == whole.client.data_to_send()
    assert cut.client.state is whole.client.state


def chunks(stream: bytes, cuts: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [stream[start:stop] for start, stop in pairwise(edges)]
