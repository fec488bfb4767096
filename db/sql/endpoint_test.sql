-- Sends an event of type 'test' to one endpoint, whatever types it wants.
-- $1 its id, $2 the delivery's id.
WITH target AS (
    SELECT account_id, endpoint_id, disabled_at IS NULL AS enabled FROM endpoints
    WHERE account_id = scope() AND endpoint_id = $1::text
), already AS (
    SELECT shown_delivery(d) AS shown FROM deliveries d
    WHERE d.account_id = scope() AND d.delivery_id = $2::text
), made AS (
    INSERT INTO deliveries AS d (account_id, delivery_id, endpoint_id, type, subject, occurred_at)
    SELECT account_id, $2::text, endpoint_id, 'test', endpoint_id, now() FROM target WHERE enabled
    ON CONFLICT DO NOTHING
    RETURNING shown_delivery(d) AS shown
), noted AS (
    SELECT audit('webhook.tested', $1::text, '{}'), pg_notify('maitred_hooks', '') FROM made
)
SELECT a.*
FROM (SELECT coalesce((SELECT shown FROM made), (SELECT shown FROM already)) AS shown) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.shown IS NOT NULL THEN 202 WHEN EXISTS (SELECT FROM target) THEN 409 ELSE 404 END,
    CASE WHEN s.shown IS NOT NULL THEN s.shown
         WHEN EXISTS (SELECT FROM target)
         THEN problem('conflict', NULL, 'The endpoint is switched off.')
         ELSE nothing_here() END) a
WHERE (SELECT count(*) FROM noted) >= 0
