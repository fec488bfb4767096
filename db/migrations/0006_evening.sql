-- 0006: the evening: parties that wait, bookings, and what was done with them.

-- PostgreSQL adds no column with a default while a function takes the table's row. It is made again,
-- from db/functions.
DROP FUNCTION account_json(accounts);

ALTER TABLE accounts
    ADD COLUMN phone                 text, -- where guests can call; E.164
    ADD COLUMN language              text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'es', 'fr')),
    ADD COLUMN hold_minutes          smallint NOT NULL DEFAULT 10, -- a ready table is held so long
    ADD COLUMN more_minutes          smallint NOT NULL DEFAULT 10, -- what a guest gets who needs more time
    ADD COLUMN almost_place          smallint NOT NULL DEFAULT 3,  -- from which place on one is nearly up
    ADD COLUMN second_notice_minutes smallint,                     -- after the first; NULL: not by itself
    ADD COLUMN default_wait_minutes  smallint NOT NULL DEFAULT 20, -- while there is no estimate
    ADD COLUMN estimates             boolean NOT NULL DEFAULT true,
    ADD COLUMN show_wait             boolean NOT NULL DEFAULT true, -- on the pages of guests
    ADD COLUMN check_in              boolean NOT NULL DEFAULT true, -- guests may put themselves down
    ADD COLUMN check_in_code         text COLLATE "C" UNIQUE,       -- what stands in that page's address
    ADD COLUMN reminders             text[] NOT NULL DEFAULT '{1d,3h}', -- that long before a booking
    ADD COLUMN fold_texts            boolean NOT NULL DEFAULT true, -- plain letters where that saves a segment
    ADD COLUMN retain_days           integer CHECK (retain_days BETWEEN 1 AND 3660), -- after they were
                                     -- made; NULL: 18 months after the last login
    ADD COLUMN last_login_at         timestamptz;

-- What is known of a guest beside the thread.
ALTER TABLE conversations
    ADD COLUMN name     text,
    ADD COLUMN language text CHECK (language IN ('en', 'es', 'fr')),
    ADD COLUMN notes    text;

-- The zones of an area code are looked up when a message is offered to a carrier.
ALTER TABLE messages
    DROP COLUMN guest_zone,
    ADD COLUMN visit ident,    -- the party or booking that it is about
    ADD COLUMN digit smallint; -- what a reply was taken for: 1, 2 or 9

-- 72 random bits in 12 characters that a URL may hold.
CREATE FUNCTION random_token() RETURNS text LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN translate(encode(substr(decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), 1, 6)
                        || substr(decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), 11, 3),
                        'base64'), '+/', '-_');
UPDATE accounts SET check_in_code = random_token();
ALTER TABLE accounts ALTER COLUMN check_in_code SET DEFAULT random_token();

