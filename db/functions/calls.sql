-- Calls: who may be called, what is said at each step of a call, and what the keys do.

-- Texts to this number failed because it is a landline.
CREATE OR REPLACE FUNCTION is_landline(account text, guest text) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM messages m JOIN attempts a USING (account_id, message_id)
               WHERE m.account_id = account AND m.conversation_id = guest AND m.channel = 'sms'
                 AND a.handling = 'landline' AND m.created_at > now() - interval '90 days');

-- Why a guest may not be called; NULL: they may. Who did not agree may be called on a landline only, three
-- times in 30 days: 47 CFR 64.1200(a)(3).
CREATE OR REPLACE FUNCTION may_not_call(c conversations, agreed boolean) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN c.conversation_id IS NULL THEN 'no_number'
        WHEN c.opted_out_via = 'flag' THEN 'flagged'
        WHEN c.opted_out_at IS NOT NULL THEN 'opted_out'
        WHEN barred(c.account_id) IS NOT NULL THEN 'texting_off'
        WHEN NOT EXISTS (SELECT FROM numbers n WHERE n.account_id = c.account_id AND n.sends AND n.calls)
            THEN 'no_caller'
        WHEN NOT agreed AND NOT (
            is_landline(c.account_id, c.conversation_id)
            AND (SELECT count(*) FROM messages m
                 WHERE m.account_id = c.account_id AND m.conversation_id = c.conversation_id
                   AND m.channel = 'voice' AND m.direction = 'out'
                   AND m.created_at > now() - interval '30 days') < 3)
            THEN 'no_call_consent' END;
END $$;

-- Calls a guest about a visit. Returns what the API says of it.
CREATE OR REPLACE FUNCTION call_guest(account text, event text, about text, guest text, language text,
                                      agreed boolean, vars jsonb, lasts interval) RETURNS json
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    c   conversations;
    why text;
BEGIN
    SELECT * INTO c FROM conversations v
    WHERE v.account_id = account AND v.conversation_id = guest FOR NO KEY UPDATE;
    why := may_not_call(c, agreed);
    RETURN CASE WHEN why IS NULL
                THEN was_told(queue_text(c, random_id('msg'), event, spoken(language, event, vars), about,
                                         lasts, 'voice'))
                ELSE not_told(why) END;
END $$;

CREATE OR REPLACE FUNCTION party_ring(p parties) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN call_guest(p.account_id, CASE p.notices WHEN 1 THEN 'table_ready' ELSE 'second_notice' END,
                      p.party_id, p.conversation_id, p.language, p.texts, '{}',
                      greatest(p.held_until - now(), interval '10 minutes'));
END $$;
CREATE OR REPLACE FUNCTION booking_ring(b bookings) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN call_guest(b.account_id, 'reminder', b.booking_id, b.conversation_id, b.language, b.texts,
                      jsonb_build_object('when', when_text(b.starts_at, (SELECT zone FROM accounts a
                                                                         WHERE a.account_id = b.account_id),
                                                           b.language)),
                      until_then(b));
END $$;

