"""The samples that stand on the seed's page, cut out of its text with nothing changed but what a customer changes."""

import re
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parents[4] / "shared" / "seed" / "qxt_yzm_sms.txt"
"""The page is its vendor's, so it is no part of this tree; it lies beside it where the samples are to be run."""
ADDRESS = "https://service-4lwag7c4-1253285064.gz.apigw.tencentcs.com"
HOST = "service-4lwag7c4-1253285064.gz.apigw.tencentcs.com"


@cache
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def python_sample() -> str:
    """Return the Python sample, from its coding line to the curl line."""
    text = page()
    return text[text.index("# -*- coding: utf-8 -*-") : text.index("curl -v")]


def curl_line() -> str:
    """Return the curl line as it stands."""
    text = page()
    return text[text.index("curl -v") :].splitlines()[0]


def debug_text() -> str:
    """Return the text that the page says always passes."""
    match = re.search(r"^//(【企讯通】.+)$", page(), re.MULTILINE)
    assert match is not None
    return match[1]


def replace(sample: str, changes: dict[str, str]) -> str:
    """Change what a customer changes; each place must be there."""
    for old, new in changes.items():
        assert old in sample, old
        sample = sample.replace(old, new)
    return sample
