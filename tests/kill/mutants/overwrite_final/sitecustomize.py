"""A report on a message that is final already rewrites what stands there."""  # noqa: INP001 - Python finds it by PYTHONPATH

from collections.abc import Sequence

from hongyan.db.connection import AnyConnection
from hongyan.pipeline import reports

_write_stats = reports._write_stats
_OVERWRITE = "UPDATE messages SET state = $2, stat = $3, final_at = $4 WHERE mid = $1 AND state >= 10"


async def _overwrite(connection: AnyConnection, findings: Sequence[reports.Finding]) -> None:
    await _write_stats(connection, findings)
    for finding in findings:
        report = finding.report
        state = reports.state_for(report.stat)
        await connection.execute(_OVERWRITE, finding.mid, state, report.stat, report.received_at)


reports._write_stats = _overwrite
