-- Guests' data goes when it should: keyed hashes, erasing, retention.

-- HMAC-SHA256 of a number, in hexadecimal, by each key of PRIVACY_KEY, the newest first. The keys are in no
-- table: see db/session.c. What is looked up may have been hashed by any of them.
CREATE OR REPLACE FUNCTION phone_hashes(phone text) RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    inner_pads text[] := string_to_array(current_setting('maitred.hash_inner', true), ',');
    outer_pads text[] := string_to_array(current_setting('maitred.hash_outer', true), ',');
    hashes text[];
BEGIN
    FOR i IN 1 .. coalesce(cardinality(inner_pads), 0) LOOP
        IF length(inner_pads[i]) <> 128 OR length(outer_pads[i]) IS DISTINCT FROM 128 THEN
            hashes := NULL;
            EXIT;
        END IF;
        hashes := hashes || encode(sha256(decode(outer_pads[i], 'hex')
                                          || sha256(decode(inner_pads[i], 'hex')
                                                    || convert_to(phone, 'UTF8'))), 'hex');
    END LOOP;
    IF hashes IS NULL THEN
        RAISE EXCEPTION 'this connection was not told PRIVACY_KEY';
    END IF;
    RETURN hashes;
END $$;

-- What is stored: by the newest key.
CREATE OR REPLACE FUNCTION phone_hash(phone text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN (phone_hashes(phone))[1];

-- A guest who was erased comes back: their opt-out does too. See the trigger in migration 0008. A definite
-- STOP counts more than a doubt.
CREATE OR REPLACE FUNCTION remember_opt_out() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    old opt_outs;
BEGIN
    IF NOT EXISTS (SELECT FROM opt_outs WHERE account_id = NEW.account_id) THEN
        RETURN NULL;
    END IF;
    WITH gone AS (
        DELETE FROM opt_outs o
        WHERE o.account_id = NEW.account_id AND o.phone_hash = ANY (phone_hashes(NEW.phone))
        RETURNING *
    )
    SELECT * INTO old FROM gone g ORDER BY g.via = 'flag', g.at LIMIT 1;
    IF FOUND THEN
        UPDATE conversations c
        SET opted_out_at = least(old.at, c.opted_out_at),
            opted_out_via = CASE WHEN c.opted_out_via <> 'flag' THEN c.opted_out_via ELSE old.via END
        WHERE c.account_id = NEW.account_id AND c.conversation_id = NEW.conversation_id;
    END IF;
    RETURN NULL;
END $$;

-- ---- guests, as the API shows them ----

CREATE OR REPLACE FUNCTION guest_json(account text, guest text) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT json_build_object(
    'id', c.conversation_id, 'phone', c.phone, 'name', c.name, 'language', c.language,
    'notes', c.notes, 'consent', consent_state(c.opted_out_at, c.opted_out_via), 'unread', c.unread,
    'created_at', rfc3339(c.created_at),
    'visits', (SELECT count(*) FROM parties p
               WHERE p.account_id = account AND p.conversation_id = guest)
              + (SELECT count(*) FROM bookings b
                 WHERE b.account_id = account AND b.conversation_id = guest AND b.party_id IS NULL),
    'last_visit_at', rfc3339(greatest(
        (SELECT max(p.created_at) FROM parties p
         WHERE p.account_id = account AND p.conversation_id = guest),
        (SELECT max(b.starts_at) FROM bookings b
         WHERE b.account_id = account AND b.conversation_id = guest AND b.starts_at <= now()))))
    FROM conversations c WHERE c.account_id = account AND c.conversation_id = guest);

-- Their latest parties and bookings, the latest first.
CREATE OR REPLACE FUNCTION guest_history(account text, guest text, most int) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT coalesce(json_agg(json_build_object(
        'id', v.id, 'what', v.what, 'state', v.state, 'name', v.name, 'size', v.size, 'notes', v.notes,
        'at', rfc3339(v.at), 'ended_at', rfc3339(v.ended_at)) ORDER BY v.at DESC, v.id), '[]')
    FROM (SELECT * FROM (
        (SELECT p.party_id AS id, 'party' AS what, p.state, p.name, p.size, p.notes, p.created_at AS at,
                p.ended_at
         FROM parties p WHERE p.account_id = account AND p.conversation_id = guest
         ORDER BY p.party_id DESC LIMIT most)
        UNION ALL
        (SELECT b.booking_id, 'booking', b.state, b.name, b.size, b.notes, b.starts_at, b.ended_at
         FROM bookings b WHERE b.account_id = account AND b.conversation_id = guest
         ORDER BY b.booking_id DESC LIMIT most)) u
        ORDER BY u.at DESC, u.id LIMIT most) v);

