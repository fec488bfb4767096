-- Signed webhooks to customers' own systems: see migration 0005.

-- Each event that an account is to be told of. Endpoints are looked up by account: to read all of them at once, which
-- the planner may take for as cheap, is to read other accounts' too.
CREATE OR REPLACE FUNCTION queue_deliveries() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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
