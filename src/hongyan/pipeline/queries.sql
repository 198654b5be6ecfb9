-- The hot path in SQL: accept, claim, settle. Numbers for states and entries are messages.State and billing.EntryKind.

-- name: store_batch
-- Accept many API calls in one transaction: hold the money, store the messages, queue them, wake the dispatchers.
-- An account whose credit does not cover all of its messages here gets none of them; it is missing from the answer.
-- Balances are locked in one order, so that two processes never wait for each other.
-- $17 and on are of messages that came by a protocol login; where a batch has none, the arrays are empty. A text that came
-- in parts is stored by whoever finds it still waiting; its parts then wait for the report instead.
WITH present AS MATERIALIZED (
    SELECT text_id FROM long_texts WHERE text_id = ANY ($24::bigint[]) ORDER BY text_id FOR UPDATE
),
incoming AS (
    SELECT * FROM unnest(
        $1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::bigint[], $6::smallint[], $7::smallint[],
        $8::integer[], $9::integer[], $10::smallint[], $11::bigint[], $12::integer[], $13::integer[],
        $14::timestamptz[], $15::text[], $16::text[],
        $17::integer[], $18::integer[], $19::bigint[], $20::smallint[], $21::text[], $22::text[], $23::bytea[],
        $24::bigint[]
    ) AS i (mid, batch_id, account_id, api_key_id, recipient, carrier, kind, signature_id, template_id, segments,
            charge, channel_id, route_id, expires_at, content, extension,
            login_id, told_login_id, part_id, report, source, destination, reference, text_id)
    WHERE text_id IS NULL OR text_id IN (SELECT text_id FROM present)
),
due AS (
    SELECT account_id, sum(charge)::bigint AS total FROM incoming GROUP BY account_id
),
locked AS MATERIALIZED (
    SELECT account_id FROM balances WHERE account_id = ANY (SELECT account_id FROM due)
    ORDER BY account_id FOR NO KEY UPDATE
),
held AS (
    UPDATE balances AS b
    SET available = b.available - due.total, held_total = b.held_total + due.total
    FROM due JOIN locked USING (account_id)
    WHERE b.account_id = due.account_id AND b.available + b.overdraft_limit >= due.total
    RETURNING b.account_id, b.available
),
stored AS (
    INSERT INTO messages (mid, batch_id, account_id, api_key_id, recipient, carrier, kind, state, signature_id,
                          template_id, segments, charge, channel_id, route_id, content, extension, login_id)
    SELECT mid, batch_id, account_id, api_key_id, recipient, carrier, kind, 0, signature_id, template_id, segments,
           charge, channel_id, route_id, content, extension, login_id
    FROM incoming JOIN held USING (account_id)
),
queued AS (
    INSERT INTO live_messages (mid, channel_id, priority, state, account_id, charge, segments, expires_at, due_at,
                               login_id)
    SELECT mid, channel_id, kind, 0, account_id, charge, segments, expires_at, expires_at, told_login_id
    FROM incoming JOIN held USING (account_id)
),
assembled AS (
    DELETE FROM long_text_parts AS p
    USING incoming AS i JOIN held USING (account_id) JOIN long_texts AS t ON t.text_id = i.text_id
    WHERE p.text_id = i.text_id AND i.text_id IS NOT NULL
    RETURNING i.mid, p.number, p.part_id, i.login_id, p.report, t.source, t.destination, p.reference
),
taken AS (
    DELETE FROM long_texts AS t USING incoming AS i JOIN held USING (account_id)
    WHERE t.text_id = i.text_id AND i.text_id IS NOT NULL
),
parted AS (
    INSERT INTO submit_parts (mid, number, part_id, login_id, report, source, destination, reference)
    SELECT mid, 1, part_id, told_login_id, report, source, destination, reference
    FROM incoming JOIN held USING (account_id) WHERE part_id IS NOT NULL AND told_login_id IS NOT NULL
    UNION ALL
    SELECT mid, number, part_id, login_id, report, source, destination, reference FROM assembled WHERE report <> 0
),
entered AS (
    INSERT INTO ledger_entries (subject_id, entry, account_id, available_change, held_change)
    SELECT mid, 0, account_id, -charge, charge FROM incoming JOIN held USING (account_id)
)
SELECT account_id, available, pg_notify('hongyan_ready', '') IS NULL AS woken FROM held;

