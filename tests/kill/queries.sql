-- What the checker reads, for the accounts that the test made. Times become Unix microseconds.

-- name: messages
SELECT mid, account_id, recipient, kind, state, segments, charge,
       (extract(epoch FROM submitted_at) * 1000000)::bigint AS submitted_at_us,
       (extract(epoch FROM final_at) * 1000000)::bigint AS final_at_us, stat, content
FROM messages WHERE account_id = ANY ($1::integer[]);

-- name: live
SELECT mid, state, attempt, claimed, (extract(epoch FROM due_at) * 1000000)::bigint AS due_at_us
FROM live_messages WHERE account_id = ANY ($1::integer[]);

-- name: segments
SELECT s.mid, s.attempt, s.part, s.result, s.carrier_message_id
FROM segments AS s JOIN messages AS m USING (mid) WHERE m.account_id = ANY ($1::integer[]);

-- name: events
SELECT e.mid, (extract(epoch FROM e.at) * 1000000)::bigint AS at_us, e.event
FROM message_events AS e JOIN messages AS m USING (mid) WHERE m.account_id = ANY ($1::integer[]);

-- name: entries
SELECT subject_id, entry, account_id, available_change, held_change
FROM ledger_entries WHERE account_id = ANY ($1::integer[]);

-- name: accounts
SELECT account_id, price_per_segment, available, overdraft_limit, held_total, posted_total, voided_total
FROM accounts JOIN balances USING (account_id) JOIN settlements USING (account_id)
WHERE account_id = ANY ($1::integer[]);

-- name: unfinished
-- What still has to happen before the ledgers can be compared: everything but doubts that must wait for their time
-- and submitted messages whose carrier never reports (the ending $1). Without a state: what customers are not told yet.
SELECT l.state, count(*) AS messages
FROM live_messages AS l JOIN messages AS m USING (mid)
WHERE l.state IN (0, 1) OR l.state = 2 AND m.recipient % 10000 <> $1 OR l.state = 3 AND NOT l.claimed
GROUP BY 1
UNION ALL
SELECT NULL, count(*) FROM pushes HAVING count(*) > 0;

-- name: money_differences
-- Accounts whose balance is not the sum of their ledger at this instant.
SELECT b.account_id, b.available, l.available AS ledger_available,
       b.held_total - s.posted_total - s.voided_total AS held, l.held AS ledger_held
FROM balances AS b
JOIN settlements AS s USING (account_id)
JOIN LATERAL (
    SELECT coalesce(sum(available_change), 0)::bigint AS available, coalesce(sum(held_change), 0)::bigint AS held
    FROM ledger_entries AS e WHERE e.account_id = b.account_id
) AS l ON true
WHERE b.available <> l.available OR b.held_total - s.posted_total - s.voided_total <> l.held
   OR b.available + b.overdraft_limit < 0;
