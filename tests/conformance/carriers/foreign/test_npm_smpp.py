"""npm's smpp 0.5.1 against all three of ours."""

import pytest

from tests.conformance.carriers.behaviours import BOTH_SERVERS, Role
from tests.conformance.carriers.peers.customer import Customer
from tests.conformance.carriers.peers.ours import our_side
from tests.conformance.carriers.peers.subjects import Stage
from tests.conformance.carriers.speech import ANNA, LOGIN, PASSWORD, SOURCE, SPEECHES, code_text
from tests.conformance.carriers.test_server_pushes import report_by_number, road

from .process import npm_peer

SMPP = SPEECHES["smpp34"]
OTHER_PHONE = "8613800138001"

in_both_roles = pytest.mark.parametrize("role", BOTH_SERVERS, ids=lambda role: role.value)


@in_both_roles
async def test_it_can_be_a_customer(stage: Stage, role: Role) -> None:
    async with (
        stage.subject_of(role, SMPP, Customer(SMPP)) as subject,
        npm_peer("client.js", str(subject.port), LOGIN, PASSWORD, code_text(), str(ANNA)) as peer,
    ):
        (bound,) = await peer.has("bound")
        (submitted,) = await peer.has("submitted")
        (alive,) = await peer.has("alive")
        assert (bound["status"], submitted["status"], alive["status"]) == (0, 0, 0)
        assert submitted["id"]
        assert await subject.has_texts(ANNA, 1) == [code_text()]

        await subject.reply(ANNA, SOURCE, "收到")
        reply = await peer.until(lambda: [said for said in peer.of("delivered") if said["esm_class"] == 0])
        assert (reply[0]["from"], reply[0]["to"], reply[0]["text"]) == (str(ANNA), SOURCE, "收到")

        await peer.end()
        await peer.has("unbound")


@in_both_roles
async def test_a_wrong_password_is_said_to_it(stage: Stage, role: Role) -> None:
    async with (
        stage.subject_of(role, SMPP, Customer(SMPP)) as subject,
        npm_peer("client.js", str(subject.port), LOGIN, "wrong", "text") as peer,
    ):
        (bound,) = await peer.has("bound")
        assert bound["status"] == SMPP.wrong_password


@pytest.mark.parametrize("role", [Role.SERVER], ids=lambda role: role.value)
async def test_it_hears_what_became_of_its_texts(stage: Stage, role: Role) -> None:
    async with road(stage, SMPP) as (subject, customer, carrier):
        carrier.on_submit = lambda got: report_by_number(carrier, got)
        await customer.link.stop(0)  # what is reported is for the peer alone
        arguments = (str(subject.port), LOGIN, PASSWORD, code_text(), str(ANNA), OTHER_PHONE)
        async with npm_peer("client.js", *arguments) as peer:
            ids = {said["number"]: said["id"] for said in await peer.has("submitted", 2)}
            reports = {said["receipted"]: said for said in await peer.has("delivered", 2)}

    assert reports[ids[str(ANNA)]]["state"] == 2
    assert "stat:DELIVRD" in reports[ids[str(ANNA)]]["text"]
    assert reports[ids[OTHER_PHONE]]["state"] == 5


async def test_it_can_be_a_carrier() -> None:
    async with npm_peer("server.js", LOGIN, PASSWORD) as peer:
        (listening,) = await peer.has("listening")
        async with our_side(SMPP, listening["port"]) as ours:
            ours.send(code_text())
            ((_, verdict),) = await ours.has("verdict")
            await ours.has("read", 2)
            (submit,) = await peer.has("submit")
            await peer.has("report answered")
            await peer.has("reply answered")
            await ours.link.stop(5)

        await peer.has("unbind")
        assert (submit["text"], submit["number"], submit["from"]) == (code_text(), str(ANNA), SOURCE)
        assert ours.reports[0].carrier_message_id == verdict.carrier_message_id == submit["id"]
        assert ours.reports[0].stat == "DELIVRD"
        assert (ours.replies[0].from_number, ours.replies[0].content.decode("utf-16-be")) == (ANNA, "收到")
        assert ours.of("lost") == [([], "unbound")]


async def test_it_keeps_out_who_does_not_know_the_password() -> None:
    async with npm_peer("server.js", LOGIN, PASSWORD) as peer:
        (listening,) = await peer.has("listening")
        async with our_side(SMPP, listening["port"], is_bound=False, password="wrong") as ours:
            (said, *_) = await peer.has("bind", 2)
            assert said["known"] is False
            assert ours.link.trouble.startswith("bind_refused: status 13: ")
