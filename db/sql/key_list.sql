-- The account's keys for servers; not the keys themselves, which nobody knows.
-- Returns status and body.
SELECT 200, json_build_object('data', coalesce(json_agg(json_build_object(
           'id', key_id, 'name', name, 'scopes', to_json(scopes), 'created_at', rfc3339(created_at),
           'last_used_at', rfc3339(last_used_at),
           'state', CASE WHEN revoked_at IS NULL THEN 'active' ELSE 'revoked' END)
           ORDER BY key_id), '[]'))
FROM api_keys WHERE account_id = scope()
