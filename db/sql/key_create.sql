-- A key for a server. Only its hash is kept.
-- $1 name, $2 scopes separated by spaces, $3 key id, $4 SHA-256 of the key.
-- Returns status and body.
WITH made AS (
    INSERT INTO api_keys (account_id, key_id, name, scopes, hash, created_by)
    VALUES (scope(), $3::text, $1::text, string_to_array($2::text, ' '), $4::text, actor())
    ON CONFLICT (account_id, key_id) DO NOTHING
    RETURNING key_id
), told AS (
    SELECT audit('key.made', key_id, json_build_object('name', $1::text, 'scopes', $2::text)) FROM made
)
SELECT a.*, (SELECT count(*) FROM told)
FROM answer(201, json_build_object('id', $3::text, 'name', $1::text,
                                   'scopes', to_json(string_to_array($2::text, ' ')))) a
