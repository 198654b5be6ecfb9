"""The phone page: one HTML file of this package, served with a policy that lets nothing else in.

Its own script and style are allowed by their hashes; there is no inline handler, no other origin and no
way to turn text into markup (Trusted Types).
"""

import re
from base64 import b64encode
from hashlib import sha256
from importlib import resources


def _digest(element: str, html: str) -> str:
    """Return the CSP source that allows the one element of that name."""
    (content,) = re.findall(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _policy(html: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_digest('script', html)}",
            f"style-src {_digest('style', html)}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


_HTML = resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8")

PAGE = _HTML.encode()
PAGE_HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", _policy(_HTML).encode()),
    (b"cache-control", b"no-cache"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
