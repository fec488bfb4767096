-- The waitlist: what staff, guests and the clock do to a party. Each change is one function's work:
-- lock the guest, then the party; look whether it still applies; change the row; text the guest.

-- A party, with its guest locked before it as everywhere, so that two never wait for each other.
CREATE OR REPLACE FUNCTION party_lock(account text, id text) RETURNS parties
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p     parties;
    guest text;
BEGIN
    LOOP
        SELECT conversation_id INTO guest FROM parties WHERE account_id = account AND party_id = id;
        PERFORM FROM conversations c
        WHERE c.account_id = account AND c.conversation_id = guest FOR NO KEY UPDATE;
        SELECT * INTO p FROM parties WHERE account_id = account AND party_id = id FOR UPDATE;
        IF p.party_id IS NULL OR p.conversation_id IS NOT DISTINCT FROM guest THEN
            RETURN p;
        END IF; -- its number was changed in between
    END LOOP;
END $$;

-- When something is to be done about a party without anybody's asking: a day after it came it goes
-- off the list; before, a guest who does not answer gets a second notice, where the venue wants it.
CREATE OR REPLACE FUNCTION party_due(p parties) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN p.ended_at IS NULL THEN least(
        p.created_at + interval '1 day',
        CASE WHEN p.state = 'notified' AND p.notices = 1 THEN
            (SELECT p.notified_at + a.second_notice_minutes * interval '1 minute' FROM accounts a
             WHERE a.account_id = p.account_id) END) END;
END $$;

-- Writes a changed party, and what was done with it, after its guest was told, or not. The only UPDATE
-- of parties.
CREATE OR REPLACE FUNCTION party_save(p parties, who text, what text, told json, detail jsonb)
RETURNS parties LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    p.version := p.version + 1;
    p.text_id := coalesce(told ->> 'message_id', p.text_id);
    p.due_at := party_due(p);
    UPDATE parties t
    SET conversation_id = p.conversation_id, name = p.name, size = p.size, language = p.language,
        notes = p.notes, tags = p.tags, seat = p.seat, state = p.state, version = p.version,
        place = p.place, quote_min = p.quote_min, quote_max = p.quote_max, quoted_at = p.quoted_at,
        quoted_by = p.quoted_by, notices = p.notices, notified_at = p.notified_at,
        held_until = p.held_until, asked_at = p.asked_at, answered_at = p.answered_at, slot = p.slot,
        says = p.says, texts = p.texts, text_id = p.text_id, due_at = p.due_at,
        joined_at = p.joined_at, ended_at = p.ended_at, ended_by = p.ended_by,
        undo_state = p.undo_state
    WHERE t.account_id = p.account_id AND t.party_id = p.party_id;
    PERFORM visit_note(p.account_id, p.party_id, who, what, detail);
    RETURN p;
END $$;

