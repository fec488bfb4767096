-- Conversations of the account, the one with the latest message first.
-- $1 the cursor (a message id), or NULL, $2 limit, or NULL.
-- Returns status and body.
WITH found AS (
    SELECT c.*, m, row_number() OVER (ORDER BY c.last_message_id DESC) AS place,
           consent_state(c.opted_out_at, c.opted_out_via) AS consent
    FROM conversations c
    JOIN messages m ON m.account_id = c.account_id AND m.message_id = c.last_message_id
    WHERE c.account_id = scope() AND c.last_message_id < coalesce($1::text, '~')
    ORDER BY c.last_message_id DESC LIMIT coalesce($2::bigint, 50) + 1
), page AS (
    SELECT * FROM found WHERE place <= coalesce($2::bigint, 50)
)
SELECT 200, json_build_object(
    'data', coalesce((SELECT json_agg(json_build_object(
                'id', conversation_id, 'phone', phone, 'unread', unread,
                'opted_out', consent = 'stopped', 'flagged', consent = 'flagged',
                'last_message', message_json(m)) ORDER BY place) FROM page), '[]'),
    'next_cursor', (SELECT min(last_message_id) FROM page
                    WHERE (SELECT count(*) FROM found) > coalesce($2::bigint, 50)))
