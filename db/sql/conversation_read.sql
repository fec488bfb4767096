-- Staff have read a thread.
-- $1 conversation id.
-- Returns status and body.
WITH read AS (
    UPDATE conversations SET unread = 0
    WHERE account_id = scope() AND conversation_id = $1::text
    RETURNING conversation_id
)
SELECT a.*
FROM (SELECT (SELECT json_build_object('id', conversation_id, 'unread', 0) FROM read) AS shown) r,
     answer(CASE WHEN shown IS NULL THEN 404 ELSE 200 END, coalesce(shown, nothing_here())) a
