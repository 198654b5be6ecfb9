"""The page's own samples against our server: address, keys and the two parameters changed, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from . import seed_page
from .platform import BALANCE, DEBUG_TEXT, SECRET_ID, SECRET_KEY, IntakeRecorder
from .wire import MOBILE, http_date, request_signature

pytestmark = pytest.mark.skipif(not seed_page.PAGE.exists(), reason="the seed's page does not lie beside the tree")
needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="curl and bash are not installed"
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    scrubbed = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=30, check=False, env={**scrubbed, "PYTHONUTF8": "1"}
    )


def python_sample(port: int, *, secret_key: str = SECRET_KEY, content: str, mobile: str) -> str:
    return seed_page.replace(
        seed_page.python_sample(),
        {
            seed_page.ADDRESS: f"http://127.0.0.1:{port}",
            'secretId = "xxxx"': f"secretId = {SECRET_ID!r}",
            'secretKey = "xxxx"': f"secretKey = {secret_key!r}",
            "'content': ''": f"'content': {content!r}",
            "'mobile': ''": f"'mobile': {mobile!r}",
        },
    )


def test_the_page_says_what_the_debug_text_is() -> None:
    assert seed_page.debug_text() == DEBUG_TEXT


def test_the_python_sample_sends(port: int, intake: IntakeRecorder, tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(python_sample(port, content=DEBUG_TEXT, mobile="13800000001,13800000002"), encoding="utf-8")
    done = run(sys.executable, str(sample))

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["balance"], len(answer["list"])) == ("0", BALANCE, 2)
    assert intake.last.content == DEBUG_TEXT
    assert intake.last.mobiles == ["13800000001", "13800000002"]


def test_the_python_sample_with_a_wrong_key_is_refused(port: int, intake: IntakeRecorder, tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(python_sample(port, secret_key="wrong", content=DEBUG_TEXT, mobile=MOBILE), encoding="utf-8")
    done = run(sys.executable, str(sample))

    assert done.returncode == 1
    assert "HTTP Error 401: Unauthorized" in done.stderr
    assert intake.submissions == []


@needs_curl
def test_the_curl_line_as_it_stands_gets_the_documented_401(port: int, intake: IntakeRecorder) -> None:
    line = seed_page.replace(
        seed_page.curl_line(), {seed_page.ADDRESS: f"http://127.0.0.1:{port}", seed_page.HOST: f"127.0.0.1:{port}"}
    )
    done = run("bash", "-c", line + "\nwait")

    assert "< HTTP/1.1 401 Unauthorized" in done.stderr
    assert '{"message":"HMAC signature cannot be verified, a validate authorization header is required"}' in done.stdout
    assert intake.submissions == []


@needs_curl
def test_the_curl_line_repaired_sends(port: int, intake: IntakeRecorder) -> None:
    date = http_date()
    signature = request_signature({"date": date, "source": "source"})
    line = seed_page.replace(
        seed_page.curl_line(),
        {
            # The repair: a quoted address without the blank, and a blank before the first header.
            f"{seed_page.ADDRESS}/release/qxt_yzm_sms/ ?content=&mobile=-H": (
                f"'http://127.0.0.1:{port}/release/qxt_yzm_sms/?content={quote(DEBUG_TEXT)}&mobile={MOBILE}' -H"
            ),
            seed_page.HOST: f"127.0.0.1:{port}",
            "Mon, 19 Mar 2018 12:08:40 GMT": date,
            "AKIDi6qE41WgJ9w8h4h9zq68Vq24d1beIuN0qIwU": SECRET_ID,
            "yMCxXNytW5nvVGNZ8aBtRxmiLJ4=": signature,
        },
    )
    done = run("bash", "-c", line)

    assert "< HTTP/1.1 200 OK" in done.stderr
    assert json.loads(done.stdout)["status"] == "0"
    assert intake.last.content == DEBUG_TEXT
