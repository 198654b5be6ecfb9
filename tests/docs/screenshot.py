"""Makes docs/images/phone.png: a demonstration of its own, a few texts, and Debian's chromium."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.integration.runtime.platforms import a_data_dir, a_platform, hongyan

from .markdown import ROOT

PICTURE: Final = ROOT / "docs" / "images" / "phone.png"
NUMBER: Final = "13800138000"
OTHERS: Final = ("18612345678", "13312345678")
TEXTS: Final = (
    "【企讯通】腾讯接口调试测试,此短信为调试类测试短信,请注意查收。",
    "【鸿雁】您的订单20261122已发货，快递单号SF1080923，请注意查收。",
    "【鸿雁】您的验证码是295713，5分钟内有效，请勿告诉他人。",
)
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=960,600",
)


def main() -> None:
    """Send the texts and photograph the phone."""
    browser = shutil.which("chromium")
    if browser is None:
        sys.exit("there is no chromium (on Debian: apt-get install chromium)")
    with a_data_dir() as data_dir, a_platform(data_dir, "--demo") as platform:
        for number, text in [*((other, TEXTS[-1]) for other in OTHERS), *((NUMBER, text) for text in TEXTS)]:
            sent = hongyan("send", "--to", number, "--text", text, "--wait", "--data", str(data_dir))
            assert sent.stdout, sent.stderr
        photograph(browser, f"{platform.demo['phone_url']}#{NUMBER}", PICTURE)
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size} octets\n")


def photograph(browser: str, url: str, picture: Path) -> None:
    """Write what a page looks like."""
    picture.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *_FLAGS, f"--user-data-dir={profile}", f"--screenshot={picture}", url]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    main()
