-- Signatures and templates.

-- name: approved_signatures
SELECT signature_id, account_id, text FROM signatures WHERE state = 'approved' ORDER BY signature_id;

-- name: approved_templates
-- What may go out: a template bound to a signature needs that one approved as well.
SELECT t.template_id, t.account_id, t.signature_id, t.kind, t.body
FROM templates AS t LEFT JOIN signatures AS s USING (signature_id)
WHERE t.state = 'approved' AND (t.signature_id IS NULL OR s.state = 'approved')
ORDER BY t.template_id;

-- name: lock_account
-- Registrations of one account go one after the other, so that no two of them are the same.
SELECT account_id FROM accounts WHERE account_id = $1 FOR NO KEY UPDATE;

-- name: register_signature
-- A rejected one may be asked for again; nothing comes back when it is pending or approved.
INSERT INTO signatures AS s (account_id, text) VALUES ($1, $2)
ON CONFLICT (account_id, text) DO UPDATE SET state = 'pending', reason = '', created_at = now(), decided_at = NULL
WHERE s.state = 'rejected'
RETURNING signature_id, account_id, text, state, reason, created_at, decided_at;

-- name: signature_by_id
SELECT signature_id, account_id, text, state, reason, created_at, decided_at FROM signatures WHERE signature_id = $1;

-- name: signature_by_text
SELECT signature_id, account_id, text, state, reason, created_at, decided_at
FROM signatures WHERE account_id = $1 AND text = $2;

-- name: list_signatures
-- A page in the order of their ids; NULL for every account, every state.
SELECT signature_id, account_id, text, state, reason, created_at, decided_at
FROM signatures
WHERE ($1::integer IS NULL OR account_id = $1) AND ($2::text IS NULL OR state = $2) AND signature_id > $3
ORDER BY signature_id LIMIT $4;

-- name: decide_signature
UPDATE signatures SET state = $2, reason = $3, decided_at = now() WHERE signature_id = $1
RETURNING signature_id, account_id, text, state, reason, created_at, decided_at;

-- name: same_template
-- A template of the account that says the same and is pending or approved.
SELECT template_id FROM templates
WHERE account_id = $1 AND signature_id IS NOT DISTINCT FROM $2 AND body = $3 AND state <> 'rejected'
LIMIT 1;

-- name: register_template
INSERT INTO templates (account_id, signature_id, kind, body) VALUES ($1, $2, $3, $4)
RETURNING template_id, account_id, signature_id, kind, body, state, reason, created_at, decided_at;

-- name: list_templates
-- A page in the order of their ids; NULL for every account, every state.
SELECT template_id, account_id, signature_id, kind, body, state, reason, created_at, decided_at
FROM templates
WHERE ($1::integer IS NULL OR account_id = $1) AND ($2::text IS NULL OR state = $2) AND template_id > $3
ORDER BY template_id LIMIT $4;

-- name: decide_template
UPDATE templates SET state = $2, reason = $3, decided_at = now() WHERE template_id = $1
RETURNING template_id, account_id, signature_id, kind, body, state, reason, created_at, decided_at;

-- name: announce
-- Tell every process that what it holds of this area is out of date.
SELECT pg_notify('hongyan_config', 'content');
