-- What of the queue `maitred doctor` asks beyond metrics_read.sql: the oldest message of which it is not known
-- whether it was sent, why carriers are out, and whether anybody serves.
-- No parameters.
-- Returns a name, a carrier or NULL, and a value.
SELECT 'unknown_s' AS name, NULL AS provider,
       coalesce(extract(epoch FROM now() - min(m.created_at)), 0)::bigint::text AS value
FROM (SELECT account_id, message_id FROM queue LIMIT 10000) q
JOIN messages m ON m.account_id = q.account_id AND m.message_id = q.message_id AND m.state = 'unknown'
UNION ALL
SELECT 'drained', provider, coalesce(drained_why, '') FROM carriers WHERE drained_at IS NOT NULL
UNION ALL
SELECT 'silent', provider, '' FROM carriers WHERE alarmed_at IS NOT NULL
UNION ALL
SELECT 'out', provider, operation FROM breakers WHERE state = 'open'
