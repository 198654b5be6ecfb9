"""What the pipeline counts."""

from prometheus_client import Counter, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

ACCEPTED = Counter("hongyan_intake_messages_accepted_total", "Messages committed by intake.")
REFUSED = Counter("hongyan_intake_batches_refused_total", "Batches refused whole, by error code.", ["code"])
STORE_SECONDS = Histogram("hongyan_intake_store_duration_seconds", "Time of one group commit.", buckets=_SECONDS)
CLAIMED = Counter("hongyan_dispatch_messages_claimed_total", "Messages taken by a dispatcher.")
CLAIM_SECONDS = Histogram("hongyan_dispatch_claim_duration_seconds", "Time of one claim.", buckets=_SECONDS)
DEFERRED = Counter(
    "hongyan_dispatch_segments_deferred_total", "Segments that a carrier did not take for the time being."
)
SUBMITTED = Counter("hongyan_settle_messages_submitted_total", "Messages that a carrier took.")
REPORTS = Counter("hongyan_settle_reports_received_total", "Reports received, repetitions included.")
DOUBTS = Counter("hongyan_settle_messages_in_doubt_total", "Submits whose outcome is unknown.")
REFUSALS = Counter("hongyan_settle_messages_refused_total", "Messages that ended without a carrier.")
REPLIES = Counter("hongyan_reply_texts_received_total", "Texts from phones, by whether they are anybody's.", ["owner"])
OPT_OUTS = Counter(
    "hongyan_reply_opt_outs_received_total", "Texts from phones that were opt-outs, repetitions included."
)
SETTLE_SECONDS = Histogram("hongyan_settle_batch_duration_seconds", "Time to write one batch.", buckets=_SECONDS)
