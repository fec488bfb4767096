-- Delivers once more, now and with all its tries, under the same id; what is on its way stays so.
-- $1 the endpoint's id, $2 the delivery's.
WITH target AS MATERIALIZED (
    SELECT d.account_id, d.delivery_id, e.disabled_at IS NULL AS enabled
    FROM deliveries d JOIN endpoints e USING (account_id, endpoint_id)
    WHERE d.account_id = scope() AND d.endpoint_id = $1::text AND d.delivery_id = $2::text
    FOR UPDATE OF d
), replayed AS (
    UPDATE deliveries AS d
    SET state = 'waiting', ended_at = NULL,
        tries = CASE WHEN d.claimed_by IS NULL THEN 0 ELSE d.tries END,
        due_at = CASE WHEN d.claimed_by IS NULL THEN now() ELSE d.due_at END
    FROM target t
    WHERE t.enabled AND d.account_id = scope() AND d.delivery_id = t.delivery_id
    RETURNING shown_delivery(d) AS shown
), noted AS (
    SELECT audit('webhook.replayed', $1::text, json_build_object('delivery_id', $2::text)),
           pg_notify('maitred_hooks', '')
    FROM replayed
)
SELECT a.*
FROM (SELECT (SELECT shown FROM replayed) AS shown) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.shown IS NOT NULL THEN 202 WHEN EXISTS (SELECT FROM target) THEN 409 ELSE 404 END,
    CASE WHEN s.shown IS NOT NULL THEN s.shown
         WHEN EXISTS (SELECT FROM target)
         THEN problem('conflict', NULL, 'The endpoint is switched off.')
         ELSE nothing_here() END) a
WHERE (SELECT count(*) FROM noted) >= 0
