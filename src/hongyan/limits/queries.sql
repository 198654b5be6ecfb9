-- Opt-outs: the phones that want no more marketing of an account.

-- name: opted_out
-- Which of these phones want no more marketing of these accounts.
SELECT o.account_id, o.recipient
FROM unnest($1::integer[], $2::bigint[]) AS i (account_id, recipient)
JOIN opt_outs AS o ON o.account_id = i.account_id AND o.recipient = i.recipient;

-- name: note_replies
-- Put phones on the lists of accounts by what they sent. Those that were not told so yet come back, also when they are on
-- the list by other means; a second word of a phone that was told changes nothing.
INSERT INTO opt_outs AS o (account_id, recipient, source, word, reply_id, at)
SELECT account_id, recipient, 'reply', word, reply_id, at
FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[])
    AS i (account_id, recipient, word, reply_id, at)
ON CONFLICT (account_id, recipient) DO UPDATE
SET source = 'reply', word = excluded.word, reply_id = excluded.reply_id
WHERE o.confirmed_at IS NULL
RETURNING account_id, recipient;

-- name: note_confirmed
UPDATE opt_outs AS o SET confirmed_at = $3
FROM unnest($1::integer[], $2::bigint[]) AS i (account_id, recipient)
WHERE o.account_id = i.account_id AND o.recipient = i.recipient;

-- name: add
-- Put phones on an account's list by hand; those that are on it stay as they are.
INSERT INTO opt_outs (account_id, recipient, source, at)
SELECT $1, recipient, $3, $4 FROM unnest($2::bigint[]) AS i (recipient)
ON CONFLICT DO NOTHING
RETURNING recipient;

-- name: remove
DELETE FROM opt_outs WHERE account_id = $1 AND recipient = ANY ($2::bigint[]) RETURNING recipient;

-- name: page
-- A part of an account's list, in the order of the numbers.
SELECT account_id, recipient, source, word, reply_id, at, confirmed_at
FROM opt_outs
WHERE account_id = $1 AND recipient > $2
ORDER BY recipient LIMIT $3;
