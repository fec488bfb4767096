-- Messages of the account, newest first.
-- $1 the last id of the page before, or NULL, $2 limit, or NULL.
-- Returns status and body.
WITH found AS (
    SELECT m, row_number() OVER (ORDER BY m.message_id DESC) AS place
    FROM messages m
    WHERE m.account_id = scope() AND m.message_id < coalesce($1::text, '~')
    ORDER BY m.message_id DESC LIMIT coalesce($2::bigint, 50) + 1
)
SELECT 200, json_build_object(
    'data', coalesce(json_agg(message_json(m) ORDER BY place)
                         FILTER (WHERE place <= coalesce($2::bigint, 50)), '[]'),
    'next_cursor', CASE WHEN count(*) > coalesce($2::bigint, 50)
                        THEN min((m).message_id) FILTER (WHERE place <= coalesce($2::bigint, 50)) END)
FROM found
