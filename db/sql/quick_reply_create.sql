-- A new quick reply; an account has at most fifty.
-- $1 label, $2 body, $3 its id.
-- Returns status and body.
WITH already AS (
    SELECT quick_reply_json(q) AS shown FROM quick_replies q
    WHERE q.account_id = scope() AND q.quick_reply_id = $3::text
), made AS (
    INSERT INTO quick_replies AS q (account_id, quick_reply_id, label, body)
    SELECT scope(), $3::text, $1::text, $2::text
    WHERE (SELECT room_for_quick_reply())
    ON CONFLICT DO NOTHING
    RETURNING quick_reply_json(q) AS shown
), noted AS (
    SELECT audit('quick_reply.made', $3::text, '{}') FROM made
)
SELECT a.*
FROM (SELECT coalesce((SELECT shown FROM made), (SELECT shown FROM already)) AS shown) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.shown IS NULL THEN 409 ELSE 201 END,
    coalesce(s.shown, problem('conflict', NULL,
        'An account has at most fifty quick replies; delete one first.'))) a
WHERE (SELECT count(*) FROM noted) >= 0
