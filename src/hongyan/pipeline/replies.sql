-- What follows from a text that a phone sent.

-- name: push_replies
-- Lay replies before customers who bind by a protocol: each to one login of its account, the one that sent the message that
-- was answered, else the one whose number was dialled, else the oldest.
INSERT INTO pushes (login_id, kind, subject_id, payload)
SELECT l.login_id, 1, r.reply_id,
       jsonb_build_object('from', r.from_number, 'to', r.to_number, 'content', r.content, 'received_at', r.received_at)
FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    AS r (reply_id, account_id, answered_login_id, from_number, to_number, content, received_at)
CROSS JOIN LATERAL (
    SELECT p.login_id FROM protocol_logins AS p
    LEFT JOIN LATERAL (
        SELECT max(length(s.prefix)) AS digits FROM unnest(p.sources) AS s (prefix)
        WHERE starts_with(r.to_number, s.prefix)
    ) AS dialled ON true
    WHERE p.account_id = r.account_id AND p.state = 'active'
    ORDER BY p.login_id IS NOT DISTINCT FROM r.answered_login_id DESC, coalesce(dialled.digits, 0) DESC, p.login_id
    LIMIT 1
) AS l
ORDER BY r.reply_id
RETURNING pg_notify('hongyan_pushes', login_id::text);

-- name: marketing_to
-- Marketing that waits for these phones of these accounts and of which nothing has gone out.
SELECT DISTINCT l.mid
FROM unnest($1::integer[], $2::bigint[]) AS o (account_id, recipient)
CROSS JOIN LATERAL mids_to(o.recipient, $3, $4) AS t (mid)
JOIN live_messages AS l ON l.mid = t.mid AND l.account_id = o.account_id
WHERE l.priority = $5 AND NOT l.claimed AND l.attempt = 0
ORDER BY l.mid;

-- name: marketing_of
-- The same for many phones of one account: through all that is live.
SELECT l.mid FROM live_messages AS l JOIN messages AS m ON m.mid = l.mid
WHERE l.account_id = $1 AND l.priority = $3 AND NOT l.claimed AND l.attempt = 0 AND m.recipient = ANY ($2::bigint[])
ORDER BY l.mid;

-- name: store_confirmations
-- Queue a text of ours over the channel that a reply came by, under the extension that was dialled. It costs nothing, so no
-- balance is touched; its hold is of nothing, since every message that is paid has one. Nobody is told of its report.
WITH incoming AS (
    SELECT i.*, CASE WHEN substr(i.to_number, length(c.src_id) + 1) ~ '^[0-9]*$' AND starts_with(i.to_number, c.src_id)
                     THEN substr(i.to_number, length(c.src_id) + 1) ELSE '' END AS extension
    FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::bigint[], $6::smallint[], $7::integer[],
                $8::text[], $9::text[])
        AS i (mid, account_id, api_key_id, login_id, recipient, carrier, channel_id, to_number, content)
    JOIN channels AS c ON c.channel_id = i.channel_id
),
stored AS (
    INSERT INTO messages (mid, batch_id, account_id, api_key_id, login_id, recipient, carrier, kind, state, segments, charge,
                          channel_id, extension, content)
    SELECT mid, mid, account_id, api_key_id, login_id, recipient, carrier, $10, 0, 1, 0, channel_id, extension, content
    FROM incoming
),
queued AS (
    INSERT INTO live_messages (mid, channel_id, priority, state, account_id, charge, segments, expires_at, due_at)
    SELECT mid, channel_id, $10, 0, account_id, 0, 1, $11, $11 FROM incoming
),
entered AS (
    INSERT INTO ledger_entries (subject_id, entry, account_id, available_change, held_change)
    SELECT mid, 0, account_id, 0, 0 FROM incoming
)
SELECT mid, pg_notify('hongyan_ready', '') IS NULL AS woken FROM incoming;
