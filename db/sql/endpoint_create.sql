-- A new endpoint for webhooks; an account has at most ten.
-- $1 URL, $2 types of events, separated by spaces (NULL or '*': all), $3 description or NULL,
-- $4 its id.
WITH already AS (
    SELECT shown_endpoint(e) AS shown FROM endpoints e
    WHERE e.account_id = scope() AND e.endpoint_id = $4::text
), made AS (
    INSERT INTO endpoints AS e (account_id, endpoint_id, url, types, description)
    SELECT scope(), $4::text, $1::text, string_to_array(nullif($2::text, '*'), ' '),
           coalesce($3::text, '')
    WHERE (SELECT room_for_endpoint())
    ON CONFLICT DO NOTHING
    RETURNING shown_endpoint(e) AS shown
), noted AS (
    SELECT audit('webhook.created', $4::text, json_build_object('url', $1::text)) FROM made
)
SELECT a.*
FROM (SELECT coalesce((SELECT shown FROM made), (SELECT shown FROM already)) AS shown) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.shown IS NULL THEN 409 ELSE 201 END,
    coalesce(s.shown, problem('conflict', NULL,
        'An account has at most ten endpoints; delete one first.'))) a
WHERE (SELECT count(*) FROM noted) >= 0
