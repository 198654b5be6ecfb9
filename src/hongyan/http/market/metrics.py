"""What the market API counts."""

from functools import cache
from typing import Final

from prometheus_client import Counter, Histogram

REQUESTS: Final = Counter(
    "hongyan_market_requests_total",
    "Requests to send by outcome; `code` is the STATUS of the family, or the HTTP status of a gateway answer.",
    ["outcome", "code"],
)
ACCEPT_SECONDS: Final = Histogram(
    "hongyan_market_accept_duration_seconds",
    "From the request's headers to the receipt of intake, of accepted requests.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)


@cache  # both labels come from small closed sets
def requests(outcome: str, code: str) -> Counter:
    """Return the counter of one outcome."""
    return REQUESTS.labels(outcome, code)
