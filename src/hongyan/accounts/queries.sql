-- Accounts and API keys.

-- name: all_accounts
SELECT account_id, name, state, payment, price_per_segment, unregistered, extension, created_at FROM accounts ORDER BY account_id;

-- name: all_keys
-- Every key with its sealed secret, for the directory.
SELECT api_key_id, account_id, secret_id, secret_sealed, label, state, ip_allow, created_at, last_used_at
FROM api_keys ORDER BY api_key_id;

-- name: account_by_id
SELECT account_id, name, state, payment, price_per_segment, unregistered, extension, created_at
FROM accounts WHERE account_id = $1;

-- name: account_by_name
SELECT account_id, name, state, payment, price_per_segment, unregistered, extension, created_at
FROM accounts WHERE name = $1;

-- name: insert_account
-- Nothing comes back when the name is taken.
INSERT INTO accounts (name, payment, price_per_segment, unregistered) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO NOTHING
RETURNING account_id, name, state, payment, price_per_segment, unregistered, extension, created_at;

-- name: update_account
-- What is NULL stays as it is.
UPDATE accounts
SET state = coalesce($2, state), payment = coalesce($3, payment),
    price_per_segment = coalesce($4, price_per_segment), unregistered = coalesce($5, unregistered),
    extension = coalesce($6, extension)
WHERE account_id = $1
RETURNING account_id, name, state, payment, price_per_segment, unregistered, extension, created_at;

-- name: insert_key
INSERT INTO api_keys (account_id, secret_id, secret_sealed, label, ip_allow) VALUES ($1, $2, $3, $4, $5)
RETURNING api_key_id, account_id, secret_id, label, state, ip_allow, created_at, last_used_at;

-- name: keys_of_account
SELECT api_key_id, account_id, secret_id, label, state, ip_allow, created_at, last_used_at
FROM api_keys WHERE account_id = $1 ORDER BY api_key_id;

-- name: update_key
-- What is NULL stays as it is.
UPDATE api_keys SET state = coalesce($2, state), ip_allow = coalesce($3, ip_allow)
WHERE secret_id = $1
RETURNING api_key_id, account_id, secret_id, label, state, ip_allow, created_at, last_used_at;

-- name: touch_keys
-- Note when keys were last used; rows that another process is noting at this moment are left to it.
UPDATE api_keys AS k SET last_used_at = $2
FROM (SELECT api_key_id FROM api_keys
      WHERE api_key_id = ANY ($1::integer[]) AND (last_used_at IS NULL OR last_used_at < $2)
      ORDER BY api_key_id FOR UPDATE SKIP LOCKED) AS due
WHERE k.api_key_id = due.api_key_id;

-- name: all_logins
-- Every protocol login with its sealed passwords, for the directory.
SELECT * FROM protocol_logins ORDER BY login_id;

-- name: logins_of_account
SELECT * FROM protocol_logins WHERE account_id = $1 ORDER BY login_id;

-- name: login_by_name
SELECT * FROM protocol_logins WHERE protocol = $1 AND name = $2;

-- name: insert_login
-- Nothing comes back when the name is taken.
INSERT INTO protocol_logins (account_id, protocol, name, password_sealed, reverse_password_sealed, ip_allow, links_max,
                             window_size, speed_per_second, sources, settings)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (protocol, name) DO NOTHING
RETURNING *;

-- name: update_login
-- What is NULL stays as it is.
UPDATE protocol_logins
SET state = coalesce($3, state), password_sealed = coalesce($4, password_sealed),
    reverse_password_sealed = coalesce($5, reverse_password_sealed), ip_allow = coalesce($6, ip_allow),
    links_max = coalesce($7, links_max), window_size = coalesce($8, window_size),
    speed_per_second = coalesce($9, speed_per_second), sources = coalesce($10, sources),
    settings = coalesce($11, settings)
WHERE protocol = $1 AND name = $2
RETURNING *;

-- name: delete_login
-- What waits to be told to it goes too; its messages stay.
WITH gone AS (
    DELETE FROM protocol_logins WHERE protocol = $1 AND name = $2 RETURNING login_id
),
untold AS (
    DELETE FROM pushes USING gone WHERE pushes.login_id = gone.login_id
)
SELECT login_id FROM gone;

-- name: touch_logins
-- Note when logins were last bound; rows that another process is noting at this moment are left to it.
UPDATE protocol_logins AS l SET last_bound_at = $2
FROM (SELECT login_id FROM protocol_logins
      WHERE login_id = ANY ($1::integer[]) AND (last_bound_at IS NULL OR last_bound_at < $2)
      ORDER BY login_id FOR NO KEY UPDATE SKIP LOCKED) AS due
WHERE l.login_id = due.login_id;

-- name: announce
-- Tell every process that what it holds of this area is out of date.
SELECT pg_notify('hongyan_config', 'accounts');
