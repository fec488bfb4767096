-- Conversations of the caller's account, the one with the latest message first.
-- $1 SHA-256 of the caller's key (hexadecimal), $2 the cursor (a message id), or NULL, $3 limit.
-- Returns one row: is the key ours, the page as JSON.
WITH caller AS (
    SELECT account_id FROM api_keys WHERE hash = $1::text AND revoked_at IS NULL
), found AS (
    SELECT c.*, row_number() OVER (ORDER BY c.last_message_id DESC) AS place
    FROM caller CROSS JOIN LATERAL (
        SELECT * FROM conversations c
        WHERE c.account_id = caller.account_id
          AND ($2::text IS NULL OR c.last_message_id < $2::text)
        ORDER BY c.last_message_id DESC LIMIT $3::bigint + 1) c
), page AS (
    SELECT f.*, m.direction, m.body, shown_state(m) AS state, m.created_at AS last_at,
           consent_state(f.opted_out_at, f.opted_out_via) AS consent
    FROM found f
    JOIN messages m ON m.account_id = f.account_id AND m.message_id = f.last_message_id
    WHERE f.place <= $3::bigint
)
SELECT EXISTS (SELECT FROM caller),
       json_build_object(
           'data', coalesce((SELECT json_agg(json_build_object(
                       'id', conversation_id, 'phone', phone, 'unread', unread,
                       'opted_out', consent = 'stopped', 'flagged', consent = 'flagged',
                       'last_message', json_build_object(
                           'id', last_message_id, 'direction', direction, 'body', body,
                           'state', state, 'created_at', rfc3339(last_at)))
                       ORDER BY place) FROM page), '[]'),
           'next_cursor', (SELECT min(last_message_id) FROM page
                           WHERE (SELECT count(*) FROM found) > $3::bigint))
