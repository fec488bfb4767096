-- 0004: who may come in and whose rows they see: organisations, users, sessions, links by mail;
-- row-level security on every table of an account; the audit log; events for live streams.

-- ---- whose rows ----

-- The account whose rows this transaction may touch: set by enter(), gone at its end. '*': the
-- engine's own connections, which work for all. Unset: none.
CREATE FUNCTION scope() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('maitred.account', true), '');
CREATE FUNCTION scope_organisation() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('maitred.organisation', true), '');
-- Who does it: a user's or a key's id.
CREATE FUNCTION actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('maitred.actor', true), '');

-- Forced: also on the owner of the tables.
CREATE FUNCTION guard_account_table(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY one_account ON %I
                    USING (account_id = (SELECT scope()) OR (SELECT scope()) = ''*'')', name);
END $$;
CREATE FUNCTION guard_organisation_table(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY one_organisation ON %I
                    USING (organisation_id = (SELECT scope_organisation())
                           OR (SELECT scope()) = ''*'')', name);
END $$;

-- The gateway takes this role on each connection, when its user may: it cannot change the schema,
-- and what is append-only stays as it is. Where roles cannot be created, row-level security alone
-- binds, and the gateway says so.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'maitred_app') THEN
        CREATE ROLE maitred_app NOLOGIN;
    END IF;
    GRANT maitred_app TO CURRENT_USER;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
    RAISE WARNING 'the role maitred_app cannot be created or granted: %', SQLERRM;
END $$;

-- Run at the end of every migration.
CREATE FUNCTION grant_app() RETURNS void LANGUAGE plpgsql AS $$
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

-- The application makes tomorrow's partition, and nothing else.
ALTER FUNCTION make_callback_partitions() SECURITY DEFINER SET search_path = public, pg_temp;

-- ---- who ----

CREATE TABLE organisations (
    organisation_id ident PRIMARY KEY,
    name            text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE accounts ADD COLUMN organisation_id ident REFERENCES organisations;
INSERT INTO organisations (organisation_id, name, created_at)
SELECT 'org_' || substr(account_id, 5), name, created_at FROM accounts;
UPDATE accounts SET organisation_id = 'org_' || substr(account_id, 5);

-- `login` is an e-mail address, or the name of a shared device at a stand: those have an @ or none.
CREATE TABLE users (
    organisation_id ident NOT NULL REFERENCES organisations,
    user_id         ident NOT NULL UNIQUE,
    login           text COLLATE "C" NOT NULL UNIQUE CHECK (login = lower(login)),
    name            text NOT NULL,
    password_hash   text, -- NULL until they have chosen one
    created_at      timestamptz NOT NULL DEFAULT now(),
    disabled_at     timestamptz,
    PRIMARY KEY (organisation_id, user_id)
);

CREATE TABLE memberships (
    account_id ident NOT NULL REFERENCES accounts,
    user_id    ident NOT NULL REFERENCES users (user_id),
    role       text NOT NULL CHECK (role IN ('manager', 'host')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, user_id)
);
CREATE INDEX memberships_of_user ON memberships (user_id);

-- A session lives 24 hours from its last request, 30 days at most. `token` is in nobody's hands here:
-- what a browser holds is signed with a key that is not in the database.
CREATE TABLE sessions (
    organisation_id ident NOT NULL,
    session_id      ident NOT NULL UNIQUE,
    user_id         ident NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    last_seen_at    timestamptz NOT NULL DEFAULT now(), -- to the minute
    expires_at      timestamptz NOT NULL DEFAULT now() + interval '30 days',
    ended_at        timestamptz,
    ended_why       text,
    ip              text,
    agent           text,
    PRIMARY KEY (organisation_id, session_id),
    FOREIGN KEY (organisation_id, user_id) REFERENCES users
) WITH (fillfactor = 70);
CREATE INDEX sessions_of_user ON sessions (user_id);

ALTER TABLE api_keys
    ADD COLUMN scopes       text[] NOT NULL DEFAULT '{read,write,manage}',
    ADD COLUMN created_by   text,
    ADD COLUMN last_used_at timestamptz; -- to the minute

-- A link that somebody gets by mail, or a stand's set-up code: one use, kept as a hash. The secret of
-- a mailed one is made when the mail is: until then, and after each retry, there is none that works.
CREATE TABLE links (
    link_id         ident PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('signup', 'invitation', 'reset', 'notice')),
    account_id      ident REFERENCES accounts,           -- invitation
    organisation_id ident REFERENCES organisations,      -- invitation, reset
    user_id         ident,                               -- reset
    login           text NOT NULL,
    name            text NOT NULL,
    role            text CHECK (role IN ('manager', 'host')),
    invited_by      text,
    venue           jsonb,  -- signup: name, zone, region
    password_hash   text,   -- signup
    hash            text COLLATE "C" UNIQUE, -- SHA-256 of its secret, hexadecimal
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    revoked_at      timestamptz,
    mail            text NOT NULL DEFAULT 'queued' CHECK (mail IN ('none', 'queued', 'sent', 'failed')),
    mail_due_at     timestamptz NOT NULL DEFAULT now(), -- of a claimed one: the end of the lease
    mail_tries      smallint NOT NULL DEFAULT 0,
    mail_why        text
) WITH (fillfactor = 70);
CREATE INDEX links_of_account ON links (account_id, link_id);
CREATE INDEX links_to_mail ON links (mail_due_at) WHERE mail = 'queued';

-- Pace of tries at passwords (GCRA): a gate is an address, or a login as seen from one.
CREATE TABLE tries (
    gate    text PRIMARY KEY,
    free_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Numbers that no account has yet: who signs up gets one of each carrier.
CREATE TABLE number_pool (
    provider text NOT NULL,
    phone    text NOT NULL,
    kind     text NOT NULL DEFAULT '10dlc' CHECK (kind IN ('10dlc', 'toll_free', 'long_code')),
    PRIMARY KEY (provider, phone)
);

-- ---- what was asked twice ----

-- An answer with a message_id is a text's; the others are kept whole, without any secret in them.
ALTER TABLE idempotency_keys
    ALTER COLUMN message_id DROP NOT NULL,
    ADD COLUMN status smallint,
    ADD COLUMN body   json,
    ADD CHECK ((message_id IS NULL) = (status IS NOT NULL));
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- The answer of a statement of the API: it is kept, in the same transaction, for whoever asks again
-- with the same Idempotency-Key. Errors had no effect, and are not kept.
CREATE FUNCTION answer(code int, reply json, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF code < 300 AND current_setting('maitred.key', true) <> '' THEN
        INSERT INTO idempotency_keys (account_id, key, request_hash, status, body)
        VALUES (scope(), current_setting('maitred.key'), current_setting('maitred.hash'), code, reply);
    END IF;
    status := code;
    body := reply;
END $$;

-- An error of a statement of the API; the words are for people, the code for programs.
CREATE FUNCTION problem(code text, param text, detail text) RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN json_build_object('code', code, 'param', param, 'detail', detail);
CREATE FUNCTION nothing_here() RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN problem('not_found', 'id', 'This account has nothing with this id.');

-- ---- coming in ----

-- The first statement of every request of staff, in one transaction with the one that does the work.
-- kind: 'session' (id: the session's, account: from its token) or 'key' (id: the key's SHA-256).
-- needs: 'read', 'write' or 'manage'; hosts may not manage. Sets the scope, or raises:
-- MT401 nobody we know, MT403 may not, MT409 / MT422 / MT200 for an Idempotency-Key that is in
-- flight, was used for another request, or has its answer.
CREATE FUNCTION enter(kind text, id text, account text, needs text, ip text, request text, key text,
                      hash text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
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
END $$;

-- ---- what staff did ----

-- Append-only. Each row's hash covers the one before it, so that a change or a gap shows.
CREATE TABLE audit_log (
    account_id ident NOT NULL,
    ordinal    bigint NOT NULL,
    at         timestamptz NOT NULL,
    actor      text NOT NULL, -- a user's or key's id, or who else
    action     text NOT NULL, -- "user.disabled"
    subject    text,          -- the id of what it was done to
    detail     jsonb NOT NULL,
    ip         text,
    request_id text,
    hash       bytea NOT NULL,
    PRIMARY KEY (account_id, ordinal)
);

CREATE FUNCTION audit_hash(before bytea, a audit_log) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(before || convert_to(concat_ws(E'\x1f', a.account_id, a.ordinal,
    extract(epoch FROM a.at), a.actor, a.action, coalesce(a.subject, ''), a.detail,
    coalesce(a.ip, ''), coalesce(a.request_id, '')), 'UTF8'));

CREATE FUNCTION audit_append(account text, who text, action text, subject text, detail jsonb)
RETURNS void LANGUAGE plpgsql AS $$
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

-- What the caller does, in one transaction with it.
CREATE FUNCTION audit(action text, subject text, detail json) RETURNS void LANGUAGE sql
RETURN audit_append(scope(), actor(), action, subject, detail::jsonb);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE consent_log ADD COLUMN user_id ident; -- which member of staff

-- ---- sessions and tries ----

-- How long to wait before going through a gate once more; NULL: now, and it counts. One every `every`,
-- and `burst` at once.
CREATE FUNCTION gate_wait(gate text, every interval, burst int) RETURNS interval
LANGUAGE plpgsql AS $$
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

-- What whoever has come in is told: the API's Session, but for its token.
CREATE FUNCTION session_json(session text, account text) RETURNS json LANGUAGE sql STABLE
RETURN (SELECT json_build_object(
    'session_id', s.session_id, 'expires_at', rfc3339(s.expires_at),
    'user', json_build_object('id', u.user_id, 'name', u.name, 'login', u.login),
    'account', json_build_object('id', a.account_id, 'name', a.name, 'role', m.role),
    'accounts', (SELECT json_agg(json_build_object('id', o.account_id, 'name', o.name, 'role', n.role)
                                 ORDER BY o.name, o.account_id)
                 FROM memberships n JOIN accounts o USING (account_id)
                 WHERE n.user_id = u.user_id))
    FROM sessions s
    JOIN users u USING (organisation_id, user_id)
    JOIN memberships m ON m.user_id = u.user_id AND m.account_id = account
    JOIN accounts a ON a.account_id = m.account_id
    WHERE s.session_id = session);

-- Begins a session at the account, or at the first one that the user may enter.
CREATE FUNCTION session_open(who text, wanted text, session text, ip text, agent text) RETURNS json
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
    PERFORM set_config('maitred.ip', coalesce(ip, ''), true),
            audit_append(at, who, 'session.began', session, '{}');
    RETURN session_json(session, at);
END $$;

CREATE FUNCTION sessions_end(who text, but text, why text) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    UPDATE sessions SET ended_at = now(), ended_why = why
    WHERE user_id = who AND ended_at IS NULL AND session_id IS DISTINCT FROM but;
END;

-- A number at each carrier for a new account, while there are some that nobody has.
CREATE FUNCTION numbers_take(account text) RETURNS void LANGUAGE plpgsql AS $$
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

-- What a statement of one account may know of the others of its caller: its scope is widened for that
-- look, and narrowed again.
CREATE FUNCTION my_accounts() RETURNS json LANGUAGE plpgsql AS $$
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

CREATE FUNCTION my_session_at(account text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    mine  text := scope();
    found json;
BEGIN
    PERFORM set_config('maitred.account', '*', true);
    found := session_json(nullif(current_setting('maitred.session', true), ''), account);
    PERFORM set_config('maitred.account', mine, true);
    RETURN found;
END $$;

CREATE FUNCTION login_taken(wanted text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    mine  text := scope();
    found boolean;
BEGIN
    PERFORM set_config('maitred.account', '*', true);
    found := EXISTS (SELECT FROM users WHERE login = wanted);
    PERFORM set_config('maitred.account', mine, true);
    RETURN found;
END $$;

CREATE FUNCTION account_json(a accounts) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object(
    'id', a.account_id, 'name', a.name, 'zone', a.zone, 'region', a.region,
    'quiet_from', to_char(a.quiet_from, 'HH24:MI'), 'quiet_until', to_char(a.quiet_until, 'HH24:MI'),
    'help', a.help, 'carrier', a.carrier, 'created_at', rfc3339(a.created_at),
    'numbers', (SELECT coalesce(json_agg(json_build_object('phone', n.phone, 'carrier', n.provider,
                                                           'kind', n.kind)
                                         ORDER BY n.provider, n.phone), '[]')
                FROM numbers n WHERE n.account_id = a.account_id));

CREATE FUNCTION account_add(name text, zone text, region text, id text, OUT status int, OUT body json)
LANGUAGE plpgsql AS $$
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

-- A link is used: what it is for takes effect, once. why: NULL, 'gone' or 'taken'; who came in, where.
CREATE FUNCTION link_use(secret text, password text, called text, organisation text, account text,
                         person text, session text, OUT why text, OUT who text, OUT at text)
LANGUAGE plpgsql AS $$
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

-- ---- what happened, for live streams and webhooks ----

-- Thin: which thing changed, and how. Read in the order (xid, seq), below the oldest transaction that
-- is still open: whatever commits later has a higher place, so nobody who reads on misses any.
CREATE TABLE events (
    account_id ident NOT NULL,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    type       text NOT NULL, -- "message.delivered"
    subject    ident NOT NULL,
    PRIMARY KEY (account_id, xid, seq)
);
CREATE INDEX events_by_age ON events USING brin (at); -- they are written in this order: a few bytes each

-- Events up to here may be gone.
CREATE TABLE events_floor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid xid8 NOT NULL DEFAULT '0'
);
INSERT INTO events_floor DEFAULT VALUES;

-- Deletes events of more than three days, at most so many. Returns how many.
CREATE FUNCTION sweep_events(most int) RETURNS bigint LANGUAGE sql
SET enable_bitmapscan = on -- which is how the index above is used
BEGIN ATOMIC
    WITH gone AS (
        DELETE FROM events
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM events WHERE at < now() - interval '3 days' LIMIT most))
        RETURNING xid
    ), floor AS (
        UPDATE events_floor f SET xid = greatest(f.xid, g.xid)
        FROM (SELECT xid FROM gone ORDER BY xid DESC LIMIT 1) g
    )
    SELECT count(*) FROM gone;
END;

-- A value in JSON, as text.
CREATE FUNCTION quoted(value text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(to_json(value)::text, 'null');

-- What the API shows of a message in lists and events. Written by hand, and so that the planner
-- takes it apart: a list of 50 takes a sixth of what json_build_object() and shown_state() take.
CREATE FUNCTION message_text(m messages) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{"id":"' || m.message_id || '","direction":"' || m.direction || '","channel":"' || m.channel
    || '","kind":"' || m.kind || CASE m.direction WHEN 'out' THEN '","to":"' ELSE '","from":"' END
    || m.phone || '","body":' || quoted(m.body) || ',"segments":' || m.segments || ',"media":' || m.media
    || ',"state":"' || CASE m.state WHEN 'queued' THEN shown_state(m) ELSE m.state END || '","code":' || quoted(m.code) || ',"reason":'
    || quoted(m.reason) || ',"number":' || quoted(m.number) || ',"conversation_id":"'
    || m.conversation_id || '","created_at":"' || rfc3339(m.created_at) || '"}';
CREATE FUNCTION message_json(m messages) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN message_text(m)::json;

-- A page of at most n: what was found, of which one more than n says that there is another page.
CREATE FUNCTION page_text(ids text[], texts text[], n bigint) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '{"data":[' || array_to_string((coalesce(texts, '{}'))[:n], ',') || '],"next_cursor":'
    || quoted(CASE WHEN cardinality(ids) > n THEN ids[n] END) || '}';

-- What an event is about, as it is now; NULL when it is gone.
CREATE FUNCTION event_data(e events) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN e.type LIKE 'message.%' THEN
        (SELECT message_json(m) FROM messages m
         WHERE m.account_id = e.account_id AND m.message_id = e.subject)
    WHEN e.type LIKE 'conversation.%' THEN
        (SELECT json_build_object('id', c.conversation_id, 'phone', c.phone, 'unread', c.unread,
                                  'consent', consent_state(c.opted_out_at, c.opted_out_via))
         FROM conversations c
         WHERE c.account_id = e.account_id AND c.conversation_id = e.subject)
    ELSE json_build_object('id', e.subject) END;

CREATE FUNCTION tell_events() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM pg_notify('maitred_events', a.account_id)
    FROM (SELECT DISTINCT account_id FROM told) a;
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON events REFERENCING NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION tell_events();

CREATE FUNCTION message_added() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    SELECT account_id, CASE direction WHEN 'in' THEN 'message.received' ELSE 'message.queued' END,
           message_id
    FROM added ORDER BY message_id;
    RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON messages REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION message_added();

CREATE FUNCTION message_changed() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    SELECT n.account_id, 'message.' || n.state, n.message_id
    FROM after n JOIN before o USING (account_id, message_id)
    WHERE n.state <> o.state;
    RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER UPDATE ON messages REFERENCING NEW TABLE AS after OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION message_changed();

CREATE FUNCTION consent_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    VALUES (NEW.account_id, 'conversation.consent', NEW.conversation_id);
    RETURN NULL;
END $$;
CREATE TRIGGER consent_changed AFTER UPDATE ON conversations
    FOR EACH ROW WHEN (NEW.opted_out_at IS DISTINCT FROM OLD.opted_out_at
                       OR NEW.opted_out_via IS DISTINCT FROM OLD.opted_out_via)
    EXECUTE FUNCTION consent_changed();

-- ---- the walls ----

SELECT guard_account_table(t) FROM unnest(ARRAY[
    'accounts', 'api_keys', 'numbers', 'conversations', 'messages', 'queue', 'turns', 'attempts',
    'receipts', 'consent_log', 'idempotency_keys', 'kind_settings', 'memberships', 'links',
    'audit_log', 'events']) t;
SELECT guard_organisation_table(t) FROM unnest(ARRAY['organisations', 'users', 'sessions']) t;