-- name: store_unregistered
-- Keep a batch that will never be sent, with its final report already decided (the account asked for it). One that came
-- by a protocol login ($11) is told so at once, about each part; a text in parts only while it still waits.
WITH present AS MATERIALIZED (
    SELECT text_id, source, destination FROM long_texts WHERE text_id = $17::bigint FOR UPDATE
),
incoming AS (
    SELECT i.* FROM unnest($1::bigint[], $5::bigint[], $6::smallint[], $12::bigint[], $13::text[])
        AS i (mid, recipient, carrier, part_id, destination)
    WHERE $17::bigint IS NULL OR EXISTS (SELECT FROM present)
),
stored AS (
    INSERT INTO messages (mid, batch_id, account_id, api_key_id, recipient, carrier, kind, state, segments, charge,
                          final_at, stat, content, login_id)
    SELECT mid, $2, $3, $4, recipient, carrier, 1, 13, $7, 0, $8, $9, $10, $11 FROM incoming
),
assembled AS (
    DELETE FROM long_text_parts AS p USING present WHERE p.text_id = present.text_id
    RETURNING p.part_id, p.report, present.source, present.destination, p.reference
),
taken AS (
    DELETE FROM long_texts AS t USING present WHERE t.text_id = present.text_id
),
parted AS (
    SELECT mid, part_id, $16::smallint AS report, $14::text AS source, destination, $15::bytea AS reference
    FROM incoming WHERE $17::bigint IS NULL AND $11::integer IS NOT NULL
    UNION ALL
    SELECT incoming.mid, a.part_id, a.report, a.source, a.destination, a.reference FROM assembled AS a, incoming
)
INSERT INTO pushes (login_id, kind, subject_id, payload)
SELECT $11, 0, mid, report_payload(part_id, $9, source, destination, reference, $8) FROM parted WHERE report <> 0
ORDER BY part_id
RETURNING pg_notify('hongyan_pushes', login_id::text);

-- name: balance_of
SELECT available FROM balances WHERE account_id = $1;

-- name: queue_heads
-- The oldest message that waits, for each channel and priority: how far output is behind intake. One that is to be sent
-- again is old by nature and says nothing about that. Spelled so that the primary key cannot give the order: a plan that
-- uses it, as one chosen on empty tables does, walks through all that is live.
SELECT c.channel_id, p.priority, head.mid
FROM channels AS c
CROSS JOIN generate_series(0, 2) AS p (priority)
CROSS JOIN LATERAL (
    SELECT mid FROM live_messages AS l
    WHERE l.channel_id = c.channel_id AND NOT l.claimed AND l.priority BETWEEN p.priority AND p.priority AND l.state = 0
    ORDER BY l.priority, l.mid LIMIT 1
) AS head;

-- name: queue_length
-- How many messages wait for a channel, counted no further than the limit.
SELECT count(*) FROM (
    SELECT 1 FROM live_messages WHERE channel_id = $1 AND NOT claimed LIMIT $2
) AS waiting;

-- name: claim_ready
-- Take the most urgent messages of channels that this owner holds, as many as each has room for, and mark them sending.
-- The lease is locked until this is committed: whoever takes it over afterwards finds all that was claimed under it.
WITH wanted AS MATERIALIZED (
    SELECT w.channel_id, w.fence, w.room
    FROM unnest($1::integer[], $2::bigint[], $3::integer[]) AS w (channel_id, fence, room)
    JOIN channel_leases AS c ON c.channel_id = w.channel_id AND c.owner = $4 AND c.fence = w.fence
    FOR SHARE OF c
),
picked AS (
    SELECT head.mid, w.fence
    FROM wanted AS w
    CROSS JOIN LATERAL (
        SELECT l.mid FROM live_messages AS l
        WHERE l.channel_id = w.channel_id AND NOT l.claimed AND l.expires_at > $5
        ORDER BY l.priority, l.mid LIMIT w.room
        FOR UPDATE SKIP LOCKED
    ) AS head
),
claimed AS (
    UPDATE live_messages AS l
    SET claimed = true, state = 1, attempt = l.attempt + 1, fence = picked.fence, sending_at = $5
    FROM picked
    WHERE l.mid = picked.mid
    RETURNING l.mid, l.channel_id, l.attempt, l.segments, l.expires_at, l.avoid_link, l.priority
)
SELECT claimed.mid, claimed.channel_id, claimed.attempt, claimed.segments, claimed.expires_at, claimed.avoid_link,
       claimed.priority, m.recipient, m.content, m.extension
