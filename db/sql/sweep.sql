-- Deletes what is over, some thousands at a time: events of more than three days, answers to who asks
-- again after a week, gates that are open again, links that ended a quarter ago, sessions likewise.
-- $1 how many events, and answers, at most.
-- Returns one row: how many events went.
WITH answers AS (
    DELETE FROM idempotency_keys WHERE ctid IN (
        SELECT ctid FROM idempotency_keys WHERE created_at < now() - interval '7 days'
        ORDER BY created_at LIMIT $1::bigint)
), gates AS (
    DELETE FROM tries WHERE free_at < now() - interval '1 hour'
), links AS (
    DELETE FROM links WHERE expires_at < now() - interval '90 days'
), sessions AS (
    DELETE FROM sessions WHERE least(ended_at, expires_at) < now() - interval '90 days'
)
SELECT sweep_events($1::bigint::int)
