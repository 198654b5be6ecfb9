"""How long messages stay worth sending, and how long a report is waited for."""

from datetime import timedelta
from typing import Final

from hongyan.content.model import MessageKind

VALIDITY: Final[dict[MessageKind, timedelta]] = {
    MessageKind.VERIFICATION: timedelta(minutes=5),
    MessageKind.NOTIFICATION: timedelta(hours=24),
    MessageKind.MARKETING: timedelta(hours=24),
}
"""From acceptance. A message that no carrier has by then is `expired` and refunded."""

REPORT_WAIT: Final = timedelta(hours=72)
"""From submission. A message without a report by then is `expired`; the carrier had it, so it stays paid."""

REPORT_LOOKBACK: Final = timedelta(hours=96)
"""How old a message can be that a report still finds by the carrier's id."""

ORPHAN_KEPT: Final = timedelta(days=7)
"""How long a report that matches nothing is kept."""

ORPHAN_FRESH: Final = timedelta(minutes=10)
"""How long after its arrival the submit response that explains an orphan can still come."""