FROM claimed JOIN messages AS m USING (mid)
ORDER BY claimed.priority, claimed.mid;

-- name: claimed_under
-- What this owner has marked sending, to be compared with what it remembers.
SELECT l.mid
FROM unnest($1::integer[], $2::bigint[]) AS h (channel_id, fence)
JOIN live_messages AS l ON l.channel_id = h.channel_id AND l.fence = h.fence
WHERE l.claimed AND l.state = 1;

-- name: unclaim
-- Put back messages that were claimed under these leases and never written to a link.
UPDATE live_messages AS l
SET claimed = false, state = CASE WHEN attempt > 1 THEN 3 ELSE 0 END, attempt = attempt - 1, fence = NULL,
    sending_at = NULL
FROM unnest($2::integer[], $3::bigint[]) AS h (channel_id, fence)
WHERE l.mid = ANY ($1::bigint[]) AND l.channel_id = h.channel_id AND l.fence = h.fence AND l.claimed AND l.state = 1
RETURNING l.mid, pg_notify('hongyan_ready', '') IS NULL AS woken;

-- name: abandoned_claims
-- What an earlier owner of the channel left marked sending: it may have gone out or not.
SELECT mid, priority, attempt, expires_at FROM live_messages
WHERE channel_id = $1 AND claimed AND state = 1 AND fence < $2;

-- name: acquire_leases
-- Take every active channel whose lease has run out, or whose owner's session is gone; the fence grows with each change.
INSERT INTO channel_leases AS l (channel_id, owner, owner_lock, fence, expires_at)
SELECT channel_id, $1, $2, 1, now() + $3::interval FROM channels WHERE state = 'active'
ON CONFLICT (channel_id) DO UPDATE
SET owner = excluded.owner, owner_lock = excluded.owner_lock, fence = l.fence + 1, expires_at = excluded.expires_at
WHERE l.owner <> excluded.owner
  AND (l.expires_at < now() OR NOT EXISTS (
        SELECT 1 FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND classid = $4::integer::oid AND objid = l.owner_lock::oid
          AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))
RETURNING channel_id, fence;

-- name: renew_leases
UPDATE channel_leases AS l SET expires_at = now() + $2::interval, owner_lock = $3
FROM channels AS c
WHERE l.owner = $1 AND c.channel_id = l.channel_id AND c.state = 'active'
RETURNING l.channel_id, l.fence;

-- name: release_leases
UPDATE channel_leases SET expires_at = '-infinity' WHERE owner = $1 AND channel_id = ANY ($2::integer[]);

-- name: settle
-- Write what carriers said: segments answered, messages submitted (and paid), single-segment messages reported on.
-- A mid may be among the submitted or among the reported of one call, never in both. Returns the mids that became final.
-- A customer who came by a protocol login is told of them part by part; the others have no login and cost nothing.
WITH answered AS (
    INSERT INTO segments (mid, attempt, part, channel_id, link, sequence, result, carrier_message_id, sent_at,
                          answered_at)
    SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::integer[], $5::smallint[], $6::bigint[],
                         $7::bigint[], $8::text[], $9::timestamptz[], $10::timestamptz[])
    ON CONFLICT DO NOTHING
),
submitted AS (
    UPDATE live_messages AS l
    SET state = 2, claimed = true, submitted_at = i.at, due_at = i.at + $13::interval
    FROM unnest($11::bigint[], $12::timestamptz[]) AS i (mid, at)
    WHERE l.mid = i.mid AND l.state IN (1, 3)
    RETURNING l.mid, l.account_id, l.charge
),
posted AS (
    INSERT INTO ledger_entries (subject_id, entry, account_id, available_change, held_change)
    SELECT mid, 1, account_id, 0, -charge FROM submitted
    ON CONFLICT DO NOTHING
    RETURNING account_id, held_change
),
totalled AS (
    UPDATE settlements AS s SET posted_total = s.posted_total + p.total
    FROM (SELECT account_id, -sum(held_change)::bigint AS total FROM posted GROUP BY account_id) AS p
    WHERE s.account_id = p.account_id
),
reported AS (
    DELETE FROM live_messages AS l
    USING unnest($14::bigint[], $15::smallint[], $16::text[], $17::timestamptz[]) AS r (mid, state, stat, at)
    WHERE l.mid = r.mid AND l.state = 2 AND l.attempt = 1 AND l.segments = 1
    RETURNING l.mid, l.channel_id, l.sending_at, l.submitted_at, l.login_id, r.state, r.stat, r.at
),
told AS (
    DELETE FROM submit_parts AS p USING reported AS e WHERE e.login_id IS NOT NULL AND p.mid = e.mid
    RETURNING p.*, e.stat, e.at
),
pushed AS (
    INSERT INTO pushes (login_id, kind, subject_id, payload)
    SELECT login_id, 0, mid, report_payload(part_id, stat, source, destination, reference, at)
    FROM told WHERE report = 1 OR stat <> 'DELIVRD'
    ORDER BY part_id
    RETURNING pg_notify('hongyan_pushes', login_id::text)
)
UPDATE messages AS m
SET state = r.state, stat = r.stat, final_at = r.at, attempts = 1, channel_id = r.channel_id,
    sending_at = r.sending_at, submitted_at = r.submitted_at
