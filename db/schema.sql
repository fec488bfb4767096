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
    CONSTRAINT accounts_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text, 'fr'::text]))),
    CONSTRAINT accounts_retain_days_check CHECK (((retain_days >= 1) AND (retain_days <= 3660)))
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
    CONSTRAINT numbers_kind_check CHECK ((kind = ANY (ARRAY['10dlc'::text, 'toll_free'::text, 'long_code'::text]))),
    CONSTRAINT numbers_segments_per_s_check CHECK ((segments_per_s > (0)::double precision))
);

ALTER TABLE ONLY public.numbers FORCE ROW LEVEL SECURITY;

--
-- Name: account_json(public.accounts); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.account_json(a public.accounts) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (a).account_id, 'name', (a).name, 'zone', (a).zone, 'region', (a).region, 'phone', (a).phone, 'language', (a).language, 'quiet_from', to_char(((a).quiet_from)::interval, 'HH24:MI'::text), 'quiet_until', to_char(((a).quiet_until)::interval, 'HH24:MI'::text), 'help', (a).help, 'carrier', (a).carrier, 'hold_minutes', (a).hold_minutes, 'more_minutes', (a).more_minutes, 'almost_place', (a).almost_place, 'second_notice_minutes', COALESCE(((a).second_notice_minutes)::integer, 0), 'default_wait_minutes', (a).default_wait_minutes, 'estimates', (a).estimates, 'show_wait', (a).show_wait, 'check_in', (a).check_in, 'check_in_code', (a).check_in_code, 'reminders', to_json((a).reminders), 'fold_texts', (a).fold_texts, 'retain_days', COALESCE((a).retain_days, 0), 'created_at', public.rfc3339((a).created_at), 'numbers', (SELECT COALESCE(json_agg(json_build_object('phone', n.phone, 'carrier', n.provider, 'kind', n.kind) ORDER BY n.provider, n.phone), '[]'::json) AS "coalesce" FROM public.numbers n WHERE ((n.account_id)::text = ((account_json.a).account_id)::text)));

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
-- Name: consent_state(timestamp with time zone, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.consent_state(opted_out_at timestamp with time zone, opted_out_via text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (opted_out_at IS NULL) THEN 'open'::text WHEN (opted_out_via = 'flag'::text) THEN 'flagged'::text ELSE 'stopped'::text END;

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
WITH (fillfactor='80');

ALTER TABLE ONLY public.messages FORCE ROW LEVEL SECURITY;

--
-- Name: last_text(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.last_text(account text, id text) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT json_build_object('id', m.message_id, 'kind', m.kind, 'state', m.state, 'code', m.code, 'reason', m.reason, 'created_at', public.rfc3339(m.created_at)) AS json_build_object FROM public.messages m WHERE (((m.account_id)::text = last_text.account) AND ((m.message_id)::text = last_text.id)));

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
-- Name: shown_guest(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.shown_guest(account text, id text) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT json_build_object('id', c.conversation_id, 'phone', c.phone, 'unread', c.unread, 'consent', public.consent_state(c.opted_out_at, c.opted_out_via)) AS json_build_object FROM public.conversations c WHERE (((c.account_id)::text = shown_guest.account) AND ((c.conversation_id)::text = shown_guest.id)));

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
-- Name: booking_json(public.bookings); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.booking_json(b public.bookings) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (b).booking_id, 'state', (b).state, 'version', (b).version, 'starts_at', public.rfc3339((b).starts_at), 'name', (b).name, 'size', (b).size, 'guest', public.shown_guest(((b).account_id)::text, ((b).conversation_id)::text), 'language', (b).language, 'notes', (b).notes, 'tags', to_json((b).tags), 'source', (b).source, 'party_id', (b).party_id, 'remind_at', public.rfc3339((b).remind_at), 'answered_at', public.rfc3339((b).answered_at), 'says', (b).says, 'text', public.last_text(((b).account_id)::text, ((b).text_id)::text), 'created_at', public.rfc3339((b).created_at), 'ended_at', public.rfc3339((b).ended_at), 'ended_by', (b).ended_by);

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
-- Name: enter(text, text, text, text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.enter(kind text, id text, account text, needs text, ip text, request text, key text, hash text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    c    record;
    held text;
BEGIN
    PERFORM set_config('maitred.account', '*', true);
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
               coalesce(k.last_used_at, '-infinity') AS seen_at, $4 = ANY (k.scopes) AS may
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
    PERFORM set_config('maitred.account', c.account_id, true),
            set_config('maitred.organisation', coalesce(c.organisation_id, ''), true),
            set_config('maitred.actor', c.actor, true),
            set_config('maitred.session', CASE $1 WHEN 'session' THEN $2 ELSE '' END, true),
            set_config('maitred.ip', coalesce($5, ''), true),
            set_config('maitred.request', coalesce($6, ''), true);
    IF $7 IS NULL THEN
        RETURN;
    END IF;
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
END $_$;

--
-- Name: estimate_next(text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.estimate_next(after text, at timestamp with time zone DEFAULT now()) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    due text;
BEGIN
    SELECT a.account_id INTO due
    FROM accounts a LEFT JOIN wait_refreshes r USING (account_id)
    WHERE a.account_id > after AND coalesce(r.night, '-infinity') < wait_night(at, a.zone)
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
-- Name: quoted(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.quoted(value text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE((to_json(value))::text, 'null'::text);

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
WITH (fillfactor='70');

ALTER TABLE ONLY public.attempts FORCE ROW LEVEL SECURITY;

--
-- Name: shown_state(public.messages); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.shown_state(m public.messages) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (((m).state = 'queued'::text) AND (EXISTS (SELECT FROM public.attempts a WHERE (((a.account_id)::text = ((shown_state.m).account_id)::text) AND ((a.message_id)::text = ((shown_state.m).message_id)::text))))) THEN 'sending'::text ELSE (m).state END;

--
-- Name: message_text(public.messages); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_text(m public.messages) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (((((((((((((((((((((((((((('{"id":"'::text || ((m).message_id)::text) || '","direction":"'::text) || (m).direction) || '","channel":"'::text) || (m).channel) || '","kind":"'::text) || (m).kind) || CASE (m).direction WHEN 'out'::text THEN '","to":"'::text ELSE '","from":"'::text END) || (m).phone) || '","body":'::text) || public.quoted((m).body)) || ',"segments":'::text) || (m).segments) || ',"media":'::text) || (m).media) || ',"state":"'::text) || CASE (m).state WHEN 'queued'::text THEN public.shown_state(m) ELSE (m).state END) || '","code":'::text) || public.quoted((m).code)) || ',"reason":'::text) || public.quoted((m).reason)) || ',"number":'::text) || public.quoted((m).number)) || ',"conversation_id":"'::text) || ((m).conversation_id)::text) || '","created_at":"'::text) || public.rfc3339((m).created_at)) || '"}'::text);

--
-- Name: message_json(public.messages); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_json(m public.messages) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (public.message_text(m))::json;

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
-- Name: party_json(public.parties); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.party_json(p public.parties) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (p).party_id, 'state', (p).state, 'version', (p).version, 'name', (p).name, 'size', (p).size, 'guest', public.shown_guest(((p).account_id)::text, ((p).conversation_id)::text), 'language', (p).language, 'notes', (p).notes, 'tags', to_json((p).tags), 'seat', (p).seat, 'source', (p).source, 'booking_id', (p).booking_id, 'quote_min', (p).quote_min, 'quote_max', (p).quote_max, 'quoted_at', public.rfc3339((p).quoted_at), 'notices', (p).notices, 'notified_at', public.rfc3339((p).notified_at), 'held_until', public.rfc3339((p).held_until), 'answered_at', public.rfc3339((p).answered_at), 'says', (p).says, 'text', public.last_text(((p).account_id)::text, ((p).text_id)::text), 'created_at', public.rfc3339((p).created_at), 'joined_at', public.rfc3339((p).joined_at), 'ended_at', public.rfc3339((p).ended_at), 'ended_by', (p).ended_by);

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
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN ((e).type ~~ 'message.%'::text) THEN (SELECT public.message_json(m.*) AS message_json FROM public.messages m WHERE (((m.account_id)::text = ((event_data.e).account_id)::text) AND ((m.message_id)::text = ((event_data.e).subject)::text))) WHEN ((e).type ~~ 'conversation.%'::text) THEN (SELECT json_build_object('id', c.conversation_id, 'phone', c.phone, 'unread', c.unread, 'consent', public.consent_state(c.opted_out_at, c.opted_out_via)) AS json_build_object FROM public.conversations c WHERE (((c.account_id)::text = ((event_data.e).account_id)::text) AND ((c.conversation_id)::text = ((event_data.e).subject)::text))) WHEN ((e).type ~~ 'party.%'::text) THEN (SELECT public.party_json(p.*) AS party_json FROM public.parties p WHERE (((p.account_id)::text = ((event_data.e).account_id)::text) AND ((p.party_id)::text = ((event_data.e).subject)::text))) WHEN ((e).type ~~ 'booking.%'::text) THEN (SELECT public.booking_json(b.*) AS booking_json FROM public.bookings b WHERE (((b.account_id)::text = ((event_data.e).account_id)::text) AND ((b.booking_id)::text = ((event_data.e).subject)::text))) ELSE json_build_object('id', (e).subject) END;

--
-- Name: id_of(text, timestamp with time zone, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.id_of(prefix text, at timestamp with time zone, low bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((prefix || '_'::text) || (SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz'::text, (((substr(b.bits, ((5 * i.i) + 1), 5))::bit(5))::integer + 1), 1), ''::text ORDER BY i.i) AS string_agg FROM (SELECT (((('00'::text || ((((EXTRACT(epoch FROM id_of.at) * (1000)::numeric))::bigint)::bit(48))::text) || '0111000000000000'::text) || '10'::text) || ((id_of.low)::bit(62))::text) AS bits) b, generate_series(0, 25) i(i)));

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
-- Name: keeps_quiet(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keeps_quiet(kind text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (kind = ANY (ARRAY['reminder'::text, 'confirmation'::text]));

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
-- Name: message_changed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_changed() RETURNS trigger
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
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
$$;

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
-- Name: problem(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.problem(code text, param text, detail text) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN json_build_object('code', code, 'param', param, 'detail', detail);

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
-- Name: page_text(text[], text[], bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.page_text(ids text[], texts text[], n bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (((('{"data":['::text || array_to_string((COALESCE(texts, '{}'::text[]))[:n], ','::text)) || '],"next_cursor":'::text) || public.quoted(CASE WHEN (cardinality(ids) > n) THEN (ids)[n] ELSE NULL::text END)) || '}'::text);

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
-- Name: priority_of(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.priority_of(kind text) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE kind WHEN 'table_ready'::text THEN (0)::smallint ELSE (1)::smallint END;

--
-- Name: queue_deliveries(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.queue_deliveries() RETURNS trigger
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
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
    LANGUAGE sql PARALLEL SAFE
    RETURN public.id_of(prefix, clock_timestamp(), (((('x'::text || "right"((gen_random_uuid())::text, 4)) || "right"((gen_random_uuid())::text, 12)))::bit(64))::bigint);

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
-- Name: scope_organisation(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.scope_organisation() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('maitred.organisation'::text, true), ''::text);

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
          UPDATE public.events_floor AS f SET xid = GREATEST(f.xid, g.xid)
            FROM ( SELECT gone_1.xid
                    FROM gone gone_1
                   ORDER BY gone_1.xid DESC
                  LIMIT 1) g
         )
  SELECT count(*) AS count
    FROM gone;
END;

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
-- Name: wait_size(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wait_size(size integer) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (LEAST(size, 9))::smallint;

--
-- Name: wait_ahead(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wait_ahead(account text, size integer) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT count(*) AS count FROM public.parties p WHERE (((p.account_id)::text = wait_ahead.account) AND (p.ended_at IS NULL) AND (p.state <> 'pending'::text) AND (public.wait_size((p.size)::integer) = public.wait_size(wait_ahead.size))));

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
    CONSTRAINT consent_log_action_check CHECK ((action = ANY (ARRAY['stop'::text, 'start'::text, 'help'::text, 'flag'::text, 'clear'::text]))),
    CONSTRAINT consent_log_via_check CHECK ((via = ANY (ARRAY['guest'::text, 'carrier'::text, 'staff'::text])))
);

ALTER TABLE ONLY public.consent_log FORCE ROW LEVEL SECURITY;

--
-- Name: epoch; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.epoch (
    one boolean DEFAULT true NOT NULL,
    n bigint DEFAULT 0 NOT NULL,
    lost_at timestamp with time zone,
    CONSTRAINT epoch_one_check CHECK (one)
)
WITH (fillfactor='50');

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
-- Name: number_pool; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.number_pool (
    provider text NOT NULL,
    phone text NOT NULL,
    kind text DEFAULT '10dlc'::text NOT NULL,
    CONSTRAINT number_pool_kind_check CHECK ((kind = ANY (ARRAY['10dlc'::text, 'toll_free'::text, 'long_code'::text])))
);

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
    why text
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
);

ALTER TABLE ONLY public.receipts FORCE ROW LEVEL SECURITY;

--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

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
-- Name: receipts receipts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (account_id, attempt_id, event_id);

--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

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
-- Name: deliveries_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_waiting ON public.deliveries USING btree (account_id, endpoint_id, due_at) WHERE (state = 'waiting'::text);

--
-- Name: events_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX events_by_age ON public.events USING brin (at);

--
-- Name: idempotency_keys_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

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
-- Name: queue_turn; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX queue_turn ON public.queue USING btree (priority, turn_at);

--
-- Name: sessions_of_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_of_user ON public.sessions USING btree (user_id);

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
-- Name: parties parties_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parties
    ADD CONSTRAINT parties_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

--
-- Name: sessions sessions_organisation_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_organisation_id_user_id_fkey FOREIGN KEY (organisation_id, user_id) REFERENCES public.users(organisation_id, user_id);

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
-- Name: bookings; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.bookings ENABLE ROW LEVEL SECURITY;

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
-- Name: events; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;

--
-- Name: idempotency_keys; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: kind_settings; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.kind_settings ENABLE ROW LEVEL SECURITY;

--
-- Name: links; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.links ENABLE ROW LEVEL SECURITY;

--
-- Name: memberships; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.memberships ENABLE ROW LEVEL SECURITY;

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
-- Name: bookings one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.bookings USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

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
-- Name: events one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.events USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: idempotency_keys one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.idempotency_keys USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: kind_settings one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.kind_settings USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: links one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.links USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: memberships one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.memberships USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: messages one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.messages USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: numbers one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.numbers USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: parties one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.parties USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: queue one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.queue USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: receipts one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.receipts USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: turns one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.turns USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

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
-- Name: receipts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.receipts ENABLE ROW LEVEL SECURITY;

--
-- Name: sessions; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

--
-- Name: turns; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.turns ENABLE ROW LEVEL SECURITY;

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
-- Name: TABLE messages; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO maitred_app;

--
-- Name: TABLE conversations; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO maitred_app;

--
-- Name: TABLE bookings; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bookings TO maitred_app;

--
-- Name: TABLE attempts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.attempts TO maitred_app;

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
-- Name: TABLE memberships; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.memberships TO maitred_app;

--
-- Name: TABLE sessions; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO maitred_app;

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
-- Name: TABLE api_keys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_keys TO maitred_app;

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
-- Name: TABLE epoch; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.epoch TO maitred_app;

--
-- Name: SEQUENCE events_seq_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.events_seq_seq TO maitred_app;

--
-- Name: TABLE heard; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.heard TO maitred_app;

--
-- Name: TABLE idempotency_keys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO maitred_app;

--
-- Name: TABLE kind_settings; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kind_settings TO maitred_app;

--
-- Name: TABLE links; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.links TO maitred_app;

--
-- Name: TABLE number_pool; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.number_pool TO maitred_app;

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
-- Name: TABLE queue; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.queue TO maitred_app;

--
-- Name: TABLE receipts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.receipts TO maitred_app;

--
-- Name: TABLE schema_migrations; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.schema_migrations TO maitred_app;

--
-- Name: TABLE tries; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tries TO maitred_app;

--
-- Name: TABLE turns; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.turns TO maitred_app;

--
-- Name: TABLE visit_log; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_log TO maitred_app;

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

