-- A link is used: its sign-up, invitation or new password takes effect, and a session begins.
-- $1 SHA-256 of its secret, $2 password's hash or NULL, $3 name or NULL, $4 organisation, $5 account,
-- $6 user and $7 session id, of what may come into being, $8 client's address, $9 its agent.
-- Returns status and body.
WITH used AS MATERIALIZED (
    SELECT link_use($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text) AS u
), opened AS MATERIALIZED (
    SELECT CASE WHEN (u).why IS NULL
                THEN session_open((u).who, (u).at, $7::text, $8::text, $9::text) END AS body
    FROM used
)
SELECT CASE WHEN body IS NOT NULL THEN 201 WHEN (u).why = 'taken' THEN 409 ELSE 404 END,
       CASE WHEN body IS NOT NULL THEN body
            WHEN (u).why = 'taken' THEN problem('conflict', 'token',
                'Another organisation has a user with this login.')
            ELSE problem('not_found', 'token', 'This link was used before, or is too old.') END
FROM used, opened
