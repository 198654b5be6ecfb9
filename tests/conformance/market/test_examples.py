"""The sample clients in `examples/seed` run as their pages say."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .platform import DEBUG_TEXT, SECRET_ID, SECRET_KEY, IntakeRecorder

EXAMPLES = Path(__file__).parents[3] / "examples" / "seed"
needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "openssl"))), reason="bash, curl and openssl are not all installed"
)


def run(port: int, *command: str, secret_key: str = SECRET_KEY) -> subprocess.CompletedProcess[str]:
    settings = {
        "HONGYAN_URL": f"http://127.0.0.1:{port}/release/qxt_yzm_sms/",
        "HONGYAN_SECRET_ID": SECRET_ID,
        "HONGYAN_SECRET_KEY": secret_key,
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=30, check=False, env={**os.environ, **settings}
    )


CLIENTS = [
    pytest.param((sys.executable, str(EXAMPLES / "send.py")), id="send.py"),
    pytest.param((str(EXAMPLES / "send.sh"),), id="send.sh", marks=needs_tools),
]


@pytest.mark.parametrize("client", CLIENTS)
def test_an_example_sends(port: int, intake: IntakeRecorder, client: tuple[str, ...]) -> None:
    done = run(port, *client, "13800000001,13800000002", DEBUG_TEXT)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "0"
    assert (intake.last.content, intake.last.mobiles) == (DEBUG_TEXT, ["13800000001", "13800000002"])


@pytest.mark.parametrize("client", CLIENTS)
def test_an_example_says_what_the_gateway_refused(port: int, intake: IntakeRecorder, client: tuple[str, ...]) -> None:
    done = run(port, *client, "13800000001", DEBUG_TEXT, secret_key="wrong")

    assert done.returncode != 0
    assert "HMAC signature does not match" in done.stdout + done.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_an_example_explains_itself(port: int, client: tuple[str, ...]) -> None:
    done = run(port, *client)

    assert done.returncode == 2
    assert "HONGYAN_SECRET_ID" in done.stderr
