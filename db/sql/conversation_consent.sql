-- Whether a guest may be texted, and everything that was said about it, newest first.
-- $1 conversation id.
-- Returns status and body.
WITH thread AS (
    SELECT * FROM conversations WHERE account_id = scope() AND conversation_id = $1::text
), history AS (
    SELECT l.*, coalesce(k.name, u.name) AS who FROM thread t
    JOIN consent_log l ON l.account_id = scope() AND l.phone = t.phone
    LEFT JOIN api_keys k ON k.account_id = l.account_id AND k.key_id = l.key_id
    LEFT JOIN users u ON u.user_id = l.user_id
), one AS (
    SELECT json_build_object(
        'id', conversation_id,
        'state', consent_state(opted_out_at, opted_out_via),
        'since', rfc3339(opted_out_at), 'via', opted_out_via,
        'history', coalesce((SELECT json_agg(json_build_object(
                       'at', rfc3339(at), 'action', action, 'by', via, 'who', who,
                       'carrier', provider, 'number', number, 'words', word)
                       ORDER BY at DESC, event_id DESC) FROM history), '[]')) AS body
    FROM thread
)
SELECT CASE WHEN body IS NULL THEN 404 ELSE 200 END, coalesce(body, nothing_here())
FROM (SELECT (SELECT body FROM one) AS body) o