FROM reported AS r
WHERE m.mid = r.mid AND m.mid >= $18
RETURNING m.mid;

-- name: refuse
-- End messages whose last attempt was refused or whose time is over. What was held for them and not paid goes back;
-- whether it was paid stands in the live row itself, whose lock makes sure that it cannot be paid meanwhile.
-- A submitted message ends here only when its wait for a report is over: a carrier has it, by an earlier attempt.
WITH ended AS (
    DELETE FROM live_messages AS l
    USING unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::text[], $5::timestamptz[])
        AS r (mid, attempt, state, stat, at)
    WHERE l.mid = r.mid AND l.attempt = r.attempt AND (l.state <> 2 OR l.due_at <= r.at)
    RETURNING l.mid, l.account_id, l.charge, l.channel_id, l.attempt, l.sending_at, l.submitted_at, l.login_id, r.state,
              r.stat, r.at
),
voided AS (
    INSERT INTO ledger_entries (subject_id, entry, account_id, available_change, held_change)
    SELECT mid, 2, account_id, charge, -charge FROM ended WHERE submitted_at IS NULL
    ON CONFLICT DO NOTHING
    RETURNING account_id, available_change
),
returned AS (
    SELECT account_id, sum(available_change)::bigint AS total FROM voided GROUP BY account_id
),
credited AS (
    UPDATE balances AS b SET available = b.available + r.total FROM returned AS r WHERE b.account_id = r.account_id
),
totalled AS (
    UPDATE settlements AS s SET voided_total = s.voided_total + r.total
    FROM returned AS r WHERE s.account_id = r.account_id
),
told AS (
    DELETE FROM submit_parts AS p USING ended AS e WHERE e.login_id IS NOT NULL AND p.mid = e.mid
    RETURNING p.*, e.stat, e.at
),
pushed AS (
    INSERT INTO pushes (login_id, kind, subject_id, payload)
    SELECT login_id, 0, mid, report_payload(part_id, stat, source, destination, reference, at)
    FROM told WHERE report = 1 OR stat <> 'DELIVRD'
    ORDER BY part_id
    RETURNING pg_notify('hongyan_pushes', login_id::text)
)
UPDATE messages AS m
SET state = e.state, stat = e.stat, final_at = e.at, attempts = e.attempt, channel_id = e.channel_id,
    sending_at = e.sending_at, submitted_at = e.submitted_at
FROM ended AS e
WHERE m.mid = e.mid
RETURNING m.mid;

-- name: finish
-- End messages by what their reports say, however they got here; what was still held is paid, since a carrier had it.
WITH ended AS (
    DELETE FROM live_messages AS l
    USING unnest($1::bigint[], $2::smallint[], $3::text[], $4::timestamptz[]) AS r (mid, state, stat, at)
    WHERE l.mid = r.mid
    RETURNING l.mid, l.account_id, l.charge, l.channel_id, l.attempt, l.sending_at, l.submitted_at, l.login_id, r.state,
              r.stat, r.at
),
posted AS (
    INSERT INTO ledger_entries (subject_id, entry, account_id, available_change, held_change)
    SELECT mid, 1, account_id, 0, -charge FROM ended
    ON CONFLICT DO NOTHING
    RETURNING account_id, held_change
),
totalled AS (
    UPDATE settlements AS s SET posted_total = s.posted_total + p.total
    FROM (SELECT account_id, -sum(held_change)::bigint AS total FROM posted GROUP BY account_id) AS p
    WHERE s.account_id = p.account_id
),
told AS (
    DELETE FROM submit_parts AS p USING ended AS e WHERE e.login_id IS NOT NULL AND p.mid = e.mid
    RETURNING p.*, e.stat, e.at
),
pushed AS (
    INSERT INTO pushes (login_id, kind, subject_id, payload)
    SELECT login_id, 0, mid, report_payload(part_id, stat, source, destination, reference, at)
    FROM told WHERE report = 1 OR stat <> 'DELIVRD'
    ORDER BY part_id
    RETURNING pg_notify('hongyan_pushes', login_id::text)
)
UPDATE messages AS m
SET state = e.state, stat = e.stat, final_at = e.at, attempts = e.attempt, channel_id = e.channel_id,
    sending_at = e.sending_at, submitted_at = e.submitted_at
