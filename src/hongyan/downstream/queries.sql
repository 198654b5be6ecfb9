-- What the downstream servers keep: parts of long texts that wait for the rest, pushes that wait for their customer.

-- name: open_texts
-- Find or begin the long texts that parts belong to, in one order, so that two processes never wait in a circle. The row
-- stays locked until the parts are committed: whoever comes second sees all that came before.
INSERT INTO long_texts (login_id, source, destination, reference, total, copy, due_at)
SELECT DISTINCT login_id, source, destination, reference, total, copy, now() + $7::interval
FROM unnest($1::integer[], $2::text[], $3::text[], $4::integer[], $5::smallint[], $6::bigint[])
    AS i (login_id, source, destination, reference, total, copy)
ORDER BY login_id, destination, reference, total, source, copy
ON CONFLICT (login_id, destination, reference, total, source, copy) DO UPDATE SET due_at = long_texts.due_at
RETURNING text_id, login_id, source, destination, reference, total, copy;

-- name: add_parts
-- Keep parts; one that is there already stays as it is.
INSERT INTO long_text_parts (text_id, number, part_id, report, reference, coding, content, valid_until)
SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::smallint[], $5::bytea[], $6::text[], $7::bytea[],
                     $8::timestamptz[])
ON CONFLICT (text_id, number) DO NOTHING;

-- name: look_at_parts
-- What stands there now for each part, whether it is what just came, and whether its text is whole.
SELECT i.n, t.text_id, p.part_id, p.content = i.content AND p.coding = i.coding AS is_same,
       (SELECT count(*) FROM long_text_parts AS o WHERE o.text_id = t.text_id) = t.total AS is_whole
FROM unnest($1::integer[], $2::bigint[], $3::smallint[], $4::bytea[], $5::text[])
    AS i (n, text_id, number, content, coding)
JOIN long_text_parts AS p ON p.text_id = i.text_id AND p.number = i.number
JOIN long_texts AS t ON t.text_id = i.text_id
ORDER BY i.n;

-- name: close_texts
-- Free the key of texts that are whole, for another text of the same numbers.
UPDATE long_texts SET copy = -text_id WHERE text_id = ANY ($1::bigint[]);

-- name: whole_texts
-- Texts of which every part has come and that nobody has assembled, the oldest first.
SELECT t.text_id FROM long_texts AS t
WHERE t.total = (SELECT count(*) FROM long_text_parts AS p WHERE p.text_id = t.text_id)
ORDER BY t.due_at LIMIT $1;

-- name: overdue_texts
-- Texts whose missing parts are not waited for any longer; whole ones are given $1 more.
SELECT text_id FROM long_texts AS t
WHERE due_at < now()
  AND (due_at + $1::interval < now()
       OR t.total <> (SELECT count(*) FROM long_text_parts AS p WHERE p.text_id = t.text_id))
ORDER BY due_at LIMIT $2;

-- name: parts_of
SELECT t.login_id, t.source, t.destination, p.number, p.report, p.coding, p.content, p.valid_until
FROM long_texts AS t JOIN long_text_parts AS p USING (text_id)
WHERE t.text_id = $1
ORDER BY p.number;

-- name: fail_texts
-- Give texts up: each part that wants a report gets one with this stat. What another process has taken is not there.
WITH gone AS (
    DELETE FROM long_texts AS t USING unnest($1::bigint[], $2::text[]) AS f (text_id, stat)
    WHERE t.text_id = f.text_id
    RETURNING t.text_id, t.login_id, t.source, t.destination, f.stat
),
parts AS (
    DELETE FROM long_text_parts AS p USING gone AS g WHERE p.text_id = g.text_id
    RETURNING g.login_id, p.part_id, p.report, g.stat, g.source, g.destination, p.reference
),
pushed AS (
    INSERT INTO pushes (login_id, kind, subject_id, payload)
    SELECT login_id, 0, part_id, report_payload(part_id, stat, source, destination, reference, now())
    FROM parts WHERE report <> 0
    ORDER BY part_id
    RETURNING pg_notify('hongyan_pushes', login_id::text)
)
SELECT text_id FROM gone;

-- name: report_refused
-- Tell of destinations of a submit that were not taken while others were, where its response could not say so.
INSERT INTO pushes (login_id, kind, subject_id, payload)
SELECT $1, 0, part_id, report_payload(part_id, stat, $5, destination, $6, now())
FROM unnest($2::bigint[], $3::text[], $4::text[]) AS r (part_id, stat, destination)
ORDER BY part_id
RETURNING pg_notify('hongyan_pushes', login_id::text);

-- name: claim_pushes
-- Take the oldest pushes of customers who can take some now. Nobody else gets them until the lease is over.
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest($1::integer[], $2::integer[]) AS w (login_id, room)
),
picked AS (
    SELECT head.push_id
    FROM wanted AS w
    CROSS JOIN LATERAL (
        SELECT p.push_id FROM pushes AS p
        WHERE p.login_id = w.login_id AND p.due_at <= now() AND p.expires_at > now()
        ORDER BY p.login_id, p.push_id LIMIT w.room
        FOR UPDATE SKIP LOCKED
    ) AS head
)
UPDATE pushes AS p
SET due_at = now() + $3::interval, owner = $4, tries = p.tries + 1
FROM picked
WHERE p.push_id = picked.push_id
RETURNING p.push_id, p.login_id, p.kind, p.payload, p.created_at, p.tries;

-- name: delete_pushes
-- The customer has answered.
DELETE FROM pushes WHERE push_id = ANY ($1::bigint[]);

-- name: release_pushes
-- Put pushes back that nobody answered, each to rest for its number of seconds.
UPDATE pushes AS p SET due_at = now() + make_interval(secs => r.rest), owner = NULL
FROM unnest($1::bigint[], $2::double precision[]) AS r (push_id, rest)
WHERE p.push_id = r.push_id AND p.owner = $3;

-- name: drop_expired_pushes
DELETE FROM pushes WHERE push_id IN (SELECT push_id FROM pushes WHERE expires_at < now() LIMIT $1) RETURNING push_id;

-- name: count_messages
-- What came by a login in a range of ids, for a customer's QUERY.
SELECT count(*) AS messages, count(DISTINCT recipient) AS recipients,
       count(*) FILTER (WHERE submitted_at IS NOT NULL) AS submitted,
       count(*) FILTER (WHERE state < 10) AS waiting,
       count(*) FILTER (WHERE state > 10) AS failed
FROM messages
WHERE account_id = $1 AND login_id = $2 AND mid >= first_mid_of($3) AND mid < first_mid_of($3 + 1);
