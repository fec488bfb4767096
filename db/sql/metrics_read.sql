-- What operators see of the queue, the carriers and the callbacks, of all accounts together. It stays cheap
-- when the queue is long: of more than 10,000 messages only so many are looked at.
-- No parameters.
-- Returns a metric, carrier and operation or NULL, and its value.
WITH waiting AS MATERIALIZED (
    SELECT m.state, coalesce(m.send_at, m.created_at) AS since,
           q.why IS NOT DISTINCT FROM 'It goes out when the quiet hours are over.' AS quiet
    FROM (SELECT account_id, message_id, why FROM queue LIMIT 10000) q
    JOIN messages m ON m.account_id = q.account_id AND m.message_id = q.message_id
)
SELECT 'maitred_queue_messages', NULL, NULL, (SELECT count(*) FROM queue)
UNION ALL
SELECT 'maitred_queue_oldest_age_seconds', NULL, NULL,
       coalesce(extract(epoch FROM now() - min(since) FILTER (
           WHERE state = 'queued' AND NOT quiet AND since < now())), 0)::bigint
FROM waiting
UNION ALL
SELECT 'maitred_messages_unknown', NULL, NULL, count(*) FROM waiting WHERE state = 'unknown'
UNION ALL
SELECT 'maitred_carrier_breaker_open', provider, operation, (state = 'open')::integer FROM breakers
UNION ALL
SELECT 'maitred_carrier_drained', provider, NULL, (drained_at IS NOT NULL)::integer FROM carriers
UNION ALL
SELECT 'maitred_carrier_silent', provider, NULL, (alarmed_at IS NOT NULL)::integer FROM carriers
UNION ALL
SELECT 'maitred_callbacks_pending', NULL, NULL, count(*) FROM pending
UNION ALL
SELECT 'maitred_callbacks_oldest_age_seconds', NULL, NULL,
       coalesce(extract(epoch FROM now() - min(batch_at)), 0)::bigint FROM pending
