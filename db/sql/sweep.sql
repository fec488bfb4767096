-- Deletes what is over, some thousands at a time: events of more than three days; answers to who asks
-- again after a week, or after as many days as their account keeps guests' data, and those to ourselves
-- after an hour; gates that are open again; links and sessions that ended a quarter ago.
-- $1 how many events, and answers, at most.
-- Returns one row: how many events went.
WITH answers AS (
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_keys WHERE created_at < now() - interval '7 days'
        ORDER BY created_at LIMIT $1::bigint))
), early AS (
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
        SELECT k.ctid FROM accounts a JOIN idempotency_keys k USING (account_id)
        WHERE a.retain_days < 7 AND k.created_at < now() - a.retain_days * interval '1 day'
          AND k.created_at >= now() - interval '7 days' LIMIT $1::bigint))
), ours AS (
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_keys
        WHERE key LIKE 'one\_%' AND created_at < now() - interval '1 hour'
          AND created_at >= now() - interval '7 days'
        ORDER BY created_at LIMIT $1::bigint))
), gates AS (
    DELETE FROM tries WHERE free_at < now() - interval '1 hour'
), links AS (
    DELETE FROM links WHERE expires_at < now() - interval '90 days'
), sessions AS (
    DELETE FROM sessions WHERE least(ended_at, expires_at) < now() - interval '90 days'
)
SELECT sweep_events($1::bigint::int)
