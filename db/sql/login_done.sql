-- The password was right: a session begins.
-- $1 user id, $2 session id, $3 client's address, $4 its agent, $5 the password's hash, made anew, or
-- NULL.
-- Returns status and body.
WITH rehashed AS (
    UPDATE users SET password_hash = $5::text WHERE user_id = $1::text AND $5::text IS NOT NULL
), opened AS (
    SELECT session_open($1::text, NULL, $2::text, $3::text, $4::text) AS body
)
SELECT CASE WHEN body IS NULL THEN 401 ELSE 201 END,
       coalesce(body, problem('unauthorized', NULL, 'This login and password do not fit.'))
FROM opened
