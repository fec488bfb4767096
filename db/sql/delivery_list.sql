-- What was and is to be delivered to an endpoint, newest first.
-- $1 the endpoint's id, $2 the last id of the page before, or NULL, $3 limit, or NULL.
WITH target AS (
    SELECT account_id, endpoint_id FROM endpoints
    WHERE account_id = scope() AND endpoint_id = $1::text
), found AS (
    SELECT f.delivery_id, f.shown, row_number() OVER (ORDER BY f.delivery_id DESC) AS place
    FROM target t CROSS JOIN LATERAL (
        SELECT d.delivery_id, shown_delivery(d) AS shown FROM deliveries d
        WHERE d.account_id = scope() AND d.endpoint_id = t.endpoint_id
          AND d.delivery_id < (SELECT coalesce($2::text, '~'))
        ORDER BY d.delivery_id DESC LIMIT coalesce($3::bigint, 50) + 1) f
), page AS (
    SELECT * FROM found WHERE place <= coalesce($3::bigint, 50)
)
SELECT a.*
FROM (SELECT EXISTS (SELECT FROM target) AS known) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.known THEN 200 ELSE 404 END,
    CASE WHEN s.known
         THEN json_build_object(
                  'data', coalesce((SELECT json_agg(shown ORDER BY place) FROM page), '[]'),
                  'next_cursor', (SELECT min(delivery_id) FROM page
                                  WHERE (SELECT count(*) FROM found) > coalesce($3::bigint, 50)))
         ELSE nothing_here() END) a
