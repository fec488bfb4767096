-- Invitations of the account, the latest first.
-- $1 the last id of the page before, or NULL, $2 limit, or NULL.
-- Returns status and body.
SELECT 200, page_text(array_agg(id), array_agg(text), coalesce($2::bigint, 50))
FROM (SELECT link_id AS id, json_build_object(
                 'id', link_id, 'email', login, 'name', name, 'role', role,
                 'state', CASE WHEN used_at IS NOT NULL THEN 'used'
                               WHEN revoked_at IS NOT NULL THEN 'revoked'
                               WHEN expires_at < now() THEN 'expired' ELSE 'waiting' END,
                 'mail', mail, 'mail_problem', mail_why, 'invited_by', invited_by,
                 'created_at', rfc3339(created_at), 'expires_at', rfc3339(expires_at))::text AS text
      FROM links
      WHERE account_id = scope() AND kind = 'invitation' AND link_id < (SELECT coalesce($1::text, '~'))
      ORDER BY link_id DESC LIMIT coalesce($2::bigint, 50) + 1) f
