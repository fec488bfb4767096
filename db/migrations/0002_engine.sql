-- 0002: the send engine: order, fairness and pace of the queue; times, deadlines and cancelling of
-- messages; what is known of the carriers, shared by all processes; the epoch of this history.
-- Old binaries do not run on it.

ALTER TABLE accounts
    ADD COLUMN zone        text NOT NULL DEFAULT 'America/New_York', -- IANA
    ADD COLUMN quiet_from  time NOT NULL DEFAULT '21:00', -- no reminders from then, venue's time,
    ADD COLUMN quiet_until time NOT NULL DEFAULT '08:00', -- until then; equal: never quiet
    ADD COLUMN help        text, -- what HELP is answered with; NULL: made from the name
    ADD COLUMN carrier     text; -- the one it prefers; NULL: the deployment's order

-- How fast a number may send is its kind's pace, unless it has its own.
ALTER TABLE numbers
    ADD COLUMN kind           text NOT NULL DEFAULT '10dlc'
                              CHECK (kind IN ('10dlc', 'toll_free', 'long_code')),
    ADD COLUMN segments_per_s real CHECK (segments_per_s > 0);

ALTER TABLE messages
    ADD COLUMN send_at       timestamptz, -- not before
    ADD COLUMN arrive_by     timestamptz, -- when unsure then: rather twice than not at all
    ADD COLUMN again_of      ident,       -- the message that a host asked to send again
    ADD COLUMN cancel_reason text;        -- it matters no more: dropped before the next attempt

-- What this kind of message prefers when nobody knows whether it was sent: to be sent once (no row),
-- or to be there within so many seconds.
CREATE TABLE kind_settings (
    account_id      ident NOT NULL REFERENCES accounts,
    kind            text NOT NULL,
    arrive_within_s integer NOT NULL CHECK (arrive_within_s > 0),
    PRIMARY KEY (account_id, kind)
);

-- Ranks: queued 0, unknown 1, uncertain 2 (ended, nobody knows), sent 3, undelivered, failed, expired,
-- stopped and cancelled 4, delivered 5. Proof that comes late still raises an uncertain one.
ALTER TABLE messages DISABLE TRIGGER never_backwards;
UPDATE messages SET rank = 1 WHERE state = 'unknown';
ALTER TABLE messages ENABLE TRIGGER never_backwards;

CREATE FUNCTION priority_of(kind text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE kind WHEN 'table_ready' THEN 0::smallint ELSE 1::smallint END;

-- The queue, again: what is due is taken by priority, then by turn. Whoever queues much at once gets
-- turns one after the other, at most a minute ahead, so that others come in between. The key begins with
-- the guest: a younger text waits while an older one `holds`.
ALTER TABLE queue RENAME TO queue_0001;
CREATE TABLE queue (
    account_id      ident NOT NULL,
    conversation_id ident NOT NULL,
    message_id      ident NOT NULL,
    priority        smallint NOT NULL DEFAULT 1,
    due_at          timestamptz NOT NULL DEFAULT now(), -- of a claimed row: the end of the lease
    turn_at         timestamptz NOT NULL DEFAULT now(),
    holds           boolean NOT NULL DEFAULT true, -- younger ones to this guest wait for it
    claimed_by      text, -- who, and which claim of theirs: only that one may open an attempt
    why             text, -- what it waits for, in words
    PRIMARY KEY (account_id, conversation_id, message_id)
) WITH (fillfactor = 50);
INSERT INTO queue (account_id, conversation_id, message_id, priority, due_at, turn_at)
SELECT account_id, conversation_id, message_id, priority_of(m.kind), q.due_at, q.due_at
FROM queue_0001 q JOIN messages m USING (account_id, message_id);
DROP TABLE queue_0001;
CREATE INDEX queue_turn ON queue (priority, turn_at);

-- Until when an account's turns are given out.
CREATE TABLE turns (
    account_id ident PRIMARY KEY,
    turn_at    timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Pace (GCRA): until when a number, or our account at a carrier, is busy with what was opened.
CREATE TABLE paces (
    gate    text PRIMARY KEY, -- "twilio +12125550001", "twilio"
    free_at timestamptz NOT NULL
) WITH (fillfactor = 50);

ALTER TABLE attempts
    ADD COLUMN moved_on boolean NOT NULL DEFAULT false, -- failed before it left: the other's turn came
    -- made up after history was lost: one like it may have been made, and the carrier is asked for it
    ADD COLUMN doubt    boolean NOT NULL DEFAULT false;

-- What was accepted and never heard of again: to be asked for.
CREATE INDEX attempts_accepted ON attempts (opened_at) WHERE state = 'accepted';

-- One breaker per carrier and operation, shared by all processes, and its history.
CREATE TABLE breakers (
    provider    text NOT NULL,
    operation   text NOT NULL CHECK (operation IN ('send', 'ask')),
    state       text NOT NULL DEFAULT 'closed' CHECK (state IN ('closed', 'open')),
    open_until  timestamptz,
    times       integer NOT NULL DEFAULT 0, -- in a row: each time it stays open longer
    probe_by    text,        -- whose next message tries it
    probe_until timestamptz,
    shift       smallint NOT NULL DEFAULT 0 CHECK (shift BETWEEN 0 AND 100), -- percent sent elsewhere
    version     bigint NOT NULL DEFAULT 0,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, operation)
) WITH (fillfactor = 50);

CREATE TABLE carriers (
    provider    text PRIMARY KEY,
    drained_at  timestamptz, -- by an operator: nothing goes through it
    drained_why text,
    unheard     integer NOT NULL DEFAULT 0, -- texts in a row whose reports had to be fetched
    alarmed_at  timestamptz -- since when its callbacks seem not to reach us
);

CREATE TABLE carrier_events (
    provider  text NOT NULL,
    event_id  ident NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    operation text NOT NULL,
    what      text NOT NULL, -- opened, probed, closed, shifted, drained, undrained, unheard, heard
    who       text NOT NULL,
    reason    text NOT NULL,
    PRIMARY KEY (provider, event_id)
);

-- Counted up every second. Who once saw a higher one knows that history was lost.
CREATE TABLE epoch (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    n       bigint NOT NULL DEFAULT 0,
    lost_at timestamptz -- when it was last seen to have fallen
) WITH (fillfactor = 50);
INSERT INTO epoch DEFAULT VALUES;