-- ---- what goes ----

-- These change what is append-only for the gateway's role, or belongs to all accounts: they run as the
-- owner, whom row-level security binds as well, and look first whose rows the caller may touch.
CREATE OR REPLACE FUNCTION must_be_mine(account text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF scope() IS NULL OR scope() NOT IN (account, '*') THEN
        RAISE EXCEPTION 'not of this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Messages with all that belongs to them, added to the totals. Returns how many there were.
CREATE OR REPLACE FUNCTION forget_messages(account text, ids text[]) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
    WITH tries AS (
        DELETE FROM attempts a USING unnest(ids) i (id)
        WHERE a.account_id = account AND a.message_id = i.id
        RETURNING a.attempt_id
    ), reports AS (
        DELETE FROM receipts r USING tries t
        WHERE r.account_id = account AND r.attempt_id = t.attempt_id
    ), gone AS (
        DELETE FROM messages m USING unnest(ids) i (id)
        WHERE m.account_id = account AND m.message_id = i.id
        RETURNING m.*
    ), unqueued AS (
        DELETE FROM queue q USING gone g
        WHERE q.account_id = account AND q.conversation_id = g.conversation_id
          AND q.message_id = g.message_id
    ), uncalled AS (
        DELETE FROM calls c USING gone g
        WHERE g.channel = 'voice' AND c.account_id = account AND c.message_id = g.message_id
    ), totals AS (
        INSERT INTO message_totals AS t (account_id, hour, direction, channel, kind, state, code, n,
                                         segments)
        SELECT account, date_trunc('hour', created_at, 'UTC'), direction, channel, kind, state,
               coalesce(code, ''), count(*), sum(segments)
        FROM gone GROUP BY 2, 3, 4, 5, 6, 7 ORDER BY 2, 3, 4, 5, 6, 7
        ON CONFLICT (account_id, hour, direction, channel, kind, state, code) DO UPDATE
            SET n = t.n + excluded.n, segments = t.segments + excluded.segments
    )
    SELECT count(*) FROM gone;
END;

-- Visits stay for the statistics, without anybody in them. One that is open ends, since it is open in a
-- backup only.
CREATE OR REPLACE FUNCTION forget_parties(account text, ids text[]) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    UPDATE parties p
    SET name = '', notes = '', tags = '{}', says = NULL, token = NULL, conversation_id = NULL,
        text_id = NULL, due_at = NULL,
        state = CASE WHEN p.ended_at IS NULL THEN 'expired' ELSE p.state END,
        ended_at = coalesce(p.ended_at, now()),
        ended_by = CASE WHEN p.ended_at IS NULL THEN 'clock' ELSE p.ended_by END
    FROM unnest(ids) i (id) WHERE p.account_id = account AND p.party_id = i.id;
END;
CREATE OR REPLACE FUNCTION forget_bookings(account text, ids text[]) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    UPDATE bookings b
    SET name = '', notes = '', tags = '{}', says = NULL, token = NULL, conversation_id = NULL,
        text_id = NULL, remind_at = NULL,
        state = CASE WHEN b.ended_at IS NULL AND b.starts_at > now() THEN 'cancelled' ELSE b.state END,
        ended_at = CASE WHEN b.ended_at IS NULL AND b.starts_at > now() THEN now() ELSE b.ended_at END
    FROM unnest(ids) i (id) WHERE b.account_id = account AND b.booking_id = i.id;
END;

-- Those of these threads that have nothing left.
CREATE OR REPLACE FUNCTION empty_threads(account text, ids text[]) RETURNS text[] LANGUAGE sql STABLE
RETURN (SELECT array_agg(i.id) FROM unnest(ids) i (id)
    WHERE NOT EXISTS (SELECT FROM messages m WHERE m.account_id = account AND m.conversation_id = i.id)
      AND NOT EXISTS (SELECT FROM parties p WHERE p.account_id = account AND p.conversation_id = i.id)
      AND NOT EXISTS (SELECT FROM bookings b WHERE b.account_id = account AND b.conversation_id = i.id));

-- Forgets them. The proof of consent stays, without number and words; how consent was given is nobody's
-- words. Returns how many went.
CREATE OR REPLACE FUNCTION forget_threads(account text, ids text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    empty text[];
    n     bigint;
BEGIN
    PERFORM must_be_mine(account);
    PERFORM FROM conversations c JOIN unnest(ids) i (id) ON c.conversation_id = i.id
    WHERE c.account_id = account ORDER BY c.phone FOR UPDATE OF c;
    -- a new snapshot: who was there before us has given them something, or not
    empty := empty_threads(account, ids);
    IF empty IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO opt_outs AS o (account_id, phone_hash, at, via)
    SELECT account, phone_hash(c.phone), c.opted_out_at, c.opted_out_via
    FROM conversations c JOIN unnest(empty) i (id) ON c.conversation_id = i.id
    WHERE c.account_id = account AND c.opted_out_at IS NOT NULL
    ON CONFLICT (account_id, phone_hash) DO UPDATE
        SET at = least(o.at, excluded.at), via = excluded.via;
    WITH said AS MATERIALIZED (
        SELECT l.phone, l.event_id, phone_hash(c.phone) AS hash
        FROM conversations c JOIN unnest(empty) i (id) ON c.conversation_id = i.id
        JOIN consent_log l ON l.account_id = account AND l.phone = c.phone
        WHERE c.account_id = account
    ), twice AS ( -- they were erased before, and this was said again
        DELETE FROM consent_log l USING said s
        WHERE l.account_id = account AND l.phone = s.phone AND l.event_id = s.event_id
          AND EXISTS (SELECT FROM consent_log o WHERE o.account_id = account AND o.phone = s.hash
                                                  AND o.event_id = s.event_id)
    )
    UPDATE consent_log l
    SET phone = s.hash, word = CASE l.action WHEN 'given' THEN l.word ELSE '' END
    FROM said s
    WHERE l.account_id = account AND l.phone = s.phone AND l.event_id = s.event_id
      AND NOT EXISTS (SELECT FROM consent_log o WHERE o.account_id = account AND o.phone = s.hash
                                                  AND o.event_id = s.event_id);
    DELETE FROM conversations c USING unnest(empty) i (id)
    WHERE c.account_id = account AND c.conversation_id = i.id;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;

-- ---- erasing ----

-- Empties the answers that are kept for who asks again, when they hold any of `marks`. They are not
-- deleted: who asks again would be served again, and the guest be on the list once more.
CREATE OR REPLACE FUNCTION forget_answers(account text, marks text[]) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    UPDATE idempotency_keys k
    SET status = 404, body = problem('not_found', NULL, 'The guest that this was about is erased.')
    WHERE k.account_id = account AND k.status < 400
      AND EXISTS (SELECT FROM unnest(marks) m (mark) WHERE position(m.mark IN k.body::text) > 0);
END;

-- Empties the journal of what came from a number or went to it, in any encoding: its digits suffice. A
-- batch that is not applied yet is still needed. Returns how many callbacks.
CREATE OR REPLACE FUNCTION forget_callbacks(number text, since timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    digits text := ltrim(number, '+');
    n      bigint;
BEGIN
    UPDATE callbacks c SET body = ''
    WHERE c.batch_at >= since AND position(digits IN c.body) > 0
      -- those of a short code stand in other numbers and times as well
      AND (length(digits) > 8 OR c.body ~ ('(^|[^0-9A-Za-z]|%2B)' || digits || '([^0-9A-Za-z]|$)'))
      AND NOT EXISTS (SELECT FROM pending p WHERE p.batch_at = c.batch_at AND p.batch_id = c.batch_id);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;

-- Erases a guest: what the API answers. Run twice with the same erasure, it is done once. `anyway`: also
-- one who is expected, as after a restore.
CREATE OR REPLACE FUNCTION erase_guest(account text, guest text, erasure text, by text, anyway boolean,
                                       OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    c         conversations;
    texts     text[];
    had_party text[];
    had_table text[]; -- bookings
    counts    json;
    callbacks bigint;
    hash      text;
BEGIN
    PERFORM must_be_mine(account);
    SELECT e.erased INTO body FROM erasures e WHERE e.account_id = account AND e.erasure_id = erasure;
    IF FOUND THEN
        status := 200;
        RETURN;
    END IF;
    SELECT * INTO c FROM conversations v
    WHERE v.account_id = account AND v.conversation_id = guest FOR UPDATE;
    IF NOT FOUND THEN
        status := 404;
        body := nothing_here();
        RETURN;
    END IF;
    IF NOT anyway AND (
        EXISTS (SELECT FROM parties p WHERE p.account_id = account AND p.conversation_id = guest
                                        AND p.ended_at IS NULL)
        OR EXISTS (SELECT FROM bookings b WHERE b.account_id = account AND b.conversation_id = guest
                                            AND b.ended_at IS NULL AND b.starts_at > now())) THEN
        status := 409;
        body := problem('conflict', NULL, 'This guest is on the waitlist, or has a booking to come. '
                                          'Erase them when that is over.');
        RETURN;
    END IF;
    hash := phone_hash(c.phone);
    SELECT array_agg(m.message_id) INTO texts
    FROM (SELECT message_id FROM messages WHERE account_id = account AND conversation_id = guest
          ORDER BY message_id FOR UPDATE) m;
    SELECT array_agg(party_id) INTO had_party FROM parties
    WHERE account_id = account AND conversation_id = guest;
    SELECT array_agg(booking_id) INTO had_table FROM bookings
    WHERE account_id = account AND conversation_id = guest;

    INSERT INTO erased_texts (account_id, provider, carrier_id)
    SELECT account, m.provider, m.carrier_id FROM messages m
    WHERE m.account_id = account AND m.conversation_id = guest AND m.direction = 'in'
      AND m.provider IS NOT NULL AND m.carrier_id IS NOT NULL
      AND m.created_at > now() - interval '10 days'
    ON CONFLICT DO NOTHING;
    PERFORM forget_messages(account, texts), forget_parties(account, had_party),
            forget_bookings(account, had_table);
    -- what was posted to customers' own systems holds how they answered
    DELETE FROM deliveries d
    WHERE d.account_id = account AND d.subject = ANY (array_append(texts || had_party || had_table, guest));
    PERFORM forget_answers(account, array_append(had_party || had_table, guest)
                                    || ltrim(c.phone, '+'));
    DELETE FROM idempotency_keys k -- the key itself may be made from the number
    WHERE k.account_id = account AND position(right(ltrim(c.phone, '+'), 10) IN k.key) > 0;
    callbacks := forget_callbacks(c.phone, c.created_at - interval '1 day');
    PERFORM forget_threads(account, ARRAY[guest]);

    status := 200;
    body := json_build_object(
        'id', guest, 'state', 'erased', 'erasure_id', erasure, 'account_id', account, 'hash', hash,
        'messages', coalesce(cardinality(texts), 0), 'parties', coalesce(cardinality(had_party), 0),
        'bookings', coalesce(cardinality(had_table), 0), 'callbacks', callbacks);
    INSERT INTO erasures (account_id, erasure_id, phone_hash, who, erased)
    VALUES (account, erasure, hash, by, body);
END $$;

-- After a restore: whoever has this number's hash is erased again, unless they became a guest after
-- `until`. Returns how many were there: 0 or 1.
CREATE OR REPLACE FUNCTION erase_again(account text, hash text, until timestamptz, erasure text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    guest text;
    code  int;
BEGIN
    SELECT c.conversation_id INTO guest FROM conversations c
    WHERE c.account_id = account AND (until IS NULL OR c.created_at <= until)
      AND phone_hash(c.phone) = hash;
    SELECT e.status INTO code FROM erase_guest(account, guest, erasure, 'replay', true) e;
    RETURN (code = 200)::int;
END $$;

-- ---- retention ----

-- What was made before this goes; NULL: nothing does. Without a setting everything goes 18 months after
-- somebody last signed in, or one of its servers did. The last day is left to end: what commits late would lie behind retained.
CREATE OR REPLACE FUNCTION retention_cutoff(account text) RETURNS timestamptz LANGUAGE sql STABLE
RETURN (SELECT CASE
    WHEN a.retain_days IS NOT NULL THEN now() - a.retain_days * interval '1 day'
    WHEN greatest(a.last_login_at, a.created_at, (SELECT max(k.last_used_at) FROM api_keys k
                                                  WHERE k.account_id = a.account_id))
         < now() - interval '18 months' THEN now() - interval '1 day' END
    FROM accounts a WHERE a.account_id = account);

-- One page of one kind of thing of an account: the oldest first, by the primary key only, from where the
-- last page ended. What may not go yet is passed by, and is where the next pass begins. Returns how many
-- were looked at.
CREATE OR REPLACE FUNCTION retain_page(r retained, cutoff timestamptz, most int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    key     text := CASE r.what WHEN 'messages' THEN 'message_id' WHEN 'parties' THEN 'party_id'
                                WHEN 'bookings' THEN 'booking_id' WHEN 'deliveries' THEN 'delivery_id'
                                ELSE 'conversation_id' END;
    thread  text := CASE r.what WHEN 'deliveries' THEN 'NULL::text' ELSE 'conversation_id' END;
    stays   text := CASE r.what -- what may not go yet
        WHEN 'messages' THEN -- counted: for EXISTS, all that the account has under way would be read each time
            '0 < (SELECT count(*) FROM queue q WHERE q.account_id = x.account_id
                                                 AND q.conversation_id = x.conversation_id
                                                 AND q.message_id = x.message_id)
             OR 0 < (SELECT count(*) FROM attempts a WHERE a.account_id = x.account_id
                                                       AND a.message_id = x.message_id
                                                       AND a.state IN (''intent'', ''ambiguous'', ''accepted''))'
        WHEN 'parties' THEN 'x.ended_at IS NULL'
        WHEN 'bookings' THEN 'x.ended_at IS NULL AND x.starts_at > now() - interval ''1 day'''
        WHEN 'deliveries' THEN 'x.state = ''waiting'''
        ELSE 'false' END;
    prefix  text;
    ids     text[];
    threads text[];
    kept    text;
    last    text;
    n       int;
BEGIN
    -- the bound is an id of that time; of which prefix, the first one shows
    EXECUTE format('SELECT left(%1$I, 3) FROM %2$I WHERE account_id = $1 AND %1$I > $2
                    ORDER BY %1$I LIMIT 1', key, r.what)
    INTO prefix USING r.account_id, r.swept_to;
    EXECUTE format('SELECT array_agg(id ORDER BY id) FILTER (WHERE NOT stays),
                           array_agg(DISTINCT thread) FILTER (WHERE NOT stays),
                           min(id) FILTER (WHERE stays), max(id), count(*)
                    FROM (SELECT %1$I AS id, %3$s AS thread, %4$s AS stays FROM %2$I x
                          WHERE account_id = $1 AND %1$I > $2 AND %1$I < $3
                          ORDER BY %1$I LIMIT $4) p', key, r.what, thread, stays)
    INTO ids, threads, kept, last, n
    USING r.account_id, r.swept_to, id_of(coalesce(prefix, 'msg'), cutoff, 0), most;

    CASE r.what
        WHEN 'messages' THEN PERFORM forget_messages(r.account_id, ids);
        WHEN 'parties' THEN PERFORM forget_parties(r.account_id, ids);
        WHEN 'bookings' THEN PERFORM forget_bookings(r.account_id, ids);
        WHEN 'deliveries' THEN -- how customers' own systems answered
            UPDATE deliveries d SET last_answer = NULL FROM unnest(ids) i (id)
            WHERE d.account_id = r.account_id AND d.delivery_id = i.id AND d.last_answer IS NOT NULL;
        ELSE NULL;
    END CASE;
    IF r.what IN ('parties', 'bookings') THEN
        DELETE FROM visit_log v USING unnest(ids) i (id) WHERE v.account_id = r.account_id AND v.visit = i.id;
    END IF;
    PERFORM forget_threads(r.account_id, empty_threads(r.account_id, threads));

    kept := least(r.first_left, kept);
    UPDATE retained t
    SET swept_to = CASE WHEN n = most THEN last
                        WHEN r.what = 'conversations' THEN '' -- a guest who comes back keeps an old id
                        WHEN kept IS NOT NULL THEN left(kept, -1) -- just before it
                        ELSE coalesce(last, t.swept_to) END,
        first_left = CASE WHEN n = most THEN kept END,
        due_at = CASE WHEN n = most THEN clock_timestamp()
                      -- they go with the last that they had; this finds those that never had anything
                      WHEN r.what = 'conversations' THEN now() + interval '1 day'
                      ELSE now() + interval '1 hour' END
    WHERE t.account_id = r.account_id AND t.what = r.what;
    IF n < most AND r.what = 'messages' AND cutoff > now() - interval '7 days' THEN
        UPDATE idempotency_keys k
        SET status = 404, body = problem('not_found', NULL, 'The guest that this was about is gone.')
        WHERE k.account_id = r.account_id AND k.created_at < cutoff AND k.status < 400;
    END IF;
    RETURN n;
END $$;

-- Deletes what is past its time, at most so many rows, of each account a page in turn. Of several
-- processes one does it. Returns whether there is more. Its plans use indexes only, also when nobody has
-- counted the rows lately.
CREATE OR REPLACE FUNCTION retain(most int) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    until  timestamptz := clock_timestamp() + interval '100 milliseconds';
    room   int := most;
    r      retained;
    cutoff timestamptz;
BEGIN
    PERFORM must_be_mine('*');
    IF NOT pg_try_advisory_xact_lock(hashtextextended('retain', 4)) THEN
        RETURN false;
    END IF;
    WHILE room > 0 AND clock_timestamp() < until LOOP
        SELECT * INTO r FROM retained WHERE due_at <= now() ORDER BY due_at LIMIT 1;
        EXIT WHEN NOT FOUND;
        cutoff := retention_cutoff(r.account_id);
        IF cutoff IS NULL THEN
            UPDATE retained SET due_at = now() + interval '1 hour'
            WHERE account_id = r.account_id AND what = r.what;
        ELSE
            room := room - retain_page(r, cutoff, room);
        END IF;
    END LOOP;
    until := clock_timestamp(); -- by itself it would keep the index from being used
    IF EXISTS (SELECT FROM retained WHERE due_at <= until) THEN
        RETURN true;
    END IF;
    DELETE FROM erased_texts WHERE at < now() - interval '10 days';
    INSERT INTO retained (account_id, what)
    SELECT a.account_id, w.what
    FROM accounts a, unnest(ARRAY['messages', 'parties', 'bookings', 'deliveries', 'conversations']) w (what)
    WHERE NOT EXISTS (SELECT FROM retained o WHERE o.account_id = a.account_id AND o.what = w.what);
    RETURN FOUND; -- new accounts: they are due
END $$;

-- Drops the journal's partitions of more than 8 days, and with them what carriers sent of guests who
-- were erased meanwhile. A day that is not applied yet stays, and so does one that somebody reads:
-- until the next time.
CREATE OR REPLACE FUNCTION drop_callback_partitions() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
    oldest timestamptz := date_trunc('day', now(), 'UTC') - interval '8 days';
    day    record;
BEGIN
    FOR day IN SELECT c.relname AS name, to_timestamp(right(c.relname, 8) || '+00', 'YYYYMMDDTZH') AS at
               FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'callbacks'::regclass AND c.relname ~ '^callbacks_\d{8}$'
               ORDER BY 1 LOOP
        CONTINUE WHEN day.at >= oldest OR EXISTS (
            SELECT FROM pending p
            WHERE p.batch_at >= day.at AND p.batch_at < day.at + interval '1 day');
        BEGIN
            EXECUTE format('DROP TABLE %I', day.name);
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END LOOP;
    DELETE FROM callbacks_other c
    WHERE c.batch_at < oldest
      AND NOT EXISTS (SELECT FROM pending p WHERE p.batch_at = c.batch_at AND p.batch_id = c.batch_id);
END $$;

-- ---- signing in ----

-- Begins a session at the account, or at the first one that the user may enter. Retention counts from the
-- last login of any user of an account, to the hour.
CREATE OR REPLACE FUNCTION session_open(who text, wanted text, session text, ip text, agent text) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
    u  users;
    at text;
BEGIN
    SELECT * INTO u FROM users WHERE user_id = who AND disabled_at IS NULL;
    SELECT m.account_id INTO at FROM memberships m WHERE m.user_id = who
    ORDER BY m.account_id = wanted DESC, m.created_at, m.account_id LIMIT 1;
    IF u IS NULL OR at IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO sessions (organisation_id, session_id, user_id, ip, agent)
    VALUES (u.organisation_id, session, who, ip, left(agent, 200)) ON CONFLICT DO NOTHING;
    UPDATE accounts a SET last_login_at = now()
    FROM (SELECT o.account_id FROM memberships m JOIN accounts o USING (account_id)
          WHERE m.user_id = who AND (o.last_login_at IS NULL OR o.last_login_at < now() - interval '1 hour')
          ORDER BY o.account_id FOR NO KEY UPDATE OF o) mine
    WHERE a.account_id = mine.account_id;
    PERFORM set_config('maitred.ip', coalesce(ip, ''), true),
            audit_append(at, who, 'session.began', session, '{}');
    RETURN session_json(session, at);
END $$;
