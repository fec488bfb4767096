-- Changes a quick reply; what is NULL stays.
-- $1 its id, $2 label or NULL, $3 body or NULL.
-- Returns status and body.
WITH changed AS (
    UPDATE quick_replies AS q
    SET label = coalesce($2::text, q.label), body = coalesce($3::text, q.body), changed_at = now()
    WHERE q.account_id = scope() AND q.quick_reply_id = $1::text
    RETURNING quick_reply_json(q) AS shown
), noted AS (
    SELECT audit('quick_reply.changed', $1::text, '{}') FROM changed
)
SELECT a.*
FROM (SELECT (SELECT shown FROM changed) AS shown) s
CROSS JOIN LATERAL answer(CASE WHEN s.shown IS NULL THEN 404 ELSE 200 END,
                          coalesce(s.shown, nothing_here())) a
WHERE (SELECT count(*) FROM noted) >= 0
