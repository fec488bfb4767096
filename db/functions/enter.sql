-- Who comes in.

-- From here on this transaction sees the rows of that account; '*': of all, '': of none. In one of two forms: Citus carries
-- only what SET LOCAL says on to its other machines, and only when citus.propagate_set_commands tells it to.
CREATE OR REPLACE FUNCTION scope_to(account text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('citus.propagate_set_commands', true) = 'local' THEN
        EXECUTE format('SET LOCAL maitred.account = %L', account);
    ELSE
        PERFORM set_config('maitred.account', account, true);
    END IF;
END $$;

-- The first statement of every request of staff, in one transaction with the one that does the work.
-- kind: 'session' (id: the session's, account: from its token) or 'key' (id: the key's SHA-256).
-- needs: 'read', 'write', 'work' (as write, but not on a board that billing has made read-only) or 'manage',
-- which hosts may not. Sets the scope, or raises:
-- MT401 nobody we know, MT402 billing says no, MT403 may not, MT409 / MT422 / MT200 for an Idempotency-Key that is in
-- flight, was used for another request, or has its answer.
CREATE OR REPLACE FUNCTION enter(kind text, id text, account text, needs text, ip text, request text, key text,
                      hash text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
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
END $$;

-- The scope of a transaction that came through a pooler, whose session may have been anybody's before and knows
-- nothing of us: what db/session.c tells a session of our own once, and with the same values. All of it ends with the
-- transaction.
CREATE OR REPLACE FUNCTION begin_pooled(account text, plans text, inner_pad text, outer_pad text, public_url text,
                             billing text, timeout text)
RETURNS void LANGUAGE plpgsql AS $$
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
END $$;
