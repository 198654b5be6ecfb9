"""Whatever can be said in SMGP is understood as it was said, with tagged parameters in any order and any chunking."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from hongyan.wire.framing import Splitter
from hongyan.wire.smgp.dialect import FRAME_SIZE_MAX, HEADER, PDUS, SMGP
from hongyan.wire.smgp.pdus import V30, Deliver, Submit
from hongyan.wire.smgp.report import Report, decode_report, encode_report
from hongyan.wire.smgp.tlvs import SmgpTlvs

from .pair_smgp import SmgpPair
from .strategies import pdus, tagged

CODEC = SMGP.codec(V30)


def part(width: int, *, size_min: int = 0) -> st.SearchStrategy[str]:
    """Return any text of a report that has no blanks around it and does not end early."""
    characters = st.characters(min_codepoint=1, max_codepoint=255)
    return st.text(characters, max_size=width).map(lambda text: text.strip()).filter(lambda text: len(text) >= size_min)


REPORTS = st.builds(
    Report,
    msg_id=st.binary(min_size=10, max_size=10),
    stat=part(7, size_min=1),
    sub=part(3),
    dlvrd=part(3),
    submit_date=part(10),
    done_date=part(10),
    err=part(3),
    text=st.binary(max_size=20).map(lambda octets: octets.rstrip(b"\0")),
)


@given(pdu=pdus(PDUS, V30))
@settings(max_examples=300)
def test_every_pdu_comes_back_as_it_was(pdu: Struct) -> None:
    frame = CODEC.encode(pdu, 77)

    [((length, command, sequence), body)] = Splitter(HEADER, 0x1_0000).feed(frame)
    assert (length, sequence) == (len(frame), 77)
    assert CODEC.decode(command, body) == pdu


@given(tlvs=tagged(SmgpTlvs), data=st.data())
def test_tagged_parameters_say_the_same_in_any_order(tlvs: SmgpTlvs, data: st.DataObject) -> None:
    frame = CODEC.encode(Deliver(tlvs=tlvs), 1)
    fixed, trailing = frame[:89], split_tags(frame[89:])

    shuffled = data.draw(st.permutations(trailing))
    pdu = CODEC.decode(0x00000003, fixed[12:] + b"".join(shuffled))

    assert isinstance(pdu, Deliver)
    assert by_tag(pdu.tlvs) == by_tag(tlvs)


@given(report=REPORTS)
def test_every_report_comes_back_as_it_was(report: Report) -> None:
    content = encode_report(report)

    assert len(content) == 122
    assert decode_report(content, frozenset()) == decode_report(content) == report


@given(contents=st.lists(st.binary(max_size=140), min_size=1, max_size=8), cuts=st.lists(st.integers(0, 2000)))
@settings(max_examples=60)
def test_any_chunking_of_a_stream_gives_the_same_events(contents: list[bytes], cuts: list[int]) -> None:
    whole = SmgpPair.bound()
    for content in contents:
        tlvs = SmgpTlvs(tp_udhi=1, pk_total=3, pk_number=2)
        whole.client.send(Submit(dest_term_id=("13300138000",), msg_content=content, tlvs=tlvs), whole.now)
    stream = whole.client.data_to_send()
    whole.server.receive(stream, whole.now)

    cut = SmgpPair.bound()
    for chunk in chunks(stream, cuts):
        cut.server.receive(chunk, cut.now)

    assert cut.server.events() == whole.server.events()


@given(noise=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200)))
def test_any_chunking_of_noise_gives_the_same_events(noise: bytes, cuts: list[int]) -> None:
    deliver = CODEC.encode(Deliver(msg_content=b"TD"), 1)
    whole, cut = SmgpPair.bound(), SmgpPair.bound()
    whole.client.receive(deliver + noise, whole.now)
    for chunk in chunks(deliver + noise, cuts):
        cut.client.receive(chunk, cut.now)

    assert cut.client.events() == whole.client.events()
    assert cut.client.data_to_send() == whole.client.data_to_send()
    assert cut.client.state is whole.client.state


def test_the_greatest_submit_that_the_specification_allows_is_within_the_frame_limit() -> None:
    tlvs = SmgpTlvs(tp_pid=0, tp_udhi=1, link_id="1" * 20, pk_total=9, pk_number=9, msg_src="1" * 8)
    submit = Submit(dest_term_id=("8613300138000",) * 100, msg_content=bytes(255), tlvs=tlvs)

    assert len(CODEC.encode(submit, 1)) <= FRAME_SIZE_MAX


def split_tags(octets: bytes) -> list[bytes]:
    """Return the tagged parameters one by one."""
    found = []
    while octets:
        size = 4 + int.from_bytes(octets[2:4], "big")
        found.append(octets[:size])
        octets = octets[size:]
    return found


def by_tag(tlvs: SmgpTlvs) -> tuple[SmgpTlvs, list[tuple[int, bytes]]]:
    """Return what can be compared of parameters whose unknown ones came in another order."""
    known = {name: getattr(tlvs, name) for name in tlvs.__struct_fields__ if name != "others"}
    return SmgpTlvs(**known), sorted(tlvs.others)


def chunks(stream: bytes, cuts: Sequence[int]) -> list[bytes]:
    """Cut a stream at these places."""
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [stream[start:stop] for start, stop in pairwise(edges)]
