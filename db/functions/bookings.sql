-- Bookings: made, moved, cancelled, reminded of, arrived.

CREATE OR REPLACE FUNCTION booking_lock(account text, id text) RETURNS bookings
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b     bookings;
    guest text;
BEGIN
    LOOP
        SELECT conversation_id INTO guest FROM bookings WHERE account_id = account AND booking_id = id;
        PERFORM FROM conversations c
        WHERE c.account_id = account AND c.conversation_id = guest FOR NO KEY UPDATE;
        SELECT * INTO b FROM bookings WHERE account_id = account AND booking_id = id FOR UPDATE;
        IF b.booking_id IS NULL OR b.conversation_id IS NOT DISTINCT FROM guest THEN
            RETURN b;
        END IF; -- its number was changed in between
    END LOOP;
END $$;

-- The first of an account's reminders of a booking that is still to come after `past`. Days before are
-- counted by the venue's clock, so that a reminder comes at the booking's own hour also when the clocks
-- change in between; hours are hours.
CREATE OR REPLACE FUNCTION next_reminder(account text, starts timestamptz, past timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE
RETURN (SELECT min(r.at)
        FROM accounts a, unnest(a.reminders) before,
             LATERAL (SELECT CASE WHEN before LIKE '%d'
                      THEN ((starts AT TIME ZONE a.zone) - before::interval) AT TIME ZONE a.zone
                      ELSE starts - before::interval END AS at) r
        WHERE a.account_id = account AND r.at > past AND r.at < starts);

CREATE OR REPLACE FUNCTION booking_save(b bookings, who text, what text, told json, detail jsonb)
RETURNS bookings LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    b.version := b.version + 1;
    b.text_id := coalesce(told ->> 'message_id', b.text_id);
    UPDATE bookings t
    SET conversation_id = b.conversation_id, party_id = b.party_id, name = b.name, size = b.size,
        language = b.language, notes = b.notes, tags = b.tags, state = b.state, version = b.version,
        starts_at = b.starts_at, remind_at = b.remind_at, asked_at = b.asked_at,
        answered_at = b.answered_at, slot = b.slot, says = b.says, texts = b.texts,
        text_id = b.text_id, ended_at = b.ended_at, ended_by = b.ended_by, undo_state = b.undo_state
    WHERE t.account_id = b.account_id AND t.booking_id = b.booking_id;
    PERFORM visit_note(b.account_id, b.booking_id, who, what, detail);
    RETURN b;
END $$;

CREATE OR REPLACE FUNCTION booking_answer(b bookings, changed boolean, told json) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('booking', booking_json(b), 'changed', changed,
                             'text', coalesce(told, not_told('unchanged')));
END $$;

CREATE OR REPLACE FUNCTION booking_say(b bookings, event text, wanted boolean, lasts interval) RETURNS json
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF b.conversation_id IS NOT NULL AND NOT b.texts THEN
        RETURN not_told('no_consent');
    END IF;
    RETURN say(b.account_id, event, b.booking_id, b.conversation_id, b.language,
               jsonb_build_object('name', b.name, 'size', b.size, 'link', guest_link(b.token),
                                  'when', when_text(b.starts_at, (SELECT zone FROM accounts a
                                                                  WHERE a.account_id = b.account_id),
                                                    b.language),
                                  'yes', digits(b.slot, 1), 'no', digits(b.slot, 9)), wanted, lasts);
END $$;

-- A text about a booking that is sent late is of use until it begins.
CREATE OR REPLACE FUNCTION until_then(b bookings) RETURNS interval LANGUAGE sql STABLE
RETURN greatest(b.starts_at - now(), interval '10 minutes');

CREATE OR REPLACE FUNCTION booking_add(account text, who text, id text, f jsonb, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b     bookings;
    told  json;
    guest text;
BEGIN
    SELECT * INTO b FROM bookings WHERE account_id = account AND booking_id = id;
    status := 201;
    IF FOUND THEN -- this was run before, and its answer lost
        body := booking_answer(b, true, told_before(account, b.text_id));
        RETURN;
    END IF;
    guest := guest_at(account, f ->> 'phone', nullif(f ->> 'name', ''), f ->> 'language');
    INSERT INTO bookings (account_id, booking_id, conversation_id, name, size, language, notes, tags,
                          source, state, starts_at, remind_at, texts)
    VALUES (account, id, guest, coalesce(f ->> 'name', ''), (f ->> 'size')::int, speaks(account, guest, f ->> 'language'),
            coalesce(f ->> 'notes', ''), coalesce(string_to_array(f ->> 'tags', ','), '{}'),
            CASE WHEN who LIKE 'key%' THEN 'api' ELSE 'host' END, 'booked', from_ms((f ->> 'starts_at')::bigint),
            next_reminder(account, from_ms((f ->> 'starts_at')::bigint), now()),
            coalesce(f ->> 'consent', '') <> 'none')
    RETURNING * INTO b;
    IF guest IS NOT NULL AND b.texts THEN
        PERFORM consent_given(account, guest, coalesce(f ->> 'consent', 'verbal'), who);
    END IF;
    told := booking_say(b, 'booked', (f ->> 'text')::boolean, until_then(b));
    b.version := 0;
    b := booking_save(b, who, 'added', told, jsonb_build_object('size', b.size));
    body := booking_answer(b, true, told);
END $$;

CREATE OR REPLACE FUNCTION booking_edit(account text, who text, id text, f jsonb, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b    bookings := booking_lock(account, id);
    old  bookings := b;
    told json := not_told('not_asked');
BEGIN
    IF b.booking_id IS NULL THEN
        status := 404;
        body := nothing_here();
        RETURN;
    ELSIF b.version <> (f ->> 'version')::int THEN
        status := 409;
        body := visit_stale();
        RETURN;
    END IF;
    b.name := coalesce(f ->> 'name', b.name);
    b.size := coalesce((f ->> 'size')::int, b.size);
    b.notes := coalesce(f ->> 'notes', b.notes);
    b.tags := coalesce(string_to_array(f ->> 'tags', ','), b.tags);
    b.language := coalesce(f ->> 'language', b.language);
    b.texts := coalesce((f ->> 'texts')::boolean, b.texts);
    b.starts_at := coalesce(from_ms((f ->> 'starts_at')::bigint), b.starts_at);
    IF b = old THEN
        status := 200;
        body := booking_answer(b, false, NULL);
        RETURN;
    ELSIF b.starts_at <> old.starts_at AND b.ended_at IS NOT NULL THEN
        status := 409;
        body := problem('conflict', 'starts_at', 'This booking has ended: it cannot be moved.');
        RETURN;
    END IF;
    IF b.starts_at <> old.starts_at THEN -- asked again at the new time
        b.state := 'booked';
        b.asked_at := NULL;
        b.answered_at := NULL;
        b.remind_at := next_reminder(account, b.starts_at, now());
        PERFORM unsay(account, id, b.conversation_id, 'The booking was moved before it was sent.'),
                call_no_more(account, id, b.conversation_id, 'The booking was moved before the call.');
        told := booking_say(b, 'booking_moved', (f ->> 'text')::boolean, until_then(b));
    END IF;
    b := booking_save(b, who, CASE WHEN b.starts_at <> old.starts_at THEN 'moved' ELSE 'edited' END, told,
                      jsonb_build_object('size', b.size));
    status := 200;
    body := booking_answer(b, true, told);
END $$;

CREATE OR REPLACE FUNCTION booking_may(b bookings, action text) RETURNS text LANGUAGE sql STABLE
RETURN CASE
    WHEN (action, b.state) IN (('confirm', 'confirmed'), ('cancel', 'cancelled'), ('no_show', 'no_show'),
                               ('arrive', 'arrived'), ('undo', 'booked'), ('undo', 'reminded')) THEN 'done'
    WHEN action = 'undo' AND b.state = 'arrived' THEN 'Its party is on the waitlist. Cancel or delete that.'
    WHEN action = 'undo' AND b.ended_at < now() - interval '1 day' THEN 'That is more than a day ago. Make it anew.'
    WHEN action = 'undo' THEN 'yes'
    WHEN b.ended_at IS NOT NULL THEN CASE b.state
        WHEN 'arrived' THEN 'This booking has arrived: its party is on the waitlist.'
        WHEN 'no_show' THEN 'This booking did not show up. Undo that first.'
        ELSE 'This booking was cancelled. Undo that first.' END
    ELSE 'yes' END;

-- What staff or a guest do with a booking. f: party_id (arrive: the new party's), by.
CREATE OR REPLACE FUNCTION booking_do(account text, who text, id text, action text, seen bigint,
                                      wanted boolean, f jsonb, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b     bookings := booking_lock(account, id);
    may   text := booking_may(b, action);
    told  json := not_told('not_asked');
    whose text := coalesce(f ->> 'by', CASE who WHEN 'guest' THEN who ELSE 'staff' END);
    reply boolean := coalesce(wanted, CASE WHEN who <> 'guest' THEN false END);
BEGIN
    status := 200;
    IF b.booking_id IS NULL THEN
        status := 404;
        body := nothing_here();
    ELSIF may = 'done' THEN
        body := booking_answer(b, false, NULL);
    ELSIF may <> 'yes' THEN
        status := 409;
        body := problem('conflict', NULL, may);
    ELSIF b.version <> seen THEN
        status := 409;
        body := visit_stale();
    END IF;
    IF body IS NOT NULL THEN
        RETURN;
    END IF;
    IF action = 'undo' THEN
        b.state := CASE b.state WHEN 'confirmed' THEN 'booked' ELSE coalesce(b.undo_state, 'booked') END;
        b.ended_at := NULL;
        b.ended_by := NULL;
        b.undo_state := NULL;
        b.remind_at := next_reminder(account, b.starts_at, now());
        PERFORM unsay(account, id, b.conversation_id, 'It was undone before it was sent.');
    ELSIF action = 'confirm' THEN
        b.state := 'confirmed';
        b.answered_at := now();
        told := booking_say(b, 'booking_confirmed', reply, interval '30 minutes');
    ELSE
        b.undo_state := b.state;
        b.state := CASE action WHEN 'cancel' THEN 'cancelled' WHEN 'arrive' THEN 'arrived' ELSE action END;
        b.ended_at := now();
        b.ended_by := whose;
        b.remind_at := NULL;
        PERFORM unsay(account, id, b.conversation_id, CASE action
            WHEN 'arrive' THEN 'The guest arrived before it was sent.'
            ELSE 'The booking was cancelled before it was sent.' END);
        IF action = 'cancel' AND who = 'guest' THEN
            b.answered_at := now();
            told := booking_say(b, 'booking_dropped', wanted, interval '30 minutes');
        ELSIF action = 'cancel' THEN
            told := booking_say(b, 'booking_cancelled', CASE whose WHEN 'guest' THEN reply ELSE wanted END,
                                until_then(b));
        ELSIF action = 'arrive' THEN
            b.party_id := f ->> 'party_id';
        END IF;
    END IF;
    PERFORM call_no_more(account, id, b.conversation_id, 'It was settled before the call.');
    b := booking_save(b, who, action, told, f || jsonb_build_object('state', b.state));
    body := booking_answer(b, true, told);
END $$;

-- The guest of a booking is here: a party of the waitlist.
CREATE OR REPLACE FUNCTION booking_arrive(account text, who text, id text, seen bigint, wanted boolean,
                                          party text, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b    bookings;
    made json;
BEGIN
    SELECT d.status, d.body INTO status, body
    FROM booking_do(account, who, id, 'arrive', seen, NULL, jsonb_build_object('party_id', party)) d;
    IF status >= 400 OR NOT (body ->> 'changed')::boolean THEN
        RETURN;
    END IF;
    SELECT * INTO b FROM bookings WHERE account_id = account AND booking_id = id;
    SELECT a.body INTO made
    FROM party_add(account, who, party, jsonb_build_object(
             'conversation_id', b.conversation_id, 'name', b.name, 'size', b.size, 'language', b.language,
             'notes', b.notes, 'tags', array_to_string(b.tags, ','), 'booking_id', id,
             'source', 'booking', 'texts', b.texts, 'text', wanted)) a;
    body := json_build_object('booking', booking_json(b), 'changed', true, 'text', made -> 'text');
END $$;

-- The reminder, by text or by a call as the venue does, if reminders go out by themselves; after a text
-- that fails, a call.
CREATE OR REPLACE FUNCTION booking_remind(b bookings) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    how  text := (SELECT notify_by FROM accounts WHERE account_id = b.account_id);
    told json;
BEGIN
    IF (how = 'voice' OR (how = 'auto' AND is_landline(b.account_id, b.conversation_id)))
       AND (SELECT t.automatic FROM template_of(b.account_id, 'reminder', b.language) t) THEN
        told := booking_ring(b);
    ELSE
        told := booking_say(b, 'reminder', NULL, until_then(b));
    END IF;
    IF how <> 'sms' THEN
        PERFORM call_later(b.account_id, b.booking_id, b.conversation_id, told, 'infinity');
    END IF;
    RETURN told;
END $$;

-- Reminders that are due, and the next one of each. Returns how many.
CREATE OR REPLACE FUNCTION remind(most bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b    bookings;
    told json;
    n    bigint := 0;
BEGIN
    FOR b IN SELECT * FROM bookings t WHERE t.remind_at <= now() ORDER BY t.remind_at LIMIT most LOOP
        CONTINUE WHEN NOT guest_free(b.account_id, b.conversation_id);
        SELECT * INTO b FROM bookings t
        WHERE t.account_id = b.account_id AND t.booking_id = b.booking_id AND t.remind_at <= now()
        FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        n := n + 1;
        told := NULL;
        IF b.starts_at > now() THEN -- else the gateway was down until it had begun
            IF b.asked_at IS NULL OR b.answered_at IS NOT NULL THEN
                b.slot := free_slot(b.account_id, b.conversation_id, b.booking_id);
            END IF;
            told := booking_remind(b);
        END IF;
        IF told ->> 'message_id' IS NOT NULL THEN
            b.asked_at := now();
            b.answered_at := NULL;
            b.state := CASE b.state WHEN 'booked' THEN 'reminded' ELSE b.state END;
        END IF;
        b.remind_at := next_reminder(b.account_id, b.starts_at, now());
        PERFORM booking_save(b, 'clock', 'reminded', told,
                             jsonb_build_object('texted', coalesce((told ->> 'texted')::boolean, false),
                                                'called', coalesce((told ->> 'called')::boolean, false)));
    END LOOP;
    RETURN n;
END $$;
