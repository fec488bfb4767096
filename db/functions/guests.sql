-- Guests: people with a number at one account.

-- The guest with this number, made if there is none, and locked; what is known of them is kept up to
-- date.
CREATE OR REPLACE FUNCTION guest_at(account text, number text, called text, speaks text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id text;
BEGIN
    IF number IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO conversations AS c (account_id, conversation_id, phone, name, language)
    VALUES (account, random_id('cnv'), number, called, speaks)
    ON CONFLICT (account_id, phone) DO UPDATE
        SET name = coalesce(excluded.name, c.name), language = coalesce(excluded.language, c.language)
    RETURNING conversation_id INTO id;
    RETURN id;
END $$;

-- The language to speak to a guest in (NULL: nobody known): as wanted, as before, or as the account does.
CREATE OR REPLACE FUNCTION speaks(account text, guest text, wanted text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(wanted,
                    (SELECT c.language FROM conversations c
                     WHERE c.account_id = account AND c.conversation_id = guest),
                    (SELECT a.language FROM accounts a WHERE a.account_id = account));
END $$;

-- Locks a guest for the clock, which waits for nobody; false when somebody else holds them. NULL: there
-- is nobody to lock.
CREATE OR REPLACE FUNCTION guest_free(account text, guest text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM conversations c WHERE c.account_id = account AND c.conversation_id = guest
    FOR NO KEY UPDATE SKIP LOCKED;
    RETURN FOUND OR guest IS NULL;
END $$;

-- How a guest agreed to be texted, for the ledger.
CREATE OR REPLACE FUNCTION consent_given(account text, guest text, how text, who text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO consent_log (account_id, phone, event_id, action, word, via, key_id, user_id)
    SELECT account, c.phone, random_id('evt'), 'given', how,
           CASE who WHEN 'guest' THEN 'guest' ELSE 'staff' END,
           CASE WHEN who LIKE 'key%' THEN who END, CASE WHEN who LIKE 'usr%' THEN who END
    FROM conversations c WHERE c.account_id = account AND c.conversation_id = guest;
END $$;
