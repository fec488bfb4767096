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
-- Name: answer(integer, json); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.answer(integer, json) RETURNS TABLE(status integer, body json)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$SELECT $1, $2$_$;

--
-- Name: audit(text, text, json); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit(action text, subject text, detail json) RETURNS void
    LANGUAGE sql
    AS $$$$;

--
-- Name: consent_state(timestamp with time zone, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.consent_state(opted_out_at timestamp with time zone, opted_out_via text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (opted_out_at IS NULL) THEN 'open'::text WHEN (opted_out_via = 'flag'::text) THEN 'flagged'::text ELSE 'stopped'::text END;

SET default_tablespace = '';

SET default_table_access_method = heap;

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

--
-- Name: event_data(public.events); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.event_data(e public.events) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', (e).subject);

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
-- Name: keeps_quiet(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keeps_quiet(kind text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (kind = ANY (ARRAY['reminder'::text, 'confirmation'::text]));

--
-- Name: make_callback_partitions(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.make_callback_partitions() RETURNS void
    LANGUAGE plpgsql
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
-- Name: message_changed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.message_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    SELECT account_id, 'message.updated', message_id FROM fresh;
    RETURN NULL;
END $$;

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
-- Name: refuse_lower_rank(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_lower_rank() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'message % may not go from % back to %', OLD.message_id, OLD.state, NEW.state;
END $$;

--
-- Name: rfc3339(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.rfc3339(t timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char((t AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'::text);

--
-- Name: scope(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.scope() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE(NULLIF(current_setting('maitred.account'::text, true), ''::text), '*'::text);

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
    guest_zone text,
    CONSTRAINT messages_direction_check CHECK ((direction = ANY (ARRAY['out'::text, 'in'::text])))
)
WITH (fillfactor='80');

--
-- Name: shown_state(public.messages); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.shown_state(m public.messages) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (((m).state = 'queued'::text) AND (EXISTS (SELECT FROM public.attempts a WHERE (((a.account_id)::text = ((shown_state.m).account_id)::text) AND ((a.message_id)::text = ((shown_state.m).message_id)::text))))) THEN 'sending'::text ELSE (m).state END;

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
    carrier text
);

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
    CONSTRAINT api_keys_hash_check CHECK ((length(hash) = 64))
);

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
    CONSTRAINT consent_log_action_check CHECK ((action = ANY (ARRAY['stop'::text, 'start'::text, 'help'::text, 'flag'::text, 'clear'::text]))),
    CONSTRAINT consent_log_via_check CHECK ((via = ANY (ARRAY['guest'::text, 'carrier'::text, 'staff'::text])))
);

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
    helped_at timestamp with time zone
)
WITH (fillfactor='80');

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
    message_id public.ident NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: kind_settings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kind_settings (
    account_id public.ident NOT NULL,
    kind text NOT NULL,
    arrive_within_s integer NOT NULL,
    CONSTRAINT kind_settings_arrive_within_s_check CHECK ((arrive_within_s > 0))
);

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

--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: turns; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.turns (
    account_id public.ident NOT NULL,
    turn_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

--
-- Name: callbacks_other; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callbacks ATTACH PARTITION public.callbacks_other DEFAULT;

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
-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (account_id, message_id);

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
-- Name: paces paces_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paces
    ADD CONSTRAINT paces_pkey PRIMARY KEY (gate);

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
-- Name: turns turns_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (account_id);

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
-- Name: messages_of_conversation; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_of_conversation ON public.messages USING btree (account_id, conversation_id, message_id);

--
-- Name: messages_received_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX messages_received_once ON public.messages USING btree (account_id, provider, carrier_id) WHERE (direction = 'in'::text);

--
-- Name: queue_turn; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX queue_turn ON public.queue USING btree (priority, turn_at);

--
-- Name: callbacks_other_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.callbacks_pkey ATTACH PARTITION public.callbacks_other_pkey;

--
-- Name: messages events_of_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER events_of_changed AFTER UPDATE ON public.messages REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.message_changed();

--
-- Name: messages events_of_new; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER events_of_new AFTER INSERT ON public.messages REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.message_changed();

--
-- Name: messages never_backwards; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER never_backwards BEFORE UPDATE OF state, rank ON public.messages FOR EACH ROW WHEN ((new.rank < old.rank)) EXECUTE FUNCTION public.refuse_lower_rank();

--
-- Name: events to_endpoints; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER to_endpoints AFTER INSERT ON public.events REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.queue_deliveries();

--
-- Name: api_keys api_keys_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);

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
-- Name: deliveries; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.deliveries ENABLE ROW LEVEL SECURITY;

--
-- Name: endpoints; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.endpoints ENABLE ROW LEVEL SECURITY;

--
-- Name: deliveries one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.deliveries USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- Name: endpoints one_account; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY one_account ON public.endpoints USING ((((account_id)::text = ( SELECT public.scope() AS scope)) OR (( SELECT public.scope() AS scope) = '*'::text)));

--
-- PostgreSQL database dump complete
--

