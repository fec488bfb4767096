-- A user for a shared device, without an address: whoever opens its set-up code there chooses the
-- password.
-- $1 login, $2 name, $3 role or NULL, $4 link id, $5 SHA-256 of the code.
-- Returns status and body.
WITH taken AS (
    SELECT login_taken(lower($1::text)) AS known,
           lower($1::text) ~ '^[a-z0-9][a-z0-9._-]{2,49}$' AS fits
), written AS (
    INSERT INTO links (link_id, kind, account_id, organisation_id, login, name, role, invited_by,
                       hash, expires_at, mail)
    SELECT $4::text, 'invitation', scope(), scope_organisation(), lower($1::text), $2::text,
           coalesce($3::text, 'host'),
           coalesce((SELECT u.name FROM users u WHERE u.user_id = actor()), 'maitred'), $5::text,
           now() + interval '30 days', 'none'
    FROM taken WHERE NOT known AND fits
    ON CONFLICT DO NOTHING
    RETURNING *
), told AS (
    SELECT audit('stand.made', link_id, json_build_object('login', login)) FROM written
), outcome AS (
    SELECT CASE WHEN NOT fits THEN 422 WHEN known THEN 409 ELSE 201 END AS status,
           CASE WHEN NOT fits THEN problem('invalid_field', 'login',
                    'It must have 3 to 50 letters, digits, dots, dashes or underscores.')
                WHEN known THEN problem('conflict', 'login', 'This login is taken. Choose another.')
                ELSE json_build_object('id', $4::text, 'login', lower($1::text), 'name', $2::text,
                                       'role', coalesce($3::text, 'host'),
                                       'expires_at', rfc3339(now() + interval '30 days')) END AS body
    FROM taken
)
SELECT a.*, (SELECT count(*) FROM told) FROM outcome o, answer(o.status, o.body) a
