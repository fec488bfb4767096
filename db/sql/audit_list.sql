-- What was done to the account, the latest first.
-- $1 the last ordinal of the page before, or NULL, $2 limit, or NULL.
-- Returns status and body.
WITH found AS (
    SELECT l.*, row_number() OVER (ORDER BY ordinal DESC) AS place,
           coalesce(u.name, k.name) AS who
    FROM audit_log l
    LEFT JOIN users u ON u.user_id = l.actor
    LEFT JOIN api_keys k ON k.account_id = l.account_id AND k.key_id = l.actor
    WHERE l.account_id = scope() AND ordinal < coalesce($1::bigint, 9223372036854775807)
    ORDER BY ordinal DESC LIMIT coalesce($2::bigint, 50) + 1
)
SELECT 200, json_build_object(
    'data', coalesce(json_agg(json_build_object(
                'ordinal', ordinal, 'at', rfc3339(at), 'actor', actor, 'who', who, 'action', action,
                'subject', subject, 'detail', detail, 'ip', ip, 'request_id', request_id,
                'hash', encode(hash, 'hex')) ORDER BY place)
                FILTER (WHERE place <= coalesce($2::bigint, 50)), '[]'),
    'next_cursor', CASE WHEN count(*) > coalesce($2::bigint, 50)
                        THEN min(ordinal) FILTER (WHERE place <= coalesce($2::bigint, 50)) END)
FROM found
