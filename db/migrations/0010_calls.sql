-- Calls: who may be called from which number, how a venue wants it, and what became of a call.

-- Functions that take a row of accounts, which gets columns here, and one that gets a parameter; all
-- of them are made again when the migrations are through.
DROP FUNCTION IF EXISTS account_json(accounts) CASCADE;
DROP FUNCTION IF EXISTS venue_json(accounts) CASCADE;
DROP FUNCTION IF EXISTS venue_enter(text) CASCADE;
DROP FUNCTION IF EXISTS queue_text(conversations, text, text, text, text, interval);
DROP FUNCTION IF EXISTS party_notice(parties, boolean);
DROP FUNCTION IF EXISTS party_next(text, text, bigint, bigint, boolean);

ALTER TABLE accounts
    -- how guests hear that their table is ready; auto: by text, and by a call when that does not do
    ADD COLUMN notify_by          text NOT NULL DEFAULT 'sms' CHECK (notify_by IN ('sms', 'voice', 'auto')),
    ADD COLUMN call_after_minutes smallint NOT NULL DEFAULT 3, -- auto: without an answer for so long
    ADD COLUMN voice              text NOT NULL DEFAULT 'woman' CHECK (voice IN ('woman', 'man')),
    ADD COLUMN voicemail          boolean NOT NULL DEFAULT false; -- callers may leave a message

ALTER TABLE numbers ADD COLUMN calls boolean NOT NULL DEFAULT true; -- it can be called from

-- What a call has that a text has not; its row in messages has the rest. One carrier's word for it is
-- in the attempt.
CREATE TABLE calls (
    account_id    ident,
    message_id    ident,
    answered_by   text CHECK (answered_by IN ('human', 'machine', 'fax')),
    keys          text NOT NULL DEFAULT '', -- those pressed, in their order
    last_step     text,                     -- of the script, that was asked for; NULL: none was
    outcome       text CHECK (outcome IN ('confirmed', 'more_time', 'left', 'opted_out', 'connected',
                                          'voicemail', 'recorded', 'texted', 'no_key')),
    duration_s    integer,
    recording_url text,
    recording_s   integer,
    PRIMARY KEY (account_id, message_id)
);
SELECT guard_account_table('calls');

-- Guests who are to be called about a visit, unless they answer before. A few rows: those who are asked
-- just now.
CREATE TABLE calls_due (
    account_id      ident,
    visit           ident,
    conversation_id ident NOT NULL,
    event           text NOT NULL,  -- what is said
    message_id      ident,          -- the text or call that is waited for
    at              timestamptz NOT NULL,
    tries           smallint NOT NULL DEFAULT 0, -- calls so far
    PRIMARY KEY (account_id, visit)
);
SELECT guard_account_table('calls_due');
