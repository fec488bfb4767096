-- 0001: accounts and their numbers, messages and attempts, the queue, the journal of callbacks,
-- conversations and opt-outs. Every table of an account leads its primary key with account_id.

-- Ids are ours, prefixed and time-ordered; comparing them by bytes is comparing them by time.
CREATE DOMAIN ident AS text COLLATE "C";

CREATE FUNCTION from_ms(ms bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_timestamp(ms / 1000.0);

-- What the API shows of a time: RFC 3339 in UTC with milliseconds.
CREATE FUNCTION rfc3339(t timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

CREATE TABLE accounts (
    account_id ident PRIMARY KEY,
    name       text NOT NULL,
    region     text NOT NULL DEFAULT 'US',
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Keys for servers: random, so a plain SHA-256 is enough.
CREATE TABLE api_keys (
    account_id ident NOT NULL REFERENCES accounts,
    key_id     ident NOT NULL,
    name       text NOT NULL,
    hash       text COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64), -- hexadecimal
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    PRIMARY KEY (account_id, key_id)
);

-- Our sending numbers. A number belongs to one carrier and to one account.
CREATE TABLE numbers (
    account_id ident NOT NULL REFERENCES accounts,
    number_id  ident NOT NULL,
    provider   text NOT NULL,
    phone      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, number_id),
    UNIQUE (provider, phone)
);

-- One guest's thread at one account, whatever numbers it went over; and whether the guest may be texted.
-- Opening an attempt locks this row and reads that, STOP writes it before its 200: whichever is second
-- sees the other.
CREATE TABLE conversations (
    account_id      ident NOT NULL,
    conversation_id ident NOT NULL,
    phone           text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    last_message_id ident,
    unread          integer NOT NULL DEFAULT 0,
    opted_out_at    timestamptz,
    opted_out_via   text,
    PRIMARY KEY (account_id, conversation_id),
    UNIQUE (account_id, phone)
) WITH (fillfactor = 80);
CREATE INDEX conversations_latest ON conversations (account_id, last_message_id);

-- The state of a message only rises in rank: queued 0, unknown 2, sent 3, undelivered, failed, expired
-- and stopped 4, delivered 5. A reply is received: 5. Queued with an attempt is shown as sending: see
-- shown_state(). The hot path writes rows of an account only for accounts it has just found, so its
-- tables have no foreign keys to them.
CREATE TABLE messages (
    account_id      ident NOT NULL REFERENCES accounts,
    message_id      ident NOT NULL,
    conversation_id ident NOT NULL,
    direction       text NOT NULL CHECK (direction IN ('out', 'in')),
    channel         text NOT NULL DEFAULT 'sms',
    kind            text NOT NULL,
    phone           text NOT NULL,
    number          text,
    body            text NOT NULL,
    encoding        text NOT NULL,
    segments        smallint NOT NULL,
    media           smallint NOT NULL DEFAULT 0,
    state           text NOT NULL,
    rank            smallint NOT NULL,
    code            text,
    reason          text,
    provider        text,
    carrier_id      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz,
    ended_at        timestamptz,
    PRIMARY KEY (account_id, message_id)
) WITH (fillfactor = 80);
CREATE INDEX messages_of_conversation ON messages (account_id, conversation_id, message_id);
CREATE UNIQUE INDEX messages_received_once ON messages (account_id, provider, carrier_id)
    WHERE direction = 'in';

CREATE FUNCTION refuse_lower_rank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'message % may not go from % back to %', OLD.message_id, OLD.state, NEW.state;
END $$;
CREATE TRIGGER never_backwards BEFORE UPDATE OF state, rank ON messages
    FOR EACH ROW WHEN (NEW.rank < OLD.rank) EXECUTE FUNCTION refuse_lower_rank();

-- What is still to be sent: small and hot, apart from history. A claimed row is due again when its
-- lease is over, so the due time is the lease.
CREATE TABLE queue (
    account_id ident NOT NULL,
    message_id ident NOT NULL,
    due_at     timestamptz NOT NULL DEFAULT now(),
    claimed_by text,
    PRIMARY KEY (account_id, message_id)
) WITH (fillfactor = 50);
CREATE INDEX queue_due ON queue (due_at);

-- One try at sending a message through one carrier. The partial index is the fence: at most one
-- attempt of a message is live, whatever processes do.
CREATE TABLE attempts (
    account_id  ident NOT NULL,
    attempt_id  ident NOT NULL,
    message_id  ident NOT NULL,
    ordinal     smallint NOT NULL,
    provider    text NOT NULL,
    number      text NOT NULL,
    state       text NOT NULL CHECK (state IN
                ('intent', 'rejected', 'ambiguous', 'accepted', 'finalised', 'abandoned')),
    carrier_id  text,
    status      text,
    status_rank smallint NOT NULL DEFAULT -1,
    http_status smallint,
    code        text,
    handling    text,
    sentence    text,
    opened_at   timestamptz NOT NULL DEFAULT now(),
    dead_at     timestamptz NOT NULL, -- past it the carrier takes the text no more
    answered_at timestamptz,
    looks       smallint NOT NULL DEFAULT 0, -- how often the carrier was asked whether it has it
    looked_at   timestamptz,
    look_says   text,
    ended_at    timestamptz,
    PRIMARY KEY (account_id, attempt_id),
    UNIQUE (account_id, message_id, ordinal)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX attempts_one_live ON attempts (account_id, message_id)
    WHERE state IN ('intent', 'ambiguous', 'accepted');
CREATE INDEX attempts_by_carrier_id ON attempts (provider, carrier_id) WHERE carrier_id IS NOT NULL;

-- What the API says of a message's state.
CREATE FUNCTION shown_state(m messages) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN m.state = 'queued'
             AND EXISTS (SELECT FROM attempts a
                         WHERE a.account_id = m.account_id AND a.message_id = m.message_id)
            THEN 'sending' ELSE m.state END;

-- Every status a carrier reported, once each: the history behind an attempt's status.
CREATE TABLE receipts (
    account_id  ident NOT NULL,
    attempt_id  ident NOT NULL,
    event_id    text NOT NULL,
    status      text NOT NULL,
    status_text text NOT NULL,
    code        text,
    sentence    text,
    occurred_at timestamptz,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, attempt_id, event_id)
);

-- The journal: every verified callback as it came, before its 200. Append-only, a partition per day,
-- dropped rather than deleted. The rows of one commit are a batch; `pending` holds one row for each
-- batch that is not applied yet.
CREATE TABLE callbacks (
    batch_at     timestamptz NOT NULL,
    batch_id     ident NOT NULL,
    ordinal      integer NOT NULL,
    provider     text NOT NULL,
    target       text NOT NULL,
    content_type text NOT NULL,
    body         text NOT NULL,
    PRIMARY KEY (batch_at, batch_id, ordinal)
) PARTITION BY RANGE (batch_at);
CREATE TABLE callbacks_other PARTITION OF callbacks DEFAULT;

CREATE TABLE pending (
    batch_at timestamptz NOT NULL,
    batch_id ident NOT NULL,
    due_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (batch_at, batch_id)
) WITH (fillfactor = 50);

-- Makes the partitions from yesterday to a week from now; run at every migration and once a day.
CREATE FUNCTION make_callback_partitions() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first date := (now() AT TIME ZONE 'UTC')::date;
    day   date;
BEGIN
    FOR day IN SELECT d::date FROM generate_series(first - 1, first + 7, interval '1 day') d LOOP
        BEGIN
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF callbacks
                            FOR VALUES FROM (%L) TO (%L)',
                           'callbacks_' || to_char(day, 'YYYYMMDD'),
                           day::timestamp AT TIME ZONE 'UTC',
                           (day + 1)::timestamp AT TIME ZONE 'UTC');
        EXCEPTION WHEN check_violation THEN
            NULL; -- rows of that day are in the default partition already: they stay there
        END;
    END LOOP;
END $$;

-- The ledger of consent: every word a guest said about being texted, by whatever road. What it adds up
-- to stands in conversations.opted_out_at.
CREATE TABLE consent_log (
    account_id ident NOT NULL REFERENCES accounts,
    phone      text NOT NULL,
    event_id   text NOT NULL,
    action     text NOT NULL CHECK (action IN ('stop', 'start', 'help')),
    word       text NOT NULL,
    provider   text NOT NULL,
    number     text,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, phone, event_id)
);

-- Answers to requests that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
    account_id   ident NOT NULL REFERENCES accounts,
    key          text NOT NULL,
    request_hash text NOT NULL,
    message_id   ident NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);
