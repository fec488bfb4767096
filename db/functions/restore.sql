-- What is done once after a backup was restored.

-- Since the last moment in which a gateway is known to have worked, a minute back for clocks that differ,
-- anything may have been done. Who was signed in signs in again: sessions, invitations and links that were
-- ended after the backup are back in it.
CREATE OR REPLACE FUNCTION restored() RETURNS timestamptz LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE sessions SET ended_at = now(), ended_why = 'a backup was restored' WHERE ended_at IS NULL;
    UPDATE links SET revoked_at = now(), mail = CASE mail WHEN 'queued' THEN 'failed' ELSE mail END
    WHERE used_at IS NULL AND revoked_at IS NULL AND kind <> 'notice';
    UPDATE heard SET due_at = now(), leased_until = NULL; -- what guests wrote meanwhile, at once
    UPDATE epoch
    SET n = n + 1, restored_at = now(), trusted_at = NULL,
        lost_from = coalesce(at, (SELECT max(created_at) FROM messages), now()) - interval '1 minute'
    RETURNING lost_from;
END;

-- A text that an erased guest had written: the carrier's list still has it.
CREATE OR REPLACE FUNCTION not_missed(account text, carrier text, id text, since timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH noted AS (
        INSERT INTO erased_texts (account_id, provider, carrier_id, at)
        SELECT account, carrier, id, since WHERE EXISTS (SELECT FROM accounts WHERE account_id = account)
        ON CONFLICT DO NOTHING
        RETURNING 1)
    SELECT count(*) FROM noted;
END;

-- What a guest of a journal said about being texted. Who is not there is remembered by the hash.
CREATE OR REPLACE FUNCTION said_again(account text, hash text, said timestamptz, id text, what text,
                                      by text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c  conversations;
    no boolean := what IN ('stop', 'flag');
    via text := CASE what WHEN 'flag' THEN 'flag' ELSE by END;
BEGIN
    SELECT * INTO c FROM conversations v
    WHERE v.account_id = account AND hash = ANY (phone_hashes(v.phone)) FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM consent_log l
               WHERE l.account_id = account AND l.at >= said
                 AND l.action IN ('stop', 'start', 'flag', 'clear')
                 AND hash = ANY (CASE WHEN l.phone LIKE '+%' THEN phone_hashes(l.phone)
                               ELSE ARRAY[l.phone] END)) THEN
        RETURN 0;
    END IF;
    INSERT INTO consent_log (account_id, phone, event_id, action, word, at, via, provider)
    VALUES (account, coalesce(c.phone, hash), id, what, 'from the journal, after a restore', said,
            CASE by WHEN 'staff' THEN 'staff' ELSE 'guest' END, nullif(by, 'staff'));
    UPDATE conversations v
    SET opted_out_at = CASE WHEN no THEN coalesce(v.opted_out_at, said) END,
        opted_out_via = CASE WHEN no THEN CASE WHEN v.opted_out_via = 'flag' THEN via
                                               ELSE coalesce(v.opted_out_via, via) END END
    WHERE v.account_id = account AND v.conversation_id = c.conversation_id;
    IF c.conversation_id IS NULL AND no THEN
        INSERT INTO opt_outs (account_id, phone_hash, at, via) VALUES (account, hash, said, via)
        ON CONFLICT DO NOTHING;
    ELSIF NOT no THEN
        DELETE FROM opt_outs o WHERE o.account_id = account AND o.phone_hash = hash AND o.at <= said;
    END IF;
    RETURN 1;
END $$;
