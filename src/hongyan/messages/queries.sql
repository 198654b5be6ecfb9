-- Reading messages. Writing them is the pipeline's.

-- name: messages_by_id
-- Messages as they stand now: what is live overlays what was written at acceptance. The bounds only prune partitions.
SELECT m.mid, m.batch_id, m.account_id, a.name AS account, m.api_key_id, k.secret_id, k.label AS key_label,
       m.login_id, p.protocol || ' ' || p.name AS login,
       m.recipient, m.carrier, m.kind, coalesce(l.state, m.state) AS state, m.stat, m.segments, m.charge,
       m.signature_id, m.template_id, coalesce(l.channel_id, m.channel_id) AS channel_id, c.name AS channel,
       c.protocol, m.route_id, coalesce(l.attempt, m.attempts) AS attempts,
       coalesce(l.sending_at, m.sending_at) AS sending_at, coalesce(l.submitted_at, m.submitted_at) AS submitted_at,
       m.final_at, l.expires_at, m.content
FROM messages AS m
LEFT JOIN live_messages AS l ON l.mid = m.mid
LEFT JOIN channels AS c ON c.channel_id = coalesce(l.channel_id, m.channel_id)
JOIN accounts AS a ON a.account_id = m.account_id
LEFT JOIN api_keys AS k ON k.api_key_id = m.api_key_id
LEFT JOIN protocol_logins AS p ON p.login_id = m.login_id
WHERE m.mid = ANY ($1::bigint[]) AND m.mid BETWEEN $2 AND $3
ORDER BY m.mid DESC;

-- name: page_of_all
-- The newest messages in a range of ids, of any account. A state here is a final one: others are found by page_of_live.
SELECT mid FROM messages
WHERE mid >= $1 AND mid < $2
  AND ($3::bigint IS NULL OR recipient = $3) AND ($4::smallint[] IS NULL OR state = ANY ($4))
ORDER BY mid DESC LIMIT $5;

-- name: page_of_account
-- The same for one account, by its index.
SELECT mid FROM messages
WHERE mid >= $1 AND mid < $2
  AND ($3::bigint IS NULL OR recipient = $3) AND ($4::smallint[] IS NULL OR state = ANY ($4))
  AND account_id = $6
ORDER BY mid DESC LIMIT $5;

-- name: page_of_live
-- The newest messages in a state that is not final; an account of NULL means any.
SELECT l.mid FROM live_messages AS l
WHERE l.mid >= $1 AND l.mid < $2 AND l.state = ANY ($4::smallint[]) AND ($6::integer IS NULL OR l.account_id = $6)
  AND ($3::bigint IS NULL OR EXISTS (SELECT FROM messages AS m WHERE m.mid = l.mid AND m.recipient = $3))
ORDER BY l.mid DESC LIMIT $5;

-- name: segments_of
SELECT s.attempt, s.part, s.channel_id, c.name AS channel, c.protocol, s.link, s.sequence, s.result,
       s.carrier_message_id, s.sent_at, s.answered_at, s.stat, s.reported_at
FROM segments AS s LEFT JOIN channels AS c USING (channel_id)
WHERE s.mid = $1
ORDER BY s.attempt, s.part;

-- name: events_of
SELECT at, event, detail FROM message_events WHERE mid = $1 ORDER BY at;

-- name: ledger_of
SELECT subject_id, entry, available_change, held_change, at, note FROM ledger_entries
WHERE subject_id = $1
ORDER BY at, entry;

-- name: route_by_id
SELECT route_id, carrier, channel_id, priority, weight, state FROM routes WHERE route_id = $1;
