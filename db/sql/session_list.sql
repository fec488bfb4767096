-- The caller's sessions that are alive, the latest first.
-- Returns status and body.
SELECT 200, json_build_object('data', coalesce(json_agg(json_build_object(
           'id', session_id, 'current', session_id = current_setting('maitred.session', true),
           'created_at', rfc3339(created_at), 'last_seen_at', rfc3339(last_seen_at),
           'expires_at', rfc3339(expires_at), 'ip', ip, 'agent', agent)
           ORDER BY last_seen_at DESC, session_id), '[]'))
FROM sessions
WHERE user_id = actor() AND ended_at IS NULL AND expires_at > now()
  AND last_seen_at > now() - interval '24 hours'
