-- The statements of the embedded server and of the migrations.

-- name: database_exists
SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'hongyan');

-- name: create_database
CREATE DATABASE hongyan;

-- name: lock
-- One migrates, the others wait; the number is "hongyan" in ASCII.
SELECT pg_advisory_lock(x'686f6e6779616e'::bigint);

-- name: create_table
-- What was applied. Made without a migration, as each migration is recorded here.
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: list_applied
SELECT number, checksum FROM schema_migrations ORDER BY number;

-- name: record
INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3);

-- name: ensure_partitions
-- From yesterday to so many days ahead.
SELECT ensure_partitions($1, $2);
