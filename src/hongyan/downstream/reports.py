"""Reports about destinations that were refused while others of the same submit were taken."""

from collections.abc import Callable

from hongyan.carriers.downstream.protocol import Accepted, Refusal, SubmitFacts
from hongyan.db.pool import Pool
from hongyan.db.queries import Queries

_QUERIES = Queries.of(__package__)


class RefusedReports:
    """Writes them among the pushes, before the submit is answered."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def write(
        self, login_id: int, facts: SubmitFacts, accepted: Accepted, stat_of: Callable[[Refusal], str]
    ) -> None:
        """Write a report for each refused destination; raises what `is_unavailable` knows."""
        refused = sorted(accepted.refusals.items())
        await self._pool.execute(
            _QUERIES["report_refused"],
            login_id,
            [accepted.first_id + position for position, _ in refused],
            [stat_of(refusal) for _, refusal in refused],
            [facts.destinations[position] for position, _ in refused],
            facts.source,
            facts.reference,
        )
