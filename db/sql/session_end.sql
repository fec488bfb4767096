-- Ends one of the caller's sessions.
-- $1 session id.
-- Returns status and body.
WITH ended AS (
    UPDATE sessions SET ended_at = coalesce(ended_at, now()), ended_why = coalesce(ended_why, 'by its user')
    WHERE user_id = actor() AND session_id = $1::text
    RETURNING session_id
), told AS (
    SELECT audit('session.ended', session_id, '{}') FROM ended
)
SELECT CASE WHEN EXISTS (SELECT FROM ended) THEN 200 ELSE 404 END,
       CASE WHEN EXISTS (SELECT FROM ended)
            THEN (SELECT json_build_object('id', session_id, 'state', 'ended') FROM ended)
            ELSE nothing_here() END, (SELECT count(*) FROM told)
