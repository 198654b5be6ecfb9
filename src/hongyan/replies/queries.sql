-- Replies: their parts as they come, and whole ones.

-- name: note_arrivals
-- Remember short messages, and return those that are not known from before. One that is known comes back as new when the
-- time is over for which it would be the same one.
INSERT INTO reply_arrivals AS a (channel_id, fingerprint, seen_at, known_until)
SELECT * FROM unnest($1::integer[], $2::bytea[], $3::timestamptz[], $4::timestamptz[])
ON CONFLICT (channel_id, fingerprint) DO UPDATE
SET seen_at = excluded.seen_at, known_until = excluded.known_until
WHERE a.known_until < excluded.seen_at
RETURNING channel_id, fingerprint;

-- name: lock_texts
-- Wait for whoever has the same long texts in hand; in the order given, which is the same for all.
SELECT pg_advisory_xact_lock($1, lock_number) FROM unnest($2::integer[]) AS t (lock_number);

-- name: lock_free_texts
-- Take those of these long texts that nobody has in hand.
SELECT n FROM unnest($2::integer[]) WITH ORDINALITY AS t (lock_number, n) WHERE pg_try_advisory_xact_lock($1, lock_number);

-- name: parts_of_texts
-- What has come of the texts of these keys, given out or not, oldest text first.
SELECT p.text_id, p.number, p.total, p.reference, p.from_number, p.to_number, p.channel_id, p.alphabet, p.content,
       p.carrier_message_id, p.received_at, p.delivered
FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::smallint[]) AS k (from_number, to_number, reference, total)
JOIN reply_parts AS p USING (from_number, to_number, reference, total)
ORDER BY p.text_id, p.number;

-- name: keep_parts
INSERT INTO reply_parts (text_id, number, total, reference, from_number, to_number, channel_id, alphabet, content,
                         carrier_message_id, received_at)
SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::integer[], $5::bigint[], $6::text[],
                     $7::integer[], $8::text[], $9::bytea[], $10::text[], $11::timestamptz[]);

-- name: mark_delivered
UPDATE reply_parts SET delivered = true WHERE text_id = ANY ($1::bigint[]);

-- name: texts_given_up
-- The keys of texts of which nothing has come since $1 and something is missing.
SELECT DISTINCT from_number, to_number, reference, total
FROM (
    SELECT from_number, to_number, reference, total FROM reply_parts WHERE NOT delivered
    GROUP BY text_id, from_number, to_number, reference, total HAVING max(received_at) <= $1
    ORDER BY text_id LIMIT $2
) AS due;

-- name: drop_old_parts
DELETE FROM reply_parts WHERE delivered AND received_at < $1;

-- name: drop_old_arrivals
DELETE FROM reply_arrivals WHERE known_until < $1;

-- name: drop_old_replies
DELETE FROM replies WHERE reply_id IN (SELECT reply_id FROM replies WHERE reply_id < $1 ORDER BY reply_id LIMIT $2);

-- name: claims_to
-- The beginnings of these numbers that accounts have for their own: a channel's source number with an account's extension,
-- and the numbers that a protocol login may send from. A channel's bare number is nobody's own: others send from it too.
SELECT DISTINCT n.number, c.src_id || a.extension AS prefix, a.account_id
FROM unnest($1::text[]) AS n (number)
JOIN channels AS c ON starts_with(n.number, c.src_id)
CROSS JOIN LATERAL generate_series(1, length(n.number) - length(c.src_id)) AS digits
JOIN accounts AS a ON a.extension = substr(n.number, length(c.src_id) + 1, digits)
UNION
SELECT n.number, s.prefix, l.account_id
FROM unnest($1::text[]) AS n (number)
JOIN protocol_logins AS l ON l.state = 'active'
CROSS JOIN LATERAL unnest(l.sources) AS s (prefix)
WHERE starts_with(n.number, s.prefix) AND NOT EXISTS (SELECT FROM channels AS c WHERE starts_with(c.src_id, s.prefix));

-- name: wait_briefly
-- For the rest of the transaction: a lock that is not to be had soon is not worth waiting for.
SET LOCAL lock_timeout = '200ms';

