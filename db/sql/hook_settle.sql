-- Records what tries to deliver came to, and what follows for their endpoints: one that is gone, or
-- has taken nothing for five days, is switched off. Days without a try do not count.
-- $1 batch id, $2 now (ms), then arrays: account_id, delivery_id, claim, state (delivered, failed, or
-- waiting: due after delay_ms), status, answer, why, delay_ms, gone (1: the endpoint says so).
-- Returns ordinal, whether its endpoint was switched off by this, for each that was still ours.
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
                         $9::text[], $10::bigint[], $11::bigint[])
        WITH ORDINALITY AS i (account_id, delivery_id, claim, state, status, answer, why, delay_ms,
                              gone, ordinal)
), ours AS MATERIALIZED ( -- a frozen process may wake when another one has claimed it
    SELECT i.ordinal, d.account_id, d.delivery_id, d.endpoint_id
    FROM deliveries d JOIN input i ON d.account_id = i.account_id AND d.delivery_id = i.delivery_id
    WHERE d.claimed_by = i.claim AND d.state = 'waiting'
    ORDER BY d.account_id, d.delivery_id
    FOR UPDATE OF d
), told AS (
    UPDATE deliveries d
    SET state = i.state, tries = d.tries + 1, claimed_by = NULL,
        due_at = now() + i.delay_ms * interval '1 millisecond',
        last_status = i.status, last_answer = i.answer, last_why = i.why,
        ended_at = CASE WHEN i.state <> 'waiting' THEN now() END
    FROM input i JOIN ours o USING (ordinal)
    WHERE d.account_id = o.account_id AND d.delivery_id = o.delivery_id
    RETURNING i.ordinal, d.account_id, d.endpoint_id, d.state, i.gone
), outcomes AS (
    SELECT account_id, endpoint_id, bool_or(state = 'delivered') AS taken, bool_or(gone = 1) AS gone
    FROM told GROUP BY account_id, endpoint_id
), receivers AS MATERIALIZED (
    SELECT e.account_id, e.endpoint_id, o.taken, o.gone,
           e.failing_since AS since, e.failed_at >= now() - interval '36 hours' AS still
    FROM endpoints e JOIN outcomes o USING (account_id, endpoint_id)
    WHERE e.disabled_at IS NULL AND (o.gone OR NOT o.taken OR e.failing_since IS NOT NULL)
    ORDER BY e.account_id, e.endpoint_id
    FOR NO KEY UPDATE OF e
), judged AS (
    SELECT account_id, endpoint_id,
           CASE WHEN taken THEN NULL WHEN still THEN since ELSE now() END AS failing_since,
           CASE WHEN NOT taken THEN now() END AS failed_at,
           CASE WHEN gone THEN 'It answered 410: gone for good.'
                WHEN NOT taken AND still AND since <= now() - interval '5 days'
                THEN 'It has taken nothing for five days.' END AS why
    FROM receivers
), noted AS (
    UPDATE endpoints e
    SET failing_since = j.failing_since, failed_at = j.failed_at, disabled_why = j.why,
        disabled_at = CASE WHEN j.why IS NOT NULL THEN now() END
    FROM judged j
    WHERE e.account_id = j.account_id AND e.endpoint_id = j.endpoint_id
    RETURNING e.account_id, e.endpoint_id, e.disabled_at
)
SELECT t.ordinal, (n.disabled_at IS NOT NULL)::integer
FROM told t LEFT JOIN noted n USING (account_id, endpoint_id)
WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY t.ordinal
