-- A new secret for an endpoint; for 24 hours the one before signs as well.
-- $1 its id, $2 an id for this rotation: asked for twice, it is done once.
WITH asked AS MATERIALIZED (
    SELECT account_id, endpoint_id, rotation IS DISTINCT FROM $2::text AS fresh FROM endpoints
    WHERE account_id = scope() AND endpoint_id = $1::text
    FOR NO KEY UPDATE
), rotated AS (
    UPDATE endpoints AS e
    SET secret_version = e.secret_version + asked.fresh::integer, rotation = $2::text,
        previous_until = CASE WHEN asked.fresh THEN now() + interval '24 hours'
                              ELSE e.previous_until END
    FROM asked WHERE e.account_id = scope() AND e.endpoint_id = asked.endpoint_id
    RETURNING shown_endpoint(e) AS shown, asked.fresh
), noted AS (
    SELECT audit('webhook.rotated', $1::text, '{}') FROM rotated WHERE fresh
)
SELECT a.*
FROM (SELECT (SELECT shown FROM rotated) AS shown) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.shown IS NULL THEN 404 ELSE 200 END,
    coalesce(s.shown, nothing_here())) a
WHERE (SELECT count(*) FROM noted) >= 0
