-- Deletes what is over, some thousands at a time: events of more than three days, answers to who asks
-- again after a week, gates that are open again, links that ended a quarter ago, sessions likewise.
-- Returns one row: how many events went.
WITH old AS (
    SELECT ctid, xid FROM events WHERE at < now() - interval '3 days' ORDER BY at LIMIT 10000
), gone AS (
    DELETE FROM events WHERE ctid IN (SELECT ctid FROM old) RETURNING xid
), floor AS (
    UPDATE events_floor f SET xid = greatest(f.xid, g.xid)
    FROM (SELECT xid FROM gone ORDER BY xid DESC LIMIT 1) g
), answers AS (
    DELETE FROM idempotency_keys WHERE ctid IN (
        SELECT ctid FROM idempotency_keys WHERE created_at < now() - interval '7 days'
        ORDER BY created_at LIMIT 10000)
), gates AS (
    DELETE FROM tries WHERE free_at < now() - interval '1 hour'
), links AS (
    DELETE FROM links WHERE expires_at < now() - interval '90 days'
), sessions AS (
    DELETE FROM sessions WHERE least(ended_at, expires_at) < now() - interval '90 days'
)
SELECT count(*) FROM gone
