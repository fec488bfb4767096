-- Changes an endpoint for webhooks; what is NULL stays. Switched on again, it starts afresh; what was
-- not delivered meanwhile can be replayed.
-- $1 its id, $2 URL, $3 types of events, separated by spaces ('*': all), $4 description,
-- $5 'true': switched on, 'false': off.
WITH changed AS (
    UPDATE endpoints AS e
    SET url = coalesce($2::text, e.url),
        types = CASE WHEN $3::text IS NULL THEN e.types
                     ELSE string_to_array(nullif($3::text, '*'), ' ') END,
        description = coalesce($4::text, e.description),
        disabled_at = CASE $5::text WHEN 'true' THEN NULL WHEN 'false' THEN coalesce(e.disabled_at, now())
                                      ELSE e.disabled_at END,
        disabled_why = CASE WHEN $5::text = 'true' THEN NULL
                            WHEN $5::text = 'false' AND e.disabled_at IS NULL THEN 'Somebody switched it off.'
                            ELSE e.disabled_why END,
        failing_since = CASE WHEN $5::text = 'true' THEN NULL ELSE e.failing_since END,
        failed_at = CASE WHEN $5::text = 'true' THEN NULL ELSE e.failed_at END
    WHERE e.account_id = scope() AND e.endpoint_id = $1::text
    RETURNING shown_endpoint(e) AS shown
), noted AS (
    SELECT audit('webhook.changed', $1::text,
                 json_strip_nulls(json_build_object('url', $2::text, 'types', $3::text,
                                                    'description', $4::text, 'enabled', $5::text)))
    FROM changed
)
SELECT a.*
FROM (SELECT (SELECT shown FROM changed) AS shown) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.shown IS NULL THEN 404 ELSE 200 END,
    coalesce(s.shown, nothing_here())) a
WHERE (SELECT count(*) FROM noted) >= 0