FROM ended AS e
WHERE m.mid = e.mid
RETURNING m.mid;

-- name: doubt
-- Messages that may have gone out: say so in their timeline; the ones to be sent again at once go back to the queue.
WITH doubted AS (
    UPDATE live_messages AS l
    SET state = 3, claimed = NOT d.resend, due_at = d.due_at, avoid_link = d.avoid_link
    FROM unnest($1::bigint[], $2::smallint[], $3::boolean[], $4::timestamptz[], $5::smallint[], $6::text[])
        AS d (mid, attempt, resend, due_at, avoid_link, detail)
    WHERE l.mid = d.mid AND l.attempt = d.attempt AND l.state = 1
    RETURNING l.mid, l.channel_id, l.sending_at, d.detail
),
noted AS (
    INSERT INTO doubts (mid, channel_id, recipient)
    SELECT mid, d.channel_id, m.recipient FROM doubted AS d JOIN messages AS m USING (mid)
    ON CONFLICT (mid) DO UPDATE SET channel_id = excluded.channel_id
)
INSERT INTO message_events (mid, at, event, detail)
SELECT mid, $7, 'in_doubt', detail::jsonb || jsonb_build_object('sending_at', sending_at) FROM doubted
RETURNING mid, pg_notify('hongyan_ready', '') IS NULL AS woken;

-- name: add_events
-- Append to timelines; what is there already was written by the same batch, whose commit looked lost.
INSERT INTO message_events (mid, at, event, detail)
SELECT mid, at, event, detail::jsonb
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[]) AS e (mid, at, event, detail)
WHERE NOT EXISTS (
    SELECT FROM message_events AS k
    WHERE k.mid = e.mid AND k.at = e.at AND k.event = e.event AND k.detail = e.detail::jsonb
);

-- name: match_reports
-- Which segments reports speak of, by the carrier's own ids; where a carrier used one twice, the latest comes last.
SELECT r.n, s.mid, s.attempt, s.part
FROM unnest($1::integer[], $2::integer[], $3::text[]) AS r (n, channel_id, carrier_message_id)
JOIN segments AS s ON s.channel_id = r.channel_id AND s.carrier_message_id = r.carrier_message_id AND s.mid >= $4
ORDER BY r.n, s.mid, s.attempt, s.part;

-- name: match_doubtful
-- The one message in doubt that a channel holds for a recipient; the carrier's id of such a message never reached us.
-- None while another message to this recipient waits for its id on the same channel: the report may be that one's.
SELECT r.n, min(d.mid) AS mid
FROM unnest($1::integer[], $2::integer[], $3::bigint[]) AS r (n, channel_id, recipient)
JOIN doubts AS d ON d.channel_id = r.channel_id AND d.recipient = r.recipient
JOIN live_messages AS l ON l.mid = d.mid AND l.state = 3
WHERE NOT EXISTS (
    SELECT FROM live_messages AS o JOIN messages AS m ON m.mid = o.mid
    WHERE o.channel_id = d.channel_id AND o.state = 1 AND m.recipient = d.recipient
)
GROUP BY r.n
HAVING count(*) = 1 AND max(l.segments) = 1
ORDER BY r.n;

-- name: keep_orphans
-- Keep reports that match nothing; one that is there already was kept by the same batch, whose commit looked lost.
INSERT INTO orphan_reports (channel_id, carrier_message_id, recipient, stat, received_at)
SELECT DISTINCT * FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[])
    AS r (channel_id, carrier_message_id, recipient, stat, received_at)
WHERE NOT EXISTS (
    SELECT FROM orphan_reports AS k
    WHERE k.received_at = r.received_at AND k.channel_id = r.channel_id
      AND k.carrier_message_id = r.carrier_message_id AND k.stat = r.stat
);