CREATE OR REPLACE FUNCTION visit_note(account text, id text, who text, done text, more jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO visit_log (account_id, visit, who, what, detail)
    VALUES (account, id, who, done, coalesce(more, '{}'));
END $$;

-- Texts the guest of a party. Returns what the API says of it.
CREATE OR REPLACE FUNCTION party_say(p parties, event text, wanted boolean, vars jsonb, lasts interval)
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN CASE WHEN p.conversation_id IS NOT NULL AND NOT p.texts THEN not_told('no_consent')
                ELSE say(p.account_id, event, p.party_id, p.conversation_id, p.language,
                         jsonb_build_object('name', p.name, 'size', p.size) || vars, wanted, lasts) END;
END $$;

-- How many are in front of a party; NULL when it is not in the line.
CREATE OR REPLACE FUNCTION parties_ahead(p parties) RETURNS bigint LANGUAGE sql STABLE
RETURN CASE WHEN p.ended_at IS NULL AND p.state <> 'pending' THEN
    (SELECT count(*) FROM parties o
     WHERE o.account_id = p.account_id AND o.ended_at IS NULL AND o.state <> 'pending'
       AND (o.place, o.party_id) < (p.place, p.party_id)) END;

-- Those who came to the front are told so, once, where the venue wants that. Behind a lock of the whole
-- line, which is the last one taken: whoever changed it before has committed by then. A guest or party
-- that somebody has locked just now is left to the clock.
CREATE OR REPLACE FUNCTION line_moved(account text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p       parties;
    told    json;
    free    boolean;
    tongues text[]; -- in which that text goes out by itself
BEGIN
    SELECT coalesce(array_agg(l), '{}') INTO tongues
    FROM unnest('{en,es,fr}'::text[]) l, template_of(account, 'almost_ready', l) t WHERE t.automatic;
    IF tongues = '{}' THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('line ' || account, 4));
    FOR p IN
        SELECT t.* FROM (SELECT o.* FROM parties o
                         WHERE o.account_id = account AND o.ended_at IS NULL AND o.state <> 'pending'
                         ORDER BY o.place, o.party_id
                         LIMIT (SELECT almost_place FROM accounts WHERE account_id = account)) t
        WHERE t.state = 'waiting' AND t.language = ANY (tongues)
    LOOP
        free := guest_free(account, p.conversation_id);
        IF free THEN
            SELECT * INTO p FROM parties t
            WHERE t.account_id = account AND t.party_id = p.party_id AND t.state = 'waiting'
            FOR UPDATE SKIP LOCKED;
            free := FOUND;
        END IF;
        IF NOT free THEN
            INSERT INTO lines_due (account_id) VALUES (account) ON CONFLICT DO NOTHING;
            CONTINUE;
        END IF;
        told := party_say(p, 'almost_ready', NULL, jsonb_build_object('ahead', parties_ahead(p)),
                          interval '30 minutes');
        p.state := 'almost';
        PERFORM party_save(p, 'clock', 'almost', told, '{}');
    END LOOP;
END $$;

-- The answer to a change: the party, whether it changed, whether the guest was texted.
CREATE OR REPLACE FUNCTION party_answer(p parties, changed boolean, told json) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('party', party_json(p), 'changed', changed,
                             'text', coalesce(told, not_told('unchanged')));
END $$;

-- ---- adding and editing ----

-- What is put in is in one object: the fields of POST /v1/parties, or a booking's. Run again with the
-- same id it answers as before.
CREATE OR REPLACE FUNCTION party_add(account text, who text, id text, f jsonb, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p     parties;
    told  json;
    guest text;
BEGIN
    SELECT * INTO p FROM parties WHERE account_id = account AND party_id = id;
    IF FOUND THEN
        status := 201;
        body := party_answer(p, true, told_before(account, p.text_id));
        RETURN;
    END IF;
    IF f ->> 'quote_min' IS NOT NULL AND (f ->> 'quote_min')::int > coalesce((f ->> 'quote_max')::int, 600) THEN
        status := 422;
        body := problem('invalid_field', 'quote_max', 'It must not be less than quote_min.');
        RETURN;
    END IF;
    guest := coalesce(f ->> 'conversation_id', -- of a booking
                      guest_at(account, f ->> 'phone', nullif(f ->> 'name', ''), f ->> 'language'));
    INSERT INTO parties (account_id, party_id, conversation_id, booking_id, name, size, language, notes,
                         tags, seat, source, state, place, quote_min, quote_max, texts, joined_at)
    VALUES (account, id, guest, f ->> 'booking_id', coalesce(f ->> 'name', ''), (f ->> 'size')::int,
            speaks(account, guest, f ->> 'language'), coalesce(f ->> 'notes', ''),
            coalesce(string_to_array(f ->> 'tags', ','), '{}'), f ->> 'seat',
            f ->> 'source', CASE f ->> 'source' WHEN 'self' THEN 'pending' ELSE 'waiting' END,
            extract(epoch FROM clock_timestamp()), coalesce((f ->> 'quote_min')::int, (f ->> 'quote_max')::int),
            coalesce((f ->> 'quote_max')::int, (f ->> 'quote_min')::int),
            coalesce((f ->> 'texts')::boolean, f ->> 'consent' <> 'none', true),
            CASE f ->> 'source' WHEN 'self' THEN NULL ELSE now() END)
    RETURNING * INTO p;
    IF f ->> 'phone' IS NOT NULL AND p.texts THEN
        PERFORM consent_given(account, guest, coalesce(f ->> 'consent', 'verbal'), who);
    END IF;
    IF p.state = 'pending' THEN
        told := not_told('not_asked'); -- until staff have let them in
    ELSE
        p := party_quoted(p, who);
        told := party_joined(p, (f ->> 'text')::boolean);
    END IF;
    p.version := 0;
    p := party_save(p, who, 'added', told, jsonb_build_object('size', p.size, 'source', p.source));
    PERFORM line_moved(account);
    SELECT * INTO p FROM parties WHERE account_id = account AND party_id = id;
    status := 201;
    body := party_answer(p, true, told);
END $$;

-- A quote, unless they have one, and who gave it when.
CREATE OR REPLACE FUNCTION party_quoted(p parties, who text) RETURNS parties LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p.quote_max IS NULL AND p.source <> 'booking' THEN
        p.quote_min := (SELECT minutes FROM wait_estimate(p.account_id, p.size, now()));
        p.quote_max := p.quote_min;
    END IF;
    p.quoted_at := CASE WHEN p.quote_max IS NOT NULL THEN now() END;
    p.quoted_by := CASE WHEN p.quote_max IS NOT NULL THEN who END;
    RETURN p;
END $$;

-- They are in the line. Who had a booking sits in the room already.
CREATE OR REPLACE FUNCTION party_joined(p parties, wanted boolean) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN party_say(p, 'joined', CASE p.source WHEN 'booking' THEN coalesce(wanted, false) ELSE wanted END,
                     jsonb_build_object('wait', wait_text(p.quote_min, p.quote_max, p.language),
                                        'link', guest_link(p.token)), interval '1 hour');
END $$;

CREATE OR REPLACE FUNCTION party_edit(account text, who text, id text, f jsonb, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p    parties := party_lock(account, id);
    old  parties := p;
    told json;
BEGIN
    IF p.party_id IS NULL THEN
        status := 404;
        body := nothing_here();
        RETURN;
    ELSIF p.version <> (f ->> 'version')::int THEN
        status := 409;
        body := visit_stale();
        RETURN;
    END IF;
    p.name := coalesce(f ->> 'name', p.name);
    p.size := coalesce((f ->> 'size')::int, p.size);
    p.notes := coalesce(f ->> 'notes', p.notes);
    p.tags := coalesce(string_to_array(f ->> 'tags', ','), p.tags);
    p.seat := coalesce(f ->> 'seat', p.seat);
    p.language := coalesce(f ->> 'language', p.language);
    p.texts := coalesce((f ->> 'texts')::boolean, p.texts);
    IF f ->> 'phone' IS NOT NULL THEN
        p.conversation_id := guest_at(account, f ->> 'phone', nullif(p.name, ''), f ->> 'language');
        IF p.conversation_id IS DISTINCT FROM old.conversation_id THEN
            PERFORM unsay(account, id, old.conversation_id, 'The number was changed before it was sent.'),
                    consent_given(account, p.conversation_id, 'verbal', who);
        END IF;
    END IF;
    IF f ? 'quote_max' OR f ? 'quote_min' THEN
        p.quote_max := coalesce((f ->> 'quote_max')::int, (f ->> 'quote_min')::int);
        p.quote_min := least(coalesce((f ->> 'quote_min')::int, p.quote_max), p.quote_max);
    END IF;
    IF p = old THEN
        status := 200;
        body := party_answer(p, false, NULL);
        RETURN;
    END IF;
    told := not_told('not_asked');
    IF p.ended_at IS NULL AND p.state <> 'pending'
       AND (p.quote_min, p.quote_max) IS DISTINCT FROM (old.quote_min, old.quote_max) THEN
        p.quoted_at := now();
        p.quoted_by := who;
        told := party_say(p, 'quote_changed', (f ->> 'text')::boolean,
                          jsonb_build_object('wait', wait_text(p.quote_min, p.quote_max, p.language)),
                          interval '1 hour');
    END IF;
    p := party_save(p, who, CASE WHEN p.quoted_at IS DISTINCT FROM old.quoted_at THEN 'quoted' ELSE 'edited' END, told,
                    jsonb_build_object('size', p.size, 'quote_min', p.quote_min, 'quote_max', p.quote_max));
    PERFORM line_moved(account);
    status := 200;
    body := party_answer(p, true, told);
END $$;

-- A place for a party right behind another's, or in front of all (NULL), where nobody stands: neither
-- who is in the line nor who left it and may come back to their place by an undo. NULL: nobody else is.
CREATE OR REPLACE FUNCTION place_behind(account text, id text, front numeric) RETURNS numeric
LANGUAGE plpgsql STABLE AS $$
DECLARE
    since text := id_of('pty', now() - interval '2 days', 0); -- an undo comes within a day
    taken numeric[];
    first numeric;
    back  numeric;
BEGIN
    SELECT array_agg(o.place), min(o.place) FILTER (WHERE o.ended_at IS NULL) INTO taken, first
    FROM parties o
    WHERE o.account_id = account AND o.party_id <> id
      AND (o.ended_at IS NULL OR o.party_id > since);
    front := coalesce(front, (SELECT max(t) FROM unnest(taken) t WHERE t < first), first - 1);
    SELECT min(t) INTO back FROM unnest(taken) t WHERE t > front;
    back := coalesce(back, greatest(extract(epoch FROM clock_timestamp()), front + 1));
    RETURN (front + back) * 0.5;
END $$;

-- Puts a party behind another, or first.
CREATE OR REPLACE FUNCTION party_move(account text, who text, id text, after text, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p     parties;
    front numeric;
BEGIN
    -- the order of the line is one thing: whoever moves somebody waits for whoever does
    PERFORM pg_advisory_xact_lock(hashtextextended('order ' || account, 4));
    p := party_lock(account, id);
    IF p.party_id IS NULL THEN
        status := 404;
        body := nothing_here();
        RETURN;
    ELSIF p.ended_at IS NOT NULL OR after = id THEN
        status := 409;
        body := problem('conflict', NULL, 'This party is not in the line.');
        RETURN;
    END IF;
    SELECT place INTO front FROM parties
    WHERE account_id = account AND party_id = after AND ended_at IS NULL;
    IF after IS NOT NULL AND front IS NULL THEN
        status := 409;
        body := problem('conflict', 'after', 'That party is not in the line any more.');
        RETURN;
    END IF;
    p.place := coalesce(place_behind(account, id, front), p.place); -- or they are alone
    p := party_save(p, who, 'moved', NULL, '{}');
    PERFORM line_moved(account);
    status := 200;
    body := party_answer(p, true, NULL);
END $$;

CREATE OR REPLACE FUNCTION visit_stale() RETURNS json LANGUAGE sql IMMUTABLE
RETURN problem('conflict', 'version', 'Somebody changed it meanwhile. Look at it as it is now, then decide again.');

-- ---- what is done with a party ----

-- Does the action still apply? 'yes', 'done' (it is so already), or a sentence that says why not.
CREATE OR REPLACE FUNCTION party_may(p parties, action text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN action = 'notify' AND p.notified_at > now() - interval '30 seconds'
             AND p.state IN ('notified', 'coming', 'more_time')
             AND NOT EXISTS (SELECT FROM messages m WHERE m.account_id = p.account_id AND m.message_id = p.text_id
                             AND m.state IN ('failed', 'undelivered', 'expired')) THEN 'done'
        WHEN (action, p.state) IN (('coming', 'coming'), ('seat', 'seated'), ('no_show', 'no_show'),
                                   ('cancel', 'cancelled'), ('undo', 'waiting'), ('undo', 'almost'))
          OR (action = 'accept' AND p.state NOT IN ('pending', 'seated', 'cancelled', 'no_show', 'expired')) THEN 'done'
        WHEN action = 'undo' THEN CASE
            WHEN p.state = 'pending' THEN 'There is nothing to undo.'
            WHEN p.created_at < now() - interval '1 day' THEN 'It came more than a day ago. Add it anew.'
            ELSE 'yes' END
        WHEN p.ended_at IS NOT NULL THEN CASE p.state
            WHEN 'seated' THEN 'This party is seated. Undo that first.'
            WHEN 'no_show' THEN 'This party did not show up. Undo that first.'
            WHEN 'expired' THEN 'This party went off the list a day after it came. Add it anew.'
            ELSE 'This party was cancelled. Undo that first.' END
        WHEN p.state = 'pending' AND action NOT IN ('accept', 'seat', 'cancel', 'expire')
            THEN 'This party waits to be let in. Accept it first.'
        WHEN action IN ('coming', 'more_time') AND p.state NOT IN ('notified', 'coming', 'more_time')
            THEN 'This party was not notified yet.'
        ELSE 'yes' END;
END $$;

-- Called, once more: the guest is asked for a digit, and what was on its way before matters no more, but
-- for the text that says how to opt out.
CREATE OR REPLACE FUNCTION party_called(p parties) RETURNS parties LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM unsay(p.account_id, p.party_id, p.conversation_id, 'A newer text took its place.', 'joined');
    IF p.asked_at IS NULL OR p.answered_at IS NOT NULL THEN
        p.slot := free_slot(p.account_id, p.conversation_id, p.party_id);
    END IF;
    p.state := 'notified';
    p.notices := p.notices + 1;
    p.notified_at := now();
    p.held_until := now() + (SELECT hold_minutes FROM accounts WHERE account_id = p.account_id)
                            * interval '1 minute';
    p.asked_at := now();
    p.answered_at := NULL;
    RETURN p;
END $$;

-- The first notice says that it is ready, the others that it is still held: by text or by a call (`how`;
-- NULL: as the venue does), or by a call when a text does not do.
CREATE OR REPLACE FUNCTION party_notice(p parties, wanted boolean, how text) RETURNS json
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    a    accounts;
    told json;
BEGIN
    SELECT * INTO a FROM accounts WHERE account_id = p.account_id;
    how := coalesce(how, a.notify_by);
    IF wanted IS NOT false
       AND (how = 'voice' OR (how = 'auto' AND is_landline(p.account_id, p.conversation_id))) THEN
        told := party_ring(p);
    ELSE
        told := party_say(p, CASE p.notices WHEN 1 THEN 'table_ready' ELSE 'second_notice' END,
                          coalesce(wanted, true), -- the host, or the venue's setting, asked for it
                          jsonb_build_object('hold', ceil(extract(epoch FROM p.held_until - now()) / 60)::int,
                                             'yes', digits(p.slot, 1), 'more', digits(p.slot, 2),
                                             'no', digits(p.slot, 9)),
                          greatest(p.held_until - now(), interval '10 minutes'));
    END IF;
    IF how <> 'sms' THEN
        PERFORM call_later(p.account_id, p.party_id, p.conversation_id, told,
                           now() + a.call_after_minutes * interval '1 minute');
    END IF;
    RETURN told;
END $$;

-- What staff, a guest or the clock do. `seen`: the version that whoever does it looked at, or NULL.
-- f: minutes, seat, channel, undo_s, by ('guest': the guest said so to staff).
CREATE OR REPLACE FUNCTION party_do(account text, who text, id text, action text, seen bigint, wanted boolean,
                                    f jsonb, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p    parties := party_lock(account, id);
    may  text := party_may(p, action);
    told json := not_told('not_asked');
    whose text := coalesce(f ->> 'by', CASE WHEN who IN ('guest', 'clock') THEN who ELSE 'staff' END);
    reply boolean := coalesce(wanted, CASE WHEN who <> 'guest' THEN false END); -- who wrote is answered
BEGIN
    status := 200;
    IF p.party_id IS NULL THEN
        status := 404;
        body := nothing_here();
    ELSIF may = 'done' THEN
        body := party_answer(p, false, not_told(CASE action WHEN 'notify' THEN 'just_notified' ELSE 'unchanged' END));
    ELSIF may <> 'yes' THEN
        status := 409;
        body := problem('conflict', NULL, may);
    ELSIF p.version <> seen THEN
        status := 409;
        body := visit_stale();
    END IF;
    IF body IS NOT NULL THEN
        RETURN;
    END IF;
    IF action IN ('seat', 'no_show', 'cancel', 'expire') THEN
        p.undo_state := p.state;
        p.ended_at := now();
        p.ended_by := whose;
        p.seat := coalesce(f ->> 'seat', p.seat);
        PERFORM unsay(account, id, p.conversation_id, CASE action
            WHEN 'seat' THEN 'The party was seated before it was sent.'
            WHEN 'no_show' THEN 'The party did not show up: it matters no more.'
            WHEN 'cancel' THEN 'The party was cancelled before it was sent.'
            ELSE 'The party is off the list.' END);
    END IF;
    IF action = 'accept' THEN
        p.state := 'waiting';
        p.joined_at := now();
        p.place := extract(epoch FROM clock_timestamp());
        p.quote_max := coalesce((f ->> 'quote_max')::int, (f ->> 'quote_min')::int, p.quote_max);
        p.quote_min := least(coalesce((f ->> 'quote_min')::int, p.quote_max), p.quote_max);
        p := party_quoted(p, who);
        told := party_joined(p, wanted);
    ELSIF action = 'notify' THEN
        p := party_called(p);
        told := party_notice(p, wanted, f ->> 'channel');
        PERFORM hold_back(account, told, (f ->> 'undo_s')::int);
    ELSIF action = 'coming' THEN
        p.state := 'coming';
        p.answered_at := now();
        told := party_say(p, 'coming_noted', reply, '{}', interval '10 minutes');
    ELSIF action = 'more_time' THEN
        p.state := 'more_time';
        p.answered_at := now();
        f := f || jsonb_build_object('minutes', coalesce((f ->> 'minutes')::int,
            (SELECT more_minutes FROM accounts WHERE account_id = account)));
        p.held_until := greatest(p.held_until, now()) + (f ->> 'minutes')::int * interval '1 minute';
        told := party_say(p, 'more_time_noted', reply, jsonb_build_object('minutes', f -> 'minutes'),
                          interval '10 minutes');
    ELSIF action = 'undo' THEN
        p := party_undo(p);
    ELSE
        p.state := CASE action WHEN 'seat' THEN 'seated' WHEN 'no_show' THEN 'no_show'
                               WHEN 'cancel' THEN 'cancelled' ELSE 'expired' END;
        IF action = 'no_show' THEN
            told := party_say(p, 'released', wanted, '{}', interval '30 minutes');
        ELSIF action = 'cancel' THEN
            p.answered_at := CASE whose WHEN 'guest' THEN now() ELSE p.answered_at END;
            told := party_say(p, 'left_noted', reply, '{}', interval '30 minutes');
        END IF;
    END IF;
    IF p.state <> 'notified' THEN
        PERFORM call_no_more(account, id, p.conversation_id, 'It was settled before the call.');
    END IF;
    p := party_save(p, who, action, told, f || jsonb_build_object('state', p.state));
    PERFORM line_moved(account);
    body := party_answer(p, true, told);
END $$;

-- Ended: back to what it was; notified, coming or more time: back to waiting, and a text that has not
-- left is not sent.
CREATE OR REPLACE FUNCTION party_undo(p parties) RETURNS parties LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM unsay(p.account_id, p.party_id, p.conversation_id, 'It was undone before it was sent.');
    IF p.ended_at IS NOT NULL THEN
        p.state := coalesce(p.undo_state, 'waiting');
        p.ended_at := NULL;
        p.ended_by := NULL;
        p.undo_state := NULL;
    ELSE
        p.state := 'waiting';
        p.notices := 0;
        p.notified_at := NULL;
        p.held_until := NULL;
        p.asked_at := NULL;
        p.answered_at := NULL;
    END IF;
    RETURN p;
END $$;

-- The next in the line who was not called yet and fits: each caller gets another party.
CREATE OR REPLACE FUNCTION party_next(account text, who text, at_most bigint, at_least bigint, wanted boolean,
                                      f jsonb, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    id text;
    p  parties;
BEGIN
    LOOP
        SELECT t.party_id INTO id FROM parties t
        WHERE t.account_id = account AND t.ended_at IS NULL AND t.state IN ('waiting', 'almost')
          AND t.size BETWEEN coalesce(at_least, 1) AND coalesce(at_most, 99)
        ORDER BY t.place, t.party_id LIMIT 1;
        IF NOT FOUND THEN
            status := 409;
            body := problem('conflict', NULL, 'Nobody who fits is waiting.');
            RETURN;
        END IF;
        p := party_lock(account, id); -- somebody else may have called it while we waited
        IF p.ended_at IS NULL AND p.state IN ('waiting', 'almost') THEN
            SELECT d.status, d.body INTO status, body
            FROM party_do(account, who, id, 'notify', NULL, wanted, f) d;
            RETURN;
        END IF;
    END LOOP;
END $$;

-- Takes a party off as if it had never been there; only the audit log knows.
CREATE OR REPLACE FUNCTION party_delete(account text, id text, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p parties := party_lock(account, id);
BEGIN
    IF p.party_id IS NULL THEN
        status := 404;
        body := nothing_here();
        RETURN;
    END IF;
    PERFORM unsay(account, id, p.conversation_id, 'The party was deleted before it was sent.'),
            audit('party.deleted', id, json_build_object('state', p.state));
    DELETE FROM visit_log WHERE account_id = account AND visit = id;
    DELETE FROM parties WHERE account_id = account AND party_id = id;
    PERFORM line_moved(account);
    status := 200;
    body := json_build_object('id', id, 'state', 'deleted');
END $$;
