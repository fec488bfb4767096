-- 0008: guests' data goes when it should: erasures and their journal, opt-outs that outlive them as a
-- keyed hash, and what is kept of the numbers when messages go by their age.

-- Opt-outs of guests who are gone, by phone_hash(). A guest who is known has theirs in conversations:
-- nobody has one in both.
CREATE TABLE opt_outs (
    account_id ident NOT NULL REFERENCES accounts,
    phone_hash text COLLATE "C" NOT NULL CHECK (length(phone_hash) = 64),
    at         timestamptz NOT NULL,
    via        text NOT NULL, -- as conversations.opted_out_via
    PRIMARY KEY (account_id, phone_hash)
);

-- Append-only. A backup that is restored lacks the newest: each is a line of the log as well, and
-- `maitred erasures --replay` erases again.
CREATE TABLE erasures (
    account_id ident NOT NULL REFERENCES accounts,
    erasure_id ident NOT NULL,
    phone_hash text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    who        text NOT NULL, -- a user's or key's id; 'replay'
    erased     json NOT NULL, -- how many of what
    PRIMARY KEY (account_id, erasure_id)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON erasures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What erased guests wrote, by its carrier's id: carriers still list it, and post it again. Kept for as
-- long as lists are compared with our threads.
CREATE TABLE erased_texts (
    account_id ident NOT NULL,
    provider   text NOT NULL,
    carrier_id text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, provider, carrier_id)
);
CREATE INDEX erased_texts_by_age ON erased_texts (at);

-- What reports need of messages that are gone: added up in the statement that deletes them.
CREATE TABLE message_totals (
    account_id ident NOT NULL,
    hour       timestamptz NOT NULL, -- in which they were made
    direction  text NOT NULL,
    channel    text NOT NULL,
    kind       text NOT NULL,
    state      text NOT NULL,
    code       text NOT NULL, -- '': none
    n          bigint NOT NULL,
    segments   bigint NOT NULL,
    PRIMARY KEY (account_id, hour, direction, channel, kind, state, code)
);

-- How far retain() has come with each kind of thing of an account: what lies before is gone, and its
-- dead entries in the index are not walked again.
CREATE TABLE retained (
    account_id ident NOT NULL,
    what       text COLLATE "C" NOT NULL,
    due_at     timestamptz NOT NULL DEFAULT now(),
    swept_to   ident NOT NULL DEFAULT '',
    first_left ident, -- the first in this pass that could not go yet: the next begins there
    PRIMARY KEY (account_id, what)
) WITH (fillfactor = 50);
CREATE INDEX retained_due ON retained (due_at);

SELECT guard_account_table(t) FROM unnest(ARRAY['opt_outs', 'erasures', 'erased_texts',
                                                'message_totals', 'retained']) t;

-- A guest who was erased comes back: their opt-out does too. It runs only for rows that are new, not
-- for a guest who is known, as one BEFORE INSERT would at each ON CONFLICT; and it reads what was
-- committed until now, so that no erasure slips in between. A definite STOP counts more than a doubt.
CREATE FUNCTION remember_opt_out() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    old opt_outs;
BEGIN
    IF NOT EXISTS (SELECT FROM opt_outs WHERE account_id = NEW.account_id) THEN
        RETURN NULL;
    END IF;
    DELETE FROM opt_outs o
    WHERE o.account_id = NEW.account_id AND o.phone_hash = phone_hash(NEW.phone)
    RETURNING * INTO old;
    IF FOUND THEN
        UPDATE conversations c
        SET opted_out_at = least(old.at, c.opted_out_at),
            opted_out_via = CASE WHEN c.opted_out_via <> 'flag' THEN c.opted_out_via ELSE old.via END
        WHERE c.account_id = NEW.account_id AND c.conversation_id = NEW.conversation_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER remember_opt_out AFTER INSERT ON conversations
    FOR EACH ROW EXECUTE FUNCTION remember_opt_out();

-- For erasing: a guest's deliveries are found without reading all of the account's.
CREATE INDEX deliveries_of_subject ON deliveries (account_id, subject);

-- Retention deletes the oldest day by day: by default a table would be cleaned when a fifth of it is
-- dead, which here are years of entries at the low end of each index.
ALTER TABLE messages SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE attempts SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE receipts SET (autovacuum_vacuum_scale_factor = 0.02);

UPDATE accounts a
SET last_login_at = (SELECT max(s.created_at) FROM sessions s JOIN memberships m USING (user_id)
                     WHERE m.account_id = a.account_id);
