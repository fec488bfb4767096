-- Who the caller is.
-- Returns status and body.
SELECT 200, coalesce(
    my_session_at(scope()),
    (SELECT json_build_object(
        'key', json_build_object('id', k.key_id, 'name', k.name, 'scopes', to_json(k.scopes)),
        'account', json_build_object('id', a.account_id, 'name', a.name))
     FROM api_keys k JOIN accounts a USING (account_id)
     WHERE k.account_id = scope() AND k.key_id = actor()))
