-- Invitations of the account, the latest first.
-- $1 the last id of the page before, or NULL, $2 limit, or NULL.
-- Returns status and body.
WITH found AS (
    SELECT l.*, row_number() OVER (ORDER BY link_id DESC) AS place
    FROM links l
    WHERE account_id = scope() AND kind = 'invitation' AND link_id < coalesce($1::text, '~')
    ORDER BY link_id DESC LIMIT coalesce($2::bigint, 50) + 1
)
SELECT 200, json_build_object(
    'data', coalesce(json_agg(json_build_object(
                'id', link_id, 'email', login, 'name', name, 'role', role,
                'state', CASE WHEN used_at IS NOT NULL THEN 'used' WHEN revoked_at IS NOT NULL THEN 'revoked'
                              WHEN expires_at < now() THEN 'expired' ELSE 'waiting' END,
                'mail', mail, 'mail_problem', mail_why, 'invited_by', invited_by,
                'created_at', rfc3339(created_at), 'expires_at', rfc3339(expires_at)) ORDER BY place)
                FILTER (WHERE place <= coalesce($2::bigint, 50)), '[]'),
    'next_cursor', CASE WHEN count(*) > coalesce($2::bigint, 50)
                        THEN min(link_id) FILTER (WHERE place <= coalesce($2::bigint, 50)) END)
FROM found
