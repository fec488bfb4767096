-- One conversation's messages, newest first.
-- $1 conversation id, $2 the last id of the page before, or NULL, $3 limit, or NULL.
-- Returns status and body.
WITH page AS (
    SELECT page_text(array_agg(id), array_agg(text), coalesce($3::bigint, 50)) AS body
    FROM (SELECT m.message_id AS id, message_text(m) AS text
          FROM messages m
          WHERE m.account_id = scope() AND m.conversation_id = $1::text
            AND m.message_id < (SELECT coalesce($2::text, '~'))
          ORDER BY m.message_id DESC LIMIT coalesce($3::bigint, 50) + 1) f
), thread AS (
    SELECT FROM conversations WHERE account_id = scope() AND conversation_id = $1::text
)
SELECT CASE WHEN EXISTS (SELECT FROM thread) THEN 200 ELSE 404 END,
       CASE WHEN EXISTS (SELECT FROM thread) THEN body ELSE nothing_here()::text END
FROM page
