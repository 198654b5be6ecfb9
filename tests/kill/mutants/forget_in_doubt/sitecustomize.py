"""A message whose submit was not answered goes back to the queue, whatever its kind, and its timeline stays silent."""  # noqa: INP001 - Python finds it by PYTHONPATH

import sys

from hongyan.pipeline import settle

_FORGET = """
UPDATE live_messages AS l
SET state = 0, claimed = false, attempt = l.attempt - 1, due_at = l.expires_at, avoid_link = d.avoid_link
FROM unnest($1::bigint[], $2::smallint[], $3::boolean[], $4::timestamptz[], $5::smallint[], $6::text[])
    AS d (mid, attempt, resend, due_at, avoid_link, detail)
WHERE l.mid = d.mid AND l.attempt = d.attempt AND l.state = 1 AND $7::timestamptz IS NOT NULL
RETURNING l.mid, pg_notify('hongyan_ready', '') IS NULL AS woken
"""

if "doubt" not in settle._QUERIES.names():
    sys.exit("the statement that this mutant replaces has another name by now")
settle._QUERIES._statements["doubt"] = _FORGET
