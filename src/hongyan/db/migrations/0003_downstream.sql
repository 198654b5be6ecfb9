-- Customers who come in by a carrier protocol: their logins, what they must be told of each submit, what waits for them.

-- ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE protocol_logins (
    login_id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id              integer NOT NULL REFERENCES accounts,
    protocol                text NOT NULL CHECK (protocol IN ('cmpp', 'sgip', 'smgp', 'smpp')),
    name                    text NOT NULL,              -- what the customer binds as
    password_sealed         bytea NOT NULL,
    reverse_password_sealed bytea,                      -- SGIP: what we bind to the customer with; null: the same
    state                   text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    ip_allow                text[] NOT NULL DEFAULT '{}',
    links_max               smallint NOT NULL CHECK (links_max BETWEEN 1 AND 64),
    window_size             smallint NOT NULL CHECK (window_size BETWEEN 1 AND 1024),
    speed_per_second        integer NOT NULL CHECK (speed_per_second BETWEEN 1 AND 100000),
    sources                 text[] NOT NULL DEFAULT '{}', -- number prefixes it may send from; empty: by the extension
    settings                jsonb NOT NULL DEFAULT '{}',  -- carriers.downstream.settings.LoginSettings
    created_at              timestamptz NOT NULL DEFAULT now(),
    last_bound_at           timestamptz,
    UNIQUE (protocol, name)
) WITH (fillfactor = 80);
CREATE INDEX protocol_logins_by_account ON protocol_logins (account_id);

-- ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────
-- A message comes by an API key or by a protocol login.
ALTER TABLE messages ADD COLUMN login_id integer, ALTER COLUMN api_key_id DROP NOT NULL;
-- A partition made of its parent's likeness has the constraint in its own right.
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'messages'::regclass LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN api_key_id DROP NOT NULL', partition);
    END LOOP;
END $$;

-- Set where a customer has to be told how it ends; those of the API have none, and settling them asks nothing more.
ALTER TABLE live_messages ADD COLUMN login_id integer;

-- ── submits ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- The short messages in which a message came in: each gets a report of its own, about the id that it was given.
CREATE TABLE submit_parts (
    mid         bigint NOT NULL,
    number      smallint NOT NULL,                      -- from 1
    part_id     bigint NOT NULL,                        -- carriers.downstream.ids
    login_id    integer NOT NULL,
    report      smallint NOT NULL,                      -- carriers.downstream.protocol.ReportWish, never NEVER
    source      text NOT NULL,                          -- both as the customer wrote them
    destination text NOT NULL,
    reference   bytea,                                  -- the customer's own name for the submit (SGIP)
    PRIMARY KEY (mid, number)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- Long texts of which parts have come. The row is also the lock under which one process assembles the text.
CREATE TABLE long_texts (
    text_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login_id    integer NOT NULL,
    source      text NOT NULL,
    destination text NOT NULL,
    reference   integer NOT NULL,                       -- of the parts' headers
    total       smallint NOT NULL,
    copy        bigint NOT NULL,                        -- tells apart a destination that one submit names twice, and,
                                                        -- below zero, a text that is whole from the next one
    due_at      timestamptz NOT NULL,                   -- when it is given up
    UNIQUE (login_id, destination, reference, total, source, copy)
);
CREATE INDEX long_texts_by_due ON long_texts (due_at);

CREATE TABLE long_text_parts (
    text_id     bigint NOT NULL,
    number      smallint NOT NULL,                      -- from 1
    part_id     bigint NOT NULL,
    report      smallint NOT NULL,
    reference   bytea,
    coding      text NOT NULL,                          -- carriers.downstream.protocol.Coding
    content     bytea NOT NULL,
    valid_until timestamptz,
    PRIMARY KEY (text_id, number)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000);

-- ── pushes ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- Reports and replies for customers who bind by a protocol; gone once the customer has answered, or after 72 hours.
CREATE TABLE pushes (
    push_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login_id   integer NOT NULL,
    kind       smallint NOT NULL,                       -- 0 report, 1 reply
    subject_id bigint NOT NULL,                         -- a mid or a reply's id
    payload    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '72 hours',
    due_at     timestamptz NOT NULL DEFAULT '-infinity', -- until then a gateway has it in hand, or it rests
    owner      text,                                    -- the gateway that has it in hand
    tries      smallint NOT NULL DEFAULT 0
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX pushes_by_login ON pushes (login_id, push_id);
CREATE INDEX pushes_by_end ON pushes (expires_at);

-- What a report push says.
CREATE FUNCTION report_payload(
    part_id bigint, stat text, source text, destination text, reference bytea, at timestamptz
) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('id', part_id, 'stat', stat, 'from', source, 'to', destination,
                                                'reference', encode(reference, 'hex'),
                                                'at', floor(extract(epoch FROM at))::bigint))
$$;
