-- Balances and the ledger. Numbers for entries are billing.EntryKind.

-- name: open_balance
INSERT INTO balances (account_id, overdraft_limit) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: open_settlement
INSERT INTO settlements (account_id) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: balance
SELECT b.available, b.held_total - s.posted_total - s.voided_total AS held, b.overdraft_limit
FROM balances AS b JOIN settlements AS s USING (account_id)
WHERE account_id = $1;

-- name: change_available
-- Nothing comes back when the account has no balance.
UPDATE balances SET available = available + $2 WHERE account_id = $1 RETURNING available;

-- name: enter
INSERT INTO ledger_entries (subject_id, entry, account_id, available_change, held_change, note)
VALUES ($1, $2, $3, $4, 0, $5);

-- name: had_trial
SELECT EXISTS (SELECT FROM ledger_entries WHERE account_id = $1 AND entry = 5);

-- name: set_overdraft_limit
UPDATE balances SET overdraft_limit = $2 WHERE account_id = $1 RETURNING account_id;

-- name: statement
-- A page of an account's ledger, newest first: its latest messages and its latest payments, whatever happened to each.
WITH subjects AS (
    SELECT mid AS subject_id FROM (
        SELECT mid FROM messages WHERE account_id = $1 AND mid < $2 ORDER BY mid DESC LIMIT $3
    ) AS latest_messages
    UNION
    SELECT subject_id FROM (
        SELECT subject_id FROM ledger_entries
        WHERE account_id = $1 AND entry >= 3 AND subject_id < $2 ORDER BY subject_id DESC LIMIT $3
    ) AS latest_payments
    ORDER BY subject_id DESC LIMIT $3
)
SELECT s.subject_id, e.entry, e.available_change, e.held_change, e.at, e.note
FROM subjects AS s LEFT JOIN ledger_entries AS e ON e.subject_id = s.subject_id AND e.account_id = $1
ORDER BY s.subject_id DESC, e.entry DESC;

-- name: verify_accounts
-- What balances say beside what the ledger and the live messages say, for every account.
WITH ledger AS (
    SELECT account_id, sum(available_change)::bigint AS available, sum(held_change)::bigint AS held,
           coalesce(sum(held_change) FILTER (WHERE entry = 0), 0)::bigint AS held_total,
           coalesce(-sum(held_change) FILTER (WHERE entry = 1), 0)::bigint AS posted_total,
           coalesce(-sum(held_change) FILTER (WHERE entry = 2), 0)::bigint AS voided_total
    FROM ledger_entries GROUP BY account_id
),
live AS (
    SELECT l.account_id, sum(l.charge)::bigint AS held
    FROM live_messages AS l
    WHERE NOT EXISTS (SELECT FROM ledger_entries AS e WHERE e.subject_id = l.mid AND e.entry IN (1, 2))
    GROUP BY l.account_id
)
SELECT account_id,
       coalesce(b.available, 0) AS available, coalesce(ledger.available, 0) AS available_by_ledger,
       coalesce(b.held_total, 0) AS held_total, coalesce(ledger.held_total, 0) AS held_total_by_ledger,
       coalesce(s.posted_total, 0) AS posted_total, coalesce(ledger.posted_total, 0) AS posted_total_by_ledger,
       coalesce(s.voided_total, 0) AS voided_total, coalesce(ledger.voided_total, 0) AS voided_total_by_ledger,
       coalesce(ledger.held, 0) AS held_by_ledger, coalesce(live.held, 0) AS held_by_messages
FROM balances AS b
FULL JOIN settlements AS s USING (account_id)
FULL JOIN ledger USING (account_id)
FULL JOIN live USING (account_id)
ORDER BY account_id;

-- name: verify_subjects
-- Messages whose entries do not make sense together: paid or returned without a hold, both, or another amount.
SELECT subject_id, min(account_id) AS account_id,
       coalesce(sum(held_change) FILTER (WHERE entry = 0), 0)::bigint AS held,
       coalesce(-sum(held_change) FILTER (WHERE entry IN (1, 2)), 0)::bigint AS settled
FROM ledger_entries
WHERE entry IN (0, 1, 2)
GROUP BY subject_id
HAVING count(*) FILTER (WHERE entry = 0) <> 1 OR count(*) FILTER (WHERE entry IN (1, 2)) > 1
    OR min(account_id) <> max(account_id)
    OR sum(held_change) FILTER (WHERE entry IN (1, 2)) <> -sum(held_change) FILTER (WHERE entry = 0)
ORDER BY subject_id LIMIT $1;

-- name: verify_messages
-- Messages whose charge is not what was held for them.
SELECT m.mid, m.account_id, m.charge, coalesce(e.held_change, 0) AS held
FROM messages AS m LEFT JOIN ledger_entries AS e ON e.subject_id = m.mid AND e.entry = 0
WHERE m.charge <> coalesce(e.held_change, 0)
ORDER BY m.mid LIMIT $1;
