-- Ends deliveries whose endpoint is switched off or deleted, and forgets those that ended long ago.
-- $1 how many of each, $2 how long they are kept (ms).
-- Returns how many there were in all.
WITH stranded AS MATERIALIZED (
    SELECT d.account_id, d.delivery_id, e.endpoint_id IS NULL AS deleted
    FROM deliveries d LEFT JOIN endpoints e USING (account_id, endpoint_id)
    WHERE d.state = 'waiting' AND (d.claimed_by IS NULL OR d.due_at <= now())
      AND (e.endpoint_id IS NULL OR e.disabled_at IS NOT NULL)
    LIMIT $1::bigint
    FOR UPDATE OF d SKIP LOCKED
), ended AS (
    UPDATE deliveries d
    SET state = 'failed', claimed_by = NULL, ended_at = now(),
        last_why = CASE WHEN s.deleted THEN 'The endpoint was deleted.'
                        ELSE 'The endpoint is switched off.' END
    FROM stranded s WHERE d.account_id = s.account_id AND d.delivery_id = s.delivery_id
    RETURNING d.delivery_id
), old AS MATERIALIZED (
    SELECT account_id, delivery_id FROM deliveries
    WHERE ended_at < now() - $2::bigint * interval '1 millisecond'
    ORDER BY ended_at LIMIT $1::bigint
    FOR UPDATE SKIP LOCKED
), forgotten AS (
    DELETE FROM deliveries d USING old
    WHERE d.account_id = old.account_id AND d.delivery_id = old.delivery_id
    RETURNING d.delivery_id
)
SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM forgotten)