-- name: summarise_messages
-- Summarise what was accepted lately, so that a search by number need not walk through it. By themselves summaries come
-- once a minute, which is long after a mass sending.
SELECT brin_summarize_new_values(x.indexrelid)
FROM pg_inherits AS h
JOIN pg_index AS x ON x.indexrelid = h.inhrelid
WHERE h.inhparent = 'messages_by_recipient'::regclass
  AND x.indrelid IN (SELECT to_regclass('messages' || to_char(day, '_YYYYMMDD')) FROM unnest($1::date[]) AS d (day));

-- name: answered_messages
-- Which message each text from a phone answers: of those that went to the phone, over this channel or from the beginning of
-- the number that it dialled, by the account that owns the number where one does. Rather one that came from the very number;
-- for an opt-out, rather marketing; then the last.
SELECT r.n, m.mid, m.account_id, m.api_key_id, m.login_id, m.carrier, m.content
FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::integer[], $5::integer[], $6::boolean[])
    AS r (n, from_number, to_number, channel_id, account_id, opts_out)
CROSS JOIN LATERAL (
    SELECT m.mid, m.account_id, m.api_key_id, m.login_id, m.carrier, m.content
    FROM mids_to(r.from_number, $7, $8) AS t (mid)
    JOIN messages AS m ON m.mid = t.mid
    LEFT JOIN live_messages AS l ON l.mid = m.mid
    JOIN channels AS c ON c.channel_id = coalesce(l.channel_id, m.channel_id)
    WHERE m.mid >= $9 AND coalesce(l.attempt, m.attempts) > 0
      AND (r.account_id IS NULL OR m.account_id = r.account_id)
      AND (c.channel_id = r.channel_id OR starts_with(r.to_number, c.src_id))
    ORDER BY c.src_id || m.extension = r.to_number DESC, r.opts_out AND m.kind = $10 DESC, m.mid DESC
    LIMIT 1
) AS m;

-- name: keep_replies
INSERT INTO replies (reply_id, account_id, mid, channel_id, from_number, to_number, content, parts, parts_missing,
                     opt_out_word, carrier_message_id, received_at)
SELECT * FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::integer[], $5::bigint[], $6::text[], $7::text[],
                     $8::smallint[], $9::smallint[], $10::text[], $11::text[], $12::timestamptz[]);

-- name: reply_by_id
SELECT r.reply_id, r.account_id, a.name AS account, r.mid, r.channel_id, c.name AS channel, r.from_number, r.to_number,
       r.content, r.parts, r.parts_missing, r.opt_out_word, r.carrier_message_id, r.received_at
FROM replies AS r LEFT JOIN accounts AS a USING (account_id) LEFT JOIN channels AS c USING (channel_id)
WHERE r.reply_id = $1;

-- name: page_of_replies
-- The newest replies below an id; NULL for every account, every phone.
SELECT r.reply_id, r.account_id, a.name AS account, r.mid, r.channel_id, c.name AS channel, r.from_number, r.to_number,
       r.content, r.parts, r.parts_missing, r.opt_out_word, r.carrier_message_id, r.received_at
FROM replies AS r LEFT JOIN accounts AS a USING (account_id) LEFT JOIN channels AS c USING (channel_id)
WHERE r.reply_id >= $1 AND r.reply_id < $2
  AND ($3::integer IS NULL OR r.account_id = $3) AND (NOT $4::boolean OR r.account_id IS NULL)
  AND ($5::bigint IS NULL OR r.from_number = $5)
ORDER BY r.reply_id DESC LIMIT $6;

-- name: signers
-- What a text of each account can be signed with that answers no message: its oldest approved signature, and a key of its.
SELECT a.account_id, s.text AS signature, k.api_key_id, l.login_id
FROM unnest($1::integer[]) AS a (account_id)
CROSS JOIN LATERAL (
    SELECT text FROM signatures WHERE account_id = a.account_id AND state = 'approved' ORDER BY signature_id LIMIT 1
) AS s
LEFT JOIN LATERAL (
    SELECT api_key_id FROM api_keys WHERE account_id = a.account_id ORDER BY api_key_id LIMIT 1
) AS k ON true
LEFT JOIN LATERAL (
    SELECT login_id FROM protocol_logins WHERE account_id = a.account_id ORDER BY login_id LIMIT 1
) AS l ON true;
