-- What guests answer: their digits act on the party or booking that asked for them.

-- Applies what a guest wrote to what it is about. slot and digit: "12" is 1 and 2, "2" is 0 and 2; NULL:
-- free text, which staff read. `word`: one that opted the guest out and may mean that they leave as well.
CREATE OR REPLACE FUNCTION reply_heard(account text, guest text, reply text, in_slot bigint, chose bigint,
                                       word text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    asked record; -- the visit whose question this answers
    late  text;   -- the last one that is over
BEGIN
    -- the last question in that slot; when nothing was asked, what is open, if it is one thing only
    SELECT * INTO asked FROM (SELECT o.*, count(*) OVER () AS num FROM open_visits o
                              WHERE o.account_id = account AND o.conversation_id = guest) v
    WHERE CASE WHEN v.asked_at IS NULL THEN v.num = 1 ELSE v.slot = coalesce(in_slot, v.slot) END
    ORDER BY v.asked_at DESC LIMIT 1;
    IF asked.visit IS NULL THEN
        SELECT v.id INTO late FROM (
            SELECT party_id AS id, ended_at FROM parties
            WHERE account_id = account AND conversation_id = guest AND ended_at IS NOT NULL
            UNION ALL
            SELECT booking_id, ended_at FROM bookings
            WHERE account_id = account AND conversation_id = guest AND ended_at IS NOT NULL) v
        WHERE v.ended_at > now() - interval '1 day' ORDER BY v.ended_at DESC LIMIT 1;
    END IF;
    IF asked.visit IS NOT NULL OR late IS NOT NULL OR chose IS NOT NULL THEN
        UPDATE messages m SET visit = coalesce(asked.visit, late), digit = chose
        WHERE m.account_id = account AND m.message_id = reply;
    END IF;
    IF asked.what = 'party' AND word IS NOT NULL THEN
        PERFORM party_says(account, asked.visit, word);
    ELSIF asked.what = 'booking' AND word IS NOT NULL THEN
        PERFORM booking_says(account, asked.visit, word);
    ELSIF asked.what = 'party' AND chose IS NOT NULL THEN
        PERFORM party_do(account, 'guest', asked.visit,
                         CASE chose WHEN 1 THEN 'coming' WHEN 2 THEN 'more_time' ELSE 'cancel' END,
                         NULL, NULL, '{}');
    ELSIF asked.what = 'booking' AND chose IN (1, 9) THEN
        PERFORM booking_do(account, 'guest', asked.visit, CASE chose WHEN 1 THEN 'confirm' ELSE 'cancel' END,
                           NULL, NULL, '{}');
    ELSIF asked.visit IS NULL AND late IS NULL AND word IS NULL THEN
        PERFORM not_expected(account, guest);
    END IF;
END $$;

-- CANCEL, END or QUIT: carriers and law take it for STOP, so nothing can be asked back. The board shows it,
-- and staff decide whether the guest gives up the place as well.
CREATE OR REPLACE FUNCTION party_says(account text, id text, word text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p parties := party_lock(account, id);
BEGIN
    p.says := word;
    PERFORM party_save(p, 'guest', 'says', NULL, jsonb_build_object('word', word));
END $$;
CREATE OR REPLACE FUNCTION booking_says(account text, id text, word text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b bookings := booking_lock(account, id);
BEGIN
    b.says := word;
    PERFORM booking_save(b, 'guest', 'says', NULL, jsonb_build_object('word', word));
END $$;

-- Whoever writes without having been expected is told whom to call: where the venue wants that, and not
-- more than twice a day.
CREATE OR REPLACE FUNCTION not_expected(account text, guest text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT FROM messages m
               WHERE m.account_id = account AND m.conversation_id = guest AND m.kind = 'not_expected'
                 AND m.message_id > id_of('msg', now() - interval '12 hours', 0)) THEN
        RETURN;
    END IF;
    PERFORM say(account, 'not_expected', NULL, guest, coalesce(c.language, a.language), '{}', NULL,
                interval '10 minutes')
    FROM accounts a JOIN conversations c ON c.account_id = a.account_id
    WHERE a.account_id = account AND c.conversation_id = guest;
END $$;

-- All that one statement has stored, in its order; called when they are in their threads.
-- What it asks is about one guest each, by keys: planned once, not again for each of them.
CREATE OR REPLACE FUNCTION replies_heard(replies jsonb) RETURNS void LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = auto AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT * FROM jsonb_to_recordset(replies)
             AS x (account text, guest text, message text, slot bigint, digit bigint, word text)
             ORDER BY account, guest, message LOOP
        PERFORM reply_heard(r.account, r.guest, r.message, r.slot, r.digit, r.word);
    END LOOP;
END $$;

-- ---- what the clock does ----

-- Parties for which something is due: a second notice, or the end of their day. Returns how many.
CREATE OR REPLACE FUNCTION parties_due(most bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p parties;
    n bigint := 0;
BEGIN
    FOR p IN SELECT d.* FROM (SELECT * FROM parties t WHERE t.due_at <= now()
                              ORDER BY t.due_at LIMIT most) d
             ORDER BY d.account_id, d.party_id LOOP -- lines are locked in this order
        CONTINUE WHEN NOT guest_free(p.account_id, p.conversation_id);
        SELECT * INTO p FROM parties t
        WHERE t.account_id = p.account_id AND t.party_id = p.party_id AND t.due_at <= now()
        FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        n := n + 1;
        PERFORM party_do(p.account_id, 'clock', p.party_id,
                         CASE WHEN p.created_at + interval '1 day' <= now() THEN 'expire' ELSE 'notify' END,
                         NULL, NULL, '{}');
    END LOOP;
    RETURN n;
END $$;

-- Lines whose front could not be told before. Returns how many.
CREATE OR REPLACE FUNCTION look_at_lines() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    line text;
    n    bigint := 0;
BEGIN
    FOR line IN DELETE FROM lines_due
                WHERE account_id IN (SELECT account_id FROM lines_due ORDER BY account_id FOR UPDATE SKIP LOCKED)
                RETURNING account_id LOOP
        PERFORM line_moved(line);
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;
