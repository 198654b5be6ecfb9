-- What must be true of all accounts and messages at every instant. Each statement returns what breaks its rule.

-- name: balance_is_not_the_sum_of_the_ledger
SELECT b.account_id, b.available, e.total
FROM balances AS b
LEFT JOIN LATERAL (
    SELECT coalesce(sum(available_change), 0)::bigint AS total FROM ledger_entries WHERE account_id = b.account_id
) AS e ON true
WHERE b.available <> e.total;

-- name: balance_is_below_its_limit
SELECT account_id, available, overdraft_limit FROM balances WHERE available < -overdraft_limit;

-- name: held_differs_between_totals_ledger_and_messages
SELECT b.account_id, b.held_total - s.posted_total - s.voided_total AS by_totals, e.held AS by_ledger,
       l.held AS by_messages
FROM balances AS b
JOIN settlements AS s USING (account_id)
LEFT JOIN LATERAL (
    SELECT coalesce(sum(held_change), 0)::bigint AS held FROM ledger_entries WHERE account_id = b.account_id
) AS e ON true
LEFT JOIN LATERAL (
    SELECT coalesce(sum(charge), 0)::bigint AS held FROM live_messages AS l
    WHERE l.account_id = b.account_id
      AND NOT EXISTS (SELECT FROM ledger_entries AS p WHERE p.subject_id = l.mid AND p.entry = 1)
) AS l ON true
WHERE b.held_total - s.posted_total - s.voided_total <> e.held OR e.held <> l.held;

-- name: final_and_live_at_once_or_neither
SELECT m.mid, m.state, l.state AS live_state
FROM messages AS m LEFT JOIN live_messages AS l USING (mid)
WHERE (m.state >= 10) <> (l.mid IS NULL);

-- name: live_without_message
SELECT mid FROM live_messages AS l WHERE NOT EXISTS (SELECT FROM messages AS m WHERE m.mid = l.mid);

-- name: final_without_a_word_or_time
SELECT mid, state, stat, final_at FROM messages WHERE (state >= 10) <> (stat IS NOT NULL AND final_at IS NOT NULL);

-- name: final_and_not_settled_exactly_once
SELECT m.mid, m.state, count(e.entry) AS settled
FROM messages AS m LEFT JOIN ledger_entries AS e ON e.subject_id = m.mid AND e.entry IN (1, 2)
WHERE m.state >= 10 AND m.charge > 0
GROUP BY m.mid, m.state HAVING count(e.entry) <> 1;

-- name: live_and_settled_other_than_by_submission
SELECT l.mid, l.state, array_agg(e.entry) AS entries
FROM live_messages AS l
JOIN ledger_entries AS e ON e.subject_id = l.mid AND e.entry IN (1, 2)
GROUP BY l.mid, l.state HAVING array_agg(e.entry) <> ARRAY[1::smallint] OR bool_or(l.submitted_at IS NULL);

-- name: submitted_and_not_paid
SELECT mid, submitted_at FROM live_messages AS l
WHERE submitted_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM ledger_entries AS e WHERE e.subject_id = l.mid AND e.entry = 1);

-- name: delivered_and_not_paid
SELECT mid, state FROM messages AS m
WHERE m.state IN (10, 11) AND m.charge > 0
  AND NOT EXISTS (SELECT FROM ledger_entries AS e WHERE e.subject_id = m.mid AND e.entry = 1);

-- name: held_other_than_charged
SELECT m.mid, m.charge, e.held_change FROM messages AS m
LEFT JOIN ledger_entries AS e ON e.subject_id = m.mid AND e.entry = 0
WHERE m.charge <> coalesce(e.held_change, 0);

-- name: sent_twice_without_a_doubt
SELECT l.mid, l.attempt FROM live_messages AS l
WHERE l.attempt > 1
  AND NOT EXISTS (SELECT FROM message_events AS e WHERE e.mid = l.mid AND e.event = 'in_doubt')
UNION ALL
SELECT m.mid, m.attempts FROM messages AS m
WHERE m.attempts > 1
  AND NOT EXISTS (SELECT FROM message_events AS e WHERE e.mid = m.mid AND e.event = 'in_doubt');

-- name: sent_more_than_twice
SELECT mid, attempt FROM live_messages WHERE attempt > 2
UNION ALL
SELECT mid, attempts FROM messages WHERE attempts > 2;
