-- Messages of the caller's account, newest first.
-- $1 SHA-256 of the caller's key (hexadecimal), $2 the last id of the page before, or NULL, $3 limit.
-- Returns one row: is the key ours, the page as JSON.
WITH caller AS (
    SELECT account_id FROM api_keys WHERE hash = $1::text AND revoked_at IS NULL
), found AS (
    SELECT m.*, row_number() OVER (ORDER BY m.message_id DESC) AS place
    FROM caller CROSS JOIN LATERAL (
        SELECT m.*, shown_state(m) AS shown FROM messages m
        WHERE m.account_id = caller.account_id
          AND ($2::text IS NULL OR m.message_id < $2::text)
        ORDER BY m.message_id DESC LIMIT $3::bigint + 1) m
), page AS (
    SELECT * FROM found WHERE place <= $3::bigint
)
SELECT EXISTS (SELECT FROM caller),
       json_build_object(
           'data', coalesce((SELECT json_agg(json_build_object(
                       'id', message_id, 'direction', direction, 'channel', channel, 'kind', kind,
                       CASE direction WHEN 'out' THEN 'to' ELSE 'from' END, phone,
                       'body', body, 'segments', segments, 'state', shown, 'code', code,
                       'reason', reason, 'conversation_id', conversation_id,
                       'created_at', rfc3339(created_at)) ORDER BY place) FROM page), '[]'),
           'next_cursor', (SELECT min(message_id) FROM page
                           WHERE (SELECT count(*) FROM found) > $3::bigint))
