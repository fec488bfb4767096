-- Ends the caller's session.
-- Returns status and body.
WITH ended AS (
    UPDATE sessions SET ended_at = coalesce(ended_at, now()), ended_why = coalesce(ended_why, 'logged out')
    WHERE session_id = current_setting('maitred.session', true)
    RETURNING session_id
), told AS (
    SELECT audit('session.ended', session_id, '{}') FROM ended
)
SELECT CASE WHEN EXISTS (SELECT FROM ended) THEN 200 ELSE 409 END,
       CASE WHEN EXISTS (SELECT FROM ended)
            THEN (SELECT json_build_object('id', session_id, 'state', 'ended') FROM ended)
            ELSE problem('conflict', NULL, 'A key has no session: revoke the key.') END,
       (SELECT count(*) FROM told)
