--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: ident; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.ident AS text COLLATE pg_catalog."C";

--
-- Name: account_add(text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.account_add(name text, zone text, region text, id text, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    mine text := scope();
BEGIN
    IF actor() NOT LIKE 'usr%' THEN
        status := 403;
        body := problem('forbidden', NULL, 'Only a manager may, not a key: the account is theirs then.');
        RETURN;
    ELSIF zone IS NOT NULL AND NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = zone) THEN
        status := 422;
        body := problem('invalid_field', 'zone', 'It must be a time zone like America/Chicago.');
        RETURN;
    END IF;
    PERFORM set_config('maitred.account', '*', true);
    INSERT INTO accounts (account_id, organisation_id, name, zone, region)
    VALUES (id, scope_organisation(), name, coalesce(zone, 'America/New_York'), coalesce(region, 'US'))
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        INSERT INTO memberships (account_id, user_id, role) VALUES (id, actor(), 'manager');
        PERFORM numbers_take(id), audit_append(id, actor(), 'account.made', id, '{}');
    END IF;
    status := 201;
    SELECT account_json(a) INTO body FROM accounts a WHERE a.account_id = id;
    PERFORM set_config('maitred.account', mine, true);
END $$;

--
-- Name: billing_json(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.billing_json(account text) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    bars text := barred(account);
    host boolean := EXISTS (SELECT FROM memberships m WHERE m.account_id = account AND m.user_id = actor()
                                                        AND m.role = 'host');
BEGIN
    IF current_setting('maitred.billing', true) IS DISTINCT FROM 'on' OR (host AND bars IS NULL) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT json_build_object(
                'state', CASE WHEN NOT host THEN b.state END, 'effect', coalesce(bars, 'none'),
                'since', CASE WHEN NOT host THEN rfc3339(b.since) END, 'until', CASE WHEN NOT host THEN rfc3339(b.until) END,
                'message', billing_message(b.state, bars IS NOT NULL))
            FROM billing b WHERE b.account_id = account);
END $$;

--
-- Name: random_token(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.random_token() RETURNS text
    LANGUAGE sql PARALLEL SAFE
    RETURN translate(encode((substr(decode(replace((gen_random_uuid())::text, '-'::text, ''::text), 'hex'::text), 1, 6) || substr(decode(replace((gen_random_uuid())::text, '-'::text, ''::text), 'hex'::text), 11, 3)), 'base64'::text), '+/'::text, '-_'::text);

--
-- Name: rfc3339(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.rfc3339(t timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char((t AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'::text);

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.accounts (
    account_id public.ident NOT NULL,
    name text NOT NULL,
    region text DEFAULT 'US'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    zone text DEFAULT 'America/New_York'::text NOT NULL,
    quiet_from time without time zone DEFAULT '21:00:00'::time without time zone NOT NULL,
    quiet_until time without time zone DEFAULT '08:00:00'::time without time zone NOT NULL,
    help text,
    carrier text,
    organisation_id public.ident,
    phone text,
    language text DEFAULT 'en'::text NOT NULL,
    hold_minutes smallint DEFAULT 10 NOT NULL,
    more_minutes smallint DEFAULT 10 NOT NULL,
    almost_place smallint DEFAULT 3 NOT NULL,
    second_notice_minutes smallint,
    default_wait_minutes smallint DEFAULT 20 NOT NULL,
    estimates boolean DEFAULT true NOT NULL,
    show_wait boolean DEFAULT true NOT NULL,
    check_in boolean DEFAULT true NOT NULL,
    check_in_code text DEFAULT public.random_token() COLLATE pg_catalog."C",
    reminders text[] DEFAULT '{1d,3h}'::text[] NOT NULL,
    fold_texts boolean DEFAULT true NOT NULL,
    retain_days integer,
    last_login_at timestamp with time zone,
    notify_by text DEFAULT 'sms'::text NOT NULL,
    call_after_minutes smallint DEFAULT 3 NOT NULL,
    voice text DEFAULT 'woman'::text NOT NULL,
    voicemail boolean DEFAULT false NOT NULL,
    CONSTRAINT accounts_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text, 'fr'::text]))),
    CONSTRAINT accounts_notify_by_check CHECK ((notify_by = ANY (ARRAY['sms'::text, 'voice'::text, 'auto'::text]))),
    CONSTRAINT accounts_retain_days_check CHECK (((retain_days >= 1) AND (retain_days <= 3660))),
    CONSTRAINT accounts_voice_check CHECK ((voice = ANY (ARRAY['woman'::text, 'man'::text])))
);

ALTER TABLE ONLY public.accounts FORCE ROW LEVEL SECURITY;

--
-- Name: numbers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.numbers (
    account_id public.ident NOT NULL,
    number_id public.ident NOT NULL,
    provider text NOT NULL,
    phone text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    kind text DEFAULT '10dlc'::text NOT NULL,
    segments_per_s real,
    calls boolean DEFAULT true NOT NULL,
    sends boolean DEFAULT true NOT NULL,
    CONSTRAINT numbers_kind_check CHECK ((kind = ANY (ARRAY['10dlc'::text, 'toll_free'::text, 'long_code'::text]))),
    CONSTRAINT numbers_segments_per_s_check CHECK ((segments_per_s > (0)::double precision))
);

ALTER TABLE ONLY public.numbers FORCE ROW LEVEL SECURITY;

--
-- Name: account_json(public.accounts); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.account_json(a public.accounts) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (a).account_id, 'name', (a).name, 'zone', (a).zone, 'region', (a).region, 'phone', (a).phone, 'language', (a).language, 'quiet_from', to_char(((a).quiet_from)::interval, 'HH24:MI'::text), 'quiet_until', to_char(((a).quiet_until)::interval, 'HH24:MI'::text), 'help', (a).help, 'carrier', (a).carrier, 'hold_minutes', (a).hold_minutes, 'more_minutes', (a).more_minutes, 'almost_place', (a).almost_place, 'second_notice_minutes', COALESCE(((a).second_notice_minutes)::integer, 0), 'default_wait_minutes', (a).default_wait_minutes, 'estimates', (a).estimates, 'show_wait', (a).show_wait, 'check_in', (a).check_in, 'check_in_code', (a).check_in_code, 'reminders', to_json((a).reminders), 'notify_by', (a).notify_by, 'call_after_minutes', (a).call_after_minutes, 'voice', (a).voice, 'voicemail', (a).voicemail, 'fold_texts', (a).fold_texts, 'retain_days', COALESCE((a).retain_days, 0), 'billing', public.billing_json(((a).account_id)::text), 'created_at', public.rfc3339((a).created_at), 'numbers', (SELECT COALESCE(json_agg(json_build_object('phone', n.phone, 'carrier', n.provider, 'kind', n.kind, 'calls', n.calls) ORDER BY n.provider, n.phone), '[]'::json) AS "coalesce" FROM public.numbers n WHERE (((n.account_id)::text = ((account_json.a).account_id)::text) AND n.sends)));

--
-- Name: account_vars(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.account_vars(venue text, phone text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN jsonb_build_object('venue', venue, 'phone', regexp_replace(phone, '^\+1(\d{3})(\d{3})(\d{4})$'::text, '(\1) \2-\3'::text));

--
-- Name: actor(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.actor() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('maitred.actor'::text, true), ''::text);

--
-- Name: answer(integer, json); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.answer(code integer, reply json, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF code < 300 AND current_setting('maitred.key', true) <> '' THEN
        INSERT INTO idempotency_keys (account_id, key, request_hash, status, body)
        VALUES (scope(), current_setting('maitred.key'), current_setting('maitred.hash'), code, reply);
    END IF;
    status := code;
    body := reply;
END $$;

--
-- Name: audit_append(text, text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit_append(account text, who text, action text, subject text, detail jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    last audit_log;
    new  audit_log;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || account, 4));
    SELECT * INTO last FROM audit_log a
    WHERE a.account_id = account ORDER BY a.ordinal DESC LIMIT 1;
    new := ROW (account, coalesce(last.ordinal, 0) + 1, clock_timestamp(), who, action, subject,
                coalesce(detail, '{}'), nullif(current_setting('maitred.ip', true), ''),
                nullif(current_setting('maitred.request', true), ''), NULL);
    new.hash := audit_hash(coalesce(last.hash, ''), new);
    INSERT INTO audit_log SELECT new.*;
END $$;

--
-- Name: scope(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.scope() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('maitred.account'::text, true), ''::text);

--
-- Name: audit(text, text, json); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit(action text, subject text, detail json) RETURNS void
    LANGUAGE sql
    RETURN public.audit_append(public.scope(), public.actor(), action, subject, (detail)::jsonb);

--
-- Name: audit_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_log (
    account_id public.ident NOT NULL,
    ordinal bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text,
    detail jsonb NOT NULL,
    ip text,
    request_id text,
    hash bytea NOT NULL
);

ALTER TABLE ONLY public.audit_log FORCE ROW LEVEL SECURITY;

--
-- Name: audit_hash(bytea, public.audit_log); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit_hash(before bytea, a public.audit_log) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256((before || convert_to(concat_ws(''::text, (a).account_id, (a).ordinal, EXTRACT(epoch FROM (a).at), (a).actor, (a).action, COALESCE((a).subject, ''::text), (a).detail, COALESCE((a).ip, ''::text), COALESCE((a).request_id, ''::text)), 'UTF8'::name)));

--
-- Name: barred(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.barred(account text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN CASE WHEN current_setting('maitred.billing', true) = 'on' THEN
        (SELECT CASE WHEN b.state = 'paused' THEN 'texting_off'
                     WHEN b.state IN ('expired', 'failed') AND b.until <= now() THEN 'read_only' END
         FROM billing b WHERE b.account_id = account) END;
END $$;

--
-- Name: begin_pooled(text, text, text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_pooled(account text, plans text, inner_pad text, outer_pad text, public_url text, billing text, timeout text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
BEGIN
    IF pg_has_role(to_regrole('maitred_app'), 'member') THEN
        SET LOCAL ROLE maitred_app;
    END IF;
    SET LOCAL client_min_messages = 'warning';
    SET LOCAL jit = off;
    SET LOCAL enable_bitmapscan = off;
    SET LOCAL max_parallel_workers_per_gather = 0;
    PERFORM set_config('statement_timeout', timeout, true), set_config('plan_cache_mode', plans, true), scope_to(account),
            set_config('maitred.hash_inner', inner_pad, true), set_config('maitred.hash_outer', outer_pad, true),
            set_config('maitred.public_url', $5, true), set_config('maitred.billing', $6, true);
END $_$;

--
-- Name: billing_message(text, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.billing_message(state text, over boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE state WHEN 'none'::text THEN 'There is no subscription. Nothing is switched off.'::text WHEN 'future'::text THEN 'The subscription has not begun yet. Nothing is switched off.'::text WHEN 'active'::text THEN 'All is well.'::text WHEN 'past_due'::text THEN 'A payment is overdue. Nothing is switched off: see to it by the subscription''s page.'::text WHEN 'paused'::text THEN 'The subscription is paused: the board works, but no texts or calls go out. Resume it, and they do.'::text WHEN 'canceled'::text THEN 'The subscription was cancelled, and everything works until it ends.'::text ELSE CASE WHEN over THEN 'The subscription has ended, so the board is read-only, and nothing is texted. Renew it, and all is as before.'::text ELSE 'The subscription has ended. The board becomes read-only when this service day is over. Renew it, and nothing happens.'::text END END;

--
-- Name: billing_sweep(bigint, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.billing_sweep(most bigint, kinds text[]) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    b billing;
    n bigint := 0;
BEGIN
    INSERT INTO billing (account_id)
    SELECT a.account_id FROM accounts a
    WHERE NOT EXISTS (SELECT FROM billing v WHERE v.account_id = a.account_id)
    ON CONFLICT DO NOTHING;
    FOR b IN SELECT * FROM billing v
             WHERE v.counted_at < date_trunc('day', now() - interval '1 hour', 'UTC') + interval '1 hour'
               AND v.subscription_id IS NOT NULL AND v.state NOT IN ('none', 'future') AND kinds <> '{}'
             ORDER BY v.counted_at LIMIT most FOR NO KEY UPDATE SKIP LOCKED LOOP
        PERFORM usage_count(b, kinds);
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;

--
-- Name: billing_told(text, text, bigint, text, timestamp with time zone, timestamp with time zone, timestamp with time zone, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.billing_told(account text, claim text, hints_then bigint, now_state text, began timestamp with time zone, from_then timestamp with time zone, till timestamp with time zone, subscription text, page text) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    b     billing;
    ended boolean := now_state IN ('expired', 'failed');
    lost  boolean;
BEGIN
    SELECT * INTO b FROM billing v WHERE v.account_id = account AND v.claimed_by = claim FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    lost := now_state = 'none' AND b.state <> 'none';
    IF lost THEN
        now_state := b.state;
    END IF;
    UPDATE billing v
    SET state = now_state,
        since = CASE WHEN lost THEN b.since ELSE coalesce(from_then, CASE b.state WHEN now_state THEN b.since ELSE now() END) END,
        until = CASE WHEN lost OR (ended AND b.state IN ('expired', 'failed')) THEN b.until
                     WHEN ended THEN (SELECT service_day_end(a.zone, now()) FROM accounts a
                                      WHERE a.account_id = account)
                     ELSE till END,
        subscription_id = coalesce(subscription, b.subscription_id),
        began_at = coalesce(began, b.began_at),
        manage_url = coalesce(page, b.manage_url),
        claimed_by = NULL, tries = 0, fetched_at = now(),
        why = CASE WHEN lost THEN 'Recurly knows no subscription of this account any more.' END,
        due_at = CASE WHEN b.hints > hints_then THEN now()
                      ELSE least(now() + interval '1 day' - random() * interval '1 hour', -- a lost webhook is mended
                                 CASE WHEN till > now() THEN till + interval '1 minute' END) END
    WHERE v.account_id = account;
    IF b.state <> now_state THEN
        PERFORM audit_append(account, 'recurly', 'billing.' || now_state, subscription,
                             jsonb_build_object('before', b.state));
    END IF;
    RETURN b.state;
END $$;

--
-- Name: booking_add(text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_add(account text, who text, id text, f jsonb, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: bookings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.bookings (
    account_id public.ident NOT NULL,
    booking_id public.ident NOT NULL,
    conversation_id public.ident,
    party_id public.ident,
    name text NOT NULL,
    size smallint NOT NULL,
    language text NOT NULL,
    notes text DEFAULT ''::text NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    source text NOT NULL,
    state text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    remind_at timestamp with time zone,
    asked_at timestamp with time zone,
    answered_at timestamp with time zone,
    slot smallint DEFAULT 0 NOT NULL,
    says text,
    texts boolean DEFAULT true NOT NULL,
    text_id public.ident,
    token text DEFAULT public.random_token() COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    undo_state text,
    CONSTRAINT bookings_check CHECK (((ended_at IS NULL) = (state = ANY (ARRAY['booked'::text, 'reminded'::text, 'confirmed'::text])))),
    CONSTRAINT bookings_ended_by_check CHECK ((ended_by = ANY (ARRAY['guest'::text, 'staff'::text]))),
    CONSTRAINT bookings_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text, 'fr'::text]))),
    CONSTRAINT bookings_size_check CHECK (((size >= 1) AND (size <= 99))),
    CONSTRAINT bookings_source_check CHECK ((source = ANY (ARRAY['host'::text, 'api'::text]))),
    CONSTRAINT bookings_state_check CHECK ((state = ANY (ARRAY['booked'::text, 'reminded'::text, 'confirmed'::text, 'arrived'::text, 'cancelled'::text, 'no_show'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.bookings FORCE ROW LEVEL SECURITY;

--
-- Name: booking_answer(public.bookings, boolean, json); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_answer(b public.bookings, changed boolean, told json) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN json_build_object('booking', booking_json(b), 'changed', changed,
                             'text', coalesce(told, not_told('unchanged')));
END $$;

--
-- Name: booking_arrive(text, text, text, bigint, boolean, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_arrive(account text, who text, id text, seen bigint, wanted boolean, party text, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: booking_changed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    VALUES (coalesce(NEW.account_id, OLD.account_id),
            CASE TG_OP WHEN 'INSERT' THEN 'booking.added' WHEN 'UPDATE' THEN 'booking.changed'
                       ELSE 'booking.deleted' END, coalesce(NEW.booking_id, OLD.booking_id));
    RETURN NULL;
END $$;

--
-- Name: booking_do(text, text, text, text, bigint, boolean, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_do(account text, who text, id text, action text, seen bigint, wanted boolean, f jsonb, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: booking_edit(text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_edit(account text, who text, id text, f jsonb, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: last_text(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.last_text(account text, id text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
BEGIN
    IF id IS NULL THEN -- as most of those who wait
        RETURN NULL;
    END IF;
    RETURN (SELECT json_build_object('id', m.message_id, 'kind', m.kind, 'state', m.state, 'code', m.code,
                                     'reason', m.reason, 'created_at', rfc3339(m.created_at),
                                     'send_at', rfc3339(m.send_at))
            FROM messages m WHERE m.account_id = account AND m.message_id = id);
END $$;

--
-- Name: shown_guest(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.shown_guest(account text, id text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
BEGIN
    RETURN (SELECT json_build_object('id', c.conversation_id, 'phone', c.phone, 'unread', c.unread,
                                     'consent', consent_state(c.opted_out_at, c.opted_out_via))
            FROM conversations c WHERE c.account_id = account AND c.conversation_id = id);
END $$;

--
-- Name: booking_json(public.bookings); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_json(b public.bookings) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (b).booking_id, 'state', (b).state, 'version', (b).version, 'starts_at', public.rfc3339((b).starts_at), 'name', (b).name, 'size', (b).size, 'guest', public.shown_guest(((b).account_id)::text, ((b).conversation_id)::text), 'language', (b).language, 'notes', (b).notes, 'tags', to_json((b).tags), 'source', (b).source, 'party_id', (b).party_id, 'remind_at', public.rfc3339((b).remind_at), 'answered_at', public.rfc3339((b).answered_at), 'says', (b).says, 'texts', (b).texts, 'text', public.last_text(((b).account_id)::text, ((b).text_id)::text), 'created_at', public.rfc3339((b).created_at), 'ended_at', public.rfc3339((b).ended_at), 'ended_by', (b).ended_by);

--
-- Name: booking_lock(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_lock(account text, id text) RETURNS public.bookings
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: booking_may(public.bookings, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_may(b public.bookings, action text) RETURNS text
    LANGUAGE sql STABLE
    RETURN CASE WHEN (((((((action = 'confirm'::text) AND ((b).state = 'confirmed'::text)) OR ((action = 'cancel'::text) AND ((b).state = 'cancelled'::text))) OR ((action = 'no_show'::text) AND ((b).state = 'no_show'::text))) OR ((action = 'arrive'::text) AND ((b).state = 'arrived'::text))) OR ((action = 'undo'::text) AND ((b).state = 'booked'::text))) OR ((action = 'undo'::text) AND ((b).state = 'reminded'::text))) THEN 'done'::text WHEN ((action = 'undo'::text) AND ((b).state = 'arrived'::text)) THEN 'Its party is on the waitlist. Cancel or delete that.'::text WHEN ((action = 'undo'::text) AND ((b).ended_at < (now() - '1 day'::interval))) THEN 'That is more than a day ago. Make it anew.'::text WHEN (action = 'undo'::text) THEN 'yes'::text WHEN ((b).ended_at IS NOT NULL) THEN CASE (b).state WHEN 'arrived'::text THEN 'This booking has arrived: its party is on the waitlist.'::text WHEN 'no_show'::text THEN 'This booking did not show up. Undo that first.'::text ELSE 'This booking was cancelled. Undo that first.'::text END ELSE 'yes'::text END;

--
-- Name: booking_remind(public.bookings); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_remind(b public.bookings) RETURNS json
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: booking_ring(public.bookings); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_ring(b public.bookings) RETURNS json
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN call_guest(b.account_id, 'reminder', b.booking_id, b.conversation_id, b.language, b.texts,
                      jsonb_build_object('when', when_text(b.starts_at, (SELECT zone FROM accounts a
                                                                         WHERE a.account_id = b.account_id),
                                                           b.language)),
                      until_then(b));
END $$;

--
-- Name: booking_save(public.bookings, text, text, json, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_save(b public.bookings, who text, what text, told json, detail jsonb) RETURNS public.bookings
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: booking_say(public.bookings, text, boolean, interval); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_say(b public.bookings, event text, wanted boolean, lasts interval) RETURNS json
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: booking_says(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_says(account text, id text, word text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    b bookings := booking_lock(account, id);
BEGIN
    b.says := word;
    PERFORM booking_save(b, 'guest', 'says', NULL, jsonb_build_object('word', word));
END $$;

--
-- Name: call_script(jsonb, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_script(v jsonb, language text, verbs jsonb) RETURNS json
    LANGUAGE sql IMMUTABLE
    RETURN json_build_object('language', language, 'verbs', verbs, 'man', COALESCE(((v -> 'man'::text))::boolean, false));

--
-- Name: call_asks(jsonb, text, integer, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_asks(v jsonb, language text, turn integer, sentences text[]) RETURNS json
    LANGUAGE sql IMMUTABLE
    RETURN public.call_script(v, language, jsonb_build_array(jsonb_build_object('gather', 6, 'step', ('ask'::text || turn), 'say', to_jsonb(array_remove(array_remove(sentences, ''::text), NULL::text))), jsonb_build_object('redirect', CASE turn WHEN 1 THEN 'ask2'::text ELSE 'silent'::text END)));

--
-- Name: call_came(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_came(carrier text, f jsonb, OUT account text, OUT call text, OUT guest text, OUT visit text, OUT words text, OUT ours text) RETURNS record
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

--
-- Name: call_chosen(text, text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_chosen(account text, id text, call text, digit integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_connect(jsonb, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_connect(v jsonb, account text, language text, ours text, call text) RETURNS json
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF v ->> 'number' IS NULL THEN
        RETURN call_nobody(v, language, call);
    END IF;
    PERFORM call_note(account, call, 'connected');
    RETURN call_script(v, language, jsonb_build_array(
        jsonb_build_object('say', spoken(language, 'connect', v)),
        jsonb_build_object('dial', v ->> 'number', 'from', ours, 'seconds', 25, 'step', 'dialled')));
END $$;

--
-- Name: calls_due; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_due (
    account_id public.ident NOT NULL,
    visit public.ident NOT NULL,
    conversation_id public.ident NOT NULL,
    message_id public.ident,
    at timestamp with time zone NOT NULL,
    tries smallint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.calls_due FORCE ROW LEVEL SECURITY;

--
-- Name: call_due(public.calls_due); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_due(d public.calls_due) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_ends(jsonb, text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_ends(v jsonb, language text, VARIADIC names text[] DEFAULT '{}'::text[]) RETURNS json
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
    verbs jsonb := '[]';
    name  text;
BEGIN
    FOREACH name IN ARRAY names || '{goodbye}' LOOP
        verbs := verbs || jsonb_build_object('say', spoken(language, name, v));
    END LOOP;
    RETURN call_script(v, language, verbs || jsonb '{"hang_up": true}');
END $$;

--
-- Name: call_guest(text, text, text, text, text, boolean, jsonb, interval); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_guest(account text, event text, about text, guest text, language text, agreed boolean, vars jsonb, lasts interval) RETURNS json
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_heard(text, text, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_heard(account text, call text, f jsonb, pressed text) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_json(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_json(account text, id text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
BEGIN
    RETURN (SELECT json_build_object('answered_by', c.answered_by, 'outcome', c.outcome, 'keys', coalesce(c.keys, ''),
                                     'duration_s', c.duration_s, 'recording_url', c.recording_url,
                                     'recording_s', c.recording_s)
            FROM (SELECT 1) one LEFT JOIN calls c ON c.account_id = account AND c.message_id = id);
END $$;

--
-- Name: call_later(text, text, text, json, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_later(account text, about text, guest text, told json, unless_by timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_link(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_link(account text, guest text, language text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_may(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_may(account text, id text, action text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN coalesce(
        (SELECT party_may(p, action) = 'yes' FROM parties p WHERE p.account_id = account AND p.party_id = id),
        (SELECT action <> 'more_time' AND booking_may(b, replace(action, 'coming', 'confirm')) = 'yes'
         FROM bookings b WHERE b.account_id = account AND b.booking_id = id), false);
END $$;

--
-- Name: call_no_more(text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_no_more(account text, about text, guest text, because text) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_nobody(jsonb, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_nobody(v jsonb, language text, call text) RETURNS json
    LANGUAGE plpgsql IMMUTABLE
    AS $$
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

--
-- Name: call_note(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_note(account text, call text, how text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE calls c SET outcome = how WHERE c.account_id = account AND c.message_id = call;
END $$;

--
-- Name: call_ours(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_ours(carrier text, f jsonb, OUT account text, OUT call text, OUT guest text, OUT visit text, OUT words text, OUT ours text) RETURNS record
    LANGUAGE plpgsql
    AS $$
BEGIN
    SELECT m.account_id, m.message_id, m.conversation_id, m.visit, m.body, a.number
    INTO account, call, guest, visit, words, ours
    FROM attempts a JOIN messages m USING (account_id, message_id)
    WHERE a.account_id = f ->> 'account_id' AND a.attempt_id = f ->> 'attempt_id' AND a.provider = carrier
      AND (a.carrier_id IS NULL OR a.carrier_id = f ->> 'carrier_id')
      AND m.channel = 'voice' AND m.phone = f ->> 'to';
    PERFORM scope_to(coalesce(account, ''));
END $$;

--
-- Name: call_question_in(jsonb, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_question_in(v jsonb, account text, guest text, id text, language text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    AS $$
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

--
-- Name: spoken(text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.spoken(language text, name text, vars jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
BEGIN
    RETURN filled(call_words(language) ->> name, vars);
END $$;

--
-- Name: call_question_out(jsonb, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_question_out(v jsonb, visit text, language text, words text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    RETURN ARRAY[public.spoken(language, 'opening'::text, v), words, public.spoken(language, CASE WHEN (visit ~~ 'pty%'::text) THEN 'keys_party'::text WHEN (visit ~~ 'bkg%'::text) THEN 'keys_booking'::text ELSE 'keys_plain'::text END, v), public.spoken(language, 'phone'::text, v)];

--
-- Name: call_recorded(text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_recorded(account text, call text, guest text, f jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE calls c
    SET recording_url = f ->> 'recording_url', recording_s = (f ->> 'recording_s')::int, outcome = 'recorded'
    WHERE c.account_id = account AND c.message_id = call AND c.recording_url IS NULL;
    IF FOUND AND f ->> 'recording_url' IS NOT NULL THEN
        UPDATE conversations c SET unread = c.unread + 1
        WHERE c.account_id = account AND c.conversation_id = guest;
    END IF;
END $$;

--
-- Name: call_stop(text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_stop(account text, guest text, call text, carrier text) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_turn(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_turn(carrier text, f jsonb) RETURNS json
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: call_vars(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_vars(account text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('venue', a.name, 'phone', spoken_number(a.phone), 'more', a.more_minutes,
                                      'number', a.phone, 'voicemail', a.voicemail, 'man', a.voice = 'man')
            FROM accounts a WHERE a.account_id = account);
END $$;

--
-- Name: call_words(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.call_words(language text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE language WHEN 'es'::text THEN '{"held": "Le guardamos la mesa.", "late": "Lo sentimos, eso ya no es posible. Pregunte en la entrada, por favor.", "left": "Gracias por avisar. Hemos quitado su nombre de la lista.", "link": "Se lo hemos enviado.", "next": "Usted es el siguiente en la lista.", "wait": "La espera es de unos {minutes} minutos.", "key_0": "Pulse 0 para hablar con nosotros.", "key_2": "Pulse 2 para {more} minutos más.", "key_3": "Pulse 3 y le enviamos un enlace para apuntarse en la lista de espera.", "phone": "Nuestro teléfono es {phone}.", "place": "Usted es el número {place} en la lista.", "booked": "Tiene una reserva: {when}.", "coming": "Gracias. Hasta pronto.", "nobody": "Ahora no podemos atenderle.", "record": "Deje su mensaje después de la señal.", "already": "Ya tenemos su respuesta. Gracias.", "connect": "Le comunicamos ahora.", "goodbye": "Adiós.", "machine": "Este es un mensaje automático de {venue}. {words} Nuestro teléfono es {phone}.", "no_link": "No podemos enviarle mensajes a este número.", "opening": "Esta es una llamada automática de {venue}.", "pending": "Su solicitud espera al anfitrión.", "welcome": "Gracias por llamar a {venue}.", "key_star": "Pulse asterisco para repetir.", "recorded": "Gracias. Lo escucharemos.", "reminder": "Le recordamos su reserva: {when}.", "ask_there": "Pregunte en la entrada, por favor.", "confirmed": "Gracias. Su reserva está confirmada.", "link_text": "{venue}: apúntese aquí en la lista de espera: {link} Responda STOP para no recibir mensajes.", "more_time": "Gracias. Le guardamos la mesa {minutes} minutos más.", "opted_out": "No recibirá más llamadas ni mensajes nuestros.", "wait_over": "Ya no debería tardar mucho.", "keys_party": "Pulse 1 si viene en camino, 2 para {more} minutos más, 9 para dejar su lugar, asterisco para repetir, u 8 para no recibir más llamadas ni mensajes.", "keys_plain": "Pulse asterisco para repetir, u 8 para no recibir más llamadas ni mensajes.", "key_1_party": "Pulse 1 si viene en camino.", "key_9_party": "Pulse 9 para dejar su lugar.", "table_ready": "Su mesa está lista.", "unknown_key": "Lo sentimos, esa tecla no tiene función aquí.", "booking_left": "Gracias por avisar. Su reserva está cancelada.", "keys_booking": "Pulse 1 para confirmar, 9 para cancelar, asterisco para repetir, u 8 para no recibir más llamadas ni mensajes.", "key_1_booking": "Pulse 1 para confirmar.", "key_9_booking": "Pulse 9 para cancelar.", "second_notice": "Su mesa sigue reservada para usted."}'::jsonb WHEN 'fr'::text THEN '{"held": "Nous gardons votre table.", "late": "Désolé, ce n''est plus possible. Adressez-vous à l''accueil.", "left": "Merci de nous avoir prévenus. Vous n''êtes plus sur la liste.", "link": "Nous vous l''avons envoyé.", "next": "Vous êtes les prochains sur la liste.", "wait": "L''attente est d''environ {minutes} minutes.", "key_0": "Appuyez sur 0 pour nous parler.", "key_2": "Appuyez sur 2 pour {more} minutes de plus.", "key_3": "Appuyez sur 3 et nous vous envoyons un lien vers la liste d''attente.", "phone": "Notre numéro est le {phone}.", "place": "Vous êtes numéro {place} sur la liste.", "booked": "Vous avez une réservation : {when}.", "coming": "Merci. À tout de suite.", "nobody": "Personne ne peut vous répondre pour le moment.", "record": "Laissez un message après le signal.", "already": "Nous avons déjà votre réponse. Merci.", "connect": "Nous vous mettons en relation.", "goodbye": "Au revoir.", "machine": "Ceci est un message automatique de {venue}. {words} Notre numéro est le {phone}.", "no_link": "Nous ne pouvons pas envoyer de messages à ce numéro.", "opening": "Ceci est un appel automatique de {venue}.", "pending": "Votre demande attend l''accueil.", "welcome": "Merci d''appeler {venue}.", "key_star": "Appuyez sur étoile pour réécouter.", "recorded": "Merci. Nous l''écouterons.", "reminder": "Nous vous rappelons votre réservation : {when}.", "ask_there": "Adressez-vous à l''accueil.", "confirmed": "Merci. Votre réservation est confirmée.", "link_text": "{venue} : inscrivez-vous ici sur la liste d''attente : {link} Répondez STOP pour ne plus en recevoir.", "more_time": "Merci. Nous gardons votre table {minutes} minutes de plus.", "opted_out": "Vous ne recevrez plus ni appels ni messages de notre part.", "wait_over": "Cela ne devrait plus être long.", "keys_party": "Appuyez sur 1 si vous arrivez, sur 2 pour {more} minutes de plus, sur 9 pour céder votre place, sur étoile pour réécouter, ou sur 8 pour ne plus recevoir ni appels ni messages.", "keys_plain": "Appuyez sur étoile pour réécouter, ou sur 8 pour ne plus recevoir ni appels ni messages.", "key_1_party": "Appuyez sur 1 si vous arrivez.", "key_9_party": "Appuyez sur 9 pour céder votre place.", "table_ready": "Votre table est prête.", "unknown_key": "Désolé, cette touche n''a pas de fonction ici.", "booking_left": "Merci de nous avoir prévenus. Votre réservation est annulée.", "keys_booking": "Appuyez sur 1 pour confirmer, sur 9 pour annuler, sur étoile pour réécouter, ou sur 8 pour ne plus recevoir ni appels ni messages.", "key_1_booking": "Appuyez sur 1 pour confirmer.", "key_9_booking": "Appuyez sur 9 pour annuler.", "second_notice": "Nous gardons encore votre table."}'::jsonb ELSE '{"held": "We hold your table for you.", "late": "We are sorry, that is not possible any more. Please ask at the stand.", "left": "Thank you for telling us. We have taken you off the list.", "link": "We have texted it to you.", "next": "You are next in line.", "wait": "The wait is about {minutes} minutes.", "key_0": "Press 0 to talk to us.", "key_2": "Press 2 for {more} more minutes.", "key_3": "Press 3 and we text you a link to join the waitlist.", "phone": "You can reach us at {phone}.", "place": "You are number {place} in line.", "booked": "You have a booking: {when}.", "coming": "Thank you. See you soon.", "nobody": "Nobody can take your call just now.", "record": "Please leave a message after the tone.", "already": "We have your answer already. Thank you.", "connect": "We connect you now.", "goodbye": "Goodbye.", "machine": "This is an automated message from {venue}. {words} You can reach us at {phone}.", "no_link": "We cannot text this number.", "opening": "This is an automated call from {venue}.", "pending": "Your request waits for the host.", "welcome": "Thank you for calling {venue}.", "key_star": "Press star to hear this again.", "recorded": "Thank you. We will listen to it.", "reminder": "We remind you of your booking: {when}.", "ask_there": "Please ask at the stand.", "confirmed": "Thank you. Your booking is confirmed.", "link_text": "{venue}: join the waitlist here: {link} Reply STOP to opt out.", "more_time": "Thank you. We hold your table {minutes} more minutes.", "opted_out": "You will get no more calls or texts from us.", "wait_over": "It should not be long now.", "keys_party": "Press 1 if you are on your way, 2 for {more} more minutes, 9 to give up your place, star to hear this again, or 8 to stop these calls and texts.", "keys_plain": "Press star to hear this again, or 8 to stop these calls and texts.", "key_1_party": "Press 1 if you are on your way.", "key_9_party": "Press 9 to give up your place.", "table_ready": "Your table is ready.", "unknown_key": "We are sorry, that key does nothing here.", "booking_left": "Thank you for telling us. Your booking is cancelled.", "keys_booking": "Press 1 to confirm, 9 to cancel, star to hear this again, or 8 to stop these calls and texts.", "key_1_booking": "Press 1 to confirm.", "key_9_booking": "Press 9 to cancel.", "second_notice": "Your table is still held for you."}'::jsonb END;

--
-- Name: calls_due_now(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.calls_due_now(most bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: carrier_alerts(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.carrier_alerts() RETURNS TABLE(cause text, code text, carrier text, level text, title text, fix text, at timestamp with time zone, id text)
    LANGUAGE sql STABLE
    AS $$
    WITH ours AS MATERIALIZED (
        SELECT c.provider, initcap(c.provider) AS name, c.drained_at, c.drained_why, c.alarmed_at,
               b.state = 'open' AS out, b.shift, b.changed_at,
               bool_or(c.drained_at IS NULL AND b.state = 'closed') OVER () AS one_works
        FROM carriers c JOIN breakers b ON b.provider = c.provider AND b.operation = 'send'
        WHERE c.provider IN (SELECT n.provider FROM numbers n WHERE n.account_id = scope())
    )
    SELECT CASE WHEN o.drained_at IS NOT NULL THEN 'carrier_drained' WHEN o.out THEN 'carrier_out'
                ELSE 'carrier_recovering' END,
           NULL, o.provider, CASE WHEN o.one_works THEN 'warning' ELSE 'error' END,
           CASE WHEN o.drained_at IS NOT NULL
                THEN format('An operator has switched %s off: %s', o.name, o.drained_why)
                WHEN o.out THEN format('%s takes no texts at the moment.', o.name)
                ELSE format('%s has failed of late, and gets fewer of the texts.', o.name) END,
           CASE WHEN NOT o.one_works THEN 'Nothing can be sent: it waits, and goes out by itself later. '
                                          || 'Speak to guests in person, or call.'
                WHEN o.drained_at IS NULL AND NOT o.out THEN 'Another carrier sends the rest. There is nothing to do.'
                ELSE 'Another carrier sends. There is nothing to do.' END,
           coalesce(o.drained_at, o.changed_at), NULL
    FROM ours o WHERE o.drained_at IS NOT NULL OR o.out OR o.shift > 0
    UNION ALL
    SELECT 'carrier_silent', NULL, o.provider, 'warning',
           format('%s does not tell us what became of texts.', o.name),
           'They arrive, but show it late. Tell your manager: the address for its callbacks may be wrong.',
           o.alarmed_at, NULL
    FROM ours o WHERE o.alarmed_at IS NOT NULL
$$;

--
-- Name: check_in(text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.check_in(code text, id text, f jsonb, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    a accounts := venue_enter(code);
    p parties;
BEGIN
    IF a.account_id IS NULL THEN
        SELECT v.status, v.body INTO status, body FROM venue_page(code) v;
        RETURN;
    ELSIF (SELECT count(*) FROM parties t
           WHERE t.account_id = a.account_id AND t.ended_at IS NULL AND t.state = 'pending') >= 100 THEN
        status := 409;
        body := problem('conflict', NULL, 'Too many wait to be let in. Ask the host.');
        RETURN;
    END IF;
    SELECT o.status, o.body INTO status, body
    FROM party_add(a.account_id, 'guest', id, f || jsonb_build_object('source', 'self')) o;
    IF status < 300 THEN
        SELECT * INTO p FROM parties WHERE account_id = a.account_id AND party_id = id;
        body := json_build_object('token', p.token, 'link', guest_link(p.token),
                                  'page', page_json(a.account_id, id));
    END IF;
END $$;

--
-- Name: clock_text(timestamp with time zone, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.clock_text(at timestamp with time zone, zone text, language text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char((at AT TIME ZONE zone), CASE language WHEN 'es'::text THEN 'HH24:MI'::text WHEN 'fr'::text THEN 'FMHH24 "h" MI'::text ELSE 'FMHH12:MI AM'::text END);

--
-- Name: consent_changed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.consent_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    VALUES (NEW.account_id, 'conversation.consent', NEW.conversation_id);
    RETURN NULL;
END $$;

--
-- Name: consent_given(text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.consent_given(account text, guest text, how text, who text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO consent_log (account_id, phone, event_id, action, word, via, key_id, user_id)
    SELECT account, c.phone, random_id('evt'), 'given', how,
           CASE who WHEN 'guest' THEN 'guest' ELSE 'staff' END,
           CASE WHEN who LIKE 'key%' THEN who END, CASE WHEN who LIKE 'usr%' THEN who END
    FROM conversations c WHERE c.account_id = account AND c.conversation_id = guest;
END $$;

--
-- Name: consent_state(timestamp with time zone, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.consent_state(opted_out_at timestamp with time zone, opted_out_via text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (opted_out_at IS NULL) THEN 'open'::text WHEN (opted_out_via = 'flag'::text) THEN 'flagged'::text ELSE 'stopped'::text END;

--
-- Name: digits(smallint, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.digits(slot smallint, digit integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (CASE slot WHEN 0 THEN ''::text ELSE (slot)::text END || digit);

--
-- Name: distribution(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.distribution() RETURNS SETOF text
    LANGUAGE sql STABLE
    AS $$
    SELECT format('ALTER DATABASE %I SET citus.propagate_set_commands = ''local''', current_database())
    UNION ALL
    SELECT 'SET LOCAL citus.enable_unsafe_triggers = on'
    UNION ALL
    SELECT format('ALTER TABLE %I DROP CONSTRAINT %I, ADD UNIQUE (account_id, %s)', s.name, k.conname, columns.names)
    FROM table_spread() s
    JOIN pg_constraint k ON k.conrelid = format('public.%I', s.name)::regclass AND k.contype = 'u'
    CROSS JOIN LATERAL (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(k.conkey, a.attnum)) AS names,
                               bool_or(a.attname = 'account_id') AS has
                        FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) columns
    WHERE s.how = 'distributed' AND NOT columns.has
    UNION ALL
    SELECT format('SELECT create_reference_table(%L)', s.name) FROM table_spread() s WHERE s.how = 'reference'
    UNION ALL
    SELECT 'SELECT create_distributed_table(''messages'', ''account_id'')'
    UNION ALL
    SELECT format('SELECT create_distributed_table(%L, ''account_id'', colocate_with => ''messages'')', s.name)
    FROM table_spread() s WHERE s.how = 'distributed' AND s.name <> 'messages'
$$;

--
-- Name: drop_callback_partitions(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.drop_callback_partitions() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET lock_timeout TO '200ms'
    AS $_$
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
END $_$;

--
-- Name: messages; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages (
    account_id public.ident NOT NULL,
    message_id public.ident NOT NULL,
    conversation_id public.ident NOT NULL,
    direction text NOT NULL,
    channel text DEFAULT 'sms'::text NOT NULL,
    kind text NOT NULL,
    phone text NOT NULL,
    number text,
    body text NOT NULL,
    encoding text NOT NULL,
    segments smallint NOT NULL,
    media smallint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    rank smallint NOT NULL,
    code text,
    reason text,
    provider text,
    carrier_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    ended_at timestamp with time zone,
    send_at timestamp with time zone,
    arrive_by timestamp with time zone,
    again_of public.ident,
    cancel_reason text,
    visit public.ident,
    digit smallint,
    CONSTRAINT messages_direction_check CHECK ((direction = ANY (ARRAY['out'::text, 'in'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY public.messages FORCE ROW LEVEL SECURITY;

--
-- Name: parties; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parties (
    account_id public.ident NOT NULL,
    party_id public.ident NOT NULL,
    conversation_id public.ident,
    booking_id public.ident,
    name text NOT NULL,
    size smallint NOT NULL,
    language text NOT NULL,
    notes text DEFAULT ''::text NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    seat text,
    source text NOT NULL,
    state text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    place numeric NOT NULL,
    quote_min smallint,
    quote_max smallint,
    quoted_at timestamp with time zone,
    quoted_by text,
    notices smallint DEFAULT 0 NOT NULL,
    notified_at timestamp with time zone,
    held_until timestamp with time zone,
    asked_at timestamp with time zone,
    answered_at timestamp with time zone,
    slot smallint DEFAULT 0 NOT NULL,
    says text,
    texts boolean DEFAULT true NOT NULL,
    text_id public.ident,
    token text DEFAULT public.random_token() COLLATE pg_catalog."C",
    due_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    joined_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_by text,
    undo_state text,
    CONSTRAINT parties_check CHECK (((ended_at IS NULL) = (state = ANY (ARRAY['pending'::text, 'waiting'::text, 'almost'::text, 'notified'::text, 'coming'::text, 'more_time'::text])))),
    CONSTRAINT parties_ended_by_check CHECK ((ended_by = ANY (ARRAY['guest'::text, 'staff'::text, 'clock'::text]))),
    CONSTRAINT parties_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text, 'fr'::text]))),
    CONSTRAINT parties_size_check CHECK (((size >= 1) AND (size <= 99))),
    CONSTRAINT parties_source_check CHECK ((source = ANY (ARRAY['host'::text, 'self'::text, 'booking'::text, 'api'::text]))),
    CONSTRAINT parties_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'waiting'::text, 'almost'::text, 'notified'::text, 'coming'::text, 'more_time'::text, 'seated'::text, 'cancelled'::text, 'no_show'::text, 'expired'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.parties FORCE ROW LEVEL SECURITY;

--
-- Name: empty_threads(text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.empty_threads(account text, ids text[]) RETURNS text[]
    LANGUAGE sql STABLE
    RETURN (SELECT array_agg(i.id) AS array_agg FROM unnest(empty_threads.ids) i(id) WHERE ((NOT (EXISTS (SELECT FROM public.messages m WHERE (((m.account_id)::text = empty_threads.account) AND ((m.conversation_id)::text = i.id))))) AND (NOT (EXISTS (SELECT FROM public.parties p WHERE (((p.account_id)::text = empty_threads.account) AND ((p.conversation_id)::text = i.id))))) AND (NOT (EXISTS (SELECT FROM public.bookings b WHERE (((b.account_id)::text = empty_threads.account) AND ((b.conversation_id)::text = i.id)))))));

--
-- Name: enter(text, text, text, text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.enter(kind text, id text, account text, needs text, ip text, request text, key text, hash text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    c    record;
    held text;
BEGIN
    PERFORM scope_to('*');
    IF $1 = 'session' THEN
        SELECT s.user_id AS actor, s.organisation_id, m.account_id, s.last_seen_at AS seen_at,
               m.role = 'manager' OR $4 <> 'manage' AS may
        INTO c
        FROM sessions s
        JOIN users u USING (organisation_id, user_id)
        JOIN memberships m ON m.account_id = $3 AND m.user_id = s.user_id
        WHERE s.session_id = $2 AND s.ended_at IS NULL AND s.expires_at > now()
          AND s.last_seen_at > now() - interval '24 hours' AND u.disabled_at IS NULL;
    ELSE
        SELECT k.key_id AS actor, a.organisation_id, k.account_id,
               coalesce(k.last_used_at, '-infinity') AS seen_at,
               CASE $4 WHEN 'work' THEN 'write' ELSE $4 END = ANY (k.scopes) AS may
        INTO c
        FROM api_keys k JOIN accounts a USING (account_id)
        WHERE k.hash = $2 AND k.revoked_at IS NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody we know' USING ERRCODE = 'MT401';
    ELSIF NOT c.may THEN
        RAISE EXCEPTION 'may not' USING ERRCODE = 'MT403';
    END IF;
    -- without a request's id it is none: a stream that reads on keeps nobody's session alive
    IF c.seen_at < now() - interval '1 minute' AND $6 IS NOT NULL THEN
        IF $1 = 'session' THEN
            UPDATE sessions s SET last_seen_at = now() WHERE s.session_id = $2;
        ELSE
            UPDATE api_keys k SET last_used_at = now() WHERE k.hash = $2;
        END IF;
    END IF;
    PERFORM scope_to(c.account_id),
            set_config('maitred.organisation', coalesce(c.organisation_id, ''), true),
            set_config('maitred.actor', c.actor, true),
            set_config('maitred.session', CASE $1 WHEN 'session' THEN $2 ELSE '' END, true),
            set_config('maitred.ip', coalesce($5, ''), true),
            set_config('maitred.request', coalesce($6, ''), true);
    IF $7 IS NOT NULL THEN
        IF NOT pg_try_advisory_xact_lock(hashtextextended(c.account_id || ' ' || $7, 4)) THEN
            RAISE EXCEPTION 'in flight' USING ERRCODE = 'MT409';
        END IF;
        SELECT request_hash INTO held FROM idempotency_keys i
        WHERE i.account_id = c.account_id AND i.key = $7;
        IF FOUND AND held <> $8 THEN
            RAISE EXCEPTION 'used before' USING ERRCODE = 'MT422';
        ELSIF FOUND THEN
            RAISE EXCEPTION 'answered before' USING ERRCODE = 'MT200';
        END IF;
        PERFORM set_config('maitred.key', $7, true), set_config('maitred.hash', $8, true);
    END IF;
    IF $4 = 'work' AND barred(c.account_id) = 'read_only' THEN
        RAISE EXCEPTION 'billing says no' USING ERRCODE = 'MT402';
    END IF;
END $_$;

--
-- Name: erase_again(text, text, timestamp with time zone, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_again(account text, hash text, until timestamp with time zone, erasure text) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: erase_guest(text, text, text, text, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_guest(account text, guest text, erasure text, by text, anyway boolean, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

--
-- Name: estimate_next(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.estimate_next(at timestamp with time zone DEFAULT now()) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    due text;
BEGIN
    SELECT a.account_id INTO due
    FROM accounts a LEFT JOIN wait_refreshes r USING (account_id)
    WHERE coalesce(r.night, '-infinity') < wait_night(at, a.zone)
    ORDER BY a.account_id LIMIT 1
    FOR NO KEY UPDATE OF a SKIP LOCKED;
    PERFORM estimate_refresh(due, at) WHERE due IS NOT NULL;
    RETURN due;
END $$;

--
-- Name: estimate_refresh(text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.estimate_refresh(account text, at timestamp with time zone DEFAULT now()) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    venue accounts;
BEGIN
    SELECT * INTO venue FROM accounts a WHERE a.account_id = account FOR NO KEY UPDATE;
    DELETE FROM wait_gaps g WHERE g.account_id = account;
    WITH servings AS MATERIALIZED (
        SELECT wait_size(p.size) AS size, p.ended_at AT TIME ZONE venue.zone AS there,
               p.ended_at - lag(p.ended_at) OVER (PARTITION BY wait_size(p.size)
                                                  ORDER BY p.ended_at, p.party_id) AS gap
        FROM parties p -- who is served in these weeks was put down not long before
        WHERE p.account_id = account AND p.state = 'seated'
          AND p.created_at > at - interval '58 days' AND p.created_at < at
          AND p.ended_at > at - interval '56 days' AND p.ended_at <= at
    ), averages AS (
        INSERT INTO wait_gaps (account_id, size, weekday, hour, gaps, average_s)
        SELECT account, coalesce(s.size, 0), coalesce(s.weekday, 0), coalesce(s.hour, -1), count(*),
               avg(extract(epoch FROM s.gap))
        FROM (SELECT size, extract(isodow FROM there)::smallint AS weekday,
                     extract(hour FROM there)::smallint AS hour, gap
              FROM servings WHERE gap <= interval '3 hours') s
        GROUP BY GROUPING SETS ((s.size, s.weekday, s.hour), (s.size, s.hour), (s.size), ())
        HAVING count(*) >= 8
    )
    INSERT INTO wait_refreshes AS r (account_id, night, served)
    SELECT account, wait_night(at, venue.zone), count(*) FROM servings
    HAVING venue.account_id IS NOT NULL
    ON CONFLICT (account_id) DO UPDATE SET night = excluded.night, served = excluded.served;
END $$;

--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    account_id public.ident NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    type text NOT NULL,
    subject public.ident NOT NULL
);

ALTER TABLE ONLY public.events FORCE ROW LEVEL SECURITY;

--
-- Name: event_data(public.events); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.event_data(e public.events) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
BEGIN
    IF e.type LIKE 'message.%' THEN
        RETURN (SELECT message_json(m) FROM messages m
                WHERE m.account_id = e.account_id AND m.message_id = e.subject);
    ELSIF e.type LIKE 'conversation.%' THEN
        RETURN (SELECT json_build_object('id', c.conversation_id, 'phone', c.phone, 'unread', c.unread,
                                         'consent', consent_state(c.opted_out_at, c.opted_out_via))
                FROM conversations c
                WHERE c.account_id = e.account_id AND c.conversation_id = e.subject);
    ELSIF e.type LIKE 'party.%' THEN
        RETURN (SELECT party_json(p) FROM parties p
                WHERE p.account_id = e.account_id AND p.party_id = e.subject);
    ELSIF e.type LIKE 'booking.%' THEN
        RETURN (SELECT booking_json(b) FROM bookings b
                WHERE b.account_id = e.account_id AND b.booking_id = e.subject);
    END IF;
    RETURN json_build_object('id', e.subject);
END $$;

--
-- Name: id_of(text, timestamp with time zone, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.id_of(prefix text, at timestamp with time zone, low bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    a CONSTANT text := '0123456789abcdefghjkmnpqrstvwxyz';
    u bigint := (extract(epoch FROM at) * 1000)::bigint << 16 | 28672;
    l bigint := low & 4611686018427387903 | (-9223372036854775808);
BEGIN
    RETURN prefix || '_'
        || substr(a, (u >> 61 & 7)::int + 1, 1) || substr(a, (u >> 56 & 31)::int + 1, 1) || substr(a, (u >> 51 & 31)::int + 1, 1) || substr(a, (u >> 46 & 31)::int + 1, 1)
        || substr(a, (u >> 41 & 31)::int + 1, 1) || substr(a, (u >> 36 & 31)::int + 1, 1) || substr(a, (u >> 31 & 31)::int + 1, 1) || substr(a, (u >> 26 & 31)::int + 1, 1)
        || substr(a, (u >> 21 & 31)::int + 1, 1) || substr(a, (u >> 16 & 31)::int + 1, 1) || substr(a, (u >> 11 & 31)::int + 1, 1) || substr(a, (u >> 6 & 31)::int + 1, 1)
        || substr(a, (u >> 1 & 31)::int + 1, 1) || substr(a, ((u & 1) << 4 | (l >> 60 & 15))::int + 1, 1) || substr(a, (l >> 55 & 31)::int + 1, 1) || substr(a, (l >> 50 & 31)::int + 1, 1)
        || substr(a, (l >> 45 & 31)::int + 1, 1) || substr(a, (l >> 40 & 31)::int + 1, 1) || substr(a, (l >> 35 & 31)::int + 1, 1) || substr(a, (l >> 30 & 31)::int + 1, 1)
        || substr(a, (l >> 25 & 31)::int + 1, 1) || substr(a, (l >> 20 & 31)::int + 1, 1) || substr(a, (l >> 15 & 31)::int + 1, 1) || substr(a, (l >> 10 & 31)::int + 1, 1)
        || substr(a, (l >> 5 & 31)::int + 1, 1) || substr(a, (l & 31)::int + 1, 1);
END $$;

--
-- Name: deliveries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.deliveries (
    account_id public.ident NOT NULL,
    delivery_id public.ident NOT NULL,
    endpoint_id public.ident NOT NULL,
    type text NOT NULL,
    subject public.ident NOT NULL,
    xid xid8,
    seq bigint,
    occurred_at timestamp with time zone NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_by text,
    last_status smallint,
    last_answer text,
    last_why text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'failed'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.deliveries FORCE ROW LEVEL SECURITY;

--
-- Name: event_id(public.deliveries); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.event_id(d public.deliveries) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN ((d).seq IS NULL) THEN ('evt'::text || substr(((d).delivery_id)::text, 4)) ELSE public.id_of('evt'::text, (d).occurred_at, (d).seq) END;

--
-- Name: filled(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.filled(template text, vars jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    gone   text;
    result text;
BEGIN
    FOR gone IN SELECT DISTINCT m[1] FROM regexp_matches(template, '\{([a-z]+)\}', 'g') m
                WHERE coalesce(vars ->> m[1], '') = '' LOOP
        template := CASE gone
            WHEN 'name' THEN regexp_replace(regexp_replace(template,
                '(^|[.!?:] ?)\{name\}, *', '\1', 'g'), ',? *\{name\}', '', 'g')
            WHEN 'link' THEN regexp_replace(template, '[^.!?}]*\{link\}', '', 'g')
            ELSE regexp_replace(template, '(^\{venue\} ?:)?[^.!?}]*\{' || gone || '\}[^.!?{]*[.!?]*',
                                '\1', 'g') END;
    END LOOP;
    SELECT string_agg(CASE WHEN part LIKE '{_%}' THEN vars ->> btrim(part, '{}') ELSE part END, ''
                      ORDER BY place)
    INTO result
    FROM regexp_matches(template, '\{[a-z]+\}|[^{]+|\{', 'g') WITH ORDINALITY m (parts, place),
         LATERAL (SELECT parts[1]) p (part);
    RETURN btrim(coalesce(result, ''));
END $$;

--
-- Name: folded_text(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.folded_text(body text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN replace(replace(replace(translate(NORMALIZE(body, NFC), '‘’‚‛′´`“”„‟″«»‐‑‒–—―−    áâãāăąçćčďđêëēėęěğíîïīįıłńňôóõōőŕřśšşșťţțúûūůűųýÿźżžÁÂÀÃĀĂĄĆČĎĐÈÊËĒĖĘĚĞÍÎÌÏĪĮİŁŃŇÔÓÒÕŌŐŔŘŚŠŞȘŤŢȚÚÛÙŪŮŰŲÝŸŹŻŽ​⁠﻿'::text, '''''''''''''''"""""""-------    aaaaaacccddeeeeeegiiiiiilnnooooorrsssstttuuuuuuyyzzzAAAAAAACCDDEEEEEEEGIIIIIIILNNOOOOOORRSSSSTTTUUUUUUUYYZZZ'::text), '…'::text, '...'::text), 'œ'::text, 'oe'::text), 'Œ'::text, 'OE'::text);

--
-- Name: problem(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.problem(code text, param text, detail text) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN json_build_object('code', code, 'param', param, 'detail', detail);

--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    account_id public.ident NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    message_id public.ident,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    status smallint,
    body json,
    CONSTRAINT idempotency_keys_check CHECK (((message_id IS NULL) = (status IS NOT NULL)))
);

ALTER TABLE ONLY public.idempotency_keys FORCE ROW LEVEL SECURITY;

--
-- Name: forget_answers(text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_answers(account text, marks text[]) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE public.idempotency_keys k SET status = 404, body = public.problem('not_found'::text, NULL::text, 'The guest that this was about is erased.'::text)
   WHERE (((k.account_id)::text = forget_answers.account) AND (k.status < 400) AND (EXISTS ( SELECT
            FROM unnest(forget_answers.marks) m(mark)
           WHERE (POSITION((m.mark) IN ((k.body)::text)) > 0))));
END;

--
-- Name: forget_bookings(text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_bookings(account text, ids text[]) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE public.bookings b SET name = ''::text, notes = ''::text, tags = '{}'::text[], says = NULL::text, token = NULL::text, conversation_id = NULL::text, text_id = NULL::text, remind_at = NULL::timestamp with time zone, state =
         CASE
             WHEN ((b.ended_at IS NULL) AND (b.starts_at > now())) THEN 'cancelled'::text
             ELSE b.state
         END, ended_at =
         CASE
             WHEN ((b.ended_at IS NULL) AND (b.starts_at > now())) THEN now()
             ELSE b.ended_at
         END
    FROM unnest(forget_bookings.ids) i(id)
   WHERE (((b.account_id)::text = forget_bookings.account) AND ((b.booking_id)::text = i.id));
END;

--
-- Name: forget_callbacks(text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_callbacks(number text, since timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

--
-- Name: attempts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attempts (
    account_id public.ident NOT NULL,
    attempt_id public.ident NOT NULL,
    message_id public.ident NOT NULL,
    ordinal smallint NOT NULL,
    provider text NOT NULL,
    number text NOT NULL,
    state text NOT NULL,
    carrier_id text,
    status text,
    status_rank smallint DEFAULT '-1'::integer NOT NULL,
    http_status smallint,
    code text,
    handling text,
    sentence text,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    dead_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    looks smallint DEFAULT 0 NOT NULL,
    looked_at timestamp with time zone,
    look_says text,
    ended_at timestamp with time zone,
    moved_on boolean DEFAULT false NOT NULL,
    doubt boolean DEFAULT false NOT NULL,
    CONSTRAINT attempts_state_check CHECK ((state = ANY (ARRAY['intent'::text, 'rejected'::text, 'ambiguous'::text, 'accepted'::text, 'finalised'::text, 'abandoned'::text])))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY public.attempts FORCE ROW LEVEL SECURITY;

--
-- Name: calls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls (
    account_id public.ident NOT NULL,
    message_id public.ident NOT NULL,
    answered_by text,
    keys text DEFAULT ''::text NOT NULL,
    last_step text,
    outcome text,
    duration_s integer,
    recording_url text,
    recording_s integer,
    CONSTRAINT calls_answered_by_check CHECK ((answered_by = ANY (ARRAY['human'::text, 'machine'::text, 'fax'::text]))),
    CONSTRAINT calls_outcome_check CHECK ((outcome = ANY (ARRAY['confirmed'::text, 'more_time'::text, 'left'::text, 'opted_out'::text, 'connected'::text, 'voicemail'::text, 'recorded'::text, 'texted'::text, 'no_key'::text])))
);

ALTER TABLE ONLY public.calls FORCE ROW LEVEL SECURITY;

--
-- Name: message_totals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.message_totals (
    account_id public.ident NOT NULL,
    hour timestamp with time zone NOT NULL,
    direction text NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    code text NOT NULL,
    n bigint NOT NULL,
    segments bigint NOT NULL
);

ALTER TABLE ONLY public.message_totals FORCE ROW LEVEL SECURITY;

--
-- Name: queue; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.queue (
    account_id public.ident NOT NULL,
    conversation_id public.ident NOT NULL,
    message_id public.ident NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    turn_at timestamp with time zone DEFAULT now() NOT NULL,
    holds boolean DEFAULT true NOT NULL,
    claimed_by text,
    why text,
    lapses smallint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.queue FORCE ROW LEVEL SECURITY;

--
-- Name: receipts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.receipts (
    account_id public.ident NOT NULL,
    attempt_id public.ident NOT NULL,
    event_id text NOT NULL,
    status text NOT NULL,
    status_text text NOT NULL,
    code text,
    sentence text,
    occurred_at timestamp with time zone,
    received_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY public.receipts FORCE ROW LEVEL SECURITY;

--
-- Name: forget_messages(text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_messages(account text, ids text[]) RETURNS bigint
    LANGUAGE sql
    BEGIN ATOMIC
 WITH tries AS (
          DELETE FROM public.attempts a
            USING unnest(forget_messages.ids) i(id)
           WHERE (((a.account_id)::text = forget_messages.account) AND ((a.message_id)::text = i.id))
           RETURNING a.attempt_id
         ), reports AS (
          DELETE FROM public.receipts r
            USING tries t
           WHERE (((r.account_id)::text = forget_messages.account) AND ((r.attempt_id)::text = (t.attempt_id)::text))
         ), gone AS (
          DELETE FROM public.messages m
            USING unnest(forget_messages.ids) i(id)
           WHERE (((m.account_id)::text = forget_messages.account) AND ((m.message_id)::text = i.id))
           RETURNING m.account_id,
             m.message_id,
             m.conversation_id,
             m.direction,
             m.channel,
             m.kind,
             m.phone,
             m.number,
             m.body,
             m.encoding,
             m.segments,
             m.media,
             m.state,
             m.rank,
             m.code,
             m.reason,
             m.provider,
             m.carrier_id,
             m.created_at,
             m.expires_at,
             m.ended_at,
             m.send_at,
             m.arrive_by,
             m.again_of,
             m.cancel_reason,
             m.visit,
             m.digit
         ), unqueued AS (
          DELETE FROM public.queue q
            USING gone g
           WHERE (((q.account_id)::text = forget_messages.account) AND ((q.conversation_id)::text = (g.conversation_id)::text) AND ((q.message_id)::text = (g.message_id)::text))
         ), uncalled AS (
          DELETE FROM public.calls c
            USING gone g
           WHERE ((g.channel = 'voice'::text) AND ((c.account_id)::text = forget_messages.account) AND ((c.message_id)::text = (g.message_id)::text))
         ), totals AS (
          INSERT INTO public.message_totals AS t (account_id, hour, direction, channel, kind, state, code, n, segments)  SELECT forget_messages.account AS account,
                     date_trunc('hour'::text, gone_1.created_at, 'UTC'::text) AS date_trunc,
                     gone_1.direction,
                     gone_1.channel,
                     gone_1.kind,
                     gone_1.state,
                     COALESCE(gone_1.code, ''::text) AS "coalesce",
                     count(*) AS count,
                     sum(gone_1.segments) AS sum
                    FROM gone gone_1
                   GROUP BY (date_trunc('hour'::text, gone_1.created_at, 'UTC'::text)), gone_1.direction, gone_1.channel, gone_1.kind, gone_1.state, COALESCE(gone_1.code, ''::text)
                   ORDER BY (date_trunc('hour'::text, gone_1.created_at, 'UTC'::text)), gone_1.direction, gone_1.channel, gone_1.kind, gone_1.state, COALESCE(gone_1.code, ''::text) ON CONFLICT(account_id, hour, direction, channel, kind, state, code) DO UPDATE SET n = (t.n + excluded.n), segments = (t.segments + excluded.segments)
         )
  SELECT count(*) AS count
    FROM gone;
END;

--
-- Name: forget_parties(text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_parties(account text, ids text[]) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE public.parties p SET name = ''::text, notes = ''::text, tags = '{}'::text[], says = NULL::text, token = NULL::text, conversation_id = NULL::text, text_id = NULL::text, due_at = NULL::timestamp with time zone, state =
         CASE
             WHEN (p.ended_at IS NULL) THEN 'expired'::text
             ELSE p.state
         END, ended_at = COALESCE(p.ended_at, now()), ended_by =
         CASE
             WHEN (p.ended_at IS NULL) THEN 'clock'::text
             ELSE p.ended_by
         END
    FROM unnest(forget_parties.ids) i(id)
   WHERE (((p.account_id)::text = forget_parties.account) AND ((p.party_id)::text = i.id));
END;

--
-- Name: forget_threads(text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_threads(account text, ids text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

--
-- Name: free_slot(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.free_slot(account text, guest text, but text) RETURNS smallint
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (SELECT min(s) FROM generate_series(0, 9) s
            WHERE s NOT IN (SELECT o.slot FROM open_visits o
                            WHERE o.account_id = account AND o.conversation_id = guest AND o.visit <> but
                              AND o.asked_at IS NOT NULL AND o.answered_at IS NULL))::smallint;
END $$;

--
-- Name: from_ms(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.from_ms(ms bigint) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_timestamp((((ms)::numeric / 1000.0))::double precision);

--
-- Name: gate_wait(text, interval, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.gate_wait(gate text, every interval, burst integer) RETURNS interval
    LANGUAGE plpgsql
    AS $$
DECLARE
    busy interval;
    key  text := encode(sha256(convert_to(gate, 'UTF8')), 'hex'); -- no addresses in the table
BEGIN
    INSERT INTO tries AS t (gate, free_at) VALUES (key, now() + every)
    ON CONFLICT ON CONSTRAINT tries_pkey DO UPDATE
        SET free_at = greatest(t.free_at, now()) + every
        WHERE greatest(t.free_at, now()) - now() <= every * (burst - 1)
    RETURNING NULL INTO busy;
    IF NOT FOUND THEN
        SELECT t.free_at - now() - every * (burst - 1) INTO busy FROM tries t WHERE t.gate = key;
    END IF;
    RETURN busy;
END $$;

--
-- Name: grant_app(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.grant_app() RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    part text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'maitred_app') THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA public TO maitred_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO maitred_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO maitred_app;
    REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM maitred_app;
    REVOKE UPDATE, DELETE ON audit_log, consent_log, carrier_events, callbacks FROM maitred_app;
    REVOKE ALL ON sealed_settings FROM maitred_app;
    -- the journal is written through its parent
    FOR part IN SELECT inhrelid::regclass::text FROM pg_inherits
                WHERE inhparent = 'callbacks'::regclass LOOP
        EXECUTE format('REVOKE ALL ON %s FROM maitred_app', part);
    END LOOP;
END $$;

--
-- Name: guard_account_table(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guard_account_table(name text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY one_account ON %I
                    USING (account_id = (SELECT scope()) OR (SELECT scope()) = ''*'')', name);
END $$;

--
-- Name: guard_organisation_table(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guard_organisation_table(name text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY one_organisation ON %I
                    USING (organisation_id = (SELECT scope_organisation())
                           OR (SELECT scope()) = ''*'')', name);
END $$;

--
-- Name: guest_at(text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guest_at(account text, number text, called text, speaks text) RETURNS text
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: guest_free(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guest_free(account text, guest text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM FROM conversations c WHERE c.account_id = account AND c.conversation_id = guest
    FOR NO KEY UPDATE SKIP LOCKED;
    RETURN FOUND OR guest IS NULL;
END $$;

--
-- Name: guest_history(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guest_history(account text, guest text, most integer) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT COALESCE(json_agg(json_build_object('id', v.id, 'what', v.what, 'state', v.state, 'name', v.name, 'size', v.size, 'notes', v.notes, 'at', public.rfc3339(v.at), 'ended_at', public.rfc3339(v.ended_at)) ORDER BY v.at DESC, v.id), '[]'::json) AS "coalesce" FROM (SELECT u.id, u.what, u.state, u.name, u.size, u.notes, u.at, u.ended_at FROM ((SELECT p.party_id AS id, 'party'::text AS what, p.state, p.name, p.size, p.notes, p.created_at AS at, p.ended_at FROM public.parties p WHERE (((p.account_id)::text = guest_history.account) AND ((p.conversation_id)::text = guest_history.guest)) ORDER BY p.party_id DESC LIMIT guest_history.most) UNION ALL (SELECT b.booking_id, 'booking'::text, b.state, b.name, b.size, b.notes, b.starts_at, b.ended_at FROM public.bookings b WHERE (((b.account_id)::text = guest_history.account) AND ((b.conversation_id)::text = guest_history.guest)) ORDER BY b.booking_id DESC LIMIT guest_history.most)) u ORDER BY u.at DESC, u.id LIMIT guest_history.most) v);

--
-- Name: conversations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.conversations (
    account_id public.ident NOT NULL,
    conversation_id public.ident NOT NULL,
    phone text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_message_id public.ident,
    unread integer DEFAULT 0 NOT NULL,
    opted_out_at timestamp with time zone,
    opted_out_via text,
    helped_at timestamp with time zone,
    name text,
    language text,
    notes text,
    CONSTRAINT conversations_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text, 'fr'::text])))
)
WITH (fillfactor='80');

ALTER TABLE ONLY public.conversations FORCE ROW LEVEL SECURITY;

--
-- Name: guest_json(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guest_json(account text, guest text) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT json_build_object('id', c.conversation_id, 'phone', c.phone, 'name', c.name, 'language', c.language, 'notes', c.notes, 'consent', public.consent_state(c.opted_out_at, c.opted_out_via), 'unread', c.unread, 'created_at', public.rfc3339(c.created_at), 'visits', ((SELECT count(*) AS count FROM public.parties p WHERE (((p.account_id)::text = guest_json.account) AND ((p.conversation_id)::text = guest_json.guest))) + (SELECT count(*) AS count FROM public.bookings b WHERE (((b.account_id)::text = guest_json.account) AND ((b.conversation_id)::text = guest_json.guest) AND (b.party_id IS NULL)))), 'last_visit_at', public.rfc3339(GREATEST((SELECT max(p.created_at) AS max FROM public.parties p WHERE (((p.account_id)::text = guest_json.account) AND ((p.conversation_id)::text = guest_json.guest))), (SELECT max(b.starts_at) AS max FROM public.bookings b WHERE (((b.account_id)::text = guest_json.account) AND ((b.conversation_id)::text = guest_json.guest) AND (b.starts_at <= now())))))) AS json_build_object FROM public.conversations c WHERE (((c.account_id)::text = guest_json.account) AND ((c.conversation_id)::text = guest_json.guest)));

--
-- Name: guest_link(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guest_link(token text) RETURNS text
    LANGUAGE sql STABLE
    RETURN ((COALESCE(current_setting('maitred.public_url'::text, true), ''::text) || '/g/'::text) || token);

--
-- Name: guest_page(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guest_page(secret text, action text, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    at record;
BEGIN
    SELECT * INTO at FROM page_enter(secret);
    IF at.visit IS NULL THEN
        status := 404;
        body := problem('not_found', 'token', 'This page is no more. Ask the host.');
        RETURN;
    ELSIF at.what = 'booking' AND action = 'more_time' THEN
        status := 409;
        body := problem('conflict', NULL, 'A booking has its time. Call to move it.');
        RETURN;
    ELSIF at.what = 'party' AND action IS NOT NULL THEN
        SELECT d.status, d.body INTO status, body
        FROM party_do(at.account, 'guest', at.visit, CASE action WHEN 'leave' THEN 'cancel' ELSE action END,
                      NULL, false, '{}') d;
    ELSIF action IS NOT NULL THEN
        SELECT d.status, d.body INTO status, body
        FROM booking_do(at.account, 'guest', at.visit, CASE action WHEN 'leave' THEN 'cancel' ELSE 'confirm' END,
                        NULL, false, '{}') d;
    END IF;
    IF status >= 400 THEN
        RETURN;
    END IF;
    status := 200;
    body := page_json(at.account, at.visit);
END $$;

--
-- Name: guest_view(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guest_view(secret text, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    zone     text;
    language text;
BEGIN
    SELECT g.status, g.body INTO status, body FROM guest_page(secret, NULL) g;
    IF status = 200 THEN
        zone := body -> 'venue' ->> 'zone';
        language := body ->> 'language';
        body := body::jsonb || jsonb_build_object(
            'when', when_text((body ->> 'starts_at')::timestamptz, zone, language),
            'held', clock_text((body ->> 'held_until')::timestamptz, zone, language),
            'ready', clock_text((body ->> 'ready_by')::timestamptz, zone, language),
            'minutes', ceil(extract(epoch FROM (body ->> 'ready_by')::timestamptz - now()) / 60)::int);
    END IF;
END $$;

--
-- Name: hold_back(text, json, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.hold_back(account text, told json, seconds integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: ids_of_today(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.ids_of_today(prefix text, OUT first text, OUT after text) RETURNS record
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ROW(public.id_of(prefix, (now() - '1 day'::interval), (0)::bigint), public.id_of(prefix, (now() + '1 day'::interval), (0)::bigint));

--
-- Name: is_landline(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.is_landline(account text, guest text) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (EXISTS (SELECT FROM (public.messages m JOIN public.attempts a USING (account_id, message_id)) WHERE (((m.account_id)::text = is_landline.account) AND ((m.conversation_id)::text = is_landline.guest) AND (m.channel = 'sms'::text) AND (a.handling = 'landline'::text) AND (m.created_at > (now() - '90 days'::interval)))));

--
-- Name: keeps_quiet(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keeps_quiet(kind text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (kind = ANY (ARRAY['reminder'::text, 'confirmation'::text, 'booked'::text, 'booking_moved'::text, 'booking_cancelled'::text]));

--
-- Name: line_moved(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.line_moved(account text) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: link_use(text, text, text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.link_use(secret text, password text, called text, organisation text, account text, person text, session text, OUT why text, OUT who text, OUT at text) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    l links;
    u users;
BEGIN
    SELECT s.user_id INTO who FROM sessions s WHERE s.session_id = session;
    IF FOUND THEN
        RETURN; -- this was run before, and its answer lost
    END IF;
    UPDATE links SET used_at = now()
    WHERE hash = secret AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()
    RETURNING * INTO l;
    IF NOT FOUND THEN
        why := 'gone';
        RETURN;
    END IF;
    SELECT * INTO u FROM users WHERE login = l.login;
    who := coalesce(u.user_id, person);
    at := coalesce(l.account_id, account);
    IF u.user_id IS NOT NULL AND (l.kind = 'signup' OR l.organisation_id <> u.organisation_id
                                  OR l.mail = 'none') THEN
        why := 'taken'; -- only who reads its mail may change somebody who is there
    ELSIF l.kind = 'signup' THEN
        INSERT INTO organisations (organisation_id, name) VALUES (organisation, l.venue ->> 'name');
        INSERT INTO accounts (account_id, organisation_id, name, zone, region)
        VALUES (account, organisation, l.venue ->> 'name', l.venue ->> 'zone', l.venue ->> 'region');
        INSERT INTO users (organisation_id, user_id, login, name, password_hash)
        VALUES (organisation, person, l.login, l.name, l.password_hash);
        INSERT INTO memberships (account_id, user_id, role) VALUES (account, person, 'manager');
        PERFORM numbers_take(account), audit_append(account, person, 'account.made', account, '{}');
    ELSIF l.kind = 'reset' THEN
        UPDATE users SET password_hash = password WHERE user_id = l.user_id;
        PERFORM sessions_end(l.user_id, NULL, 'a new password');
        SELECT m.account_id INTO at FROM memberships m WHERE m.user_id = l.user_id
        ORDER BY m.created_at, m.account_id LIMIT 1;
        PERFORM audit_append(at, who, 'password.reset', who, '{}') WHERE at IS NOT NULL;
    ELSE
        IF u.user_id IS NULL THEN
            INSERT INTO users (organisation_id, user_id, login, name, password_hash)
            VALUES (l.organisation_id, person, l.login, coalesce(called, l.name), password);
        ELSE
            UPDATE users SET password_hash = password WHERE user_id = u.user_id;
            PERFORM sessions_end(u.user_id, NULL, 'a new password');
        END IF;
        INSERT INTO memberships AS m (account_id, user_id, role) VALUES (at, who, l.role)
        ON CONFLICT (account_id, user_id) DO UPDATE SET role = excluded.role;
        PERFORM audit_append(at, who, 'invitation.used', l.link_id, jsonb_build_object('role', l.role));
    END IF;
    UPDATE links SET hash = NULL, password_hash = NULL WHERE link_id = l.link_id;
END $$;

--
-- Name: local_time(timestamp with time zone, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.local_time(t timestamp with time zone, zone text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (to_char((t AT TIME ZONE zone), 'YYYY-MM-DD"T"HH24:MI:SS'::text) || CASE WHEN ((t AT TIME ZONE zone) < (t AT TIME ZONE 'UTC'::text)) THEN ('-'::text || to_char(((t AT TIME ZONE 'UTC'::text) - (t AT TIME ZONE zone)), 'HH24:MI'::text)) ELSE ('+'::text || to_char(((t AT TIME ZONE zone) - (t AT TIME ZONE 'UTC'::text)), 'HH24:MI'::text)) END);

--
-- Name: login_taken(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.login_taken(wanted text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    mine  text := scope();
    found boolean;
BEGIN
    PERFORM set_config('maitred.account', '*', true);
    found := EXISTS (SELECT FROM users WHERE login = wanted);
    PERFORM set_config('maitred.account', mine, true);
    RETURN found;
END $$;

--
-- Name: look_at_lines(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.look_at_lines() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: made_text(text, jsonb, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.made_text(template text, vars jsonb, fold boolean, OUT body text, OUT encoding text, OUT segments integer, OUT name_cut boolean) RETURNS record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    name text := btrim(regexp_replace(normalize(coalesce(vars ->> 'name', ''), NFC), '\s+', ' ', 'g'));
    fits int := 1;            -- so many characters
    over int := length(name); -- with these it takes more segments
    most int;                 -- segments
BEGIN
    SELECT t.*, false INTO body, encoding, segments, name_cut
    FROM named_text(template, vars, name, fold) t;
    IF segments = 1 OR over < 2 THEN
        RETURN;
    END IF;
    SELECT t.segments INTO most FROM named_text(template, vars, left(name, 1), fold) t;
    IF segments <= most THEN
        RETURN;
    END IF;
    WHILE over - fits > 1 LOOP
        SELECT t.segments INTO segments FROM named_text(template, vars, left(name, (fits + over) / 2), fold) t;
        IF segments <= most THEN
            fits := (fits + over) / 2;
        ELSE
            over := (fits + over) / 2;
        END IF;
    END LOOP;
    SELECT t.*, true INTO body, encoding, segments, name_cut
    FROM named_text(template, vars, left(name, fits), fold) t;
END $$;

--
-- Name: make_callback_partitions(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.make_callback_partitions() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    first date := (now() AT TIME ZONE 'UTC')::date;
    day   date;
BEGIN
    FOR day IN SELECT d::date FROM generate_series(first - 1, first + 7, interval '1 day') d LOOP
        BEGIN
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF callbacks
                            FOR VALUES FROM (%L) TO (%L)',
                           'callbacks_' || to_char(day, 'YYYYMMDD'),
                           day::timestamp AT TIME ZONE 'UTC',
                           (day + 1)::timestamp AT TIME ZONE 'UTC');
        EXCEPTION WHEN check_violation THEN
            NULL; -- rows of that day are in the default partition already: they stay there
        END;
    END LOOP;
END $$;

--
-- Name: masked_phone(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.masked_phone(phone text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ('...'::text || "right"(phone, 4));

--
-- Name: may_not_call(public.conversations, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.may_not_call(c public.conversations, agreed boolean) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
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

--
-- Name: message_added(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_added() RETURNS trigger
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    SELECT account_id, CASE direction WHEN 'in' THEN 'message.received' ELSE 'message.queued' END,
           message_id
    FROM added ORDER BY message_id;
    RETURN NULL;
END $$;

--
-- Name: message_alerts(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_alerts() RETURNS TABLE(cause text, code text, carrier text, level text, title text, fix text, at timestamp with time zone, id text)
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE m.state WHEN 'unknown' THEN 'message_unknown' WHEN 'uncertain' THEN 'message_uncertain'
                        ELSE 'message_failed' END,
           CASE WHEN m.state NOT IN ('unknown', 'uncertain') THEN m.code END, NULL,
           CASE m.state WHEN 'unknown' THEN 'warning' ELSE 'error' END,
           CASE WHEN m.state = 'unknown' THEN 'It is not known whether it was sent.'
                WHEN m.state = 'uncertain' THEN 'It may have been sent, and the carrier could not be asked.'
                WHEN m.code = 'expired' THEN 'It could not be sent in time.'
                ELSE coalesce(reason_title(m.reason), 'It did not arrive.') END,
           CASE m.state WHEN 'unknown' THEN 'The carrier is asked. Ask the guest before you send it again.'
                        WHEN 'uncertain' THEN 'Send it again if the guest does not come.'
                        ELSE coalesce(reason_fix(m.reason), reason_fix('')) END,
           coalesce(m.ended_at, m.created_at), m.message_id
    FROM messages_in_trouble() m
$$;

--
-- Name: message_changed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_changed() RETURNS trigger
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_nestloop TO 'off'
    AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    SELECT n.account_id, 'message.' || n.state, n.message_id
    FROM after n JOIN before o USING (account_id, message_id)
    WHERE n.state <> o.state;
    RETURN NULL;
END $$;

--
-- Name: message_counts(timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_counts(since timestamp with time zone, until timestamp with time zone) RETURNS TABLE(direction text, channel text, state text, code text, reason text, n bigint, segments bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    -- ids are in the order of time: their index leads to just these
    SELECT m.direction, m.channel, m.state, m.code,
           min(m.reason) FILTER (WHERE m.state <> 'cancelled'), count(*), sum(m.segments)
    FROM messages m
    WHERE m.account_id = scope() AND m.message_id >= id_of('msg', since, 0)
      AND m.message_id < id_of('msg', until, 0)
    GROUP BY m.direction, m.channel, m.state, m.code
    UNION ALL
    SELECT t.direction, t.channel, t.state, nullif(t.code, ''), NULL, sum(t.n)::bigint, sum(t.segments)::bigint
    FROM message_totals t
    WHERE t.account_id = scope() AND t.hour >= since AND t.hour < until
    GROUP BY t.direction, t.channel, t.state, t.code
$$;

--
-- Name: quoted(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.quoted(value text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE((to_json(value))::text, 'null'::text);

--
-- Name: shown_state(public.messages); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.shown_state(m public.messages) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
BEGIN
    IF m.state = 'queued' AND EXISTS (SELECT FROM attempts a
                                      WHERE a.account_id = m.account_id AND a.message_id = m.message_id) THEN
        RETURN 'sending';
    END IF;
    RETURN m.state;
END $$;

--
-- Name: message_text(public.messages); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_text(m public.messages) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((((((((((((((((((((((((((((((('{"id":"'::text || ((m).message_id)::text) || '","direction":"'::text) || (m).direction) || '","channel":"'::text) || (m).channel) || '","kind":"'::text) || (m).kind) || CASE (m).direction WHEN 'out'::text THEN '","to":"'::text ELSE '","from":"'::text END) || (m).phone) || '","body":'::text) || public.quoted((m).body)) || ',"segments":'::text) || (m).segments) || ',"media":'::text) || (m).media) || ',"state":"'::text) || CASE (m).state WHEN 'queued'::text THEN public.shown_state(m) ELSE (m).state END) || '","code":'::text) || public.quoted((m).code)) || ',"reason":'::text) || public.quoted((m).reason)) || ',"number":'::text) || public.quoted((m).number)) || ',"conversation_id":"'::text) || ((m).conversation_id)::text) || '","visit":'::text) || public.quoted(((m).visit)::text)) || CASE (m).channel WHEN 'voice'::text THEN (',"call":'::text || public.call_json(((m).account_id)::text, ((m).message_id)::text)) ELSE ''::text END) || ',"created_at":"'::text) || public.rfc3339((m).created_at)) || '"}'::text);

--
-- Name: message_json(public.messages); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_json(m public.messages) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (public.message_text(m))::json;

--
-- Name: messages_in_trouble(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.messages_in_trouble() RETURNS SETOF public.messages
    LANGUAGE sql STABLE
    AS $$
    WITH ids AS MATERIALIZED (
        SELECT * FROM ids_of_today('msg')
    ), due AS (
        SELECT m.* FROM messages m
        WHERE m.account_id = scope() AND m.message_id >= (SELECT first FROM ids)
          AND m.message_id < (SELECT after FROM ids)
        UNION ALL
        SELECT m.* FROM messages m
        WHERE m.account_id = scope() AND m.send_at >= now() - interval '1 day' AND m.send_at < now()
          AND m.message_id < (SELECT first FROM ids)
    )
    SELECT d.* FROM due d
    WHERE d.direction = 'out'
      AND d.state IN ('failed', 'undelivered', 'expired', 'unknown', 'uncertain')
      AND NOT EXISTS (SELECT FROM messages n
                      WHERE n.account_id = scope() AND n.conversation_id = d.conversation_id
                        AND n.message_id >= (SELECT first FROM ids)
                        AND (n.message_id > d.message_id OR (n.visit = d.visit AND n.kind = d.kind))
                        AND n.direction = 'out' AND n.state = 'delivered')
$$;

--
-- Name: must_be_mine(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.must_be_mine(account text) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF scope() IS NULL OR scope() NOT IN (account, '*') THEN
        RAISE EXCEPTION 'not of this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

--
-- Name: my_accounts(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.my_accounts() RETURNS json
    LANGUAGE plpgsql
    AS $$
DECLARE
    mine  text := scope();
    found json;
BEGIN
    PERFORM set_config('maitred.account', '*', true);
    SELECT coalesce(json_agg(json_build_object('id', a.account_id, 'name', a.name,
                                               'role', coalesce(m.role, 'key'))
                             ORDER BY a.name, a.account_id), '[]') INTO found
    FROM accounts a LEFT JOIN memberships m ON m.account_id = a.account_id AND m.user_id = actor()
    WHERE m.user_id IS NOT NULL OR (a.account_id = mine AND actor() LIKE 'key%');
    PERFORM set_config('maitred.account', mine, true);
    RETURN found;
END $$;

--
-- Name: my_session_at(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.my_session_at(account text) RETURNS json
    LANGUAGE plpgsql
    AS $$
DECLARE
    mine  text := scope();
    found json;
BEGIN
    PERFORM set_config('maitred.account', '*', true);
    found := session_json(nullif(current_setting('maitred.session', true), ''), account);
    PERFORM set_config('maitred.account', mine, true);
    RETURN found;
END $$;

--
-- Name: named_text(text, jsonb, text, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.named_text(template text, vars jsonb, name text, fold boolean, OUT body text, OUT encoding text, OUT segments integer) RETURNS record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
BEGIN
    SELECT t.* INTO body, encoding, segments
    FROM thrifty(filled(template, vars || jsonb_build_object('name', rtrim(name, E' \u200d'))), fold) t;
END $$;

--
-- Name: next_reminder(text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.next_reminder(account text, starts timestamp with time zone, past timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    RETURN (SELECT min(r.at) AS min FROM public.accounts a, LATERAL unnest(a.reminders) before(before), LATERAL (SELECT CASE WHEN (before.before ~~ '%d'::text) THEN (((next_reminder.starts AT TIME ZONE a.zone) - (before.before)::interval) AT TIME ZONE a.zone) ELSE (next_reminder.starts - (before.before)::interval) END AS at) r WHERE (((a.account_id)::text = next_reminder.account) AND (r.at > next_reminder.past) AND (r.at < next_reminder.starts)));

--
-- Name: not_expected(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.not_expected(account text, guest text) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: erased_texts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.erased_texts (
    account_id public.ident NOT NULL,
    provider text NOT NULL,
    carrier_id text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.erased_texts FORCE ROW LEVEL SECURITY;

--
-- Name: not_missed(text, text, text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.not_missed(account text, carrier text, id text, since timestamp with time zone) RETURNS bigint
    LANGUAGE sql
    BEGIN ATOMIC
 WITH noted AS (
          INSERT INTO public.erased_texts (account_id, provider, carrier_id, at)  SELECT not_missed.account AS account,
                     not_missed.carrier AS carrier,
                     not_missed.id AS id,
                     not_missed.since AS since
                   WHERE (EXISTS ( SELECT
                            FROM public.accounts
                           WHERE ((accounts.account_id)::text = not_missed.account))) ON CONFLICT DO NOTHING
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM noted;
END;

--
-- Name: not_told(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.not_told(why text) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN json_build_object('texted', false, 'called', false, 'why', why, 'detail', CASE why WHEN 'unchanged'::text THEN 'Nothing changed, so the guest was not texted.'::text WHEN 'just_notified'::text THEN 'The guest was notified a moment ago, so no second text went out.'::text WHEN 'not_asked'::text THEN 'No text goes out by itself here, and none was asked for.'::text WHEN 'no_number'::text THEN 'The guest gave no number.'::text WHEN 'no_consent'::text THEN 'The guest did not agree to be texted.'::text WHEN 'opted_out'::text THEN 'The guest asked not to be texted.'::text WHEN 'flagged'::text THEN 'The guest may have asked not to be texted. Read the thread, then clear the flag or confirm it.'::text WHEN 'no_sender'::text THEN 'This account has no number to send from.'::text WHEN 'no_caller'::text THEN 'This account has no number to call from.'::text WHEN 'no_call_consent'::text THEN 'The guest did not agree to be called.'::text WHEN 'texting_off'::text THEN 'No texts or calls go out: the subscription is paused, or has ended. A manager can see to it.'::text ELSE NULL::text END);

--
-- Name: nothing_here(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.nothing_here() RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN public.problem('not_found'::text, 'id'::text, 'This account has nothing with this id.'::text);

--
-- Name: numbers_take(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.numbers_take(account text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    carrier text;
    taken   number_pool;
BEGIN
    FOR carrier IN SELECT DISTINCT provider FROM number_pool LOOP
        DELETE FROM number_pool p
        WHERE p.provider = carrier
          AND p.phone = (SELECT q.phone FROM number_pool q WHERE q.provider = carrier
                         ORDER BY q.phone LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING * INTO taken;
        IF FOUND THEN
            INSERT INTO numbers (account_id, number_id, provider, phone, kind)
            VALUES (account, 'num_' || taken.provider || right(taken.phone, 10), taken.provider,
                    taken.phone, taken.kind);
        END IF;
    END LOOP;
END $$;

--
-- Name: page_enter(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.page_enter(secret text, OUT account text, OUT visit text, OUT what text) RETURNS record
    LANGUAGE plpgsql
    AS $$
BEGIN
    SELECT v.* INTO account, visit, what FROM (
        SELECT account_id, party_id, 'party' FROM parties
        WHERE token = secret AND coalesce(ended_at, now()) > now() - interval '1 day'
        UNION ALL
        SELECT account_id, booking_id, 'booking' FROM bookings
        WHERE token = secret AND coalesce(ended_at, now()) > now() - interval '1 day'
          AND starts_at > now() - interval '1 day') v;
    PERFORM scope_to(coalesce(account, ''));
END $$;

--
-- Name: page_json(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.page_json(account text, id text) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    a accounts;
    p parties;
    b bookings;
BEGIN
    SELECT * INTO a FROM accounts WHERE account_id = account;
    SELECT * INTO p FROM parties WHERE account_id = account AND party_id = id;
    IF FOUND THEN
        RETURN json_build_object(
            'venue', venue_json(a), 'what', 'party', 'state', p.state, 'name', p.name, 'size', p.size,
            'language', p.language, 'ahead', parties_ahead(p), 'starts_at', NULL,
            'ready_by', CASE WHEN a.show_wait AND p.state IN ('waiting', 'almost')
                             THEN rfc3339(p.quoted_at + p.quote_max * interval '1 minute') END,
            'held_until', CASE WHEN p.ended_at IS NULL THEN rfc3339(p.held_until) END,
            'may', (SELECT json_agg(m) FROM unnest('{coming,more_time,leave}'::text[]) m
                    WHERE party_may(p, CASE m WHEN 'leave' THEN 'cancel' ELSE m END) = 'yes'));
    END IF;
    SELECT * INTO b FROM bookings WHERE account_id = account AND booking_id = id;
    RETURN json_build_object(
        'venue', venue_json(a), 'what', 'booking', 'state', b.state, 'name', b.name, 'size', b.size,
        'language', b.language, 'ahead', NULL, 'starts_at', rfc3339(b.starts_at), 'ready_by', NULL,
        'held_until', NULL,
        'may', (SELECT json_agg(m) FROM unnest('{coming,leave}'::text[]) m
                WHERE booking_may(b, CASE m WHEN 'leave' THEN 'cancel' ELSE 'confirm' END) = 'yes'));
END $$;

--
-- Name: page_text(text[], text[], bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.page_text(ids text[], texts text[], n bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (((('{"data":['::text || array_to_string((COALESCE(texts, '{}'::text[]))[:n], ','::text)) || '],"next_cursor":'::text) || public.quoted(CASE WHEN (cardinality(ids) > n) THEN (ids)[n] ELSE NULL::text END)) || '}'::text);

--
-- Name: parties_ahead(public.parties); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.parties_ahead(p public.parties) RETURNS bigint
    LANGUAGE sql STABLE
    RETURN CASE WHEN (((p).ended_at IS NULL) AND ((p).state <> 'pending'::text)) THEN (SELECT count(*) AS count FROM public.parties o WHERE (((o.account_id)::text = ((parties_ahead.p).account_id)::text) AND (o.ended_at IS NULL) AND (o.state <> 'pending'::text) AND (ROW(o.place, (o.party_id)::text) < ROW((parties_ahead.p).place, ((parties_ahead.p).party_id)::text)))) ELSE NULL::bigint END;

--
-- Name: parties_due(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.parties_due(most bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_add(text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_add(account text, who text, id text, f jsonb, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_answer(public.parties, boolean, json); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_answer(p public.parties, changed boolean, told json) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN json_build_object('party', party_json(p), 'changed', changed,
                             'text', coalesce(told, not_told('unchanged')));
END $$;

--
-- Name: party_called(public.parties); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_called(p public.parties) RETURNS public.parties
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_changed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    VALUES (coalesce(NEW.account_id, OLD.account_id),
            CASE TG_OP WHEN 'INSERT' THEN 'party.added' WHEN 'UPDATE' THEN 'party.changed'
                       ELSE 'party.deleted' END, coalesce(NEW.party_id, OLD.party_id));
    RETURN NULL;
END $$;

--
-- Name: party_delete(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_delete(account text, id text, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_do(text, text, text, text, bigint, boolean, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_do(account text, who text, id text, action text, seen bigint, wanted boolean, f jsonb, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_due(public.parties); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_due(p public.parties) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN CASE WHEN p.ended_at IS NULL THEN least(
        p.created_at + interval '1 day',
        CASE WHEN p.state = 'notified' AND p.notices = 1 THEN
            (SELECT p.notified_at + a.second_notice_minutes * interval '1 minute' FROM accounts a
             WHERE a.account_id = p.account_id) END) END;
END $$;

--
-- Name: party_edit(text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_edit(account text, who text, id text, f jsonb, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_joined(public.parties, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_joined(p public.parties, wanted boolean) RETURNS json
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN party_say(p, 'joined', CASE p.source WHEN 'booking' THEN coalesce(wanted, false) ELSE wanted END,
                     jsonb_build_object('wait', wait_text(p.quote_min, p.quote_max, p.language),
                                        'link', guest_link(p.token)), interval '1 hour');
END $$;

--
-- Name: party_json(public.parties); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_json(p public.parties) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (p).party_id, 'state', (p).state, 'version', (p).version, 'name', (p).name, 'size', (p).size, 'guest', public.shown_guest(((p).account_id)::text, ((p).conversation_id)::text), 'language', (p).language, 'notes', (p).notes, 'tags', to_json((p).tags), 'seat', (p).seat, 'source', (p).source, 'booking_id', (p).booking_id, 'quote_min', (p).quote_min, 'quote_max', (p).quote_max, 'quoted_at', public.rfc3339((p).quoted_at), 'notices', (p).notices, 'notified_at', public.rfc3339((p).notified_at), 'held_until', public.rfc3339((p).held_until), 'answered_at', public.rfc3339((p).answered_at), 'says', (p).says, 'texts', (p).texts, 'text', public.last_text(((p).account_id)::text, ((p).text_id)::text), 'created_at', public.rfc3339((p).created_at), 'joined_at', public.rfc3339((p).joined_at), 'ended_at', public.rfc3339((p).ended_at), 'ended_by', (p).ended_by);

--
-- Name: party_lock(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_lock(account text, id text) RETURNS public.parties
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_may(public.parties, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_may(p public.parties, action text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
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

--
-- Name: party_move(text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_move(account text, who text, id text, after text, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_next(text, text, bigint, bigint, boolean, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_next(account text, who text, at_most bigint, at_least bigint, wanted boolean, f jsonb, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_notice(public.parties, boolean, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_notice(p public.parties, wanted boolean, how text) RETURNS json
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_quoted(public.parties, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_quoted(p public.parties, who text) RETURNS public.parties
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF p.quote_max IS NULL AND p.source <> 'booking' THEN
        p.quote_min := (SELECT minutes FROM wait_estimate(p.account_id, p.size, now()));
        p.quote_max := p.quote_min;
    END IF;
    p.quoted_at := CASE WHEN p.quote_max IS NOT NULL THEN now() END;
    p.quoted_by := CASE WHEN p.quote_max IS NOT NULL THEN who END;
    RETURN p;
END $$;

--
-- Name: party_ring(public.parties); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_ring(p public.parties) RETURNS json
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN call_guest(p.account_id, CASE p.notices WHEN 1 THEN 'table_ready' ELSE 'second_notice' END,
                      p.party_id, p.conversation_id, p.language, p.texts, '{}',
                      greatest(p.held_until - now(), interval '10 minutes'));
END $$;

--
-- Name: party_save(public.parties, text, text, json, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_save(p public.parties, who text, what text, told json, detail jsonb) RETURNS public.parties
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: party_say(public.parties, text, boolean, jsonb, interval); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_say(p public.parties, event text, wanted boolean, vars jsonb, lasts interval) RETURNS json
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN CASE WHEN p.conversation_id IS NOT NULL AND NOT p.texts THEN not_told('no_consent')
                ELSE say(p.account_id, event, p.party_id, p.conversation_id, p.language,
                         jsonb_build_object('name', p.name, 'size', p.size) || vars, wanted, lasts) END;
END $$;

--
-- Name: party_says(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_says(account text, id text, word text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    p parties := party_lock(account, id);
BEGIN
    p.says := word;
    PERFORM party_save(p, 'guest', 'says', NULL, jsonb_build_object('word', word));
END $$;

--
-- Name: party_undo(public.parties); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_undo(p public.parties) RETURNS public.parties
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: phone_hashes(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.phone_hashes(phone text) RETURNS text[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
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

--
-- Name: phone_hash(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.phone_hash(phone text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (public.phone_hashes(phone))[1];

--
-- Name: place_behind(text, text, numeric); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.place_behind(account text, id text, front numeric) RETURNS numeric
    LANGUAGE plpgsql STABLE
    AS $$
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

--
-- Name: place_id(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.place_id(place text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN COALESCE(split_part(place, ' '::text, 2), ''::text);

--
-- Name: place_text(timestamp with time zone, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.place_text(at timestamp with time zone, id text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((((EXTRACT(epoch FROM at) * (1000000)::numeric))::bigint || ' '::text) || id);

--
-- Name: place_time(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.place_time(place text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE(('1970-01-01 00:00:00+00'::timestamp with time zone + (((split_part(place, ' '::text, 1))::bigint)::double precision * '00:00:00.000001'::interval)), '-infinity'::timestamp with time zone);

--
-- Name: plain_reason(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.plain_reason(reason text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN regexp_replace(regexp_replace(reason, '^(\w+ could not be reached): .*'::text, '\1.'::text), ('^\w+ (refused it \([^)]*\):|could not send it\.|sent it, but it did not reach the phone\.'::text || '|could not call\.|called\.) (?=.)'::text), ''::text);

--
-- Name: priority_of(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.priority_of(kind text) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (kind = ANY (ARRAY['table_ready'::text, 'second_notice'::text])) THEN (0)::smallint ELSE (1)::smallint END;

--
-- Name: queue_deliveries(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.queue_deliveries() RETURNS trigger
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
BEGIN
    INSERT INTO deliveries (account_id, delivery_id, endpoint_id, type, subject, xid, seq, occurred_at)
    SELECT f.account_id, random_id('dlv'), e.endpoint_id, f.type, f.subject, f.xid, f.seq, f.at
    FROM fresh f JOIN endpoints e ON e.account_id = f.account_id
    WHERE e.disabled_at IS NULL AND (e.types IS NULL OR f.type = ANY (e.types))
    ORDER BY f.xid, f.seq;
    IF FOUND THEN
        PERFORM pg_notify('maitred_hooks', '');
    END IF;
    RETURN NULL;
END $$;

--
-- Name: queue_measure(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.queue_measure(most bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET lock_timeout TO '20ms'
    AS $$
DECLARE
    believed float8 := (SELECT reltuples / greatest(relpages, 1) * pg_relation_size(oid)
                               / current_setting('block_size')::int
                        FROM pg_class WHERE oid = 'queue'::regclass); -- below 0 where nobody has ever looked
BEGIN
    IF believed > most / 10.0
       OR NOT EXISTS (SELECT FROM queue ORDER BY priority, turn_at OFFSET most LIMIT 1) THEN
        RETURN false;
    END IF;
    ANALYZE queue;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;

--
-- Name: queue_text(public.conversations, text, text, text, text, interval, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.queue_text(c public.conversations, id text, event text, words text, about text, lasts interval, way text DEFAULT 'sms'::text) RETURNS public.messages
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: quick_replies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.quick_replies (
    account_id public.ident NOT NULL,
    quick_reply_id public.ident NOT NULL,
    label text NOT NULL,
    body text NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.quick_replies FORCE ROW LEVEL SECURITY;

--
-- Name: quick_reply_json(public.quick_replies); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.quick_reply_json(q public.quick_replies) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (q).quick_reply_id, 'label', (q).label, 'body', (q).body, 'changed_at', public.rfc3339((q).changed_at));

--
-- Name: quiet_until(timestamp with time zone, text, time without time zone, time without time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.quiet_until(at timestamp with time zone, zones text, starts time without time zone, ends time without time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    calm  timestamptz := at; -- not quiet in the zones looked at so far
    last  timestamptz;
    zone  text;
    there timestamp;
    day   date; -- on which it ends; NULL: it is not quiet there
BEGIN
    FOR i IN 1 .. 10 LOOP -- the end in one zone may be quiet in another; never more than a few times
        last := calm;
        FOREACH zone IN ARRAY string_to_array(coalesce(zones, ''), ' ') LOOP
            BEGIN
                there := calm AT TIME ZONE zone;
            EXCEPTION WHEN invalid_parameter_value THEN
                CONTINUE;
            END;
            day := CASE
                WHEN starts < ends AND there::time >= starts AND there::time < ends THEN there::date
                WHEN starts > ends AND there::time < ends THEN there::date
                WHEN starts > ends AND there::time >= starts THEN there::date + 1
                END;
            calm := greatest(calm, (day + ends) AT TIME ZONE zone);
        END LOOP;
        EXIT WHEN calm = last;
    END LOOP;
    RETURN nullif(calm, at);
END $$;

--
-- Name: random_id(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.random_id(prefix text) RETURNS text
    LANGUAGE plpgsql PARALLEL SAFE
    AS $$
BEGIN
    RETURN id_of(prefix, clock_timestamp(),
                 ('x' || right(gen_random_uuid()::text, 4) || right(gen_random_uuid()::text, 12))::bit(64)::bigint);
END $$;

--
-- Name: reason_title(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reason_title(reason text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN COALESCE("substring"(public.plain_reason(reason), '^(.*?[.])(?: |$)'::text), public.plain_reason(reason));

--
-- Name: reason_fix(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reason_fix(reason text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE substr(public.plain_reason(reason), (length(public.reason_title(reason)) + 2)) WHEN ''::text THEN 'Speak to the guest in person, or call.'::text WHEN 'Nothing is wrong with the number.'::text THEN 'Try again in a few minutes, or call the guest.'::text ELSE substr(public.plain_reason(reason), (length(public.reason_title(reason)) + 2)) END;

--
-- Name: refusal_alerts(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refusal_alerts() RETURNS TABLE(cause text, code text, carrier text, level text, title text, fix text, at timestamp with time zone, id text)
    LANGUAGE sql STABLE
    AS $$
    WITH ids AS MATERIALIZED (
        SELECT * FROM ids_of_today('att')
    ), tries AS MATERIALIZED (
        SELECT a.*, a.handling = 'other-carrier' AND (a.state = 'rejected' OR a.status = 'failed') AS refused
        FROM attempts a
        WHERE a.account_id = scope() AND a.attempt_id >= (SELECT first FROM ids)
          AND a.attempt_id < (SELECT after FROM ids)
    ), last_good AS (
        SELECT t.provider, t.number, max(t.opened_at) AS at FROM tries t
        WHERE t.status IN ('sent', 'unconfirmed', 'delivered')
        GROUP BY t.provider, t.number
    ), refused AS (
        SELECT t.*, CASE t.state WHEN 'rejected' THEN t.sentence
                        ELSE (SELECT r.sentence FROM receipts r
                              WHERE r.account_id = scope() AND r.attempt_id = t.attempt_id
                                AND r.status = 'failed' LIMIT 1) END AS reason
        FROM tries t LEFT JOIN last_good g USING (provider, number)
        WHERE t.refused AND (g.at IS NULL OR t.opened_at > g.at)
    )
    SELECT 'carrier_refuses', r.code, r.provider, 'warning', reason_title(r.reason),
           reason_fix(r.reason) || ' Another carrier sends meanwhile.', r.opened_at, r.message_id
    FROM refused r WHERE r.reason LIKE '%manager%'
$$;

--
-- Name: refuse_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

--
-- Name: refuse_lower_rank(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_lower_rank() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'message % may not go from % back to %', OLD.message_id, OLD.state, NEW.state;
END $$;

--
-- Name: remember_opt_out(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.remember_opt_out() RETURNS trigger
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

--
-- Name: remind(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.remind(most bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: replies_heard(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.replies_heard(replies jsonb) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'auto'
    AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT * FROM jsonb_to_recordset(replies)
             AS x (account text, guest text, message text, slot bigint, digit bigint, word text)
             ORDER BY account, guest, message LOOP
        PERFORM reply_heard(r.account, r.guest, r.message, r.slot, r.digit, r.word);
    END LOOP;
END $$;

--
-- Name: reply_heard(text, text, text, bigint, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reply_heard(account text, guest text, reply text, in_slot bigint, chose bigint, word text) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: report_key(text, timestamp without time zone, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.report_key(divided text, there timestamp without time zone, size integer) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE divided WHEN 'day'::text THEN to_char(there, 'YYYY-MM-DD'::text) WHEN 'hour'::text THEN to_char(there, 'HH24'::text) WHEN 'weekday'::text THEN to_char(there, 'ID'::text) WHEN 'size'::text THEN CASE WHEN (size > 8) THEN '9+'::text ELSE (size)::text END ELSE 'total'::text END;

--
-- Name: report_messages(timestamp with time zone, timestamp with time zone, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.report_messages(since timestamp with time zone, until timestamp with time zone, asked bigint, answered bigint) RETURNS json
    LANGUAGE sql STABLE
    AS $$
    WITH counts AS MATERIALIZED (
        SELECT * FROM message_counts(since, until)
    ), channels AS (
        SELECT v.channel, json_build_object(
            'messages', coalesce(sum(c.n), 0),
            'waiting', coalesce(sum(c.n) FILTER (WHERE c.state IN ('queued', 'unknown')), 0),
            'sent', coalesce(sum(c.n) FILTER (WHERE c.state = 'sent'), 0),
            'delivered', coalesce(sum(c.n) FILTER (WHERE c.state = 'delivered'), 0),
            'failed', coalesce(sum(c.n) FILTER (WHERE c.state = 'failed'), 0),
            'undelivered', coalesce(sum(c.n) FILTER (WHERE c.state = 'undelivered'), 0),
            'stopped', coalesce(sum(c.n) FILTER (WHERE c.state = 'stopped'), 0),
            'expired', coalesce(sum(c.n) FILTER (WHERE c.state = 'expired'), 0),
            'cancelled', coalesce(sum(c.n) FILTER (WHERE c.state = 'cancelled'), 0),
            'uncertain', coalesce(sum(c.n) FILTER (WHERE c.state = 'uncertain'), 0),
            'segments', coalesce(sum(c.segments), 0)) AS shown
        FROM (VALUES ('all'), ('sms'), ('voice')) v (channel)
        LEFT JOIN counts c ON c.direction = 'out' AND v.channel IN (c.channel, 'all')
        GROUP BY v.channel
    ), reasons AS (
        SELECT code, min(reason) AS reason, sum(n) AS count FROM counts
        WHERE direction = 'out' AND state IN ('failed', 'undelivered', 'stopped', 'expired')
        GROUP BY code ORDER BY count DESC, code LIMIT 50
    )
    SELECT json_build_object(
        'all', (SELECT shown FROM channels WHERE channel = 'all'),
        'sms', (SELECT shown FROM channels WHERE channel = 'sms'),
        'voice', (SELECT shown FROM channels WHERE channel = 'voice'),
        'reasons', (SELECT coalesce(json_agg(r), '[]') FROM reasons r),
        'replies', (SELECT coalesce(sum(n), 0) FROM counts WHERE direction = 'in'),
        'asked', asked, 'answered', answered,
        'reply_rate', round(answered::numeric / nullif(asked, 0), 4),
        'opt_outs', (SELECT count(DISTINCT l.phone) FROM consent_log l
                     WHERE l.account_id = scope() AND l.action = 'stop' AND l.at >= since
                       AND l.at < until))
$$;

--
-- Name: report_span(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.report_span(first text, last text, OUT zone text, OUT first_day date, OUT last_day date, OUT since timestamp with time zone, OUT until timestamp with time zone, OUT fault json) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    today date;
BEGIN
    SELECT a.zone, (now() AT TIME ZONE a.zone)::date INTO zone, today
    FROM accounts a WHERE a.account_id = scope();
    last_day := coalesce(last::date, greatest(today, first::date));
    first_day := coalesce(first::date, last_day - 6);
    IF first_day > last_day THEN
        fault := problem('invalid_field', 'to', 'It must not be before from.');
    ELSIF last_day - first_day >= 400 THEN
        fault := problem('invalid_field', CASE WHEN first IS NULL THEN 'to' ELSE 'from' END,
                         'A report is about 400 days at most.');
    ELSE
        since := first_day::timestamp AT TIME ZONE zone;
        until := (last_day + 1)::timestamp AT TIME ZONE zone;
    END IF;
END $$;

--
-- Name: epoch; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.epoch (
    one boolean DEFAULT true NOT NULL,
    n bigint DEFAULT 0 NOT NULL,
    lost_at timestamp with time zone,
    at timestamp with time zone,
    lost_from timestamp with time zone,
    restored_at timestamp with time zone,
    trusted_at timestamp with time zone,
    CONSTRAINT epoch_one_check CHECK (one)
)
WITH (fillfactor='50');

--
-- Name: heard; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.heard (
    provider text NOT NULL,
    until timestamp with time zone NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    leased_until timestamp with time zone
)
WITH (fillfactor='50');

--
-- Name: links; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.links (
    link_id public.ident NOT NULL,
    kind text NOT NULL,
    account_id public.ident,
    organisation_id public.ident,
    user_id public.ident,
    login text NOT NULL,
    name text NOT NULL,
    role text,
    invited_by text,
    venue jsonb,
    password_hash text,
    hash text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    mail text DEFAULT 'queued'::text NOT NULL,
    mail_due_at timestamp with time zone DEFAULT now() NOT NULL,
    mail_tries smallint DEFAULT 0 NOT NULL,
    mail_why text,
    CONSTRAINT links_kind_check CHECK ((kind = ANY (ARRAY['signup'::text, 'invitation'::text, 'reset'::text, 'notice'::text]))),
    CONSTRAINT links_mail_check CHECK ((mail = ANY (ARRAY['none'::text, 'queued'::text, 'sent'::text, 'failed'::text]))),
    CONSTRAINT links_role_check CHECK ((role = ANY (ARRAY['manager'::text, 'host'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.links FORCE ROW LEVEL SECURITY;

--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    organisation_id public.ident NOT NULL,
    session_id public.ident NOT NULL,
    user_id public.ident NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '30 days'::interval) NOT NULL,
    ended_at timestamp with time zone,
    ended_why text,
    ip text,
    agent text
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;

--
-- Name: restored(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.restored() RETURNS timestamp with time zone
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE public.sessions SET ended_at = now(), ended_why = 'a backup was restored'::text
   WHERE (sessions.ended_at IS NULL);
 UPDATE public.links SET revoked_at = now(), mail =
         CASE links.mail
             WHEN 'queued'::text THEN 'failed'::text
             ELSE links.mail
         END
   WHERE ((links.used_at IS NULL) AND (links.revoked_at IS NULL) AND (links.kind <> 'notice'::text));
 UPDATE public.heard SET due_at = now(), leased_until = NULL::timestamp with time zone;
 UPDATE public.epoch SET n = (epoch.n + 1), restored_at = now(), trusted_at = NULL::timestamp with time zone, lost_from = (COALESCE(epoch.at, ( SELECT max(messages.created_at) AS max
            FROM public.messages), now()) - '00:01:00'::interval)
   RETURNING epoch.lost_from;
END;

--
-- Name: retain(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.retain(most integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

--
-- Name: retained; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retained (
    account_id public.ident NOT NULL,
    what text NOT NULL COLLATE pg_catalog."C",
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    swept_to public.ident DEFAULT ''::text NOT NULL,
    first_left public.ident
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.retained FORCE ROW LEVEL SECURITY;

--
-- Name: retain_page(public.retained, timestamp with time zone, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.retain_page(r public.retained, cutoff timestamp with time zone, most integer) RETURNS integer
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    account_id public.ident NOT NULL,
    key_id public.ident NOT NULL,
    name text NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    scopes text[] DEFAULT '{read,write,manage}'::text[] NOT NULL,
    created_by text,
    last_used_at timestamp with time zone,
    CONSTRAINT api_keys_hash_check CHECK ((length(hash) = 64))
);

ALTER TABLE ONLY public.api_keys FORCE ROW LEVEL SECURITY;

--
-- Name: retention_cutoff(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.retention_cutoff(account text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    RETURN (SELECT CASE WHEN (a.retain_days IS NOT NULL) THEN (now() - ((a.retain_days)::double precision * '1 day'::interval)) WHEN (GREATEST(a.last_login_at, a.created_at, (SELECT max(k.last_used_at) AS max FROM public.api_keys k WHERE ((k.account_id)::text = (a.account_id)::text))) < (now() - '1 year 6 mons'::interval)) THEN (now() - '1 day'::interval) ELSE NULL::timestamp with time zone END AS "case" FROM public.accounts a WHERE ((a.account_id)::text = retention_cutoff.account));

--
-- Name: room_for_endpoint(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.room_for_endpoint() RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM FROM accounts WHERE account_id = (SELECT scope()) FOR NO KEY UPDATE;
    RETURN (SELECT count(*) FROM endpoints WHERE account_id = (SELECT scope())) < 10;
END $$;

--
-- Name: room_for_quick_reply(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.room_for_quick_reply() RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM FROM accounts WHERE account_id = (SELECT scope()) FOR NO KEY UPDATE;
    RETURN (SELECT count(*) FROM quick_replies WHERE account_id = (SELECT scope())) < 50;
END $$;

--
-- Name: said_again(text, text, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.said_again(account text, hash text, said timestamp with time zone, id text, what text, by text) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: wait_text(integer, integer, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wait_text(quote_min integer, quote_max integer, language text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN COALESCE((CASE WHEN (quote_min < quote_max) THEN ((quote_min || '-'::text) || quote_max) ELSE (COALESCE(quote_min, quote_max))::text END || ' min'::text), ''::text);

--
-- Name: when_text(timestamp with time zone, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.when_text(at timestamp with time zone, zone text, language text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT CASE when_text.language WHEN 'es'::text THEN (((('{dom,lun,mar,mié,jue,vie,sab}'::text[])[p.weekday] || to_char(l.t, ' FMDD '::text)) || ('{ene,feb,mar,abr,may,jun,jul,ago,sep,oct,nov,dic}'::text[])[p.month]) || to_char(l.t, ', HH24:MI'::text)) WHEN 'fr'::text THEN (((((('{dim,lun,mar,mer,jeu,ven,sam}'::text[])[p.weekday] || ' '::text) || CASE EXTRACT(day FROM l.t) WHEN 1 THEN '1er'::text ELSE to_char(l.t, 'FMDD'::text) END) || ' '::text) || ('{janv.,févr.,mars,avr.,mai,juin,juil.,aout,sept.,oct.,nov.,déc.}'::text[])[p.month]) || to_char(l.t, ', FMHH24 "h" MI'::text)) ELSE (((('{Sun,Mon,Tue,Wed,Thu,Fri,Sat}'::text[])[p.weekday] || ' '::text) || ('{Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec}'::text[])[p.month]) || to_char(l.t, ' FMDD, FMHH12:MI AM'::text)) END AS "case" FROM (SELECT (when_text.at AT TIME ZONE when_text.zone) AS t) l, LATERAL (SELECT ((EXTRACT(dow FROM l.t))::integer + 1) AS weekday, (EXTRACT(month FROM l.t))::integer AS month) p);

--
-- Name: sample_vars(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sample_vars(account text, language text) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT (jsonb_build_object('name', 'Maria', 'size', 4, 'wait', public.wait_text(25, 35, sample_vars.language), 'link', 'https://q.example.com/g/Ab3dE9xKq2Lm', 'hold', a.hold_minutes, 'yes', 1, 'more', 2, 'no', 9, 'ahead', 2, 'minutes', a.more_minutes, 'when', public.when_text(('2030-07-12 19:00:00'::timestamp without time zone AT TIME ZONE a.zone), a.zone, sample_vars.language)) || public.account_vars(a.name, a.phone)) FROM public.accounts a WHERE ((a.account_id)::text = sample_vars.account));

--
-- Name: say(text, text, text, text, text, jsonb, boolean, interval); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.say(account text, event text, about text, guest text, language text, vars jsonb, wanted boolean, lasts interval) RETURNS json
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: say_freely(text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.say_freely(account text, guest text, words text, id text, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: scope_organisation(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.scope_organisation() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('maitred.organisation'::text, true), ''::text);

--
-- Name: scope_to(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.scope_to(account text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF current_setting('citus.propagate_set_commands', true) = 'local' THEN
        EXECUTE format('SET LOCAL maitred.account = %L', account);
    ELSE
        PERFORM set_config('maitred.account', account, true);
    END IF;
END $$;

--
-- Name: segments_of(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.segments_of(body text, OUT encoding text, OUT segments integer) RETURNS record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $_$
DECLARE
    extension constant text := E'\f^{}\\[~]|€';
    basic     constant text := E'\n\r !"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_'
                               'abcdefghijklmnopqrstuvwxyz£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà';
    gsm7  boolean := translate(body, basic || extension, '') = '';
    wide  int := CASE WHEN gsm7 THEN length(body) - length(translate(body, extension, ''))
                      ELSE regexp_count(body, '[\U00010000-\U0010ffff]') END;
    units int := length(body) + wide;
    alone int := CASE WHEN gsm7 THEN 160 ELSE 70 END;
    part  int := CASE WHEN gsm7 THEN 153 ELSE 67 END;
    used  int := 0;
    c     text;
BEGIN
    encoding := CASE WHEN gsm7 THEN 'GSM-7' ELSE 'UCS-2' END;
    segments := 1;
    IF units <= alone THEN
        RETURN;
    ELSIF wide = 0 THEN
        segments := (units + part - 1) / part;
        RETURN;
    END IF;
    FOREACH c IN ARRAY string_to_array(body, NULL) LOOP
        units := CASE WHEN (gsm7 AND strpos(extension, c) > 0) OR (NOT gsm7 AND ascii(c) > 65535)
                      THEN 2 ELSE 1 END;
        IF used + units > part THEN
            segments := segments + 1;
            used := 0;
        END IF;
        used := used + units;
    END LOOP;
END $_$;

--
-- Name: service_day_end(text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.service_day_end(zone text, at timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((date_trunc('day'::text, ((at AT TIME ZONE zone) - '05:00:00'::interval)) + '1 day 05:00:00'::interval) AT TIME ZONE zone);

--
-- Name: memberships; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.memberships (
    account_id public.ident NOT NULL,
    user_id public.ident NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT memberships_role_check CHECK ((role = ANY (ARRAY['manager'::text, 'host'::text])))
);

ALTER TABLE ONLY public.memberships FORCE ROW LEVEL SECURITY;

--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    organisation_id public.ident NOT NULL,
    user_id public.ident NOT NULL,
    login text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    password_hash text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT users_login_check CHECK ((login = lower(login)))
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;

--
-- Name: session_json(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.session_json(session text, account text) RETURNS json
    LANGUAGE sql STABLE
    RETURN (SELECT json_build_object('session_id', s.session_id, 'expires_at', public.rfc3339(s.expires_at), 'user', json_build_object('id', u.user_id, 'name', u.name, 'login', u.login), 'account', json_build_object('id', a.account_id, 'name', a.name, 'role', m.role), 'accounts', (SELECT json_agg(json_build_object('id', o.account_id, 'name', o.name, 'role', n.role) ORDER BY o.name, o.account_id) AS json_agg FROM (public.memberships n JOIN public.accounts o USING (account_id)) WHERE ((n.user_id)::text = (u.user_id)::text))) AS json_build_object FROM (((public.sessions s JOIN public.users u USING (organisation_id, user_id)) JOIN public.memberships m ON ((((m.user_id)::text = (u.user_id)::text) AND ((m.account_id)::text = session_json.account)))) JOIN public.accounts a ON (((a.account_id)::text = (m.account_id)::text))) WHERE ((s.session_id)::text = session_json.session));

--
-- Name: session_open(text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.session_open(who text, wanted text, session text, ip text, agent text) RETURNS json
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: sessions_end(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sessions_end(who text, but text, why text) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE public.sessions SET ended_at = now(), ended_why = sessions_end.why
   WHERE (((sessions.user_id)::text = sessions_end.who) AND (sessions.ended_at IS NULL) AND ((sessions.session_id)::text IS DISTINCT FROM sessions_end.but));
END;

--
-- Name: shown_delivery(public.deliveries); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.shown_delivery(d public.deliveries) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (d).delivery_id, 'endpoint_id', (d).endpoint_id, 'event_id', public.event_id(d), 'type', (d).type, 'subject', (d).subject, 'state', (d).state, 'tries', (d).tries, 'next_try_at', public.rfc3339(CASE WHEN ((d).state = 'waiting'::text) THEN (d).due_at ELSE NULL::timestamp with time zone END), 'last_status', (d).last_status, 'last_answer', (d).last_answer, 'last_why', (d).last_why, 'created_at', public.rfc3339((d).created_at), 'ended_at', public.rfc3339((d).ended_at));

--
-- Name: endpoints; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.endpoints (
    account_id public.ident NOT NULL,
    endpoint_id public.ident NOT NULL,
    url text NOT NULL,
    types text[],
    description text DEFAULT ''::text NOT NULL,
    secret_version integer DEFAULT 1 NOT NULL,
    previous_until timestamp with time zone,
    rotation public.ident,
    disabled_at timestamp with time zone,
    disabled_why text,
    failing_since timestamp with time zone,
    failed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT endpoints_url_check CHECK ((length(url) <= 2000))
);

ALTER TABLE ONLY public.endpoints FORCE ROW LEVEL SECURITY;

--
-- Name: shown_endpoint(public.endpoints); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.shown_endpoint(e public.endpoints) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (e).endpoint_id, 'url', (e).url, 'types', to_json((e).types), 'description', (e).description, 'enabled', ((e).disabled_at IS NULL), 'disabled_at', public.rfc3339((e).disabled_at), 'disabled_why', (e).disabled_why, 'failing_since', public.rfc3339((e).failing_since), 'secret_version', (e).secret_version, 'previous_secret_until', public.rfc3339(CASE WHEN ((e).previous_until > now()) THEN (e).previous_until ELSE NULL::timestamp with time zone END), 'created_at', public.rfc3339((e).created_at));

--
-- Name: speaks(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.speaks(account text, guest text, wanted text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN coalesce(wanted,
                    (SELECT c.language FROM conversations c
                     WHERE c.account_id = account AND c.conversation_id = guest),
                    (SELECT a.language FROM accounts a WHERE a.account_id = account));
END $$;

--
-- Name: spoken_number(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.spoken_number(phone text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (phone ~ '^\+1\d{10}$'::text) THEN ((regexp_replace(phone, '^\+1(\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d)(\d)$'::text, '\1 \2 \3, \4 \5 \6, \7 \8 \9'::text) || ' '::text) || "right"(phone, 1)) ELSE btrim(regexp_replace(phone, '(\d)'::text, '\1 '::text, 'g'::text)) END;

--
-- Name: staff_alerts(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.staff_alerts() RETURNS TABLE(cause text, code text, carrier text, level text, title text, fix text, at timestamp with time zone, id text)
    LANGUAGE sql STABLE
    AS $$
    SELECT 'guest_flagged', NULL, NULL, 'warning', 'A guest may have asked not to be texted.',
           'Read what they wrote, then clear the flag or confirm it. Until then they get no texts.',
           c.opted_out_at, c.conversation_id
    FROM conversations c WHERE c.account_id = scope() AND c.opted_out_via = 'flag'
    UNION ALL
    SELECT 'webhook_off', NULL, NULL, 'error', format('A webhook was switched off. %s', e.disabled_why),
           'Mend what receives it, switch it on again, and replay what it missed.', e.disabled_at,
           e.endpoint_id
    FROM endpoints e
    WHERE e.account_id = scope() AND e.disabled_at IS NOT NULL
      AND e.disabled_why <> 'Somebody switched it off.'
    UNION ALL
    SELECT 'webhook_failing', NULL, NULL, 'warning', 'What a webhook goes to takes nothing.',
           'See what it answers. It is tried for three days, and switched off after five.',
           e.failing_since, e.endpoint_id
    FROM endpoints e
    WHERE e.account_id = scope() AND e.disabled_at IS NULL AND e.failing_since IS NOT NULL
    UNION ALL
    SELECT 'mail_failed', NULL, NULL, 'warning', 'An invitation could not be mailed.',
           CASE l.mail WHEN 'failed' THEN 'Look at the address, and send it again.'
                       ELSE 'It is tried again for a day. Look at the address.' END,
           l.created_at, l.link_id
    FROM links l
    WHERE l.account_id = scope() AND l.kind = 'invitation' AND l.mail IN ('queued', 'failed')
      AND l.mail_why IS NOT NULL AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > now()
$$;

--
-- Name: streams_check(text, text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.streams_check(numbers text, kinds text, callers text, accounts text, xids text, seqs text) RETURNS TABLE(stream bigint, why text)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    RETURN QUERY
    WITH open AS MATERIALIZED (
        SELECT * FROM unnest(string_to_array(numbers, ' ')::bigint[], string_to_array(kinds, ' '),
                             string_to_array(callers, ' '), string_to_array(accounts, ' '),
                             string_to_array(xids, ' ')::xid8[],
                             string_to_array(seqs, ' ')::bigint[])
            AS o (number, kind, id, account_id, xid, seq)
    ), judged AS MATERIALIZED (
        SELECT o.*, CASE
            WHEN o.kind = 'key' AND NOT EXISTS (
                SELECT FROM api_keys k
                WHERE k.hash = o.id AND k.revoked_at IS NULL AND 'read' = ANY (k.scopes))
                THEN 'key_revoked'
            WHEN o.kind = 'key' THEN NULL
            ELSE coalesce((
                SELECT CASE WHEN s.ended_at IS NOT NULL THEN 'session_ended'
                            WHEN u.disabled_at IS NOT NULL THEN 'user_disabled'
                            WHEN s.expires_at <= now()
                                 OR s.last_seen_at <= now() - interval '24 hours' THEN 'session_expired'
                            WHEN NOT EXISTS (SELECT FROM memberships m
                                             WHERE m.account_id = o.account_id AND m.user_id = s.user_id)
                                THEN 'membership_removed'
                            ELSE '' END
                FROM sessions s JOIN users u USING (organisation_id, user_id)
                WHERE s.session_id = o.id), 'session_ended') END AS why
        FROM open o
    )
    SELECT j.number, nullif(j.why, '')
    FROM judged j
    WHERE nullif(j.why, '') IS NOT NULL
       -- no EXISTS: it would become a join with all events
       OR (SELECT true FROM events e
           WHERE e.account_id = j.account_id AND (e.xid, e.seq) > (j.xid, j.seq)
           ORDER BY e.xid, e.seq LIMIT 1)
    ORDER BY j.number;
END $$;

--
-- Name: events_floor; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events_floor (
    one boolean DEFAULT true NOT NULL,
    xid xid8 DEFAULT '0'::xid8 NOT NULL,
    CONSTRAINT events_floor_one_check CHECK (one)
);

--
-- Name: sweep_events(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sweep_events(most integer) RETURNS bigint
    LANGUAGE sql
    SET enable_bitmapscan TO 'on'
    BEGIN ATOMIC
 WITH gone AS (
          DELETE FROM public.events
           WHERE (events.ctid = ANY (ARRAY( SELECT events_1.ctid
                    FROM public.events events_1
                   WHERE (events_1.at < (now() - '3 days'::interval))
                  LIMIT sweep_events.most)))
           RETURNING events.xid
         ), floor AS (
          UPDATE public.events_floor f SET xid = GREATEST(f.xid, g.xid)
            FROM ( SELECT gone_1.xid
                    FROM gone gone_1
                   ORDER BY gone_1.xid DESC
                  LIMIT 1) g
         )
  SELECT count(*) AS count
    FROM gone;
END;

--
-- Name: table_spread(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.table_spread(OUT name text, OUT how text) RETURNS SETOF record
    LANGUAGE sql STABLE
    AS $$
    WITH chosen (how, names) AS (VALUES
        ('reference', '{organisations,accounts,users,memberships,sessions,links,api_keys,numbers}'::text[]),
        ('local', '{queue,turns,pending,calls_due,hang_ups,lines_due,callbacks,callbacks_other,carriers,carrier_events,
                    breakers,paces,tries,heard,number_pool,epoch,events_floor,schema_migrations,sealed_settings}'))
    SELECT c.relname::text, coalesce((SELECT h.how FROM chosen h WHERE c.relname = ANY (h.names)), 'distributed')
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY coalesce((SELECT array_position(h.names, c.relname::text) FROM chosen h WHERE h.how = 'reference'), 1000), c.relname
$$;

--
-- Name: tell_events(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.tell_events() RETURNS trigger
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    PERFORM pg_notify('maitred_events', a.account_id)
    FROM (SELECT DISTINCT account_id FROM told) a;
    RETURN NULL;
END $$;

--
-- Name: template_change(text, text, text, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.template_change(event text, language text, body text, automatic boolean, OUT status integer, OUT reply json) RETURNS record
    LANGUAGE plpgsql
    AS $_$
#variable_conflict use_column
BEGIN
    reply := template_problem(scope(), $1, $2, $3);
    IF reply IS NOT NULL THEN
        status := CASE reply ->> 'code' WHEN 'not_found' THEN 404 ELSE 422 END;
        RETURN;
    END IF;
    INSERT INTO templates AS t (account_id, event, language, body, automatic)
    SELECT scope(), $1, $2, $3, $4 WHERE num_nonnulls($3, $4) > 0
    ON CONFLICT (account_id, event, language) DO UPDATE
        SET body = coalesce(excluded.body, t.body), automatic = coalesce(excluded.automatic, t.automatic),
            changed_at = now()
        WHERE (t.body, t.automatic) IS DISTINCT FROM
              (coalesce(excluded.body, t.body), coalesce(excluded.automatic, t.automatic));
    IF FOUND THEN
        PERFORM audit('template.changed', $1 || '/' || $2, json_strip_nulls(json_build_object(
                    'body', CASE WHEN $3 IS NOT NULL THEN 'changed' END, 'automatic', $4)));
    END IF;
    status := 200;
    reply := template_json(scope(), $1, $2);
END $_$;

--
-- Name: template_of(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.template_of(account text, event text, language text, OUT body text, OUT automatic boolean, OUT is_default boolean) RETURNS record
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $_$
BEGIN
    SELECT coalesce(t.body, d.body), coalesce(t.automatic, d.automatic), t.event IS NULL
    INTO body, automatic, is_default
    FROM default_templates d
    LEFT JOIN templates t
           ON t.account_id = $1 AND t.event = d.event AND t.language = d.language
    WHERE d.event = $2 AND d.language = $3;
END $_$;

--
-- Name: text_events; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.text_events AS
 SELECT t.event,
    t.ordinal,
    (string_to_array(t.names, ' '::text) || '{venue,name,phone,size}'::text[]) AS variables
   FROM ( VALUES ('joined'::text,1,'wait link'::text), ('quote_changed'::text,2,'wait'::text), ('almost_ready'::text,3,'ahead'::text), ('table_ready'::text,4,'hold yes more no'::text), ('second_notice'::text,5,'hold yes no'::text), ('released'::text,6,''::text), ('coming_noted'::text,7,''::text), ('more_time_noted'::text,8,'minutes'::text), ('left_noted'::text,9,''::text), ('booked'::text,10,'when link'::text), ('booking_moved'::text,11,'when'::text), ('booking_cancelled'::text,12,'when'::text), ('reminder'::text,13,'when yes no'::text), ('booking_confirmed'::text,14,'when'::text), ('booking_dropped'::text,15,'when'::text), ('not_expected'::text,16,''::text)) t(event, ordinal, names);

--
-- Name: template_json(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.template_json(account text, event text, language text) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT json_build_object('event', e.event, 'language', template_json.language, 'body', t.body, 'automatic', t.automatic, 'is_default', t.is_default, 'variables', to_json(e.variables), 'encoding', m.encoding, 'segments', m.segments) AS json_build_object FROM public.accounts a, public.text_events e, LATERAL public.template_of(template_json.account, e.event, template_json.language) t(body, automatic, is_default), LATERAL public.made_text(t.body, public.sample_vars(template_json.account, template_json.language), a.fold_texts) m(body, encoding, segments, name_cut) WHERE (((a.account_id)::text = template_json.account) AND (e.event = template_json.event)));

--
-- Name: template_preview(text, text, text, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.template_preview(event text, language text, body text, name text, size bigint, OUT status integer, OUT reply json) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $_$
#variable_conflict use_column
DECLARE
    words  text := coalesce($3, (template_of(scope(), $1, $2)).body);
    vars   jsonb := sample_vars(scope(), $2)
                    || jsonb_strip_nulls(jsonb_build_object('name', $4, 'size', $5));
    whole  record;
    folded record;
BEGIN
    reply := template_problem(scope(), $1, $2, $3);
    IF reply IS NOT NULL THEN
        status := 422;
        RETURN;
    END IF;
    SELECT * INTO whole FROM made_text(words, vars, false);
    SELECT * INTO folded FROM made_text(words, vars, true);
    status := 200;
    reply := json_build_object(
        'text', whole.body, 'encoding', whole.encoding, 'segments', whole.segments,
        'characters', length(whole.body),
        'folded', json_build_object('text', folded.body, 'encoding', folded.encoding,
                                    'segments', folded.segments),
        'name_cut', (SELECT CASE WHEN a.fold_texts THEN folded.name_cut ELSE whole.name_cut END
                     FROM accounts a WHERE a.account_id = scope()));
END $_$;

--
-- Name: template_problem(text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.template_problem(account text, event text, language text, body text) RETURNS json
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $_$
DECLARE
    known   text[] := (SELECT e.variables FROM text_events e WHERE e.event = $2);
    unknown text;
BEGIN
    IF known IS NULL OR language NOT IN ('en', 'es', 'fr') THEN
        RETURN problem('not_found', 'event', 'There is no such event, or no text of it in this language.');
    END IF;
    SELECT m[1] INTO unknown FROM regexp_matches(body, '\{[^{}]*\}', 'g') m
    WHERE m[1] <> ALL (SELECT '{' || v || '}' FROM unnest(known) v) LIMIT 1;
    IF FOUND THEN
        RETURN problem('invalid_field', 'body', format(
            'There is no %s in this text. It may have: %s.', unknown,
            (SELECT string_agg('{' || v || '}', ' ' ORDER BY n) FROM unnest(known) WITH ORDINALITY k (v, n))));
    ELSIF (made_text(body, sample_vars(account, language), true)).segments > 10 THEN
        RETURN problem('invalid_field', 'body', 'With what stands for its variables it is too long to be sent.');
    END IF;
    RETURN NULL;
END $_$;

--
-- Name: template_reset(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.template_reset(event text, language text, OUT status integer, OUT reply json) RETURNS record
    LANGUAGE plpgsql
    AS $_$
#variable_conflict use_column
BEGIN
    reply := template_problem(scope(), $1, $2, '');
    IF reply IS NOT NULL THEN
        status := 404;
        RETURN;
    END IF;
    DELETE FROM templates WHERE account_id = scope() AND event = $1 AND language = $2;
    IF FOUND THEN
        PERFORM audit('template.reset', $1 || '/' || $2, '{}');
    END IF;
    status := 200;
    reply := template_json(scope(), $1, $2);
END $_$;

--
-- Name: text_for(text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.text_for(account text, event text, language text, vars jsonb, OUT automatic boolean, OUT body text, OUT encoding text, OUT segments integer) RETURNS record
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
DECLARE
    a accounts;
    t record;
BEGIN
    SELECT * INTO a FROM accounts WHERE account_id = account;
    SELECT * INTO t
    FROM template_of(account, event, CASE WHEN language IN ('en', 'es', 'fr') THEN language
                                          ELSE a.language END);
    IF t.body IS NULL THEN
        RETURN;
    END IF;
    automatic := t.automatic;
    SELECT m.body, m.encoding, m.segments INTO body, encoding, segments
    FROM made_text(t.body, coalesce(vars, '{}') || account_vars(a.name, a.phone), a.fold_texts) m;
END $$;

--
-- Name: thrifty(text, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.thrifty(whole text, fold boolean, OUT body text, OUT encoding text, OUT segments integer) RETURNS record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    plain record;
BEGIN
    body := whole;
    SELECT * INTO encoding, segments FROM segments_of(whole);
    IF NOT fold OR segments = 1 THEN
        RETURN;
    END IF;
    SELECT f.t AS body, s.* INTO plain FROM (SELECT folded_text(whole)) f (t), segments_of(f.t) s;
    IF plain.segments < segments THEN
        body := plain.body;
        encoding := plain.encoding;
        segments := plain.segments;
    END IF;
END $$;

--
-- Name: was_told(public.messages); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.was_told(m public.messages) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('texted', ((m).channel = 'sms'::text), 'called', ((m).channel = 'voice'::text), 'message_id', (m).message_id, 'body', (m).body, 'encoding', (m).encoding, 'segments', (m).segments);

--
-- Name: told_before(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.told_before(account text, id text) RETURNS json
    LANGUAGE sql STABLE
    RETURN COALESCE((SELECT public.was_told(m.*) AS was_told FROM public.messages m WHERE (((m.account_id)::text = told_before.account) AND ((m.message_id)::text = told_before.id))), public.not_told('not_asked'::text));

--
-- Name: unsay(text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.unsay(account text, about text, guest text, because text, but text DEFAULT ''::text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE messages m SET cancel_reason = because
    FROM queue q
    WHERE q.account_id = account AND q.conversation_id = guest
      AND m.account_id = account AND m.message_id = q.message_id AND m.visit = about
      AND m.direction = 'out' AND m.kind <> but AND m.cancel_reason IS NULL AND m.ended_at IS NULL;
END $$;

--
-- Name: until_then(public.bookings); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.until_then(b public.bookings) RETURNS interval
    LANGUAGE sql STABLE
    RETURN GREATEST(((b).starts_at - now()), '00:10:00'::interval);

--
-- Name: billing; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.billing (
    account_id public.ident NOT NULL,
    state text DEFAULT 'none'::text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    until timestamp with time zone,
    subscription_id text,
    began_at timestamp with time zone,
    manage_url text,
    hints bigint DEFAULT 1 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_by text,
    tries integer DEFAULT 0 NOT NULL,
    why text,
    fetched_at timestamp with time zone,
    counted_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT billing_state_check CHECK ((state = ANY (ARRAY['none'::text, 'future'::text, 'active'::text, 'past_due'::text, 'paused'::text, 'canceled'::text, 'expired'::text, 'failed'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.billing FORCE ROW LEVEL SECURITY;

--
-- Name: usage_count(public.billing, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.usage_count(b public.billing, kinds text[]) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    over  date := (now() AT TIME ZONE 'UTC' - interval '1 hour')::date; -- the first day that is not
    first date := greatest((b.began_at AT TIME ZONE 'UTC')::date, over - 100);
    n     bigint;
BEGIN
    INSERT INTO usage_posts (account_id, day, seq, kind, amount, subscription_id)
    SELECT b.account_id, d.day,
           (SELECT count(*) FROM usage_posts p WHERE p.account_id = b.account_id AND p.day = d.day)
               + row_number() OVER (PARTITION BY d.day ORDER BY d.kind DESC),
           d.kind, d.amount, b.subscription_id
    FROM (SELECT day, kind, sum(v.amount)::bigint AS amount
          FROM (SELECT u.day, u.kind, u.amount FROM usage_of(b.account_id, first) u
                UNION ALL
                SELECT p.day, p.kind, -p.amount FROM usage_posts p
                WHERE p.account_id = b.account_id AND p.day >= first) v
          WHERE v.day >= first AND v.day < over AND v.kind = ANY (kinds)
          GROUP BY 1, 2 HAVING sum(v.amount) <> 0) d;
    GET DIAGNOSTICS n = ROW_COUNT;
    UPDATE billing v SET counted_at = now() WHERE v.account_id = b.account_id;
    RETURN n;
END $$;

--
-- Name: usage_of(text, date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.usage_of(account text, first date) RETURNS TABLE(day date, kind text, amount bigint)
    LANGUAGE sql STABLE
    AS $$
    SELECT (u.at AT TIME ZONE 'UTC')::date, CASE u.channel WHEN 'voice' THEN 'call' ELSE 'sms' END, sum(u.n)::bigint
    FROM (SELECT m.created_at AS at, m.channel, m.state, m.segments AS n FROM messages m
          WHERE m.account_id = account AND m.direction = 'out'
            AND m.message_id >= id_of('msg', first::timestamp AT TIME ZONE 'UTC' - interval '1 hour', 0)
          UNION ALL
          SELECT t.hour, t.channel, t.state, t.segments FROM message_totals t
          WHERE t.account_id = account AND t.direction = 'out' AND t.hour >= first::timestamp AT TIME ZONE 'UTC') u
    WHERE CASE u.channel WHEN 'voice' THEN u.state = 'delivered'
                         ELSE u.state IN ('sent', 'uncertain', 'delivered', 'undelivered') END
      AND u.at >= first::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1, 2
$$;

--
-- Name: venue_enter(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.venue_enter(code text) RETURNS public.accounts
    LANGUAGE plpgsql
    AS $$
DECLARE
    a accounts;
BEGIN
    SELECT * INTO a FROM accounts WHERE check_in_code = code AND check_in
                                     AND barred(account_id) IS DISTINCT FROM 'read_only';
    PERFORM scope_to(coalesce(a.account_id, ''));
    RETURN a;
END $$;

--
-- Name: venue_json(public.accounts); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.venue_json(a public.accounts) RETURNS json
    LANGUAGE sql STABLE
    RETURN json_build_object('name', (a).name, 'phone', (a).phone, 'language', (a).language, 'zone', (a).zone);

--
-- Name: venue_page(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.venue_page(code text, OUT status integer, OUT body json) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    a accounts := venue_enter(code);
BEGIN
    status := CASE WHEN a.account_id IS NULL THEN 404 ELSE 200 END;
    body := CASE WHEN a.account_id IS NULL
                 THEN problem('not_found', 'code', 'Nobody can put themselves down here. Ask the host.')
                 ELSE json_build_object(
                     'venue', venue_json(a),
                     'waiting', (SELECT count(*) FROM parties p
                                 WHERE p.account_id = a.account_id AND p.ended_at IS NULL
                                   AND p.state <> 'pending'),
                     'wait_minutes', CASE WHEN a.show_wait THEN
                         (SELECT minutes FROM wait_estimate(a.account_id, 2, now())) END) END;
END $$;

--
-- Name: visit_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.visit_log (
    account_id public.ident NOT NULL,
    visit public.ident NOT NULL,
    ordinal bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    who text NOT NULL,
    what text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE ONLY public.visit_log FORCE ROW LEVEL SECURITY;

--
-- Name: visit_history(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.visit_history(account text, id text, guest text) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT COALESCE(json_agg(json_build_object('at', public.rfc3339(h.at), 'who', COALESCE(u.name, k.name, h.who), 'what', h.what, 'detail', h.detail, 'message', h.message) ORDER BY h.at, h.nth), '[]'::json) AS "coalesce" FROM (((SELECT l.at, l.who, l.what, l.detail, NULL::json AS message, l.ordinal AS nth FROM public.visit_log l WHERE (((l.account_id)::text = visit_history.account) AND ((l.visit)::text = visit_history.id)) UNION ALL SELECT m.created_at, CASE m.direction WHEN 'in'::text THEN 'guest'::text ELSE 'maitred'::text END AS "case", CASE WHEN (m.channel = 'voice'::text) THEN 'called'::text WHEN (m.direction = 'in'::text) THEN 'wrote'::text ELSE 'texted'::text END AS "case", '{}'::jsonb, public.message_json(m.*) AS message_json, 0 FROM public.messages m WHERE (((m.account_id)::text = visit_history.account) AND ((m.conversation_id)::text = visit_history.guest) AND ((m.visit)::text = visit_history.id))) h LEFT JOIN public.users u ON (((u.user_id)::text = h.who))) LEFT JOIN public.api_keys k ON ((((k.account_id)::text = visit_history.account) AND ((k.key_id)::text = h.who)))));

--
-- Name: visit_note(text, text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.visit_note(account text, id text, who text, done text, more jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO visit_log (account_id, visit, who, what, detail)
    VALUES (account, id, who, done, coalesce(more, '{}'));
END $$;

--
-- Name: visit_stale(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.visit_stale() RETURNS json
    LANGUAGE sql IMMUTABLE
    RETURN public.problem('conflict'::text, 'version'::text, 'Somebody changed it meanwhile. Look at it as it is now, then decide again.'::text);

--
-- Name: wait_ahead(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wait_ahead(account text, size integer) RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
BEGIN
    RETURN (SELECT count(*) FROM parties p
            WHERE p.account_id = account AND p.ended_at IS NULL AND p.state <> 'pending'
              AND wait_size(p.size) = wait_size(wait_ahead.size));
END $$;

--
-- Name: wait_estimate(text, integer, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wait_estimate(account text, size integer, at timestamp with time zone, OUT minutes integer, OUT basis text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    venue record;
    gap   real;
BEGIN
    SELECT a.default_wait_minutes, a.estimates AND r.served >= 50 AS known,
           at AT TIME ZONE a.zone AS there
    INTO venue
    FROM accounts a LEFT JOIN wait_refreshes r USING (account_id) WHERE a.account_id = account;
    IF venue.known THEN
        SELECT g.average_s INTO gap FROM wait_gaps g
        WHERE g.account_id = account AND g.size IN (wait_size(wait_estimate.size), 0)
          AND g.weekday IN (extract(isodow FROM venue.there), 0)
          AND g.hour IN (extract(hour FROM venue.there), -1)
        ORDER BY g.size DESC, g.weekday DESC, g.hour DESC LIMIT 1;
    END IF;
    basis := CASE WHEN gap IS NULL THEN 'default' ELSE 'history' END;
    minutes := coalesce(ceil(gap * (wait_ahead(account, size) + 1) / 300) * 5,
                        venue.default_wait_minutes);
END $$;

--
-- Name: wait_night(timestamp with time zone, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wait_night(at timestamp with time zone, zone text) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (((at AT TIME ZONE zone) - '04:00:00'::interval))::date;

--
-- Name: wait_size(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wait_size(size integer) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (LEAST(size, 9))::smallint;

--
-- Name: breakers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.breakers (
    provider text NOT NULL,
    operation text NOT NULL,
    state text DEFAULT 'closed'::text NOT NULL,
    open_until timestamp with time zone,
    times integer DEFAULT 0 NOT NULL,
    probe_by text,
    probe_until timestamp with time zone,
    shift smallint DEFAULT 0 NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT breakers_operation_check CHECK ((operation = ANY (ARRAY['send'::text, 'ask'::text]))),
    CONSTRAINT breakers_shift_check CHECK (((shift >= 0) AND (shift <= 100))),
    CONSTRAINT breakers_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text])))
)
WITH (fillfactor='50');

--
-- Name: callbacks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.callbacks (
    batch_at timestamp with time zone NOT NULL,
    batch_id public.ident NOT NULL,
    ordinal integer NOT NULL,
    provider text NOT NULL,
    target text NOT NULL,
    content_type text NOT NULL,
    body text NOT NULL
)
PARTITION BY RANGE (batch_at);

--
-- Name: callbacks_other; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.callbacks_other (
    batch_at timestamp with time zone NOT NULL,
    batch_id public.ident NOT NULL,
    ordinal integer NOT NULL,
    provider text NOT NULL,
    target text NOT NULL,
    content_type text NOT NULL,
    body text NOT NULL
);

--
-- Name: carrier_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.carrier_events (
    provider text NOT NULL,
    event_id public.ident NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    operation text NOT NULL,
    what text NOT NULL,
    who text NOT NULL,
    reason text NOT NULL
);

--
-- Name: carriers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.carriers (
    provider text NOT NULL,
    drained_at timestamp with time zone,
    drained_why text,
    unheard integer DEFAULT 0 NOT NULL,
    alarmed_at timestamp with time zone
);

--
-- Name: consent_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.consent_log (
    account_id public.ident NOT NULL,
    phone text NOT NULL,
    event_id text NOT NULL,
    action text NOT NULL,
    word text NOT NULL,
    provider text,
    number text,
    at timestamp with time zone DEFAULT now() NOT NULL,
    via text DEFAULT 'guest'::text NOT NULL,
    key_id public.ident,
    user_id public.ident,
    CONSTRAINT consent_log_action_check CHECK ((action = ANY (ARRAY['stop'::text, 'start'::text, 'help'::text, 'flag'::text, 'clear'::text, 'given'::text]))),
    CONSTRAINT consent_log_via_check CHECK ((via = ANY (ARRAY['guest'::text, 'carrier'::text, 'staff'::text])))
);

ALTER TABLE ONLY public.consent_log FORCE ROW LEVEL SECURITY;

--
-- Name: default_templates; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.default_templates AS
 SELECT t.event,
    t.language,
    b.body,
    (t.event <> ALL (ARRAY['almost_ready'::text, 'second_notice'::text, 'not_expected'::text])) AS automatic
   FROM (( VALUES ('joined'::text,'en'::text,'You''re on the list, {name}, party of {size}. Wait: {wait}. View or cancel: {link} Reply STOP to opt out.'::text), ('joined'::text,'es'::text,'Anotamos su grupo de {size}, {name}. Espera: {wait}. Ver o cancelar: {link} Responda STOP para darse de baja.'::text), ('joined'::text,'fr'::text,'{name}, c''est noté pour {size}. Attente : {wait}. Voir ou annuler : {link} Répondez STOP pour vous désabonner.'::text), ('quote_changed'::text,'en'::text,'{name}, your estimated wait is now {wait}. If your plans change, reply to this text.'::text), ('quote_changed'::text,'es'::text,'{name}, su espera estimada ahora es de {wait}. Si cambia de planes, responda a este mensaje.'::text), ('quote_changed'::text,'fr'::text,'{name}, votre attente est maintenant d''environ {wait}. Si vos plans changent, répondez à ce texto.'::text), ('almost_ready'::text,'en'::text,'You''re nearly up, {name}. Parties ahead of you: {ahead}. Please head back. If your plans change, reply to this text.'::text), ('almost_ready'::text,'es'::text,'{name}, ya casi le toca. Grupos delante de usted: {ahead}. Por favor, regrese. Si cambia de planes, responda a este mensaje.'::text), ('almost_ready'::text,'fr'::text,'{name}, votre tour approche. Groupes avant vous : {ahead}. Merci de revenir. Si vos plans changent, répondez à ce texto.'::text), ('table_ready'::text,'en'::text,'{name}, your table is ready! Please see the host within {hold} min. Reply {yes} if you''re coming, {more} for more time, {no} to give up the table.'::text), ('table_ready'::text,'es'::text,'{name}, ¡ya tenemos su mesa! Tiene {hold} min para llegar. Responda {yes} si ya viene, {more} si necesita tiempo, {no} para ceder la mesa.'::text), ('table_ready'::text,'fr'::text,'{name}, votre table vous attend! Venez à l''accueil d''ici {hold} min. Répondez {yes} si vous arrivez, {more} pour plus de temps, {no} pour la laisser.'::text), ('second_notice'::text,'en'::text,'{name}, we''re still holding your table, for {hold} more min. Reply {yes} if you''re on the way or {no} to give up the table.'::text), ('second_notice'::text,'es'::text,'{name}, seguimos guardando su mesa: le quedan {hold} min. Responda {yes} si ya viene o {no} para ceder la mesa.'::text), ('second_notice'::text,'fr'::text,'{name}, nous gardons votre table encore {hold} min. Répondez {yes} si vous arrivez ou {no} pour laisser la table.'::text), ('released'::text,'en'::text,'{name}, we''ve released your table because we didn''t hear from you. If you''d still like one, reply to this text.'::text), ('released'::text,'es'::text,'{name}, liberamos su mesa porque no recibimos respuesta. Si quiere otra, responda a este mensaje.'::text), ('released'::text,'fr'::text,'{name}, sans réponse de votre part, nous avons cédé votre table. Pour en avoir une autre, répondez à ce texto.'::text), ('coming_noted'::text,'en'::text,'Great, see you soon!'::text), ('coming_noted'::text,'es'::text,'¡Perfecto, nos vemos pronto!'::text), ('coming_noted'::text,'fr'::text,'Parfait, à tout de suite!'::text), ('more_time_noted'::text,'en'::text,'OK, {minutes} more min. See you soon!'::text), ('more_time_noted'::text,'es'::text,'De acuerdo, {minutes} min extra. ¡Nos vemos pronto!'::text), ('more_time_noted'::text,'fr'::text,'D''accord, {minutes} min de plus. On vous attend!'::text), ('left_noted'::text,'en'::text,'You''re off the list. Thanks for letting us know!'::text), ('left_noted'::text,'es'::text,'Ya no tiene lugar en la lista. ¡Gracias por avisar!'::text), ('left_noted'::text,'fr'::text,'Vous n''avez plus de place sur la liste. Merci de nous avoir prévenus!'::text), ('booked'::text,'en'::text,'You''re booked for {when}, party of {size}. Change or cancel: {link} Reply STOP to opt out.'::text), ('booked'::text,'es'::text,'Su reserva: {when}, grupo de {size}. Cambiar o cancelar: {link} Responda STOP para darse de baja.'::text), ('booked'::text,'fr'::text,'Réservé pour {size} : {when}. Modifier ou annuler : {link} Répondez STOP pour vous désabonner.'::text), ('booking_moved'::text,'en'::text,'Your booking is now {when}, party of {size}. If that doesn''t suit you, reply to this text.'::text), ('booking_moved'::text,'es'::text,'Su reserva ahora es para el {when}, grupo de {size}. Si no le conviene, responda a este mensaje.'::text), ('booking_moved'::text,'fr'::text,'Votre réservation est maintenant le {when}, groupe de {size}. Si cela ne convient pas, répondez à ce texto.'::text), ('booking_cancelled'::text,'en'::text,'Your booking for {when} has been cancelled. If that surprises you, reply to this text.'::text), ('booking_cancelled'::text,'es'::text,'Su reserva del {when} fue cancelada. Si le sorprende, responda a este mensaje.'::text), ('booking_cancelled'::text,'fr'::text,'Votre réservation du {when} a été annulée. Si cela vous surprend, répondez à ce texto.'::text), ('reminder'::text,'en'::text,'Reminder - you''re booked for {when}, party of {size}. Reply {yes} to confirm or {no} to cancel.'::text), ('reminder'::text,'es'::text,'Le recordamos su reserva: {when}, grupo de {size}. Responda {yes} para confirmar o {no} para cancelar.'::text), ('reminder'::text,'fr'::text,'Rappel de votre réservation : {when}, groupe de {size}. Répondez {yes} pour confirmer ou {no} pour annuler.'::text), ('booking_confirmed'::text,'en'::text,'Thanks, you''re confirmed for {when}. See you then!'::text), ('booking_confirmed'::text,'es'::text,'Gracias, su reserva del {when} queda confirmada. ¡Nos vemos!'::text), ('booking_confirmed'::text,'fr'::text,'Merci, votre réservation du {when} est confirmée. On vous attend!'::text), ('booking_dropped'::text,'en'::text,'Your booking for {when} is cancelled. Thanks for letting us know!'::text), ('booking_dropped'::text,'es'::text,'Su reserva del {when} queda cancelada. ¡Gracias por avisar!'::text), ('booking_dropped'::text,'fr'::text,'Votre réservation du {when} est annulée. Merci de nous avoir prévenus!'::text), ('not_expected'::text,'en'::text,'Thanks for your text. We have no table or booking for this number. Please call us at {phone}.'::text), ('not_expected'::text,'es'::text,'Gracias por su mensaje. No encontramos mesa ni reserva con este teléfono. Llame al {phone}.'::text), ('not_expected'::text,'fr'::text,'Merci pour votre texto. Nous ne trouvons ni table ni réservation à ce numéro. Appelez-nous au {phone}.'::text)) t(event, language, rest)
     CROSS JOIN LATERAL ( SELECT (
                CASE t.language
                    WHEN 'fr'::text THEN '{venue} : '::text
                    ELSE '{venue}: '::text
                END || t.rest) AS body) b);

--
-- Name: erasures; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.erasures (
    account_id public.ident NOT NULL,
    erasure_id public.ident NOT NULL,
    phone_hash text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone DEFAULT now() NOT NULL,
    who text NOT NULL,
    erased json NOT NULL
);

ALTER TABLE ONLY public.erasures FORCE ROW LEVEL SECURITY;

--
-- Name: events_seq_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.events ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.events_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: hang_ups; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.hang_ups (
    account_id public.ident NOT NULL,
    attempt_id public.ident NOT NULL,
    provider text NOT NULL,
    carrier_id text NOT NULL
);

ALTER TABLE ONLY public.hang_ups FORCE ROW LEVEL SECURITY;

--
-- Name: kind_settings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kind_settings (
    account_id public.ident NOT NULL,
    kind text NOT NULL,
    arrive_within_s integer NOT NULL,
    CONSTRAINT kind_settings_arrive_within_s_check CHECK ((arrive_within_s > 0))
);

ALTER TABLE ONLY public.kind_settings FORCE ROW LEVEL SECURITY;

--
-- Name: lines_due; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.lines_due (
    account_id public.ident NOT NULL
);

ALTER TABLE ONLY public.lines_due FORCE ROW LEVEL SECURITY;

--
-- Name: number_pool; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.number_pool (
    provider text NOT NULL,
    phone text NOT NULL,
    kind text DEFAULT '10dlc'::text NOT NULL,
    CONSTRAINT number_pool_kind_check CHECK ((kind = ANY (ARRAY['10dlc'::text, 'toll_free'::text, 'long_code'::text])))
);

--
-- Name: open_visits; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.open_visits WITH (security_invoker='true') AS
 SELECT parties.account_id,
    parties.conversation_id,
    parties.party_id AS visit,
    'party'::text AS what,
    parties.slot,
    parties.asked_at,
    parties.answered_at
   FROM public.parties
  WHERE ((parties.ended_at IS NULL) AND (parties.state <> 'pending'::text))
UNION ALL
 SELECT bookings.account_id,
    bookings.conversation_id,
    bookings.booking_id AS visit,
    'booking'::text AS what,
    bookings.slot,
    bookings.asked_at,
    bookings.answered_at
   FROM public.bookings
  WHERE ((bookings.ended_at IS NULL) AND (bookings.starts_at > (now() - '06:00:00'::interval)));

--
-- Name: opt_outs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.opt_outs (
    account_id public.ident NOT NULL,
    phone_hash text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL,
    via text NOT NULL,
    CONSTRAINT opt_outs_phone_hash_check CHECK ((length(phone_hash) = 64))
);

ALTER TABLE ONLY public.opt_outs FORCE ROW LEVEL SECURITY;

--
-- Name: organisations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organisations (
    organisation_id public.ident NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.organisations FORCE ROW LEVEL SECURITY;

--
-- Name: paces; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.paces (
    gate text NOT NULL,
    free_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

--
-- Name: pending; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pending (
    batch_at timestamp with time zone NOT NULL,
    batch_id public.ident NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (fillfactor='50');

--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: sealed_settings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sealed_settings (
    name text NOT NULL,
    key_id text NOT NULL,
    sealed text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: templates; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.templates (
    account_id public.ident NOT NULL,
    event text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL,
    body text,
    automatic boolean,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT templates_check CHECK (((body IS NOT NULL) OR (automatic IS NOT NULL))),
    CONSTRAINT templates_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text, 'fr'::text])))
);

ALTER TABLE ONLY public.templates FORCE ROW LEVEL SECURITY;

--
-- Name: tries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tries (
    gate text NOT NULL,
    free_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

--
-- Name: turns; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.turns (
    account_id public.ident NOT NULL,
    turn_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.turns FORCE ROW LEVEL SECURITY;

--
-- Name: usage_posts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.usage_posts (
    account_id public.ident NOT NULL,
    day date NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    subscription_id text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    usage_id text,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_by text,
    tries integer DEFAULT 0 NOT NULL,
    why text,
    posted_at timestamp with time zone,
    CONSTRAINT usage_posts_amount_check CHECK ((amount <> 0)),
    CONSTRAINT usage_posts_kind_check CHECK ((kind = ANY (ARRAY['sms'::text, 'call'::text]))),
    CONSTRAINT usage_posts_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'posted'::text, 'dropped'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.usage_posts FORCE ROW LEVEL SECURITY;

--
-- Name: visit_log_ordinal_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.visit_log ALTER COLUMN ordinal ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.visit_log_ordinal_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: wait_gaps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.wait_gaps (
    account_id public.ident NOT NULL,
    size smallint NOT NULL,
    weekday smallint NOT NULL,
    hour smallint NOT NULL,
    gaps integer NOT NULL,
    average_s real NOT NULL
);

ALTER TABLE ONLY public.wait_gaps FORCE ROW LEVEL SECURITY;

--
-- Name: wait_refreshes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.wait_refreshes (
    account_id public.ident NOT NULL,
    night date NOT NULL,
    served integer NOT NULL
);

ALTER TABLE ONLY public.wait_refreshes FORCE ROW LEVEL SECURITY;

--
-- Name: callbacks_other; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callbacks ATTACH PARTITION public.callbacks_other DEFAULT;

--
-- Name: accounts accounts_check_in_code_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_check_in_code_key UNIQUE (check_in_code);

--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id);

--
-- Name: api_keys api_keys_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);

--
-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (account_id, key_id);

--
-- Name: attempts attempts_account_id_message_id_ordinal_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_account_id_message_id_ordinal_key UNIQUE (account_id, message_id, ordinal);

--
-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (account_id, attempt_id);

--
-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (account_id, ordinal);

--
-- Name: billing billing_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.billing
    ADD CONSTRAINT billing_pkey PRIMARY KEY (account_id);

--
-- Name: bookings bookings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_pkey PRIMARY KEY (account_id, booking_id);

--
-- Name: bookings bookings_token_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_token_key UNIQUE (token);

--
-- Name: breakers breakers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.breakers
    ADD CONSTRAINT breakers_pkey PRIMARY KEY (provider, operation);

--
-- Name: callbacks callbacks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_pkey PRIMARY KEY (batch_at, batch_id, ordinal);

--
-- Name: callbacks_other callbacks_other_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callbacks_other
    ADD CONSTRAINT callbacks_other_pkey PRIMARY KEY (batch_at, batch_id, ordinal);

--
-- Name: calls_due calls_due_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_due
    ADD CONSTRAINT calls_due_pkey PRIMARY KEY (account_id, visit);

--
-- Name: calls calls_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (account_id, message_id);

--
-- Name: carrier_events carrier_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carrier_events
    ADD CONSTRAINT carrier_events_pkey PRIMARY KEY (provider, event_id);

--
-- Name: carriers carriers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carriers
    ADD CONSTRAINT carriers_pkey PRIMARY KEY (provider);

--
-- Name: consent_log consent_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consent_log
    ADD CONSTRAINT consent_log_pkey PRIMARY KEY (account_id, phone, event_id);

--
-- Name: conversations conversations_account_id_phone_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_account_id_phone_key UNIQUE (account_id, phone);

--
-- Name: conversations conversations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (account_id, conversation_id);

--
-- Name: deliveries deliveries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (account_id, delivery_id);

--
-- Name: endpoints endpoints_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.endpoints
    ADD CONSTRAINT endpoints_pkey PRIMARY KEY (account_id, endpoint_id);

--
-- Name: epoch epoch_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.epoch
    ADD CONSTRAINT epoch_pkey PRIMARY KEY (one);

--
-- Name: erased_texts erased_texts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erased_texts
    ADD CONSTRAINT erased_texts_pkey PRIMARY KEY (account_id, provider, carrier_id);

--
-- Name: erasures erasures_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (account_id, erasure_id);

--
-- Name: events_floor events_floor_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events_floor
    ADD CONSTRAINT events_floor_pkey PRIMARY KEY (one);

--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (account_id, xid, seq);

--
-- Name: hang_ups hang_ups_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hang_ups
    ADD CONSTRAINT hang_ups_pkey PRIMARY KEY (account_id, attempt_id);

--
-- Name: heard heard_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.heard
    ADD CONSTRAINT heard_pkey PRIMARY KEY (provider);

--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (account_id, key);

--
-- Name: kind_settings kind_settings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kind_settings
    ADD CONSTRAINT kind_settings_pkey PRIMARY KEY (account_id, kind);

--
-- Name: lines_due lines_due_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.lines_due
    ADD CONSTRAINT lines_due_pkey PRIMARY KEY (account_id);

--
-- Name: links links_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_hash_key UNIQUE (hash);

--
-- Name: links links_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (link_id);

--
-- Name: memberships memberships_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (account_id, user_id);

--
-- Name: message_totals message_totals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.message_totals
    ADD CONSTRAINT message_totals_pkey PRIMARY KEY (account_id, hour, direction, channel, kind, state, code);

--
-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (account_id, message_id);

--
-- Name: number_pool number_pool_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_pool
    ADD CONSTRAINT number_pool_pkey PRIMARY KEY (provider, phone);

--
-- Name: numbers numbers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.numbers
    ADD CONSTRAINT numbers_pkey PRIMARY KEY (account_id, number_id);

--
-- Name: numbers numbers_provider_phone_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.numbers
    ADD CONSTRAINT numbers_provider_phone_key UNIQUE (provider, phone);

--
-- Name: opt_outs opt_outs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.opt_outs
    ADD CONSTRAINT opt_outs_pkey PRIMARY KEY (account_id, phone_hash);

--
-- Name: organisations organisations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.organisations
    ADD CONSTRAINT organisations_pkey PRIMARY KEY (organisation_id);

--
-- Name: paces paces_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paces
    ADD CONSTRAINT paces_pkey PRIMARY KEY (gate);

--
-- Name: parties parties_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parties
    ADD CONSTRAINT parties_pkey PRIMARY KEY (account_id, party_id);

--
-- Name: parties parties_token_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parties
    ADD CONSTRAINT parties_token_key UNIQUE (token);

--
-- Name: pending pending_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pending
    ADD CONSTRAINT pending_pkey PRIMARY KEY (batch_at, batch_id);

--
-- Name: queue queue_pkey1; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.queue
    ADD CONSTRAINT queue_pkey1 PRIMARY KEY (account_id, conversation_id, message_id);

--
-- Name: quick_replies quick_replies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.quick_replies
    ADD CONSTRAINT quick_replies_pkey PRIMARY KEY (account_id, quick_reply_id);

--
-- Name: receipts receipts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (account_id, attempt_id, event_id);

--
-- Name: retained retained_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retained
    ADD CONSTRAINT retained_pkey PRIMARY KEY (account_id, what);

--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

--
-- Name: sealed_settings sealed_settings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sealed_settings
    ADD CONSTRAINT sealed_settings_pkey PRIMARY KEY (name);

--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (organisation_id, session_id);

--
-- Name: sessions sessions_session_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_session_id_key UNIQUE (session_id);

--
-- Name: templates templates_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (account_id, event, language);

--
-- Name: tries tries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tries
    ADD CONSTRAINT tries_pkey PRIMARY KEY (gate);

--
-- Name: turns turns_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (account_id);

--
-- Name: usage_posts usage_posts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.usage_posts
    ADD CONSTRAINT usage_posts_pkey PRIMARY KEY (account_id, day, seq);

--
-- Name: users users_login_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_login_key UNIQUE (login);

--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (organisation_id, user_id);

--
-- Name: users users_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_user_id_key UNIQUE (user_id);

--
-- Name: visit_log visit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.visit_log
    ADD CONSTRAINT visit_log_pkey PRIMARY KEY (account_id, visit, ordinal);

--
-- Name: wait_gaps wait_gaps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wait_gaps
    ADD CONSTRAINT wait_gaps_pkey PRIMARY KEY (account_id, size, weekday, hour);

--
-- Name: wait_refreshes wait_refreshes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wait_refreshes
    ADD CONSTRAINT wait_refreshes_pkey PRIMARY KEY (account_id);

--
-- Name: attempts_accepted; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX attempts_accepted ON public.attempts USING btree (opened_at) WHERE (state = 'accepted'::text);

--
-- Name: attempts_by_carrier_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX attempts_by_carrier_id ON public.attempts USING btree (provider, carrier_id) WHERE (carrier_id IS NOT NULL);

--
-- Name: attempts_one_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX attempts_one_live ON public.attempts USING btree (account_id, message_id) WHERE (state = ANY (ARRAY['intent'::text, 'ambiguous'::text, 'accepted'::text]));

--
-- Name: billing_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX billing_due ON public.billing USING btree (due_at);

--
-- Name: bookings_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX bookings_by_time ON public.bookings USING btree (account_id, starts_at, booking_id);

--
-- Name: bookings_of_guest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX bookings_of_guest ON public.bookings USING btree (account_id, conversation_id, booking_id);

--
-- Name: bookings_remind; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX bookings_remind ON public.bookings USING btree (remind_at) WHERE (remind_at IS NOT NULL);

--
-- Name: consent_log_stops; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX consent_log_stops ON public.consent_log USING btree (account_id, at) WHERE (action = 'stop'::text);

--
-- Name: conversations_flagged; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_flagged ON public.conversations USING btree (account_id) WHERE (opted_out_via = 'flag'::text);

--
-- Name: conversations_latest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX conversations_latest ON public.conversations USING btree (account_id, last_message_id);

--
-- Name: deliveries_claimed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_claimed ON public.deliveries USING btree (account_id, endpoint_id) WHERE (claimed_by IS NOT NULL);

--
-- Name: deliveries_ended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_ended ON public.deliveries USING btree (ended_at) WHERE (ended_at IS NOT NULL);

--
-- Name: deliveries_of_endpoint; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_of_endpoint ON public.deliveries USING btree (account_id, endpoint_id, delivery_id);

--
-- Name: deliveries_of_subject; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_of_subject ON public.deliveries USING btree (account_id, subject);

--
-- Name: deliveries_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_waiting ON public.deliveries USING btree (account_id, endpoint_id, due_at) WHERE (state = 'waiting'::text);

--
-- Name: erased_texts_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX erased_texts_by_age ON public.erased_texts USING btree (at);

--
-- Name: events_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX events_by_age ON public.events USING brin (at);

--
-- Name: idempotency_keys_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

--
-- Name: idempotency_keys_ours; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_ours ON public.idempotency_keys USING btree (created_at) WHERE (key ~~ 'one\_%'::text);

--
-- Name: links_of_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX links_of_account ON public.links USING btree (account_id, link_id);

--
-- Name: links_to_mail; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX links_to_mail ON public.links USING btree (mail_due_at) WHERE (mail = 'queued'::text);

--
-- Name: memberships_of_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX memberships_of_user ON public.memberships USING btree (user_id);

--
-- Name: messages_of_conversation; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_of_conversation ON public.messages USING btree (account_id, conversation_id, message_id);

--
-- Name: messages_planned; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_planned ON public.messages USING btree (account_id, send_at) WHERE (send_at IS NOT NULL);

--
-- Name: messages_received_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX messages_received_once ON public.messages USING btree (account_id, provider, carrier_id) WHERE (direction = 'in'::text);

--
-- Name: parties_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parties_by_time ON public.parties USING btree (account_id, created_at, party_id);

--
-- Name: parties_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parties_due ON public.parties USING btree (due_at) WHERE (due_at IS NOT NULL);

--
-- Name: parties_of_guest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parties_of_guest ON public.parties USING btree (account_id, conversation_id, party_id);

--
-- Name: parties_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parties_open ON public.parties USING btree (account_id, place) WHERE (ended_at IS NULL);

--
-- Name: queue_lapsed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX queue_lapsed ON public.queue USING btree (lapses, turn_at) WHERE (lapses > 0);

--
-- Name: queue_turn; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX queue_turn ON public.queue USING btree (priority, turn_at);

--
-- Name: retained_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX retained_due ON public.retained USING btree (due_at);

--
-- Name: sessions_of_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_of_user ON public.sessions USING btree (user_id);

--
-- Name: usage_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX usage_due ON public.usage_posts USING btree (due_at) WHERE (state = 'waiting'::text);

--
-- Name: callbacks_other_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.callbacks_pkey ATTACH PARTITION public.callbacks_other_pkey;

--
-- Name: messages added; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER added AFTER INSERT ON public.messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.message_added();

--
-- Name: audit_log append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

--
-- Name: erasures append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.erasures FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

--
-- Name: bookings changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER changed AFTER UPDATE ON public.bookings FOR EACH ROW WHEN ((new.version <> old.version)) EXECUTE FUNCTION public.booking_changed();

--
-- Name: messages changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER changed AFTER UPDATE ON public.messages REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.message_changed();

--
-- Name: parties changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER changed AFTER UPDATE ON public.parties FOR EACH ROW WHEN ((new.version <> old.version)) EXECUTE FUNCTION public.party_changed();

--
-- Name: conversations consent_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER consent_changed AFTER UPDATE ON public.conversations FOR EACH ROW WHEN (((new.opted_out_at IS DISTINCT FROM old.opted_out_at) OR (new.opted_out_via IS DISTINCT FROM old.opted_out_via))) EXECUTE FUNCTION public.consent_changed();

--
-- Name: messages never_backwards; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER never_backwards BEFORE UPDATE OF state, rank ON public.messages FOR EACH ROW WHEN ((new.rank < old.rank)) EXECUTE FUNCTION public.refuse_lower_rank();

--
-- Name: conversations remember_opt_out; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER remember_opt_out AFTER INSERT ON public.conversations FOR EACH ROW EXECUTE FUNCTION public.remember_opt_out();

--
-- Name: events tell; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER tell AFTER INSERT ON public.events REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION public.tell_events();

--
-- Name: events to_endpoints; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER to_endpoints AFTER INSERT ON public.events REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.queue_deliveries();

--
-- Name: bookings told; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER told AFTER INSERT OR DELETE ON public.bookings FOR EACH ROW EXECUTE FUNCTION public.booking_changed();

--
-- Name: parties told; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER told AFTER INSERT OR DELETE ON public.parties FOR EACH ROW EXECUTE FUNCTION public.party_changed();

--
-- Name: accounts accounts_organisation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(organisation_id);

--
-- Name: api_keys api_keys_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: billing billing_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.billing
    ADD CONSTRAINT billing_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id) ON DELETE CASCADE;

--
-- Name: bookings bookings_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: consent_log consent_log_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consent_log
    ADD CONSTRAINT consent_log_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: endpoints endpoints_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.endpoints
    ADD CONSTRAINT endpoints_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: erasures erasures_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: idempotency_keys idempotency_keys_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: kind_settings kind_settings_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kind_settings
    ADD CONSTRAINT kind_settings_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: links links_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: links links_organisation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(organisation_id);

--
-- Name: memberships memberships_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: memberships memberships_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(user_id);

--
-- Name: messages messages_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: numbers numbers_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.numbers
    ADD CONSTRAINT numbers_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: opt_outs opt_outs_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.opt_outs
    ADD CONSTRAINT opt_outs_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: parties parties_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parties
    ADD CONSTRAINT parties_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: quick_replies quick_replies_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.quick_replies
    ADD CONSTRAINT quick_replies_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: sessions sessions_organisation_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_organisation_id_user_id_fkey FOREIGN KEY (organisation_id, user_id) REFERENCES public.users(organisation_id, user_id);

--
-- Name: templates templates_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: usage_posts usage_posts_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.usage_posts
    ADD CONSTRAINT usage_posts_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id) ON DELETE CASCADE;

--
-- Name: users users_organisation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(organisation_id);

--
-- Name: wait_gaps wait_gaps_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wait_gaps
    ADD CONSTRAINT wait_gaps_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id) ON DELETE CASCADE;

--
-- Name: wait_refreshes wait_refreshes_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wait_refreshes
    ADD CONSTRAINT wait_refreshes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id) ON DELETE CASCADE;

--
-- Name: accounts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;

--
-- Name: api_keys; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: attempts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.attempts ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_log; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

--
-- Name: billing; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.billing ENABLE ROW LEVEL SECURITY;

--
-- Name: bookings; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.bookings ENABLE ROW LEVEL SECURITY;

--
-- Name: calls; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.calls ENABLE ROW LEVEL SECURITY;

--
-- Name: calls_due; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.calls_due ENABLE ROW LEVEL SECURITY;

--
-- Name: consent_log; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.consent_log ENABLE ROW LEVEL SECURITY;

--
-- Name: conversations; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;

--
-- Name: deliveries; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.deliveries ENABLE ROW LEVEL SECURITY;

--
-- Name: endpoints; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.endpoints ENABLE ROW LEVEL SECURITY;

--
-- Name: erased_texts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.erased_texts ENABLE ROW LEVEL SECURITY;

--
-- Name: erasures; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.erasures ENABLE ROW LEVEL SECURITY;

--
-- Name: events; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;

--
-- Name: hang_ups; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.hang_ups ENABLE ROW LEVEL SECURITY;

--
-- Name: idempotency_keys; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: kind_settings; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.kind_settings ENABLE ROW LEVEL SECURITY;

--
-- Name: lines_due; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.lines_due ENABLE ROW LEVEL SECURITY;

--
-- Name: links; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.links ENABLE ROW LEVEL SECURITY;

--
-- Name: memberships; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.memberships ENABLE ROW LEVEL SECURITY;

--
-- Name: message_totals; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.message_totals ENABLE ROW LEVEL SECURITY;

--
-- Name: messages; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;

--
-- Name: numbers; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.numbers ENABLE ROW LEVEL SECURITY;

--
-- Name: accounts one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.accounts USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: api_keys one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.api_keys USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: attempts one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.attempts USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: audit_log one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.audit_log USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: billing one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.billing USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: bookings one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.bookings USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: calls one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.calls USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: calls_due one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.calls_due USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: consent_log one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.consent_log USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: conversations one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.conversations USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: deliveries one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.deliveries USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: endpoints one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.endpoints USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: erased_texts one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.erased_texts USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: erasures one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.erasures USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: events one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.events USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: hang_ups one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.hang_ups USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: idempotency_keys one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.idempotency_keys USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: kind_settings one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.kind_settings USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: lines_due one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.lines_due USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: links one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.links USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: memberships one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.memberships USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: message_totals one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.message_totals USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: messages one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.messages USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: numbers one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.numbers USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: opt_outs one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.opt_outs USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: parties one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.parties USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: queue one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.queue USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: quick_replies one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.quick_replies USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: receipts one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.receipts USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: retained one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.retained USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: templates one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.templates USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: turns one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.turns USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: usage_posts one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.usage_posts USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: visit_log one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.visit_log USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: wait_gaps one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.wait_gaps USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: wait_refreshes one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.wait_refreshes USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: organisations one_organisation; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_organisation ON public.organisations USING ((((organisation_id)::text = ( SELECT public.scope_organisation() AS scope_organisation)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: sessions one_organisation; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_organisation ON public.sessions USING ((((organisation_id)::text = ( SELECT public.scope_organisation() AS scope_organisation)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: users one_organisation; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_organisation ON public.users USING ((((organisation_id)::text = ( SELECT public.scope_organisation() AS scope_organisation)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: opt_outs; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.opt_outs ENABLE ROW LEVEL SECURITY;

--
-- Name: organisations; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.organisations ENABLE ROW LEVEL SECURITY;

--
-- Name: parties; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.parties ENABLE ROW LEVEL SECURITY;

--
-- Name: queue; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.queue ENABLE ROW LEVEL SECURITY;

--
-- Name: quick_replies; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.quick_replies ENABLE ROW LEVEL SECURITY;

--
-- Name: receipts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.receipts ENABLE ROW LEVEL SECURITY;

--
-- Name: retained; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.retained ENABLE ROW LEVEL SECURITY;

--
-- Name: sessions; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

--
-- Name: templates; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.templates ENABLE ROW LEVEL SECURITY;

--
-- Name: turns; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.turns ENABLE ROW LEVEL SECURITY;

--
-- Name: usage_posts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.usage_posts ENABLE ROW LEVEL SECURITY;

--
-- Name: users; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

--
-- Name: visit_log; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.visit_log ENABLE ROW LEVEL SECURITY;

--
-- Name: wait_gaps; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.wait_gaps ENABLE ROW LEVEL SECURITY;

--
-- Name: wait_refreshes; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.wait_refreshes ENABLE ROW LEVEL SECURITY;

--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA public TO maitred_app;

--
-- Name: TABLE accounts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.accounts TO maitred_app;

--
-- Name: TABLE numbers; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.numbers TO maitred_app;

--
-- Name: TABLE audit_log; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.audit_log TO maitred_app;

--
-- Name: TABLE bookings; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bookings TO maitred_app;

--
-- Name: TABLE calls_due; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calls_due TO maitred_app;

--
-- Name: TABLE messages; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO maitred_app;

--
-- Name: TABLE parties; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.parties TO maitred_app;

--
-- Name: TABLE events; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.events TO maitred_app;

--
-- Name: TABLE deliveries; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deliveries TO maitred_app;

--
-- Name: TABLE idempotency_keys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO maitred_app;

--
-- Name: TABLE attempts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.attempts TO maitred_app;

--
-- Name: TABLE calls; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calls TO maitred_app;

--
-- Name: TABLE message_totals; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_totals TO maitred_app;

--
-- Name: TABLE queue; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.queue TO maitred_app;

--
-- Name: TABLE receipts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.receipts TO maitred_app;

--
-- Name: TABLE conversations; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO maitred_app;

--
-- Name: TABLE erased_texts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.erased_texts TO maitred_app;

--
-- Name: TABLE quick_replies; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.quick_replies TO maitred_app;

--
-- Name: TABLE epoch; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.epoch TO maitred_app;

--
-- Name: TABLE heard; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.heard TO maitred_app;

--
-- Name: TABLE links; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.links TO maitred_app;

--
-- Name: TABLE sessions; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO maitred_app;

--
-- Name: TABLE retained; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.retained TO maitred_app;

--
-- Name: TABLE api_keys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_keys TO maitred_app;

--
-- Name: TABLE memberships; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.memberships TO maitred_app;

--
-- Name: TABLE users; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.users TO maitred_app;

--
-- Name: TABLE endpoints; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.endpoints TO maitred_app;

--
-- Name: TABLE events_floor; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.events_floor TO maitred_app;

--
-- Name: TABLE text_events; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.text_events TO maitred_app;

--
-- Name: TABLE billing; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.billing TO maitred_app;

--
-- Name: TABLE visit_log; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_log TO maitred_app;

--
-- Name: TABLE breakers; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.breakers TO maitred_app;

--
-- Name: TABLE callbacks; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.callbacks TO maitred_app;

--
-- Name: TABLE carrier_events; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.carrier_events TO maitred_app;

--
-- Name: TABLE carriers; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.carriers TO maitred_app;

--
-- Name: TABLE consent_log; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.consent_log TO maitred_app;

--
-- Name: TABLE default_templates; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.default_templates TO maitred_app;

--
-- Name: TABLE erasures; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.erasures TO maitred_app;

--
-- Name: SEQUENCE events_seq_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.events_seq_seq TO maitred_app;

--
-- Name: TABLE hang_ups; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.hang_ups TO maitred_app;

--
-- Name: TABLE kind_settings; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kind_settings TO maitred_app;

--
-- Name: TABLE lines_due; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lines_due TO maitred_app;

--
-- Name: TABLE number_pool; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.number_pool TO maitred_app;

--
-- Name: TABLE open_visits; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.open_visits TO maitred_app;

--
-- Name: TABLE opt_outs; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.opt_outs TO maitred_app;

--
-- Name: TABLE organisations; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.organisations TO maitred_app;

--
-- Name: TABLE paces; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.paces TO maitred_app;

--
-- Name: TABLE pending; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.pending TO maitred_app;

--
-- Name: TABLE schema_migrations; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.schema_migrations TO maitred_app;

--
-- Name: TABLE templates; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.templates TO maitred_app;

--
-- Name: TABLE tries; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tries TO maitred_app;

--
-- Name: TABLE turns; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.turns TO maitred_app;

--
-- Name: TABLE usage_posts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.usage_posts TO maitred_app;

--
-- Name: SEQUENCE visit_log_ordinal_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.visit_log_ordinal_seq TO maitred_app;

--
-- Name: TABLE wait_gaps; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.wait_gaps TO maitred_app;

--
-- Name: TABLE wait_refreshes; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.wait_refreshes TO maitred_app;

--
-- PostgreSQL database dump complete
--

