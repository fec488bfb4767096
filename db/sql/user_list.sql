-- The people of the account.
-- Returns status and body.
SELECT 200, json_build_object('data', coalesce(json_agg(json_build_object(
           'id', u.user_id, 'login', u.login, 'name', u.name, 'role', m.role,
           'state', CASE WHEN u.disabled_at IS NULL THEN 'active' ELSE 'disabled' END,
           'created_at', rfc3339(m.created_at),
           'last_seen_at', (SELECT rfc3339(max(s.last_seen_at)) FROM sessions s
                            WHERE s.user_id = u.user_id))
           ORDER BY u.name, u.user_id), '[]'))
FROM memberships m JOIN users u USING (user_id)
WHERE m.account_id = scope()
