-- Deletes a quick reply.
-- $1 its id.
-- Returns status and body.
WITH gone AS (
    DELETE FROM quick_replies
    WHERE account_id = scope() AND quick_reply_id = $1::text
    RETURNING quick_reply_id
), noted AS (
    SELECT audit('quick_reply.deleted', quick_reply_id, '{}') FROM gone
)
SELECT a.*
FROM (SELECT EXISTS (SELECT FROM gone) AS known) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.known THEN 200 ELSE 404 END,
    CASE WHEN s.known THEN json_build_object('id', $1::text, 'state', 'deleted')
         ELSE nothing_here() END) a
WHERE (SELECT count(*) FROM noted) >= 0
