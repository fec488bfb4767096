-- Ends all of the caller's sessions but this one.
-- Returns status and body.
WITH ended AS (
    UPDATE sessions SET ended_at = now(), ended_why = 'by its user, from another'
    WHERE user_id = actor() AND ended_at IS NULL
      AND session_id <> current_setting('maitred.session', true)
    RETURNING session_id
), told AS (
    SELECT audit('session.ended', session_id, '{}') FROM ended
)
SELECT a.*, (SELECT count(*) FROM told)
FROM answer(200, json_build_object('ended', (SELECT count(*) FROM ended))) a
