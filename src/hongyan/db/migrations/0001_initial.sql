-- The whole road: accounts and keys, registered content, channels and routes, messages on their way, money.
--
-- Conventions: money is integers in 厘 (1/1000 yuan); recipients are E.164 digits as bigint; times are timestamptz;
-- hot tables hold small integers whose meanings are the IntEnums of the area named beside them.

-- ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE accounts (
    account_id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name              text NOT NULL UNIQUE CHECK (name ~ '^[^\s].{0,62}[^\s]$|^[^\s]$'),
    state             text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
    payment           text NOT NULL DEFAULT 'prepaid' CHECK (payment IN ('prepaid', 'postpaid')),
    price_per_segment bigint NOT NULL CHECK (price_per_segment >= 0),
    unregistered      text NOT NULL DEFAULT 'refuse' CHECK (unregistered IN ('refuse', 'report')),
    created_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    api_key_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id    integer NOT NULL REFERENCES accounts,
    secret_id     text NOT NULL UNIQUE,
    secret_sealed bytea NOT NULL,
    label         text NOT NULL DEFAULT '',
    state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    ip_allow      text[] NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz
);
CREATE INDEX api_keys_by_account ON api_keys (account_id);

-- ── content ─────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE signatures (
    signature_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   integer NOT NULL REFERENCES accounts,
    text         text NOT NULL,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'rejected')),
    reason       text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    decided_at   timestamptz,
    UNIQUE (account_id, text)
);

CREATE TABLE templates (
    template_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   integer NOT NULL REFERENCES accounts,
    signature_id integer REFERENCES signatures,
    kind         smallint NOT NULL,                     -- content.MessageKind
    body         text NOT NULL,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'rejected')),
    reason       text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    decided_at   timestamptz
);
CREATE INDEX templates_by_account ON templates (account_id);

-- ── routing ─────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE channels (
    channel_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name             text NOT NULL UNIQUE,
    protocol         text NOT NULL,                     -- a key of carriers.PROTOCOLS
    host             text NOT NULL,
    port             integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
    login            text NOT NULL,
    password_sealed  bytea NOT NULL,
    src_id           text NOT NULL,
    service_id       text NOT NULL DEFAULT '',
    links            smallint NOT NULL DEFAULT 1 CHECK (links BETWEEN 1 AND 32),
    window_size      smallint NOT NULL DEFAULT 16 CHECK (window_size BETWEEN 1 AND 1024),
    speed_per_second integer NOT NULL DEFAULT 100 CHECK (speed_per_second BETWEEN 1 AND 100000),
    state            text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped')),
    created_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE routes (
    route_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    carrier    smallint NOT NULL,                       -- numbers.Carrier
    channel_id integer NOT NULL REFERENCES channels,
    priority   smallint NOT NULL DEFAULT 1,             -- lower goes first
    weight     smallint NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 1000),
    state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped')),
    UNIQUE (carrier, channel_id)
);

