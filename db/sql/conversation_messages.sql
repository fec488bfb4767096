-- One conversation's messages, newest first.
-- $1 conversation id, $2 the last id of the page before, or NULL, $3 limit, or NULL.
-- Returns status and body.
WITH found AS (
    SELECT m, row_number() OVER (ORDER BY m.message_id DESC) AS place
    FROM messages m
    WHERE m.account_id = scope() AND m.conversation_id = $1::text
      AND m.message_id < coalesce($2::text, '~')
    ORDER BY m.message_id DESC LIMIT coalesce($3::bigint, 50) + 1
), page AS (
    SELECT json_build_object(
        'data', coalesce(json_agg(message_json(m) ORDER BY place)
                             FILTER (WHERE place <= coalesce($3::bigint, 50)), '[]'),
        'next_cursor', CASE WHEN count(*) > coalesce($3::bigint, 50)
                            THEN min((m).message_id)
                                 FILTER (WHERE place <= coalesce($3::bigint, 50)) END) AS body
    FROM found
), thread AS (
    SELECT FROM conversations WHERE account_id = scope() AND conversation_id = $1::text
)
SELECT CASE WHEN EXISTS (SELECT FROM thread) THEN 200 ELSE 404 END,
       CASE WHEN EXISTS (SELECT FROM thread) THEN body ELSE nothing_here() END
FROM page