-- name: take_orphans
-- Orphans since $1 whose segments are known by now, to be treated like reports that just came.
DELETE FROM orphan_reports AS o
USING segments AS s
WHERE o.received_at >= $1 AND s.channel_id = o.channel_id AND s.carrier_message_id = o.carrier_message_id
  AND s.mid >= $2
RETURNING o.channel_id, o.carrier_message_id, o.recipient, o.stat, o.received_at;

-- name: take_orphans_of
-- Orphans that came for the recipients of messages just found in doubt, since those were accepted.
DELETE FROM orphan_reports AS o
USING live_messages AS l, messages AS m
WHERE l.mid = ANY ($1::bigint[]) AND l.state = 3 AND m.mid = l.mid AND m.mid = ANY ($1::bigint[])
  AND o.received_at >= to_timestamp((l.mid >> 22) / 1000.0) AND o.channel_id = l.channel_id
  AND o.recipient = m.recipient
RETURNING o.channel_id, o.carrier_message_id, o.recipient, o.stat, o.received_at;

-- name: take_orphans_of_doubts
-- Orphans since $1 for recipients of messages in doubt, to be treated like reports that just came.
DELETE FROM orphan_reports AS o
USING doubts AS d, live_messages AS l
WHERE o.received_at >= $1 AND d.channel_id = o.channel_id AND d.recipient = o.recipient
  AND l.mid = d.mid AND l.state = 3 AND l.sending_at <= o.received_at
RETURNING o.channel_id, o.carrier_message_id, o.recipient, o.stat, o.received_at;

-- name: drop_settled_doubts
DELETE FROM doubts AS d WHERE NOT EXISTS (SELECT FROM live_messages AS l WHERE l.mid = d.mid);

-- name: drop_old_orphans
DELETE FROM orphan_reports WHERE received_at < $1;

-- name: report_segments
-- Write a stat beside its segment, unless one stands there. Returns the segments that took it.
UPDATE segments AS s SET stat = r.stat, reported_at = r.at
FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::text[], $5::timestamptz[])
    AS r (mid, attempt, part, stat, at)
WHERE s.mid = r.mid AND s.attempt = r.attempt AND s.part = r.part AND s.stat IS NULL
RETURNING s.mid, s.attempt, s.part;

-- name: report_progress
-- How far the reports of live messages have come, attempt by attempt. Of an attempt whose every submit was answered,
-- what was answered is all there is: fewer than the segments that are paid for, where the carrier cuts the text itself.
SELECT l.mid, l.attempt AS last_attempt, s.attempt,
       count(s.stat) = CASE WHEN l.state = 2 AND s.attempt = l.attempt THEN count(*) ELSE l.segments END AS complete,
       coalesce(bool_and(s.stat = 'DELIVRD'), false) AS delivered,
       min(s.stat) FILTER (WHERE s.stat <> 'DELIVRD') AS failure, max(s.reported_at) AS reported_at
FROM live_messages AS l
JOIN segments AS s ON s.mid = l.mid
WHERE l.mid = ANY ($1::bigint[])
GROUP BY l.mid, s.attempt;

-- name: final_words
-- The final word on messages that have one.
SELECT mid, stat, final_at FROM messages WHERE mid = ANY ($1::bigint[]) AND state >= 10;

-- name: due_messages
-- Messages whose time has come: their validity or their wait is over. One that is being sent has until $2: its answer
-- may be on its way.
SELECT mid, state, claimed, attempt, priority, expires_at, due_at FROM live_messages
WHERE due_at < CASE state WHEN 1 THEN $2::timestamptz ELSE $1::timestamptz END
ORDER BY mid LIMIT $3
FOR UPDATE SKIP LOCKED;

-- name: requeue_doubtful
-- Send messages in doubt once more: their report has not come.
UPDATE live_messages SET claimed = false, due_at = expires_at WHERE mid = ANY ($1::bigint[]) AND state = 3
RETURNING mid, pg_notify('hongyan_ready', '') IS NULL AS woken;

-- name: ensure_partitions
SELECT ensure_partitions($1, $2);

-- name: next_owner_lock
SELECT nextval('owner_locks')::integer;

-- name: hold_owner_lock
SELECT pg_advisory_lock($1, $2);

-- name: next_node
SELECT nextval('node_numbers')::integer;
