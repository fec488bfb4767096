-- Ends a key, at once.
-- $1 key id.
-- Returns status and body.
WITH ended AS (
    UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())
    WHERE account_id = scope() AND key_id = $1::text
    RETURNING key_id
), told AS (
    SELECT audit('key.revoked', key_id, '{}') FROM ended
)
SELECT CASE WHEN EXISTS (SELECT FROM ended) THEN 200 ELSE 404 END,
       CASE WHEN EXISTS (SELECT FROM ended)
            THEN (SELECT json_build_object('id', key_id, 'state', 'revoked') FROM ended)
            ELSE nothing_here() END, (SELECT count(*) FROM told)