-- Looks after what was said about a visit until the guest answers: a call follows a text that does not do
-- (`unless_by`), and a call that nobody took.
CREATE OR REPLACE FUNCTION call_later(account text, about text, guest text, told json, unless_by timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO calls_due AS d (account_id, visit, conversation_id, message_id, at, tries)
    SELECT account, about, guest, told ->> 'message_id',
           CASE WHEN (told ->> 'called')::boolean THEN 'infinity' ELSE unless_by END,
           CASE WHEN (told ->> 'called')::boolean THEN 1 ELSE 0 END
    WHERE told ->> 'message_id' IS NOT NULL
    ON CONFLICT (account_id, visit) DO UPDATE
        SET conversation_id = excluded.conversation_id, message_id = excluded.message_id,
            at = excluded.at, tries = excluded.tries;
END $$;

-- The guest has answered, or it matters no more: nobody calls about it, and a phone that rings stops.
-- Who has heard us already is in the middle of answering.
CREATE OR REPLACE FUNCTION call_no_more(account text, about text, guest text, because text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM calls_due d WHERE d.account_id = account AND d.visit = about;
    IF NOT FOUND THEN
        RETURN; -- and nobody was going to
    END IF;
    UPDATE messages m SET cancel_reason = because
    FROM queue q
    WHERE q.account_id = account AND q.conversation_id = guest
      AND m.account_id = account AND m.message_id = q.message_id AND m.visit = about
      AND m.direction = 'out' AND m.channel = 'voice' AND m.cancel_reason IS NULL
      AND m.ended_at IS NULL;
    INSERT INTO hang_ups (account_id, attempt_id, provider, carrier_id)
    SELECT a.account_id, a.attempt_id, a.provider, a.carrier_id
    FROM messages m JOIN attempts a USING (account_id, message_id)
    WHERE m.account_id = account AND m.conversation_id = guest AND m.visit = about
      AND m.message_id > id_of('msg', now() - interval '1 hour', 0)
      AND m.direction = 'out' AND m.channel = 'voice' AND m.ended_at IS NULL
      AND a.state = 'accepted' AND a.carrier_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM calls k WHERE k.account_id = account AND k.message_id = m.message_id
                                            AND k.last_step IS NOT NULL)
    ON CONFLICT DO NOTHING;
END $$;

-- ---- what the clock does ----

-- One of those below, with its guest and visit locked.
CREATE OR REPLACE FUNCTION call_due(d calls_due) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    p    parties := party_lock(d.account_id, d.visit);
    b    bookings := booking_lock(d.account_id, d.visit);
    m    messages;
    told json;
BEGIN
    SELECT * INTO m FROM messages v WHERE v.account_id = d.account_id AND v.message_id = d.message_id;
    IF m.channel = 'voice' AND m.state = 'undelivered' AND d.tries < 2 THEN -- busy, or nobody there
        UPDATE calls_due t SET message_id = NULL, at = now() + (60 + random() * 30) * interval '1 second'
        WHERE t.account_id = d.account_id AND t.visit = d.visit;
        RETURN;
    END IF;
    IF coalesce(m.channel, 'sms') = 'sms' AND p.state = 'notified' THEN
        told := party_ring(p);
        p := party_save(p, 'clock', 'rang', told, '{}');
    ELSIF coalesce(m.channel, 'sms') = 'sms' AND b.ended_at IS NULL AND b.asked_at IS NOT NULL
          AND b.answered_at IS NULL THEN
        told := booking_ring(b);
        b := booking_save(b, 'clock', 'rang', told, '{}');
    END IF;
    IF (told ->> 'called')::boolean THEN
        UPDATE calls_due t SET message_id = told ->> 'message_id', at = 'infinity', tries = d.tries + 1
        WHERE t.account_id = d.account_id AND t.visit = d.visit;
    ELSE
        DELETE FROM calls_due t WHERE t.account_id = d.account_id AND t.visit = d.visit;
    END IF;
END $$;

-- Those whose time has come, whose text or call has ended, or who need no call any more. Returns how many.
CREATE OR REPLACE FUNCTION calls_due_now(most bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    d calls_due;
    n bigint := 0;
BEGIN
    FOR d IN SELECT t.* FROM (
                 SELECT x.* FROM calls_due x
                 LEFT JOIN messages m ON m.account_id = x.account_id AND m.message_id = x.message_id
                 LEFT JOIN open_visits o ON o.account_id = x.account_id AND o.visit = x.visit
                 WHERE x.at <= now() OR o.visit IS NULL OR o.answered_at IS NOT NULL
                    OR (m.ended_at IS NOT NULL
                        AND (m.channel = 'voice' OR m.state NOT IN ('delivered', 'uncertain')))
                 ORDER BY x.at LIMIT most) t
             ORDER BY t.account_id, t.conversation_id LOOP
        CONTINUE WHEN NOT guest_free(d.account_id, d.conversation_id);
        SELECT * INTO d FROM calls_due t
        WHERE t.account_id = d.account_id AND t.visit = d.visit AND t.message_id IS NOT DISTINCT FROM d.message_id
        FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM call_due(d);
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;

-- ---- what is said ----
--
-- A script is {"language", "man", "verbs"}: {"say"}, {"pause"}, {"gather": seconds, "step", "say": [...]},
-- {"dial": number, "from", "seconds", "step"}, {"record": seconds, "step"}, {"redirect": step},
-- {"hang_up"}, {"reject"}. A step is what the carrier asks for next: "ask1", "ask2": the question, for the
-- first and second time; "dialled", "recorded": what came of it.

-- What all of it is about: the variables of what is said, and the venue's settings.
CREATE OR REPLACE FUNCTION call_vars(account text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('venue', a.name, 'phone', spoken_number(a.phone), 'more', a.more_minutes,
                                      'number', a.phone, 'voicemail', a.voicemail, 'man', a.voice = 'man')
            FROM accounts a WHERE a.account_id = account);
END $$;

CREATE OR REPLACE FUNCTION call_script(v jsonb, language text, verbs jsonb) RETURNS json
LANGUAGE sql IMMUTABLE
RETURN json_build_object('language', language, 'verbs', verbs, 'man', coalesce((v -> 'man')::boolean, false));

-- Says these, then farewell.
CREATE OR REPLACE FUNCTION call_ends(v jsonb, language text, VARIADIC names text[] DEFAULT '{}') RETURNS json
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    verbs jsonb := '[]';
    name  text;
BEGIN
    FOREACH name IN ARRAY names || '{goodbye}' LOOP
        verbs := verbs || jsonb_build_object('say', spoken(language, name, v));
    END LOOP;
    RETURN call_script(v, language, verbs || jsonb '{"hang_up": true}');
END $$;

-- Says these and waits for a key; then asks once more, or gives up.
CREATE OR REPLACE FUNCTION call_asks(v jsonb, language text, turn int, sentences text[]) RETURNS json
LANGUAGE sql IMMUTABLE
RETURN call_script(v, language, jsonb_build_array(
    jsonb_build_object('gather', 6, 'step', 'ask' || turn, 'say',
                       to_jsonb(array_remove(array_remove(sentences, ''), NULL))),
    jsonb_build_object('redirect', CASE turn WHEN 1 THEN 'ask2' ELSE 'silent' END)));

-- The sentences of a call that we make: who calls, what about, what can be answered.
CREATE OR REPLACE FUNCTION call_question_out(v jsonb, visit text, language text, words text) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY[spoken(language, 'opening', v), words,
             spoken(language, CASE WHEN visit LIKE 'pty%' THEN 'keys_party'
                                   WHEN visit LIKE 'bkg%' THEN 'keys_booking' ELSE 'keys_plain' END, v),
             spoken(language, 'phone', v)];

-- What may be done with a visit on the phone.
CREATE OR REPLACE FUNCTION call_may(account text, id text, action text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(
        (SELECT party_may(p, action) = 'yes' FROM parties p WHERE p.account_id = account AND p.party_id = id),
        (SELECT action <> 'more_time' AND booking_may(b, replace(action, 'coming', 'confirm')) = 'yes'
         FROM bookings b WHERE b.account_id = account AND b.booking_id = id), false);
END $$;

-- The sentences for a guest who calls: where they are in line, or what they have booked. `guest`: NULL when
-- they hide their number.
CREATE OR REPLACE FUNCTION call_question_in(v jsonb, account text, guest text, id text, language text)
RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    a    accounts;
    p    parties;
    b    bookings;
    left_min int;
    what text := CASE WHEN id LIKE 'pty%' THEN 'party' ELSE 'booking' END;
    said text[] := ARRAY[spoken(language, 'welcome', v)];
BEGIN
    SELECT * INTO a FROM accounts WHERE account_id = account;
    SELECT * INTO p FROM parties WHERE account_id = account AND party_id = id;
    SELECT * INTO b FROM bookings WHERE account_id = account AND booking_id = id;
    IF p.state = 'pending' THEN
        said := said || spoken(language, 'pending', v);
    ELSIF p.state IN ('waiting', 'almost') THEN
        left_min := ceil(extract(epoch FROM p.quoted_at - now()) / 60 + p.quote_max);
        said := said || CASE parties_ahead(p) WHEN 0 THEN spoken(language, 'next', v)
                ELSE spoken(language, 'place', jsonb_build_object('place', parties_ahead(p) + 1)) END
             || CASE WHEN NOT a.show_wait OR left_min IS NULL THEN ''
                     WHEN left_min < 2 THEN spoken(language, 'wait_over', v)
                     ELSE spoken(language, 'wait', jsonb_build_object('minutes', left_min)) END;
    ELSIF p.party_id IS NOT NULL THEN
        said := said || spoken(language, CASE p.state WHEN 'notified' THEN 'table_ready' ELSE 'held' END, v);
    ELSIF b.booking_id IS NOT NULL THEN
        said := said || spoken(language, 'booked',
                               jsonb_build_object('when', when_text(b.starts_at, a.zone, language)));
    END IF;
    RETURN said
        || CASE WHEN call_may(account, id, 'coming') THEN spoken(language, 'key_1_' || what, v) END
        || CASE WHEN call_may(account, id, 'more_time') THEN spoken(language, 'key_2', v) END
        || CASE WHEN call_may(account, id, 'cancel') THEN spoken(language, 'key_9_' || what, v) END
        || CASE WHEN a.phone IS NOT NULL OR (a.voicemail AND guest IS NOT NULL) THEN spoken(language, 'key_0', v) END
        || CASE WHEN id IS NULL AND guest IS NOT NULL AND a.check_in THEN spoken(language, 'key_3', v) END
        || spoken(language, 'key_star', v);
END $$;

-- ---- what is done ----

-- Notes how a call went, in its row.
CREATE OR REPLACE FUNCTION call_note(account text, call text, how text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE calls c SET outcome = how WHERE c.account_id = account AND c.message_id = call;
END $$;

-- 8: the guest wants no more of us, spoken or written. A key pressed in a call revokes consent as a STOP
-- does: 47 CFR 64.1200(a)(10).
CREATE OR REPLACE FUNCTION call_stop(account text, guest text, call text, carrier text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE conversations c
    SET opted_out_at = coalesce(c.opted_out_at, now()),
        opted_out_via = CASE WHEN c.opted_out_via IN ('flag', 'staff') THEN carrier
                             ELSE coalesce(c.opted_out_via, carrier) END
    WHERE c.account_id = account AND c.conversation_id = guest;
    INSERT INTO consent_log (account_id, phone, event_id, action, word, provider)
    SELECT account, c.phone, call, 'stop', 'key 8', carrier
    FROM conversations c WHERE c.account_id = account AND c.conversation_id = guest
    ON CONFLICT DO NOTHING;
END $$;

-- 3: the link to the waitlist, once in ten minutes. Pressing the key is asking for that one text.
CREATE OR REPLACE FUNCTION call_link(account text, guest text, language text) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    a accounts;
    c conversations;
BEGIN
    SELECT * INTO a FROM accounts WHERE account_id = account;
    SELECT * INTO c FROM conversations WHERE account_id = account AND conversation_id = guest;
    IF c.conversation_id IS NULL OR c.opted_out_at IS NOT NULL OR NOT a.check_in
       OR barred(account) IS NOT NULL THEN
        RETURN false;
    ELSIF NOT EXISTS (SELECT FROM messages m
                      WHERE m.account_id = account AND m.conversation_id = guest AND m.kind = 'join_link'
                        AND m.message_id > id_of('msg', now() - interval '10 minutes', 0)) THEN
        PERFORM consent_given(account, guest, 'key', 'guest'),
                queue_text(c, random_id('msg'), 'join_link',
                           spoken(language, 'link_text', jsonb_build_object('venue', a.name, 'link',
                               coalesce(current_setting('maitred.public_url', true), '') || '/w/'
                               || a.check_in_code)), NULL, interval '10 minutes', 'sms');
    END IF;
    RETURN true;
END $$;

-- 0: rings the venue; from one of our numbers, as carriers want.
CREATE OR REPLACE FUNCTION call_connect(v jsonb, account text, language text, ours text, call text) RETURNS json
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF v ->> 'number' IS NULL THEN
        RETURN call_nobody(v, language, call);
    END IF;
    PERFORM call_note(account, call, 'connected');
    RETURN call_script(v, language, jsonb_build_array(
        jsonb_build_object('say', spoken(language, 'connect', v)),
        jsonb_build_object('dial', v ->> 'number', 'from', ours, 'seconds', 25, 'step', 'dialled')));
END $$;

-- Nobody answers there: a message may be left, where the venue listens to them, and there is a thread to
-- put it in.
CREATE OR REPLACE FUNCTION call_nobody(v jsonb, language text, call text) RETURNS json
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF call IS NULL OR NOT (v -> 'voicemail')::boolean THEN
        RETURN call_ends(v, language, 'nobody', 'ask_there');
    END IF;
    RETURN call_script(v, language, jsonb_build_array(
        jsonb_build_object('say', spoken(language, 'nobody', v)),
        jsonb_build_object('say', spoken(language, 'record', v)),
        jsonb_build_object('record', 120, 'step', 'recorded'),
        jsonb_build_object('hang_up', true)));
END $$;

-- 1, 2 and 9: what a reply by text does, once in a call: a carrier may ask again. Returns the name of what
-- is said then; NULL: that key has no use.
CREATE OR REPLACE FUNCTION call_chosen(account text, id text, call text, digit int) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    of_party boolean := id LIKE 'pty%';
    action   text := CASE digit WHEN 1 THEN CASE WHEN of_party THEN 'coming' ELSE 'confirm' END
                                WHEN 2 THEN 'more_time' ELSE 'cancel' END;
    done     int;
BEGIN
    IF id IS NULL OR (digit = 2 AND NOT of_party) THEN
        RETURN NULL;
    ELSIF EXISTS (SELECT FROM messages m WHERE m.account_id = account AND m.message_id = call
                                           AND m.digit = call_chosen.digit) THEN
        done := 200;
    ELSIF of_party THEN
        SELECT d.status INTO done FROM party_do(account, 'guest', id, action, NULL, false, '{}') d;
    ELSE
        SELECT d.status INTO done FROM booking_do(account, 'guest', id, action, NULL, false, '{}') d;
    END IF;
    IF done >= 400 THEN
        RETURN 'late';
    END IF;
    UPDATE messages m SET digit = call_chosen.digit WHERE m.account_id = account AND m.message_id = call;
    PERFORM call_note(account, call, CASE action WHEN 'more_time' THEN 'more_time' WHEN 'cancel' THEN 'left'
                                     ELSE 'confirmed' END);
    RETURN CASE action WHEN 'confirm' THEN 'confirmed' WHEN 'cancel' THEN
               CASE WHEN of_party THEN 'left' ELSE 'booking_left' END ELSE action END;
END $$;

-- ---- a carrier asks ----

-- Which of our calls it asks about; the scope is its account's from here on. As evidence it is what the
-- attempt's own callback is: the id in the URL, held against the carrier's id and the guest's number.
CREATE OR REPLACE FUNCTION call_ours(carrier text, f jsonb, OUT account text, OUT call text, OUT guest text,
                                     OUT visit text, OUT words text, OUT ours text)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    SELECT m.account_id, m.message_id, m.conversation_id, m.visit, m.body, a.number
    INTO account, call, guest, visit, words, ours
    FROM attempts a JOIN messages m USING (account_id, message_id)
    WHERE a.account_id = f ->> 'account_id' AND a.attempt_id = f ->> 'attempt_id' AND a.provider = carrier
      AND (a.carrier_id IS NULL OR a.carrier_id = f ->> 'carrier_id')
      AND m.channel = 'voice' AND m.phone = f ->> 'to';
    PERFORM scope_to(coalesce(account, ''));
END $$;

-- A guest calls: their call gets a row in their thread, once. `ours`: the number they called.
CREATE OR REPLACE FUNCTION call_came(carrier text, f jsonb, OUT account text, OUT call text, OUT guest text,
                                     OUT visit text, OUT words text, OUT ours text)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    SELECT n.account_id, n.phone INTO account, ours FROM numbers n
    WHERE n.provider = carrier AND n.phone = f ->> 'to';
    PERFORM scope_to(coalesce(account, ''));
    IF account IS NULL OR f ->> 'from' !~ '^\+[1-9]\d{6,14}$' THEN
        RETURN; -- who hides their number has no thread
    END IF;
    SELECT m.message_id, m.conversation_id INTO call, guest FROM messages m
    WHERE m.account_id = account AND m.provider = carrier AND m.carrier_id = f ->> 'carrier_id'
      AND m.direction = 'in';
    IF NOT FOUND THEN
        call := random_id('msg');
        guest := guest_at(account, f ->> 'from', NULL, NULL);
        UPDATE conversations c SET last_message_id = greatest(c.last_message_id, call)
        WHERE c.account_id = account AND c.conversation_id = guest;
    END IF;
    SELECT o.visit INTO visit FROM (
        SELECT v.visit, v.asked_at FROM open_visits v
        WHERE v.account_id = account AND v.conversation_id = guest
        UNION ALL
        SELECT p.party_id, NULL FROM parties p
        WHERE p.account_id = account AND p.conversation_id = guest AND p.state = 'pending') o
    ORDER BY o.asked_at DESC NULLS LAST, o.visit LIKE 'pty%' DESC, o.visit DESC LIMIT 1;
    INSERT INTO messages (account_id, message_id, conversation_id, direction, channel, kind, phone, number,
                          body, encoding, segments, state, rank, provider, carrier_id, ended_at, visit)
    SELECT account, call, guest, 'in', 'voice', 'call', f ->> 'from', ours, '', 'GSM-7', 1, 'received', 5,
           carrier, f ->> 'carrier_id', now(), visit
    WHERE NOT EXISTS (SELECT FROM messages m WHERE m.account_id = account AND m.message_id = call)
    ON CONFLICT DO NOTHING;
END $$;

-- Keeps what this question tells of the call.
CREATE OR REPLACE FUNCTION call_heard(account text, call text, f jsonb, pressed text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO calls AS c (account_id, message_id, answered_by, keys, last_step)
    VALUES (account, call, f ->> 'answered_by', pressed, coalesce(f ->> 'step', 'ask'))
    ON CONFLICT (account_id, message_id) DO UPDATE
        SET answered_by = coalesce(excluded.answered_by, c.answered_by),
            -- the same key in the same step is the same question, asked once more
            keys = CASE WHEN c.last_step = excluded.last_step AND right(c.keys, 1) = pressed THEN c.keys
                        ELSE left(c.keys || pressed, 40) END,
            last_step = coalesce(excluded.last_step, c.last_step);
END $$;

-- The script that a carrier is answered with. f: carrier_id, inbound, from, to, account_id and attempt_id
-- (of our own call), step, digits, answered_by, dialled, recording_url, recording_s; each may be missing.
CREATE OR REPLACE FUNCTION call_turn(carrier text, f jsonb) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    inbound  boolean := (f ->> 'inbound')::boolean;
    step     text := coalesce(f ->> 'step', '');
    pressed  text := coalesce(left(f ->> 'digits', 1), '');
    turn     int := CASE step WHEN 'ask2' THEN 2 ELSE 1 END;
    machine  boolean;
    l        record; -- the call
    v        jsonb;
    c        conversations;
    speaks   text;
    name     text;
BEGIN
    IF inbound THEN
        SELECT * INTO l FROM call_came(carrier, f);
    ELSE
        SELECT * INTO l FROM call_ours(carrier, f);
    END IF;
    IF l.account IS NULL THEN
        RETURN call_script(NULL, 'en', CASE WHEN inbound THEN jsonb '[{"reject": true}]'
                                            ELSE jsonb '[{"hang_up": true}]' END);
    END IF;
    v := call_vars(l.account);
    SELECT * INTO c FROM conversations o
    WHERE o.account_id = l.account AND o.conversation_id = l.guest FOR NO KEY UPDATE;
    speaks := coalesce((SELECT p.language FROM parties p WHERE p.account_id = l.account AND p.party_id = l.visit),
                       (SELECT b.language FROM bookings b WHERE b.account_id = l.account AND b.booking_id = l.visit),
                       speaks(l.account, l.guest, NULL));
    IF l.call IS NOT NULL THEN
        PERFORM call_heard(l.account, l.call, f, pressed);
    END IF;

    -- one carrier says so here, the other in a status report
    machine := NOT inbound AND coalesce(f ->> 'answered_by',
        (SELECT k.answered_by FROM calls k WHERE k.account_id = l.account AND k.message_id = l.call))
        IN ('machine', 'fax');
    IF NOT inbound AND c.opted_out_at IS NOT NULL AND pressed = '' THEN
        RETURN call_ends(v, speaks); -- since this call was placed
    ELSIF step = 'dialled' THEN
        RETURN CASE f ->> 'dialled' WHEN 'completed' THEN call_script(v, speaks, '[{"hang_up": true}]')
                                    ELSE call_nobody(v, speaks, l.call) END;
    ELSIF step = 'recorded' THEN
        PERFORM call_recorded(l.account, l.call, l.guest, f);
        RETURN call_ends(v, speaks, 'recorded');
    ELSIF machine AND pressed = '' THEN
        PERFORM call_note(l.account, l.call, 'voicemail');
        RETURN call_script(v, speaks, jsonb_build_array(
            jsonb_build_object('pause', 1),
            jsonb_build_object('say', spoken(speaks, 'machine',
                                             v || jsonb_build_object('words', l.words))),
            jsonb_build_object('hang_up', true)));
    ELSIF step = 'silent' THEN
        PERFORM call_note(l.account, l.call, 'no_key');
        IF inbound AND l.visit IS NULL THEN
            RETURN call_connect(v, l.account, speaks, l.ours, l.call);
        END IF;
        RETURN call_ends(v, speaks);
    ELSIF pressed = '8' AND l.guest IS NOT NULL THEN
        PERFORM call_stop(l.account, l.guest, l.call, carrier), call_note(l.account, l.call, 'opted_out');
        RETURN call_ends(v, speaks, 'opted_out');
    ELSIF pressed = '0' THEN
        RETURN call_connect(v, l.account, speaks, l.ours, l.call);
    ELSIF pressed = '3' AND l.visit IS NULL AND l.guest IS NOT NULL THEN
        IF NOT call_link(l.account, l.guest, speaks) THEN
            RETURN call_ends(v, speaks, 'no_link');
        END IF;
        PERFORM call_note(l.account, l.call, 'texted');
        RETURN call_ends(v, speaks, 'link');
    ELSIF pressed IN ('1', '2', '9') THEN
        name := call_chosen(l.account, l.visit, l.call, pressed::int);
        IF name = 'more_time' THEN
            RETURN call_script(v, speaks, jsonb_build_array(
                jsonb_build_object('say', spoken(speaks, name, jsonb_build_object('minutes', v -> 'more'))),
                jsonb_build_object('say', spoken(speaks, 'goodbye', '{}')),
                jsonb_build_object('hang_up', true)));
        ELSIF name IS NOT NULL THEN
            RETURN call_ends(v, speaks, name);
        END IF;
    END IF;
    IF NOT inbound AND l.visit IS NOT NULL
       AND NOT EXISTS (SELECT FROM open_visits o
                       WHERE o.account_id = l.account AND o.visit = l.visit
                         AND o.asked_at IS NOT NULL AND o.answered_at IS NULL) THEN
        RETURN call_ends(v, speaks, 'opening', 'already');
    END IF;
    RETURN call_asks(v, speaks, turn,
        CASE WHEN pressed NOT IN ('', '*') THEN ARRAY[spoken(speaks, 'unknown_key', '{}')] END
        || CASE WHEN inbound THEN call_question_in(v, l.account, l.guest, l.visit, speaks)
                ELSE call_question_out(v, l.visit, speaks, l.words) END);
END $$;

-- A message was left: staff find it in the thread, unread.
CREATE OR REPLACE FUNCTION call_recorded(account text, call text, guest text, f jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE calls c
    SET recording_url = f ->> 'recording_url', recording_s = (f ->> 'recording_s')::int, outcome = 'recorded'
    WHERE c.account_id = account AND c.message_id = call AND c.recording_url IS NULL;
    IF FOUND AND f ->> 'recording_url' IS NOT NULL THEN
        UPDATE conversations c SET unread = c.unread + 1
        WHERE c.account_id = account AND c.conversation_id = guest;
    END IF;
END $$;

-- What the API shows of a call, beside its message.
CREATE OR REPLACE FUNCTION call_json(account text, id text) RETURNS json LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT json_build_object('answered_by', c.answered_by, 'outcome', c.outcome, 'keys', coalesce(c.keys, ''),
                                     'duration_s', c.duration_s, 'recording_url', c.recording_url,
                                     'recording_s', c.recording_s)
            FROM (SELECT 1) one LEFT JOIN calls c ON c.account_id = account AND c.message_id = id);
END $$;
