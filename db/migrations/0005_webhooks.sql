-- 0005: signed webhooks to customers' own systems: where they go, and each one on its way.

-- "dlv_" and 26 characters, as gateway/core/id.h makes them: a UUIDv7 whose last 62 bits are given.
CREATE FUNCTION id_of(prefix text, at timestamptz, low bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN prefix || '_' || (
    SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
                             substr(b.bits, 5 * i + 1, 5)::bit(5)::integer + 1, 1), '' ORDER BY i)
    FROM (SELECT '00' || (extract(epoch FROM at) * 1000)::bigint::bit(48)::text
                 || '0111000000000000' || '10' || low::bit(62)::text AS bits) b,
         generate_series(0, 25) i);

CREATE FUNCTION random_id(prefix text) RETURNS text LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN id_of(prefix, clock_timestamp(),
             ('x' || right(gen_random_uuid()::text, 4) || right(gen_random_uuid()::text, 12))
                 ::bit(64)::bigint);

-- Where an account wants to be told. The secret that signs is derived from the id and the version
-- (routing/signing.h): nothing secret is here.
CREATE TABLE endpoints (
    account_id     ident NOT NULL REFERENCES accounts,
    endpoint_id    ident NOT NULL,
    url            text NOT NULL CHECK (length(url) <= 2000),
    types          text[], -- of events; NULL: all, also those to come
    description    text NOT NULL DEFAULT '',
    secret_version integer NOT NULL DEFAULT 1,
    previous_until timestamptz, -- the version before signs as well until then
    rotation       ident,       -- the last one: asked for twice, it is done once
    disabled_at    timestamptz, -- nothing is sent
    disabled_why   text,
    failing_since  timestamptz, -- nothing was taken since
    failed_at      timestamptz, -- last
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, endpoint_id)
);

-- Whether the caller's account may have one more: whoever asks waits for those that asked before to
-- commit, and then counts what they made; a statement's own snapshot would be older.
CREATE FUNCTION room_for_endpoint() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM accounts WHERE account_id = (SELECT scope()) FOR NO KEY UPDATE;
    RETURN (SELECT count(*) FROM endpoints WHERE account_id = (SELECT scope())) < 10;
END $$;

-- One event on its way to one endpoint; kept for a while after its end. A claimed row is due again
-- when its lease is over, so the due time is the lease. An endpoint may be deleted under it.
CREATE TABLE deliveries (
    account_id  ident NOT NULL,
    delivery_id ident NOT NULL, -- the receiver's webhook-id: the same at every try
    endpoint_id ident NOT NULL,
    type        text NOT NULL,
    subject     ident NOT NULL,
    xid         xid8,   -- of the event; NULL: it is a test
    seq         bigint, -- likewise
    occurred_at timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries       smallint NOT NULL DEFAULT 0, -- that have ended
    due_at      timestamptz NOT NULL DEFAULT now(),
    claimed_by  text, -- who, and which claim of theirs: only that one may settle it
    last_status smallint,
    last_answer text, -- how it began
    last_why    text, -- what came of the last try, in words
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    PRIMARY KEY (account_id, delivery_id)
) WITH (fillfactor = 70);
CREATE INDEX deliveries_waiting ON deliveries (account_id, endpoint_id, due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_claimed ON deliveries (account_id, endpoint_id) WHERE claimed_by IS NOT NULL;
CREATE INDEX deliveries_of_endpoint ON deliveries (account_id, endpoint_id, delivery_id);
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;

SELECT guard_account_table('endpoints');
SELECT guard_account_table('deliveries');

-- Events are told to whoever wants their type, in the commit that makes them.
CREATE FUNCTION queue_deliveries() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
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
CREATE TRIGGER to_endpoints AFTER INSERT ON events
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION queue_deliveries();

-- The id of the event in a delivery's body: the same for each endpoint.
CREATE FUNCTION event_id(d deliveries) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN d.seq IS NULL THEN 'evt' || substr(d.delivery_id, 4)
            ELSE id_of('evt', d.occurred_at, d.seq) END;

-- What the API shows; the gateway puts in the secret where it is due.
CREATE FUNCTION shown_endpoint(e endpoints) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object(
    'id', e.endpoint_id, 'url', e.url, 'types', to_json(e.types), 'description', e.description,
    'enabled', e.disabled_at IS NULL, 'disabled_at', rfc3339(e.disabled_at),
    'disabled_why', e.disabled_why, 'failing_since', rfc3339(e.failing_since),
    'secret_version', e.secret_version,
    'previous_secret_until', rfc3339(CASE WHEN e.previous_until > now() THEN e.previous_until END),
    'created_at', rfc3339(e.created_at));

CREATE FUNCTION shown_delivery(d deliveries) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object(
    'id', d.delivery_id, 'endpoint_id', d.endpoint_id, 'event_id', event_id(d), 'type', d.type,
    'subject', d.subject, 'state', d.state, 'tries', d.tries,
    'next_try_at', rfc3339(CASE WHEN d.state = 'waiting' THEN d.due_at END),
    'last_status', d.last_status, 'last_answer', d.last_answer, 'last_why', d.last_why,
    'created_at', rfc3339(d.created_at), 'ended_at', rfc3339(d.ended_at));
