"""The simulated SMSC behind TLS."""

import asyncio
import ssl
from pathlib import Path

import pytest

from .certificates import a_certificate, trusting
from .peers import PATIENCE_SECONDS
from .peers_smpp import ANNA, SmppCustomer, a_centre, a_submit


async def test_a_text_and_its_receipt_go_over_tls(tmp_path: Path) -> None:
    tls = a_certificate(tmp_path)
    async with (
        a_centre(tls=tls) as simulator,
        SmppCustomer(simulator.port, tls=trusting(tls)).connected() as customer,
    ):
        (response,) = await customer.ask(a_submit("密"))
        (receipt,) = await customer.has_receipts(1)

        assert receipt.message_id == response.message_id
        assert await simulator.texts(ANNA) == ["密"]


@pytest.mark.parametrize("host,problem", [("other.test", "Hostname mismatch"), ("smsc.test", "self-signed")])
async def test_a_certificate_of_another_name_or_of_nobody_we_trust_is_not_accepted(
    tmp_path: Path, host: str, problem: str
) -> None:
    tls = a_certificate(tmp_path, host)
    context = trusting(tls) if host == "other.test" else ssl.create_default_context()
    async with a_centre(tls=tls) as simulator:
        trouble = await trouble_of(SmppCustomer(simulator.port, tls=context))

        assert trouble.startswith(f"TLS: {problem}")
        assert (await simulator.login())["links"] == []


async def test_who_speaks_in_the_clear_is_not_heard(tmp_path: Path) -> None:
    async with a_centre(tls=a_certificate(tmp_path)) as simulator:
        assert await trouble_of(SmppCustomer(simulator.port))

        assert (await simulator.login())["counts"]["binds"] == 0


async def trouble_of(customer: SmppCustomer) -> str:
    """Try to connect and return what went wrong."""
    async with asyncio.TaskGroup() as group:
        group.create_task(customer.link.run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (trouble := customer.link.trouble):
                await asyncio.sleep(0)
        await customer.link.stop(0)
    return trouble
