-- The texts that go out because of what happens to a visit.

-- A table that is ready goes before everything else; a second word about it as well.
CREATE OR REPLACE FUNCTION priority_of(kind text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN kind IN ('table_ready', 'second_notice') THEN 0::smallint ELSE 1::smallint END;

-- Appointments keep quiet hours. A table that is ready does not wait until morning, and an answer
-- belongs to the guest's own question.
CREATE OR REPLACE FUNCTION keeps_quiet(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN kind IN ('reminder', 'confirmation', 'booked', 'booking_moved', 'booking_cancelled');

-- What the API says when a change came with no text.
CREATE OR REPLACE FUNCTION not_told(why text) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN json_build_object('texted', false, 'called', false, 'why', why, 'detail', CASE why
    WHEN 'unchanged' THEN 'Nothing changed, so the guest was not texted.'
    WHEN 'just_notified' THEN 'The guest was notified a moment ago, so no second text went out.'
    WHEN 'not_asked' THEN 'No text goes out by itself here, and none was asked for.'
    WHEN 'no_number' THEN 'The guest gave no number.'
    WHEN 'no_consent' THEN 'The guest did not agree to be texted.'
    WHEN 'opted_out' THEN 'The guest asked not to be texted.'
    WHEN 'flagged' THEN 'The guest may have asked not to be texted. Read the thread, then clear the flag or confirm it.'
    WHEN 'no_sender' THEN 'This account has no number to send from.'
    WHEN 'no_caller' THEN 'This account has no number to call from.'
    WHEN 'no_call_consent' THEN 'The guest did not agree to be called.'
    WHEN 'texting_off' THEN 'No texts or calls go out: the subscription is paused, or has ended. A manager can see to it.' END);

CREATE OR REPLACE FUNCTION was_told(m messages) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object('texted', m.channel = 'sms', 'called', m.channel = 'voice',
                         'message_id', m.message_id, 'body', m.body, 'encoding', m.encoding,
                         'segments', m.segments);

-- What was said of a change when it was made, its text being this message or NULL.
CREATE OR REPLACE FUNCTION told_before(account text, id text) RETURNS json LANGUAGE sql STABLE
RETURN coalesce((SELECT was_told(m) FROM messages m WHERE m.account_id = account AND m.message_id = id),
                not_told('not_asked'));

-- Puts a text, or a call, into its thread and the queue. The guest's row is locked by the caller, who has seen that
-- they may be texted.
CREATE OR REPLACE FUNCTION queue_text(c conversations, id text, event text, words text, about text,
                                      lasts interval, way text DEFAULT 'sms') RETURNS messages
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    m messages;
BEGIN
    INSERT INTO messages (account_id, message_id, conversation_id, direction, channel, kind, phone, body,
                          encoding, segments, state, rank, expires_at, arrive_by, visit)
    SELECT c.account_id, id, c.conversation_id, 'out', way, event, c.phone, words, s.encoding,
           CASE way WHEN 'sms' THEN s.segments ELSE 1 END, 'queued', 0, now() + lasts,
           (SELECT now() + k.arrive_within_s * interval '1 second' FROM kind_settings k
            WHERE k.account_id = c.account_id AND k.kind = event), about
    FROM segments_of(words) s
    RETURNING * INTO m;
    INSERT INTO queue (account_id, conversation_id, message_id, priority)
    VALUES (c.account_id, c.conversation_id, id, priority_of(event));
    UPDATE conversations v SET last_message_id = greatest(v.last_message_id, id)
    WHERE v.account_id = c.account_id AND v.conversation_id = c.conversation_id;
    PERFORM pg_notify('maitred_queue', '');
    RETURN m;
END $$;

-- Texts a guest about a visit by the account's words for the event, if it is `wanted`; NULL: if that
-- text goes out by itself. Its place behind the state change, in one transaction with it, is what keeps
-- a double tap to one text. Returns what the API says of it.
CREATE OR REPLACE FUNCTION say(account text, event text, about text, guest text, language text,
                               vars jsonb, wanted boolean, lasts interval) RETURNS json
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    t   record;
    c   conversations;
    m   messages;
    why text;
BEGIN
    SELECT * INTO c FROM conversations v
    WHERE v.account_id = account AND v.conversation_id = guest FOR NO KEY UPDATE;
    why := CASE
        WHEN NOT coalesce(wanted, (SELECT d.automatic FROM template_of(account, event, language) d), false)
            THEN 'not_asked'
        WHEN c IS NULL THEN 'no_number'
        WHEN barred(account) IS NOT NULL THEN 'texting_off'
        WHEN c.opted_out_via = 'flag' THEN 'flagged'
        WHEN c.opted_out_at IS NOT NULL THEN 'opted_out'
        WHEN NOT EXISTS (SELECT FROM numbers n WHERE n.account_id = account AND n.sends) THEN 'no_sender' END;
    IF why IS NOT NULL THEN
        RETURN not_told(why);
    END IF;
    SELECT * INTO t FROM text_for(account, event, language, vars);
    m := queue_text(c, random_id('msg'), event, t.body, about, lasts);
    RETURN was_told(m);
END $$;

-- What a change told the guest leaves only after so many seconds, so that an undo can still stop it; NULL:
-- at once. Younger texts do not wait for it.
CREATE OR REPLACE FUNCTION hold_back(account text, told json, seconds int) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at timestamptz := now() + seconds * interval '1 second';
    id text := told ->> 'message_id';
BEGIN
    IF seconds > 0 AND id IS NOT NULL THEN
        UPDATE messages m SET send_at = at WHERE m.account_id = account AND m.message_id = id;
        UPDATE queue q SET due_at = at, turn_at = at, holds = false
        FROM messages m
        WHERE m.account_id = account AND m.message_id = id AND q.account_id = account
          AND q.conversation_id = m.conversation_id AND q.message_id = id;
    END IF;
END $$;

-- What is queued about a visit matters no more, but for one kind: the engine drops it before its next
-- attempt.
CREATE OR REPLACE FUNCTION unsay(account text, about text, guest text, because text,
                                 but text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE messages m SET cancel_reason = because
    FROM queue q
    WHERE q.account_id = account AND q.conversation_id = guest
      AND m.account_id = account AND m.message_id = q.message_id AND m.visit = about
      AND m.direction = 'out' AND m.kind <> but AND m.cancel_reason IS NULL AND m.ended_at IS NULL;
END $$;

-- ---- which digits a guest is asked for ----

-- The open visits of a guest, and which of them wait for an answer.
CREATE OR REPLACE VIEW open_visits AS
SELECT account_id, conversation_id, party_id AS visit, 'party' AS what, slot, asked_at, answered_at
FROM parties WHERE ended_at IS NULL AND state <> 'pending'
UNION ALL
SELECT account_id, conversation_id, booking_id, 'booking', slot, asked_at, answered_at
FROM bookings WHERE ended_at IS NULL AND starts_at > now() - interval '6 hours';
ALTER VIEW open_visits SET (security_invoker = true);

-- The first slot that no other visit of the guest waits for an answer in.
CREATE OR REPLACE FUNCTION free_slot(account text, guest text, but text) RETURNS smallint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT min(s) FROM generate_series(0, 9) s
            WHERE s NOT IN (SELECT o.slot FROM open_visits o
                            WHERE o.account_id = account AND o.conversation_id = guest AND o.visit <> but
                              AND o.asked_at IS NOT NULL AND o.answered_at IS NULL))::smallint;
END $$;

-- "1", and "11" in the second slot.
CREATE OR REPLACE FUNCTION digits(slot smallint, digit int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE slot WHEN 0 THEN '' ELSE slot::text END || digit;

-- The address of a guest's page.
CREATE OR REPLACE FUNCTION guest_link(token text) RETURNS text LANGUAGE sql STABLE
RETURN coalesce(current_setting('maitred.public_url', true), '') || '/g/' || token;

-- What staff write to a guest. Run again with the same id it answers as before.
CREATE OR REPLACE FUNCTION say_freely(account text, guest text, words text, id text, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c conversations;
    m messages;
BEGIN
    SELECT * INTO c FROM conversations v
    WHERE v.account_id = account AND v.conversation_id = guest FOR NO KEY UPDATE;
    SELECT * INTO m FROM messages v WHERE v.account_id = account AND v.message_id = id;
    status := 202;
    IF c.conversation_id IS NULL THEN
        status := 404;
        body := nothing_here();
    ELSIF m.message_id IS NULL AND c.opted_out_via = 'flag' THEN
        status := 409;
        body := problem('flagged', NULL, 'This guest may have asked not to be texted. Look at the thread, then clear the flag or confirm it.');
    ELSIF m.message_id IS NULL AND c.opted_out_at IS NOT NULL THEN
        status := 409;
        body := problem('opted_out', NULL, 'This guest replied STOP. They must text START before you can text them.');
    ELSIF m.message_id IS NULL AND barred(account) IS NOT NULL THEN
        status := 402;
        body := problem('billing', NULL, not_told('texting_off') ->> 'detail');
    ELSIF NOT EXISTS (SELECT FROM numbers n WHERE n.account_id = account AND n.sends) THEN
        status := 409;
        body := problem('conflict', NULL, 'This account has no number to send from.');
    END IF;
    IF body IS NOT NULL THEN
        RETURN;
    ELSIF m.message_id IS NULL THEN
        m := queue_text(c, id, 'message', words, (SELECT visit FROM open_visits o
                 WHERE o.account_id = account AND o.conversation_id = guest
                 ORDER BY asked_at DESC NULLS LAST LIMIT 1), interval '4 hours');
    END IF;
    body := json_build_object('id', m.message_id, 'state', shown_state(m), 'encoding', m.encoding,
                              'segments', m.segments);
END $$;
