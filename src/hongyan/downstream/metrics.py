"""What the downstream servers count."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

BINDS = Counter(
    "hongyan_downstream_binds_total", "Binds of customers, by protocol and outcome.", ["protocol", "outcome"]
)
SUBMITS = Counter(
    "hongyan_downstream_submits_total", "Submits of customers, by protocol and outcome.", ["protocol", "outcome"]
)
SUBMIT_SECONDS = Histogram(
    "hongyan_downstream_submit_duration_seconds", "From a customer's submit to its response.", buckets=_SECONDS
)
TEXTS = Counter("hongyan_downstream_long_texts_total", "Texts that came in parts, by outcome.", ["outcome"])
PUSHES = Counter(
    "hongyan_downstream_pushes_total", "Reports and replies pushed to customers, by outcome.", ["kind", "outcome"]
)
PUSHES_IN_HAND = Gauge(
    "hongyan_downstream_pushes_in_hand", "Pushes that wait for a customer's answer.", multiprocess_mode="livesum"
)
LINKS = Gauge(
    "hongyan_downstream_links_bound", "Links of customers, by protocol.", ["protocol"], multiprocess_mode="livesum"
)
