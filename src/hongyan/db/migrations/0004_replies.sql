-- What phones send back, and who wants no more marketing.

-- ── replies ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- What a carrier handed over, by a digest of it: what it sends again, since our acknowledgement was lost, is found here.
CREATE TABLE reply_arrivals (
    channel_id  integer NOT NULL,
    fingerprint bytea NOT NULL,                         -- replies.rules.fingerprint_of
    seen_at     timestamptz NOT NULL,
    known_until timestamptz NOT NULL,                   -- later it is another one
    PRIMARY KEY (channel_id, fingerprint)
);
CREATE INDEX reply_arrivals_by_end ON reply_arrivals (known_until);

-- Parts of long texts, until the others have come or are given up, and some minutes longer, so that a part that comes
-- twice is known.
CREATE TABLE reply_parts (
    text_id            bigint NOT NULL,                 -- a kit.ids id, given with the first part that came
    number             smallint NOT NULL,               -- from 1
    total              smallint NOT NULL,
    reference          integer NOT NULL,
    from_number        bigint NOT NULL,
    to_number          text NOT NULL,
    channel_id         integer NOT NULL,
    alphabet           text,                            -- text.alphabets.Alphabet; NULL: it is no text
    content            bytea NOT NULL,                  -- octets, since a part may end in the middle of a character
    carrier_message_id text,
    received_at        timestamptz NOT NULL,
    delivered          boolean NOT NULL DEFAULT false,  -- its text is among the replies
    PRIMARY KEY (text_id, number)
) WITH (fillfactor = 60);
CREATE INDEX reply_parts_by_text ON reply_parts (from_number, to_number, reference, total);
CREATE INDEX reply_parts_by_time ON reply_parts (received_at);

-- A text from a phone, whole, or what came of it. Replies are fewer than messages by two orders, so the table is not
-- partitioned: their ids are ordered by time, and what is too old is deleted from the low end of the key.
CREATE TABLE replies (
    reply_id           bigint PRIMARY KEY,              -- kit.ids
    account_id         integer,                         -- NULL: nobody's, as far as we can tell
    mid                bigint,                          -- the message that it answers
    channel_id         integer NOT NULL,
    from_number        bigint NOT NULL,                 -- E.164 digits; 0: the carrier gave none
    to_number          text NOT NULL,                   -- as dialled, extension included
    content            text NOT NULL,
    parts              smallint NOT NULL,               -- of how many short messages it was made
    parts_missing      smallint NOT NULL DEFAULT 0,
    opt_out_word       text,                            -- the word, where the text is one
    carrier_message_id text,                            -- of its first part
    received_at        timestamptz NOT NULL             -- when its last part came
);
CREATE INDEX replies_by_account ON replies (account_id, reply_id);
CREATE INDEX replies_by_number ON replies (from_number, reply_id);

-- A reply finds the message that it answers by the phone's number. A tree of numbers would be the dearest index that
-- accepting a message has to write; these summaries of 64 pages each cost it next to nothing, and a search some milliseconds.
CREATE INDEX messages_by_recipient ON messages
    USING brin (recipient int8_bloom_ops (false_positive_rate = 0.001)) WITH (pages_per_range = 64, autosummarize = on);

-- The ids of the messages to a phone that were accepted from one day to another, in Asia/Shanghai. Partition by
-- partition, and by number alone: asked of all at once and with a bound of ids, a plan made while the tables are empty
-- walks through everything that the bound allows.
CREATE FUNCTION mids_to(phone bigint, first_day date, last_day date) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
    SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
    SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    child text;
BEGIN
    FOR ago IN 0 .. last_day - first_day LOOP
        child := 'messages' || to_char(last_day - ago, '_YYYYMMDD');
        IF to_regclass(child) IS NOT NULL THEN
            RETURN QUERY EXECUTE format('SELECT mid FROM %I WHERE recipient = $1', child) USING phone;
        END IF;
    END LOOP;
END $$;

-- ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- The phones that want no more marketing of an account.
CREATE TABLE opt_outs (
    account_id   integer NOT NULL REFERENCES accounts,
    recipient    bigint NOT NULL,
    source       text NOT NULL CHECK (source IN ('reply', 'operator', 'import')),
    word         text,                                  -- limits.words, where a phone sent one
    reply_id     bigint,
    at           timestamptz NOT NULL,
    confirmed_at timestamptz,                           -- when the phone was told so; it is told once
    PRIMARY KEY (account_id, recipient)
);
