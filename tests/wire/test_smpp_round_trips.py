"""Whatever can be said in SMPP is understood as it was said, with tagged parameters in any order and any chunking."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from hongyan.wire.errors import EncodeError
from hongyan.wire.framing import Splitter
from hongyan.wire.smpp.destinations import Address, DistributionList, Unsuccessful
from hongyan.wire.smpp.dialect import FRAME_SIZE_MAX, HEADER, PDUS, SMPP
from hongyan.wire.smpp.pdus import (
    V34,
    DataSm,
    DeliverSm,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
)
from hongyan.wire.smpp.tlvs import AlertTlvs, BindRespTlvs, MessageTlvs, ResponseTlvs

from .pair_smpp import SmppPair
from .strategies import pdu_of, tagged

CODEC = SMPP.codec(V34)
OCTET = st.integers(0, 255)
ADDRESS = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=20)
DESTINATIONS = st.lists(
    st.builds(Address, ADDRESS, OCTET, OCTET) | st.builds(DistributionList, ADDRESS), max_size=254
).map(tuple)
UNSUCCESSFUL = st.lists(st.builds(Unsuccessful, ADDRESS, st.integers(0, 0xFFFFFFFF), OCTET, OCTET), max_size=255).map(
    tuple
)
CUSTOM: dict[type[Struct], dict[str, st.SearchStrategy[Any]]] = {
    SubmitMulti: {"dest_address": DESTINATIONS},
    SubmitMultiResp: {"unsuccess_sme": UNSUCCESSFUL},
}
EVERY_PDU = st.one_of([pdu_of(cls, V34, **CUSTOM.get(cls, {})) for cls in PDUS.values()])


@given(pdu=EVERY_PDU)
@settings(max_examples=400)
def test_every_pdu_comes_back_as_it_was(pdu: Struct) -> None:
    frame = CODEC.encode(pdu, 77)

    [((length, command, status, sequence), body)] = Splitter(HEADER, 0x10_0000).feed(frame)
    assert (length, sequence) == (len(frame), 77)
    assert CODEC.decode(command, body, status) == pdu


@given(tlvs=tagged(MessageTlvs), data=st.data())
def test_tagged_parameters_say_the_same_in_any_order(tlvs: MessageTlvs, data: st.DataObject) -> None:
    frame = CODEC.encode(DataSm(tlvs=tlvs), 1)
    fixed, trailing = frame[:26], split_tags(frame[26:])

    shuffled = data.draw(st.permutations(trailing))
    pdu = CODEC.decode(0x103, fixed[16:] + b"".join(shuffled))

    assert isinstance(pdu, DataSm)
    assert by_tag(pdu.tlvs) == by_tag(tlvs)


@pytest.mark.parametrize("parameters", [MessageTlvs, BindRespTlvs, ResponseTlvs, AlertTlvs])
def test_the_tags_of_each_pdu_are_those_of_the_specification_and_in_their_order(parameters: type[Struct]) -> None:
    tags = [
        note.tag
        for annotation in parameters.__annotations__.values()
        for note in getattr(annotation, "__metadata__", ())
    ]

    assert tags == sorted(set(tags))


@given(contents=st.lists(st.binary(max_size=254), min_size=1, max_size=8), cuts=st.lists(st.integers(0, 3000)))
@settings(max_examples=60)
def test_any_chunking_of_a_stream_gives_the_same_events(contents: list[bytes], cuts: list[int]) -> None:
    whole = SmppPair.bound()
    for content in contents:
        submit = SubmitSm(destination_addr="8613800138000", short_message=content, tlvs=MessageTlvs(sar_msg_ref_num=1))
        whole.client.send(submit, whole.now)
    stream = whole.client.data_to_send()
    whole.server.receive(stream, whole.now)

    cut = SmppPair.bound()
    for chunk in chunks(stream, cuts):
        cut.server.receive(chunk, cut.now)

    assert cut.server.events() == whole.server.events()


@given(noise=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200)))
def test_any_chunking_of_noise_gives_the_same_events(noise: bytes, cuts: list[int]) -> None:
    deliver = CODEC.encode(DeliverSm(short_message=b"TD"), 1)
    whole, cut = SmppPair.bound(), SmppPair.bound()
    whole.client.receive(deliver + noise, whole.now)
    for chunk in chunks(deliver + noise, cuts):
        cut.client.receive(chunk, cut.now)

    assert cut.client.events() == whole.client.events()
    assert cut.client.data_to_send() == whole.client.data_to_send()
    assert cut.client.state is whole.client.state


def test_the_greatest_submit_that_the_specification_allows_is_within_the_frame_limit() -> None:
    submit = SubmitMulti(
        source_addr="1" * 20,
        dest_address=(Address("1" * 20),) * 254,
        tlvs=MessageTlvs(message_payload=bytes(0xFFFF), callback_num=bytes(19)),
    )

    assert len(CODEC.encode(submit, 1)) <= FRAME_SIZE_MAX


@pytest.mark.parametrize(
    "pdu,culprit",
    [
        (SubmitMulti(dest_address=(Address("1"),) * 255), "SubmitMulti.dest_address: holds at most 254"),
        (SubmitMulti(dest_address=(Address("1" * 21),)), "SubmitMulti.dest_address: an address has 21 octets"),
        (SubmitSm(tlvs=MessageTlvs(message_payload=bytes(0x10000))), "SubmitSm.tlvs: message_payload does not fit"),
        (SubmitSm(tlvs=MessageTlvs(receipted_message_id="1" * 65)), "SubmitSm.tlvs: receipted_message_id does not fit"),
        (SubmitSm(destination_addr="1" * 21), "SubmitSm.destination_addr: is 21 octets long, 20 fit"),
        (SubmitSm(validity_period="261122215518032+0"), "SubmitSm.validity_period: is 17 octets long, 16 fit"),
        (SubmitSm(short_message=bytes(256)), "SubmitSm.short_message: must be at most 255 octets"),
    ],
)
def test_what_does_not_fit_is_named(pdu: Struct, culprit: str) -> None:
    with pytest.raises(EncodeError) as error:
        CODEC.encode(pdu, 1)

    assert str(error.value).startswith(culprit)


def split_tags(octets: bytes) -> list[bytes]:
    """Return the tagged parameters one by one."""
    found = []
    while octets:
        size = 4 + int.from_bytes(octets[2:4], "big")
        found.append(octets[:size])
        octets = octets[size:]
    return found


def by_tag(tlvs: MessageTlvs) -> tuple[MessageTlvs, list[tuple[int, bytes]]]:
    """Return what can be compared of parameters whose unknown ones came in another order."""
    known = {name: getattr(tlvs, name) for name in tlvs.__struct_fields__ if name != "others"}
    return MessageTlvs(**known), sorted(tlvs.others)


def chunks(stream: bytes, cuts: Sequence[int]) -> list[bytes]:
    """Cut a stream at these places."""
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [stream[start:stop] for start, stop in pairwise(edges)]