-- An entry of the waitlist. It is open until it has an end; then it stays, for the reports.
CREATE TABLE parties (
    account_id      ident NOT NULL REFERENCES accounts,
    party_id        ident NOT NULL,
    conversation_id ident, -- the guest; NULL: they gave no number
    booking_id      ident,
    name            text NOT NULL,
    size            smallint NOT NULL CHECK (size BETWEEN 1 AND 99),
    language        text NOT NULL CHECK (language IN ('en', 'es', 'fr')),
    notes           text NOT NULL DEFAULT '',
    tags            text[] NOT NULL DEFAULT '{}',
    seat            text, -- table, chair or room
    source          text NOT NULL CHECK (source IN ('host', 'self', 'booking', 'api')),
    state           text NOT NULL CHECK (state IN ('pending', 'waiting', 'almost', 'notified', 'coming',
                        'more_time', 'seated', 'cancelled', 'no_show', 'expired')),
    version         integer NOT NULL DEFAULT 1, -- counts each change
    place           numeric NOT NULL, -- the order of the line; between two there is always another
    quote_min       smallint, -- minutes, as the guest was told
    quote_max       smallint,
    quoted_at       timestamptz,
    quoted_by       text,
    notices         smallint NOT NULL DEFAULT 0, -- how often they were told that it is ready
    notified_at     timestamptz, -- last
    held_until      timestamptz,
    asked_at        timestamptz, -- a text asked for a digit
    answered_at     timestamptz,
    slot            smallint NOT NULL DEFAULT 0, -- 0: 1, 2 and 9; 1: 11, 12 and 19
    says            text, -- the guest's word when it was one that opts out, like CANCEL
    texts           boolean NOT NULL DEFAULT true, -- the guest agreed to be texted
    text_id         ident, -- the last automatic text
    token           text COLLATE "C" UNIQUE DEFAULT random_token(), -- of the guest's page
    due_at          timestamptz, -- when something is to be done without anybody's asking
    created_at      timestamptz NOT NULL DEFAULT now(),
    joined_at       timestamptz, -- in the line since
    ended_at        timestamptz,
    ended_by        text CHECK (ended_by IN ('guest', 'staff', 'clock')),
    undo_state      text, -- what it was before its last state
    PRIMARY KEY (account_id, party_id),
    CHECK ((ended_at IS NULL) = (state IN ('pending', 'waiting', 'almost', 'notified', 'coming', 'more_time')))
) WITH (fillfactor = 70);
CREATE INDEX parties_open ON parties (account_id, place) WHERE ended_at IS NULL;
CREATE INDEX parties_of_guest ON parties (account_id, conversation_id, party_id);
CREATE INDEX parties_due ON parties (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE bookings (
    account_id      ident NOT NULL REFERENCES accounts,
    booking_id      ident NOT NULL,
    conversation_id ident,
    party_id        ident, -- once they have arrived
    name            text NOT NULL,
    size            smallint NOT NULL CHECK (size BETWEEN 1 AND 99),
    language        text NOT NULL CHECK (language IN ('en', 'es', 'fr')),
    notes           text NOT NULL DEFAULT '',
    tags            text[] NOT NULL DEFAULT '{}',
    source          text NOT NULL CHECK (source IN ('host', 'api')),
    state           text NOT NULL CHECK (state IN ('booked', 'reminded', 'confirmed', 'arrived',
                        'cancelled', 'no_show')),
    version         integer NOT NULL DEFAULT 1,
    starts_at       timestamptz NOT NULL,
    remind_at       timestamptz, -- next
    asked_at        timestamptz,
    answered_at     timestamptz,
    slot            smallint NOT NULL DEFAULT 0,
    says            text,
    texts           boolean NOT NULL DEFAULT true,
    text_id         ident,
    token           text COLLATE "C" UNIQUE DEFAULT random_token(),
    created_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    ended_by        text CHECK (ended_by IN ('guest', 'staff')),
    undo_state      text,
    PRIMARY KEY (account_id, booking_id),
    CHECK ((ended_at IS NULL) = (state IN ('booked', 'reminded', 'confirmed')))
) WITH (fillfactor = 70);
CREATE INDEX bookings_by_time ON bookings (account_id, starts_at, booking_id);
CREATE INDEX bookings_of_guest ON bookings (account_id, conversation_id, booking_id);
CREATE INDEX bookings_remind ON bookings (remind_at) WHERE remind_at IS NOT NULL;

-- What was done with a party or a booking, by whom. No names, numbers or words.
CREATE TABLE visit_log (
    account_id ident NOT NULL,
    visit      ident NOT NULL,
    ordinal    bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    who        text NOT NULL, -- a user's or key's id, 'guest' or 'clock'
    what       text NOT NULL, -- 'added', 'quoted', 'notified', 'seated' ...
    detail     jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (account_id, visit, ordinal)
);

-- Lines in which somebody came to the front and could not be told so: see line_moved().
CREATE TABLE lines_due (
    account_id ident PRIMARY KEY
);

-- Keys of our own, by which a statement that is run again knows that it was: for an hour.
CREATE INDEX idempotency_keys_ours ON idempotency_keys (created_at) WHERE key LIKE 'one\_%';

-- How the guest agreed stands in the ledger: the word says how, "verbal", "web".
ALTER TABLE consent_log
    DROP CONSTRAINT consent_log_action_check,
    ADD CONSTRAINT consent_log_action_check
        CHECK (action IN ('stop', 'start', 'help', 'flag', 'clear', 'given'));

SELECT guard_account_table(t) FROM unnest(ARRAY['parties', 'bookings', 'visit_log', 'lines_due']) t;

CREATE FUNCTION party_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    VALUES (coalesce(NEW.account_id, OLD.account_id),
            CASE TG_OP WHEN 'INSERT' THEN 'party.added' WHEN 'UPDATE' THEN 'party.changed'
                       ELSE 'party.deleted' END, coalesce(NEW.party_id, OLD.party_id));
    RETURN NULL;
END $$;
CREATE TRIGGER told AFTER INSERT OR DELETE ON parties FOR EACH ROW EXECUTE FUNCTION party_changed();
CREATE TRIGGER changed AFTER UPDATE ON parties FOR EACH ROW
    WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION party_changed();

CREATE FUNCTION booking_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    VALUES (coalesce(NEW.account_id, OLD.account_id),
            CASE TG_OP WHEN 'INSERT' THEN 'booking.added' WHEN 'UPDATE' THEN 'booking.changed'
                       ELSE 'booking.deleted' END, coalesce(NEW.booking_id, OLD.booking_id));
    RETURN NULL;
END $$;
CREATE TRIGGER told AFTER INSERT OR DELETE ON bookings FOR EACH ROW EXECUTE FUNCTION booking_changed();
CREATE TRIGGER changed AFTER UPDATE ON bookings FOR EACH ROW
    WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION booking_changed();
