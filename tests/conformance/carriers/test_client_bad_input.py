"""Our side as SP: what a carrier may find wrong, and what may be wrong with a carrier."""

import asyncio

import pytest
from structlog.testing import capture_logs

from hongyan.carriers.protocol import Disposition

from .behaviours import Role
from .peers.carrier import Got, hand_made_carrier
from .peers.ours import our_side
from .peers.relay import Way, relay_to
from .proofs import proves
from .speech import PASSWORD, Speech

VERSION_TOO_HIGH = {"cmpp20": 4, "cmpp30": 4, "smgp30": 22}
FRAMES = {
    "shorter than its header": "00000003",
    "longer than any may be": "7fffffff 00000005",
    "no length at all": "00000000 00000000",
}
LINES_MAX = 3


@proves("bad-login", role=Role.CLIENT)
async def test_a_login_that_the_carrier_does_not_know_is_said_and_tried_again(speech: Speech) -> None:
    async with (
        hand_made_carrier(speech) as carrier,
        our_side(speech, carrier.port, is_bound=False, login="900000") as ours,
    ):
        await carrier.has("bind", 2)

        assert ours.link.trouble.startswith(f"bind_refused: status {speech.unknown_login}: ")
        assert not ours.link.is_bound


@proves("bad-version", role=Role.CLIENT)
async def test_a_version_that_the_carrier_does_not_speak_is_said_and_tried_again(speech: Speech) -> None:
    code = VERSION_TOO_HIGH[speech.name]
    async with hand_made_carrier(speech) as carrier:
        carrier.bind_codes = [code, code]
        async with our_side(speech, carrier.port, is_bound=False) as ours:
            await carrier.has("bind", 2)
            assert ours.link.trouble.startswith(f"bind_refused: status {code}: ")
            await ours.has("bound")  # the carrier changed its mind


@proves("bad-source", "bad-class", "bad-coding", "bad-length", "bad-count", "bad-header", role=Role.CLIENT)
async def test_what_a_carrier_refuses_for_good_is_final_and_has_its_meaning(speech: Speech) -> None:
    codes = list(speech.final_codes.values())
    async with hand_made_carrier(speech) as carrier, our_side(speech, carrier.port) as ours:

        def refuse(got: Got) -> None:
            carrier.refuse(got, codes[len(carrier.submits) - 1])

        carrier.on_submit = refuse
        for _ in codes:
            ours.send("hello")
        await ours.has("verdict", len(codes))

        assert [verdict.result for verdict in ours.verdicts] == codes
        assert {verdict.disposition for verdict in ours.verdicts} == {Disposition.REFUSED}
        assert all(verdict.meaning for verdict in ours.verdicts)
        assert {verdict.carrier_message_id for verdict in ours.verdicts} == {None}
        assert ours.link.is_bound


@proves("speed", role=Role.CLIENT)
async def test_a_carrier_that_asks_to_slow_down_is_asked_again_later(speech: Speech) -> None:
    async with hand_made_carrier(speech) as carrier, our_side(speech, carrier.port) as ours:
        carrier.on_submit = lambda got: carrier.refuse(got, speech.busy)
        ours.send("hello")
        ((_, verdict),) = await ours.has("verdict")

        assert verdict.disposition is Disposition.LATER
        assert verdict.slows_down


@proves("bad-length", role=Role.CLIENT)
@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
async def test_a_stream_that_cannot_be_read_ends_the_connection_and_the_link_comes_back(
    speech: Speech, frame: str
) -> None:
    async with (
        hand_made_carrier(speech) as carrier,
        relay_to(carrier.port) as relay,
        our_side(speech, relay.port) as ours,
        our_side(speech, carrier.port) as other,
    ):
        carrier.on_submit = carrier.ignore
        ours.send("hello", token="t")
        await carrier.got(1)
        relay.inject(Way.BACK, bytes.fromhex(frame) + bytes(32))

        assert await ours.has("lost") == [(["t"], "framing_error")]
        await ours.has("bound", 2)
        assert other.link.is_bound
        assert other.of("lost") == []


@proves("one-line", role=Role.CLIENT)
async def test_a_refused_bind_is_one_line_with_its_reason_and_no_secret(speech: Speech) -> None:
    with capture_logs() as lines:
        async with hand_made_carrier(speech) as carrier:
            carrier.bind_codes = [speech.wrong_password]
            async with our_side(speech, carrier.port) as ours:
                await ours.has("bound")

    refusals = [line for line in lines if line["event"] == "link.bind_refused"]
    assert len(refusals) == 1
    assert refusals[0]["status"] == speech.wrong_password
    assert refusals[0]["meaning"]
    assert refusals[0]["channel"] == "channel-7"
    assert PASSWORD not in str(lines)


@proves("one-line", role=Role.CLIENT)
async def test_a_stream_that_cannot_be_read_is_one_line_and_shows_none_of_it(speech: Speech) -> None:
    with capture_logs() as lines:
        async with (
            hand_made_carrier(speech) as carrier,
            relay_to(carrier.port) as relay,
            our_side(speech, relay.port) as ours,
        ):
            relay.inject(Way.BACK, bytes.fromhex("00000003") + b"13800138000" * 3)
            await ours.has("lost")

    (lost, *_) = [line for line in lines if line["event"] == "link.lost" and line["reason"] == "framing_error"]
    assert lost["detail"]
    assert "13800138000" not in str(lines)
    assert PASSWORD not in str(lines)


@proves("bind-flood", role=Role.CLIENT)
async def test_a_flood_of_strangers_at_our_listener_leaves_the_carriers_connection_alone(speech: Speech) -> None:
    """SGIP is the one protocol in which carriers connect to us."""
    async with hand_made_carrier(speech) as carrier, our_side(speech, carrier.port) as ours:
        assert ours.reverse is not None
        for _ in range(20):
            await asyncio.gather(*(knock(ours.reverse.port) for _ in range(50)))
        assert len(ours.reverse.links) <= ours.reverse.config.links_max
        ours.send("hello")
        await ours.has("verdict")


async def knock(port: int) -> bytes:
    """Ask to be let in with a login that nobody has; return the answer."""
    bind = bytes.fromhex("0000003d 00000001 0001adb0 42e1f05e 00000001 02") + bytes(40)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(bind)
    answer = await reader.read(100)
    writer.close()
    return answer
