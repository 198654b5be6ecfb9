#!/usr/bin/env python3
"""Send a text with two keys, with nothing but the standard library.

HONGYAN_URL=http://127.0.0.1:8000/release/qxt_yzm_sms/ HONGYAN_SECRET_ID=… HONGYAN_SECRET_KEY=… \
    python examples/seed/send.py 13800138000 '【企讯通】腾讯接口调试测试,此短信为调试类测试短信,请注意查收。'
"""
# ruff: noqa: T201 - it speaks to who runs it

import hmac
import json
import os
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from email.utils import formatdate
from urllib.parse import urlencode


def authorize(secret_id: str, secret_key: str) -> dict[str, str]:
    """Return the signed headers: an HMAC-SHA1 over the two listed ones, good for 15 minutes."""
    date = formatdate(usegmt=True)
    signing_string = f"x-date: {date}\nx-source: market"
    signature = b64encode(hmac.digest(secret_key.encode(), signing_string.encode(), "sha1")).decode()
    authorization = f'hmac id="{secret_id}", algorithm="hmac-sha1", headers="x-date x-source", signature="{signature}"'
    return {"X-Date": date, "X-Source": "market", "Authorization": authorization}


def send(url: str, headers: dict[str, str], *, mobile: str, content: str) -> dict[str, object]:
    """Send the request; raises urllib.error.HTTPError when the gateway refuses it."""
    query = urlencode({"content": content, "mobile": mobile})
    request = urllib.request.Request(f"{url}?{query}", data=b"", headers=headers, method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - the address is the caller's own
        answer: dict[str, object] = json.load(response)
    return answer


def main() -> int:
    """Send what the command line says, with the keys of the environment."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    headers = authorize(os.environ["HONGYAN_SECRET_ID"], os.environ["HONGYAN_SECRET_KEY"])
    try:
        answer = send(os.environ["HONGYAN_URL"], headers, mobile=sys.argv[1], content=sys.argv[2])
    except urllib.error.HTTPError as error:
        print(f"HTTP {error.code}: {error.read().decode()}", file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return 0 if answer["status"] == "0" else 1


if __name__ == "__main__":
    sys.exit(main())
