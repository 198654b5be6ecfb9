"""docs/market-api.md against the tables that the API answers from."""

import hmac
import re
from base64 import b64encode

from hongyan.content.book import DEBUG_TEXT
from hongyan.http.limits import ServerLimits
from hongyan.http.market.authorization import WINDOW_SECONDS
from hongyan.http.market.codes import Result, Status
from hongyan.http.market.gateway import Fault
from hongyan.pipeline.intake import SEGMENTS_MAX
from hongyan.pipeline.submission import RECIPIENTS_MAX

from .markdown import blocks, first_cells, read

PAGE = "docs/market-api.md"
CONFIGURED = {Fault.KEY_NOT_BOUND, Fault.USAGE_PLAN_MISSING}
"""Only for who builds an application of their own: `hongyan` sets neither."""


def test_every_status_and_result_is_in_the_tables_and_no_other() -> None:
    cells = first_cells(PAGE, under="Answers")
    split = cells.index("result")
    assert set(cells[1:split]) == {status.value for status in Status}
    assert set(cells[split + 1 :]) == {str(result.value) for result in Result}


def test_every_text_of_the_gateway_is_in_the_tables() -> None:
    told = [fault.value[1].replace("{}", "…") for fault in Fault if fault not in CONFIGURED]
    assert [text for text in told if f"`{text}`" not in read(PAGE)] == []


def test_no_text_of_the_401_table_is_made_up() -> None:
    texts = {fault.value[1].replace("{}", "…") for fault in Fault}
    cells = first_cells(PAGE, under="Refused before it is read")
    assert [cell for cell in cells if cell.startswith("HMAC ") and cell not in texts] == []


def test_the_example_of_a_signature_comes_out() -> None:
    (key, lines, expected) = re.findall(r"with the key `(.*?)`, `(.*?)` gives `(.*?)`", read(PAGE))[0]
    signed = lines.replace("⏎", "\n").encode()
    assert b64encode(hmac.digest(key.encode(), signed, "sha1")).decode() == expected


def test_the_limits_are_those_of_the_server() -> None:
    page, limits = read(PAGE), ServerLimits()
    said = [
        f"1 to {RECIPIENTS_MAX} numbers",
        f"more than {SEGMENTS_MAX} segments",
        f"{WINDOW_SECONDS // 60} minutes off, either way",
        f"the head took longer than {limits.header_timeout_seconds:.0f} seconds",
        f"the body longer than {limits.body_timeout_seconds:.0f}",
        f"a body above {limits.body_octets_max >> 20} MiB",
        f"a head above {limits.header_octets_max >> 10} KiB",
    ]
    assert [words for words in said if words not in page] == []


def test_the_debug_text_is_the_one_that_passes() -> None:
    assert f"{DEBUG_TEXT}\n" in [block.text for block in blocks(PAGE, "text")]
