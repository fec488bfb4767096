-- One endpoint for webhooks.
-- $1 its id.
SELECT a.*
FROM (SELECT (SELECT shown_endpoint(e) FROM endpoints e
              WHERE e.account_id = scope() AND e.endpoint_id = $1::text) AS shown) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.shown IS NULL THEN 404 ELSE 200 END,
    coalesce(s.shown, nothing_here())) a
