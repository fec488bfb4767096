-- Whether a guest may be texted, and everything that was said about it, newest first.
-- $1 SHA-256 of the caller's key (hexadecimal), $2 conversation id.
-- Returns one row: is the key ours, the state as JSON, or NULL when there is no such conversation.
WITH caller AS (
    SELECT account_id FROM api_keys WHERE hash = $1::text AND revoked_at IS NULL
), thread AS (
    SELECT c.* FROM conversations c JOIN caller USING (account_id)
    WHERE c.conversation_id = $2::text
), history AS (
    SELECT l.*, k.name FROM thread t
    JOIN consent_log l ON l.account_id = t.account_id AND l.phone = t.phone
    LEFT JOIN api_keys k ON k.account_id = l.account_id AND k.key_id = l.key_id
)
SELECT EXISTS (SELECT FROM caller),
       (SELECT json_build_object(
            'id', conversation_id,
            'state', consent_state(opted_out_at, opted_out_via),
            'since', rfc3339(opted_out_at), 'via', opted_out_via,
            'history', coalesce((SELECT json_agg(json_build_object(
                           'at', rfc3339(at), 'action', action, 'by', via, 'key', name,
                           'carrier', provider, 'number', number, 'words', word)
                           ORDER BY at DESC, event_id DESC) FROM history), '[]'))
        FROM thread)