-- One owner a channel at a time; the fence grows with each change of hands.
CREATE TABLE channel_leases (
    channel_id integer PRIMARY KEY REFERENCES channels,
    owner      text NOT NULL,
    owner_lock integer NOT NULL,                        -- the advisory lock that the owner's session holds while it lives
    fence      bigint NOT NULL,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- ── billing ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- What an account can still spend. Holds and voids change it; posting does not, so that intake and settlement never
-- wait for each other's row.
CREATE TABLE balances (
    account_id      integer PRIMARY KEY REFERENCES accounts,
    available       bigint NOT NULL DEFAULT 0,
    overdraft_limit bigint NOT NULL DEFAULT 0 CHECK (overdraft_limit >= 0),
    held_total      bigint NOT NULL DEFAULT 0           -- all that was ever held
) WITH (fillfactor = 10);

-- What became of the holds. Held now = balances.held_total - posted_total - voided_total.
CREATE TABLE settlements (
    account_id   integer PRIMARY KEY REFERENCES accounts,
    posted_total bigint NOT NULL DEFAULT 0,
    voided_total bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

-- Every change of money. The key makes a second hold, post or void of one message impossible.
CREATE TABLE ledger_entries (
    subject_id       bigint NOT NULL,                   -- a mid, or an id of the same kind for a recharge or adjustment
    entry            smallint NOT NULL,                 -- billing.EntryKind
    account_id       integer NOT NULL,
    available_change bigint NOT NULL,
    held_change      bigint NOT NULL,
    at               timestamptz NOT NULL DEFAULT now(),
    note             text,
    PRIMARY KEY (subject_id, entry)
) PARTITION BY RANGE (subject_id);
-- Payments only: messages' entries are found by their mids, so the index costs intake nothing.
CREATE INDEX ledger_payments_by_account ON ledger_entries (account_id, subject_id) WHERE entry >= 3;

-- ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────
-- Written twice: when accepted and when final. In between everything that changes is in live_messages.
CREATE TABLE messages (
    mid          bigint NOT NULL,
    batch_id     bigint NOT NULL,                       -- the mid of the first message of the API call
    account_id   integer NOT NULL,
    api_key_id   integer NOT NULL,
    recipient    bigint NOT NULL,
    carrier      smallint NOT NULL,                     -- numbers.Carrier
    kind         smallint NOT NULL,                     -- content.MessageKind
    state        smallint NOT NULL,                     -- messages.State
    signature_id integer,
    template_id  integer,
    segments     smallint NOT NULL,
    charge       bigint NOT NULL,
    channel_id   integer,                               -- where it was routed, then where it went
    route_id     integer,
    attempts     smallint NOT NULL DEFAULT 0,
    sending_at   timestamptz,
    submitted_at timestamptz,
    final_at     timestamptz,
    stat         text,                                  -- the carrier's or our own final word
    content      text NOT NULL,
    PRIMARY KEY (mid)
) PARTITION BY RANGE (mid);
CREATE INDEX messages_by_account ON messages (account_id, mid);

-- The messages that are not final: the queue, what is on the wire, what waits for its report.
CREATE TABLE live_messages (
    mid          bigint PRIMARY KEY,
    channel_id   integer NOT NULL,
    priority     smallint NOT NULL,                     -- content.MessageKind: lower goes first
    claimed      boolean NOT NULL DEFAULT false,        -- taken by a dispatcher
    state        smallint NOT NULL,                     -- messages.State
    account_id   integer NOT NULL,
    charge       bigint NOT NULL,
    segments     smallint NOT NULL,
    attempt      smallint NOT NULL DEFAULT 0,
    fence        bigint,                                -- the lease under which it was claimed
    avoid_link   smallint,                              -- the link whose loss left it in doubt
    expires_at   timestamptz NOT NULL,                  -- the end of its validity: later it is not sent any more
    due_at       timestamptz NOT NULL,                  -- when the courier has to decide about it
    sending_at   timestamptz,
    submitted_at timestamptz
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.5);
CREATE INDEX live_messages_ready ON live_messages (channel_id, priority, mid) WHERE NOT claimed;

-- What went over the wire: one row for each segment and attempt that a carrier answered.
CREATE TABLE segments (
    mid                bigint NOT NULL,
    attempt            smallint NOT NULL,
    part               smallint NOT NULL,               -- from 1
    channel_id         integer NOT NULL,
    link               smallint NOT NULL,
    sequence           bigint NOT NULL,
    result             bigint NOT NULL,                 -- the carrier's answer, 0 is yes; 32 bits, unsigned
    carrier_message_id text,
    sent_at            timestamptz NOT NULL,            -- when the PDU was written
    answered_at        timestamptz NOT NULL,
    stat               text,
    reported_at        timestamptz,
    PRIMARY KEY (mid, attempt, part)
) PARTITION BY RANGE (mid);
CREATE INDEX segments_by_carrier_id ON segments (channel_id, carrier_message_id);

-- What does not happen to every message: doubts, resends, refusals, reports that came twice or too late.
CREATE TABLE message_events (
    mid    bigint NOT NULL,
    at     timestamptz NOT NULL,
    event  text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
) PARTITION BY RANGE (mid);
CREATE INDEX message_events_by_mid ON message_events (mid);

-- Who the messages in doubt are for: the carrier's id of such a message never reached us, so a report finds it by its
-- recipient. A row counts only as long as its message is live and in doubt.
CREATE TABLE doubts (
    mid        bigint PRIMARY KEY,
    channel_id integer NOT NULL,
    recipient  bigint NOT NULL
);
CREATE INDEX doubts_by_recipient ON doubts (channel_id, recipient);

-- Reports that matched nothing when they came; matched later or kept for a week.
CREATE TABLE orphan_reports (
    orphan_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id         integer NOT NULL,
    carrier_message_id text NOT NULL,
    recipient          bigint,
    stat               text NOT NULL,
    received_at        timestamptz NOT NULL
);
CREATE INDEX orphan_reports_by_time ON orphan_reports (received_at);

-- ── processes ───────────────────────────────────────────────────────────────────────────────────────────────────
CREATE SEQUENCE node_numbers AS integer MINVALUE 0 MAXVALUE 1023 CYCLE;
CREATE SEQUENCE owner_locks AS integer CYCLE;

CREATE TABLE role_heartbeats (
    instance   text PRIMARY KEY,
    role       text NOT NULL,
    pid        integer NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);

-- ── partitions ──────────────────────────────────────────────────────────────────────────────────────────────────
-- The lowest mid of a day, as it runs in Asia/Shanghai.
CREATE FUNCTION first_mid_of(day date) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    $$ SELECT (extract(epoch FROM (day::timestamp AT TIME ZONE 'Asia/Shanghai')) * 1000)::bigint << 22 $$;

-- Make the partitions from one day before `today` to `days_ahead` days after it; those that exist are left alone.
-- A table is made first and attached then: that does not lock out those who are writing to the others.
CREATE FUNCTION ensure_partitions(today date, days_ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    made   integer := 0;
    wanted record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'));
    FOR wanted IN
        SELECT parent, parent || to_char(day, '_YYYYMMDD') AS child, first_mid_of(day) AS low,
               first_mid_of(day + 1) AS high,
               CASE parent WHEN 'message_events' THEN 100 ELSE 60 END AS fill
        FROM unnest(ARRAY['messages', 'segments', 'message_events']) AS p (parent),
             LATERAL (SELECT today + n AS day FROM generate_series(-1, days_ahead) AS n) AS days
        UNION
        SELECT 'ledger_entries', 'ledger_entries' || to_char(month, '_YYYYMM'), first_mid_of(month),
               first_mid_of((month + interval '1 month')::date), 100
        FROM (SELECT date_trunc('month', today + n)::date AS month FROM generate_series(-1, days_ahead) AS n) AS months
        ORDER BY low, parent
    LOOP
        IF to_regclass(wanted.child) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS) WITH (fillfactor = %s)', wanted.child,
                           wanted.parent, wanted.fill);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', wanted.parent,
                           wanted.child, wanted.low, wanted.high);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
